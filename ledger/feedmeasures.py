"""What arrivals tell of a feed: how late it reports, how incompletely, and whether its versions go backwards.

The first load of a source may be years old and is no lateness: nothing is measured before it was read to its end.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median_low
from typing import Final, TypeAlias

from sqlalchemy import Connection, text

from connectors.base import Batch
from ledger.kept import Kept
from rules.facts import Instant, Value
from rules.statistics import Ratio

Lag: TypeAlias = Callable[[Instant, Instant], float]
"""The hours from an instant to a later one, without days on which nobody works."""

LEAST_ROWS: Final = 20
"""The missing fields of fewer rows make no percentage."""

MISSING: Final = "value/missing"

_LOADED: Final = text("select min(occurred_at) from events where source = 'mingdeng' and event_id = :event_id")


def loaded_id(source: str) -> str:
    """Return the name of the event with which the first load of a source ended."""
    return f"{source}/loaded"


def loaded_at(connection: Connection, source: str) -> Instant | None:
    """Return when the first load of a source had been read to its end, None if it was not yet."""
    found = connection.execute(_LOADED, {"event_id": loaded_id(source)}).scalar()
    return int(found) if found is not None else None


def measures(batch: Batch, kept: Kept, now: Instant, lag: Lag | None) -> dict[str, Value]:
    """Return what a batch says of its feed, nothing if it brought nothing."""
    told: dict[str, Value] = {}
    if kept.rows:
        told["stale_versions"] = kept.stale
    if lag is not None and kept.fresh:
        told["lag_hours"] = round(lag(median_low(kept.fresh), now), 1)
    if batch.rows >= LEAST_ROWS:
        lacking = {(row.place, row.row) for row in batch.quarantined if row.code == MISSING}
        told["incomplete_percent"] = float(Ratio(len(lacking), batch.rows).percent() or 0)
    return told
