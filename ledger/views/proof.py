"""The links of a card in the hash chains, so that whoever holds them can recompute each without the ledger."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection, text

from ledger import chain
from ledger.ledger import Ledger
from rules.facts import CaseId


class Link(Struct, frozen=True):
    """One row of a chain: ``hash`` is SHA-256 of ``before`` (the hash of the row before it) and the bytes of ``content``.

    ``content`` is the row as JSON, exactly as it was hashed; the hashes are in hexadecimal.
    """

    chain: str
    position: int
    before: str
    content: str
    hash: str


class Head(Struct, frozen=True):
    """The last link of a chain at the time of asking."""

    chain: str
    position: int
    hash: str


class Proof(Struct, frozen=True):
    """The links of a card and its case, and the heads of the chains that they are part of."""

    links: tuple[Link, ...]
    heads: tuple[Head, ...]


_ROWS: Final = {
    "judgements": text("select * from judgements where case_id in (:case_id, :own) order by position"),
    "card_changes": text("select * from card_changes where card_id = :card_id order by position"),
    "documents": text("select * from documents where card_id = :card_id order by position"),
}
_HASH: Final = "select hash from {chain} where position = :position"
_HEADS: Final = text("select chain, position, hash from chain_heads order by chain")


def proof(ledger: Ledger, card_id: str, case_id: CaseId) -> Proof:
    """Return every link that tells of a card: the lights of its case and its own, its changes, its documents."""
    asked = {"card_id": card_id, "case_id": str(case_id), "own": str(CaseId("mingdeng", "card", card_id))}
    with ledger.store.reading() as connection:
        links = [
            _link(connection, name, row)
            for name, query in _ROWS.items()
            for row in connection.execute(query, asked).all()
        ]
        heads = [Head(row.chain, row.position, bytes(row.hash).hex()) for row in connection.execute(_HEADS)]
    return Proof(tuple(links), tuple(head for head in heads if head.chain in _ROWS))


def _link(connection: Connection, name: str, row: Any) -> Link:
    query = text(_HASH.format(chain=name))
    found = connection.execute(query, {"position": row.position - 1}).scalar()
    before = bytes(found) if found is not None else chain.GENESIS
    said = chain.said(name, row._mapping)  # noqa: SLF001  # SQLAlchemy's own name for a row as a mapping
    return Link(name, row.position, before.hex(), said.decode(), bytes(row.hash).hex())
