"""Documents that were made: those of a card, and whether a printed one is genuine."""

from __future__ import annotations

from typing import Any, Final

from msgspec import MsgspecError, Struct
from sqlalchemy import text

from alerts.documents.model import check_code, digest
from ledger import chain
from ledger.documents import Kept, kept
from ledger.ledger import Ledger
from ledger.views.within import ALL, Within

_OF_CARD: Final = text("select * from documents where card_id = :card_id order by position")
_BY_CODE: Final = text("select * from documents where code = :code")
_BEFORE: Final = text("select hash from documents where position = :position")
_LATEST: Final = (
    "select d.* from documents d join cards c on c.card_id = d.card_id"
    " where d.position < :before and {within} order by d.position desc limit :limit"
)
_END: Final = 2**62


class Genuine(Struct, frozen=True):
    """What the ledger says of a check code: the document, and whether its content and its link still hold."""

    kept: Kept
    unaltered: bool


def documents_of(ledger: Ledger, card_id: str) -> tuple[Kept, ...]:
    """Return the documents of a card in the order in which they were made."""
    with ledger.store.reading() as connection:
        return tuple(kept(row) for row in connection.execute(_OF_CARD, {"card_id": card_id}))


def latest_documents(
    ledger: Ledger, *, within: Within = ALL, before: int | None = None, limit: int = 100
) -> tuple[Kept, ...]:
    """Return documents that may be seen, the latest first; the next page begins before the last one's ``position``."""
    condition = within.sql("c.unit", sqlite=ledger.store.is_sqlite)
    asked = {"before": _END if before is None else before, "limit": limit, **within.values()}
    with ledger.store.reading() as connection:
        rows = connection.execute(text(_LATEST.replace("{within}", condition)), asked)
        return tuple(kept(row) for row in rows)


def genuine(ledger: Ledger, code: str) -> Genuine | None:
    """Return what a check code stands for, None if no document bears it.

    Its content is digested anew, and its row is joined anew to the row before it.
    """
    with ledger.store.reading() as connection:
        row: Any = connection.execute(_BY_CODE, {"code": code}).first()
        if row is None:
            return None
        before = connection.execute(_BEFORE, {"position": row.position - 1}).scalar()
    said = row._mapping  # noqa: SLF001  # SQLAlchemy's own name for a row as a mapping
    joined = chain.link("documents", bytes(before) if before is not None else chain.GENESIS, said)
    content = bytes(row.content)
    unaltered = joined == bytes(row.hash) and digest(content) == row.sha256 and check_code(content) == code
    try:
        return Genuine(kept(row), unaltered)
    except MsgspecError:
        return None
