"""How each source fares: when it last answered, since when it fails and why, what did not fit."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, text

from ledger.ledger import Ledger
from rules.facts import Instant


class SourceHealth(Struct, frozen=True, kw_only=True):
    """A source: its latest event (not after its receipt), its last success, and since when and why it fails."""

    source: str
    last_event_at: Instant | None
    last_success_at: Instant | None
    failing_since: Instant | None
    reason_en: str
    reason_zh: str
    runs: int
    quarantined: int


_SOURCES: Final = text(
    "select s.*, (select count(*) from quarantine q where q.source = s.source) as quarantined"
    " from sources s where s.runs > 0 order by s.source"
)


def sources(ledger: Ledger) -> tuple[SourceHealth, ...]:
    """Return the health of every source that was ever read, by name."""
    with ledger.store.reading() as connection:
        return read(connection)


def read(connection: Connection) -> tuple[SourceHealth, ...]:
    """Return the same inside a transaction that is already open."""
    return tuple(
        SourceHealth(
            source=row.source,
            last_event_at=row.last_event_at,
            last_success_at=row.last_success_at,
            failing_since=row.failing_since,
            reason_en=row.reason_en,
            reason_zh=row.reason_zh,
            runs=row.runs,
            quarantined=row.quarantined,
        )
        for row in connection.execute(_SOURCES)
    )
