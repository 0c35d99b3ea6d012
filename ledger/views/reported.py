"""What the sources report of late: by unit and kind of case, the newest events of sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import text

from ledger.ledger import Ledger
from ledger.rows import OURS, event_of
from ledger.views.within import ALL, Within
from rules.facts import CaseEvent

LATEST: Final = 10_000
"""So many events are looked at, the newest that arrived: enough to know what a source can say, and soon read."""

_NEWEST: Final = (
    "select e.*, c.unit as of_unit from (select * from events order by arrival desc limit :latest) e"
    " join cases c on c.case_id = e.case_id where c.namespace <> :ours and not e.retracted and {within}"
)


def reported_of_late(ledger: Ledger, within: Within = ALL, latest: int = LATEST) -> Mapping[str, list[CaseEvent]]:
    """Return the newest events by the unit of their case, "" where it states none."""
    condition = within.sql("c.unit", sqlite=ledger.store.is_sqlite)
    found: dict[str, list[CaseEvent]] = {}
    with ledger.store.reading() as connection:
        values = {"latest": latest, "ours": OURS, **within.values()}
        for row in connection.execute(text(_NEWEST.replace("{within}", condition)), values):
            found.setdefault(row.of_unit or "", []).append(event_of(row))
    return found
