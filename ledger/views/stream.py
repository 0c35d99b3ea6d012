"""Every event of every case, for a back-test: a read-only stream in the order of the cases, a bounded part at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import text

from ledger.ledger import Ledger
from ledger.rows import OURS, event_of
from rules.facts import CaseEvent

CHUNK: Final = 500

_CASES: Final = text(
    "select case_id from cases where namespace <> :ours and case_id > :after order by case_id limit :chunk"
)
_COUNT: Final = text("select count(*) from cases where namespace <> :ours")
_SAMPLE: Final = text(
    "select case_id from (select case_id, row_number() over (order by case_id) as place from cases"
    " where namespace <> :ours) counted where (place - 1) % :step = 0 order by case_id limit :limit"
)
_EVENTS: Final = """
select e.* from events e where e.case_id in {keys} and not e.retracted
and not exists (
    select 1 from events later
    where later.source = e.source and later.event_id = e.event_id and later.version > e.version
)
order by e.case_id, e.arrival
"""


def case_count(ledger: Ledger) -> int:
    """Return how many cases of sources the ledger holds; its own (cards, feeds) are not counted."""
    with ledger.store.reading() as connection:
        return int(connection.execute(_COUNT, {"ours": OURS}).scalar_one())


def standing_events(ledger: Ledger, chunk: int = CHUNK) -> Iterator[tuple[int, list[CaseEvent]]]:
    """Yield (number of cases, their standing events), ``chunk`` cases at a time in the order of their identities.

    Each part is one short transaction, so that the daemon is never kept waiting; a case that comes in behind the place
    that was reached is not part of the answer.
    """
    after = ""
    while True:
        with ledger.store.reading() as connection:
            found = connection.execute(_CASES, {"ours": OURS, "after": after, "chunk": chunk})
            keys = [row.case_id for row in found]
            rows = ledger.store.among(connection, _EVENTS, keys) if keys else ()
        if not keys:
            return
        yield len(keys), [event_of(row) for row in rows]
        after = keys[-1]


def sampled_events(ledger: Ledger, limit: int, chunk: int = CHUNK) -> Iterator[list[CaseEvent]]:
    """Yield the standing events of every n-th case, ``limit`` cases in all or fewer, ``chunk`` cases at a time."""
    step = max(-(-case_count(ledger) // limit), 1)
    with ledger.store.reading() as connection:
        found = connection.execute(_SAMPLE, {"ours": OURS, "step": step, "limit": limit})
        keys = [row.case_id for row in found]
    for start in range(0, len(keys), chunk):
        with ledger.store.reading() as connection:
            rows = ledger.store.among(connection, _EVENTS, keys[start : start + chunk])
        yield [event_of(row) for row in rows]
