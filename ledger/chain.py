"""The hash chains over judgements, card changes, documents and what people did: SHA-256 joins each row to the one before.

Whoever changes, inserts or removes a row breaks the chain from there on. Rows cut off at the end are seen because the
head is remembered; whoever could rewrite the head as well is caught by a copy of ``heads()`` kept off the host.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Final

from msgspec import MsgspecError
from sqlalchemy import Connection, RowMapping, Table, select, text
from sqlalchemy.exc import DBAPIError

from ledger.access_tables import acts
from ledger.documenttables import documents
from ledger.engine import Store
from ledger.lawtables import law_acts
from ledger.rows import card_of, change_of, encode
from ledger.tables import card_changes, cards, chain_heads, judgements
from rules.problems import Place, Problem

GENESIS: Final = bytes(32)
"""What the first link of a chain is joined to."""

CHAINS: Final[tuple[Table, ...]] = (judgements, card_changes, acts, law_acts, documents)

_CHAINED: Final = {table.name: tuple(c.name for c in table.c if c.name != "hash") for table in CHAINS}
"""Everything that a row says, its position included, is under the hash, in this order of columns."""

_RECORDING: Final = 0x6368_6169  # any number that is ours
_SAVE_HEAD: Final = text(
    "insert into chain_heads (chain, position, hash) values (:chain, :position, :hash)"
    " on conflict (chain) do update set position = excluded.position, hash = excluded.hash"
)


def link(chain: str, before: bytes, row: Mapping[str, object] | RowMapping) -> bytes:
    """Return the hash that joins a row to the one before it."""
    return sha256(before + said(chain, row)).digest()


def said(chain: str, row: Mapping[str, object] | RowMapping) -> bytes:
    """Return what a row says, as the bytes of JSON that go under its hash."""
    return encode([row[name] for name in _CHAINED[chain]])


def lock(store: Store, connection: Connection) -> None:
    """Let one recorder in at a time, before it locks anything else, so that nobody waits in a circle."""
    if not store.is_sqlite:  # there every writer is alone
        connection.exec_driver_sql(f"select pg_advisory_xact_lock({_RECORDING})")


def extend(store: Store, connection: Connection, chain: str, rows: list[dict[str, object]]) -> None:
    """Give new rows their position and hash, in their order, and remember the new head; the caller holds ``lock``."""
    if not rows:
        return
    found = connection.execute(select(chain_heads).where(chain_heads.c.chain == chain)).first()
    position, before = (int(found.position), bytes(found.hash)) if found else (0, GENESIS)
    for row in rows:
        position += 1
        row["position"] = position
        before = row["hash"] = link(chain, before, row)
    store.many(connection, _SAVE_HEAD, [{"chain": chain, "position": position, "hash": before}])


def heads(store: Store) -> dict[str, tuple[int, str]]:
    """Return the position and hash (in hexadecimal) of the last link of each chain, to be kept off the host."""
    with store.reading() as connection:
        return {row.chain: (row.position, bytes(row.hash).hex()) for row in connection.execute(select(chain_heads))}


def linked(store: Store, chain: str, position: int, hash_: str) -> bool:
    """Say whether a chain has this hash (in hexadecimal) at this position; a chain that we do not keep has none."""
    table = next((table for table in CHAINS if table.name == chain), None)
    if table is None:
        return False
    with store.reading() as connection:
        found = connection.execute(select(table.c.hash).where(table.c.position == position)).scalar()
    return found is not None and bytes(found).hex() == hash_


def verify(store: Store) -> tuple[Problem, ...]:
    """Recompute the chains from their first link; return where they are broken, nothing if they hold."""
    with store.reading() as connection:
        broken = [problem for table in CHAINS for problem in _readable(table.name, _verify(connection, table))]
        return (*broken, *_readable(cards.name, _cards_as_changed(connection)))


def _readable(table: str, problems: Iterator[Problem]) -> Iterator[Problem]:
    """Yield the problems; what was altered so far that it cannot even be read is one more."""
    try:
        yield from problems
    except (DBAPIError, MsgspecError, TypeError) as fault:
        yield Problem(
            "chain/unreadable", Place(table),
            f"A row of {table} was altered so that it can no longer be read ({type(fault).__name__}).",
            f"{table} 中有一行被改动，已无法读取（{type(fault).__name__}）。",
        )  # fmt: skip


def _verify(connection: Connection, table: Table) -> Iterator[Problem]:
    head = connection.execute(select(chain_heads).where(chain_heads.c.chain == table.name)).first()
    position, before = 0, GENESIS
    rows = connection.execution_options(yield_per=1000).execute(select(table).order_by(table.c.position))
    for row in rows.mappings():
        if row["position"] != position + 1:
            yield _missing(table.name, position + 1, row["position"] - 1)
        elif link(table.name, before, row) != bytes(row["hash"]):
            yield _altered(table.name, row["position"])
        position, before = row["position"], bytes(row["hash"])
    if head is None:
        if position:
            yield _missing("chain_heads", 1, 1)
    elif position < head.position:
        yield _missing(table.name, position + 1, head.position)
    elif before != bytes(head.hash):
        yield _altered(table.name, position)


def _cards_as_changed(connection: Connection) -> Iterator[Problem]:
    """Find cards that do not stand as their last change left them."""
    latest = (
        select(cards.c.card_id, cards.c.card_json, card_changes.c.change_json)
        .outerjoin(
            card_changes,
            (card_changes.c.card_id == cards.c.card_id) & (card_changes.c.serial == cards.c.serial),
        )
        .order_by(cards.c.card_id)
    )
    for row in connection.execution_options(yield_per=1000).execute(latest):
        if row.change_json is None or change_of(row.change_json).card != card_of(row.card_json):
            yield Problem(
                "chain/card", Place(f"cards {row.card_id}"),
                f"The card {row.card_id} does not stand as its last recorded change left it.",
                f"牌 {row.card_id} 的现状与最后一次变更记录不符。",
            )  # fmt: skip


def _altered(table: str, position: int) -> Problem:
    return Problem(
        "chain/altered", Place(table, position),
        f"Row {position} of {table} was altered, or the row before it was exchanged.",
        f"{table} 第 {position} 行被改动，或其前一行被替换。",
    )  # fmt: skip


def _missing(table: str, first: int, last: int) -> Problem:
    return Problem(
        "chain/missing", Place(table, first),
        f"Rows {first} to {last} of {table} are missing.", f"{table} 第 {first} 至 {last} 行缺失。",
    )  # fmt: skip
