"""What the sources report of late: by unit and kind of case, the words of the newest events of sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from sqlalchemy import text

from ledger.ledger import Ledger
from ledger.rows import OURS, data_of, event_of
from ledger.views.within import ALL, Within
from rules.facts import CaseEvent

LATEST: Final = 10_000
"""So many events are looked at, the newest that arrived: enough to know what a source can say, and soon read."""

_NEWEST: Final = (
    "select e.*, c.unit as of_unit, c.kind from (select * from events order by arrival desc limit :latest) e"
    " join cases c on c.case_id = e.case_id where c.namespace <> :ours and not e.retracted and {within}"
)


class Reported(Struct, frozen=True):
    """One event of every sort by the unit of its case ("" where it states none), and of how many they were.

    Events are of one sort if they are of one kind of case, have one name and state the same attributes.
    """

    events: Mapping[str, list[CaseEvent]]
    looked_at: int


def reported_of_late(ledger: Ledger, within: Within = ALL, latest: int = LATEST) -> Reported:
    """Return what the newest events say, in words, not in values."""
    condition = within.sql("c.unit", sqlite=ledger.store.is_sqlite)
    values = {"latest": latest, "ours": OURS, **within.values()}
    with ledger.store.reading() as connection:
        rows = connection.execute(text(_NEWEST.replace("{within}", condition)), values).all()
    found: dict[str, list[CaseEvent]] = {}
    seen: set[tuple[object, ...]] = set()
    for row in rows:
        unit = row.of_unit or ""
        sort = (unit, row.kind, row.name, tuple(data_of(row.data_json)), row.inserted_at is None)
        if sort not in seen:
            seen.add(sort)
            found.setdefault(unit, []).append(event_of(row))
    return Reported(found, len(rows))
