"""Takes in rows that were put aside once a mended mapping can read them, and lets go of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import text

from connectors.base import Batch
from ledger import events
from ledger.engine import Store
from rules.facts import CaseEvent, Instant
from rules.gathering import GATHERED_KINDS

_STILL_ASIDE: Final = (
    "select quarantined, received_at from quarantine where source = :source and cast(quarantined as text) in {keys}"
)
_LET_GO: Final = text("delete from quarantine where source = :source and quarantined = :number")
_RECEIVED: Final = (
    "select event_id, max(received_at) as received_at from events"
    " where source = :source and event_id in {keys} group by event_id"
)


class Replayed(Struct, frozen=True, kw_only=True):
    """What a replay brought: rows that are no longer aside, new and changed events, the cases that are due because of it;
    ``outdated`` events were left out because something later is known of them.
    """

    rows: int = 0
    new: int = 0
    changed: int = 0
    outdated: int = 0
    cases: int = 0


def replay(store: Store, source: str, said: Mapping[int, Sequence[CaseEvent]], now: Instant) -> Replayed:
    """Take in what rows say now, by their numbers, in one transaction; a row that is no longer aside is passed over.

    1. Lock the source, so that no reading of it comes between.
    2. Pass over events of which the source told something later than the row: what is old must not win.
    3. Write the rest, make its cases due, and let go of the rows.
    """
    with store.writing() as connection:
        events.lock(connection, Batch(source=source))
        keys = [str(number) for number in said]
        aside = {row.quarantined: row.received_at for row in store.among(connection, _STILL_ASIDE, keys, source=source)}
        numbers = sorted(aside)
        named = [event.event_id for number in numbers for event in said[number]]
        known = {
            row.event_id: row.received_at for row in store.among(connection, _RECEIVED, named, source=source)
        }  # fmt: skip
        standing = [
            event for number in numbers for event in said[number]
            if event.version is not None or known.get(event.event_id, 0) <= aside[number]
        ]  # fmt: skip
        kept = events.keep(store, connection, standing, now)
        events.write(store, connection, kept.rows, kept.touched, now)
        gathered = [(key, 1) for key in sorted(kept.touched) if key.split("/", 2)[1] in GATHERED_KINDS]
        events.note_ungathered(store, connection, gathered)
        store.many(connection, _LET_GO, [{"source": source, "number": number} for number in numbers])
    return Replayed(
        rows=len(numbers), new=kept.new, changed=kept.changed, outdated=len(named) - len(standing),
        cases=len(kept.touched),
    )  # fmt: skip
