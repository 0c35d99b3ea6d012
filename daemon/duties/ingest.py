"""Ingest (采集): one source is read from its cursor on, batch by batch; one that fails rests longer each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from connectors.base import Batch, Connector, SourceFailed
from ledger import Lag, Ledger
from rules.calendars import Calendar
from rules.facts import Instant

FIRST_REST: Final = 5

OUR_FAULT: Final = (
    "This source could not be read because of a fault in the program; the log has the report.",
    "程序故障，未能读取该数据源；详见日志。",
)


def lag_hours(calendar: Calendar) -> Lag:
    """Return what measures lateness in hours of working days: nobody reports late over a holiday."""
    return lambda happened_at, now: (calendar.work(now) - calendar.work(happened_at)) * 24 / calendar.day_ticks


@dataclass(frozen=True, slots=True)
class Ingested:
    """What one reading brought. ``rest`` is the pause in seconds before a failing source is tried again."""

    source: str
    rows: int = 0
    new: int = 0
    changed: int = 0
    duplicates: int = 0
    quarantined: int = 0
    failed: str = ""
    rest: int = 0
    resting: bool = False

    @property
    def happened(self) -> bool:
        """Whether a case changed, a row was put aside, or the source failed."""
        return bool(self.new or self.changed or self.quarantined or self.failed)

    @property
    def ok(self) -> bool:
        """Whether the source could be read to its end."""
        return not self.failed and not self.resting


class Ingest:
    """The duty of one source; ``stopping`` ends a long first reading between two batches."""

    def __init__(
        self, ledger: Ledger, connector: Connector, backoff_limit: int, stopping: Callable[[], bool] = lambda: False,
        lag: Lag | None = None,
    ) -> None:  # fmt: skip
        self.name = f"ingest:{connector.source}"
        self.failures = 0
        self._ledger, self._connector = ledger, connector
        self._limit, self._stopping, self._lag = backoff_limit, stopping, lag
        self._resume_at: Instant | None = None

    def run_once(self, now: Instant) -> Ingested:
        """Read the source from its cursor on; note it as failed where it stops short."""
        source = self._connector.source
        if self._resume_at is not None and now < self._resume_at:
            return Ingested(source, resting=True)
        try:
            result = self._read(source, now)
        except SourceFailed as failed:
            return self._failed(source, failed.en, failed.zh, now, passing=failed.passing)
        except Exception:
            self._failed(source, *OUR_FAULT, now, passing=True)
            raise
        self.failures, self._resume_at = 0, None
        return result

    def next_at(self, now: Instant) -> Instant | None:
        """Return when a failing source is tried again."""
        return self._resume_at

    def _read(self, source: str, now: Instant) -> Ingested:
        rows = new = changed = duplicates = quarantined = batches = 0
        cursor = self._ledger.cursor(source)
        for batch in self._connector.fetch(cursor, now):
            appended = self._ledger.append(batch, now, self._lag)
            rows, batches = rows + batch.rows, batches + 1
            new, changed = new + appended.new, changed + appended.changed
            duplicates, quarantined = duplicates + appended.duplicates, quarantined + appended.quarantined
            if self._stopping():
                break
        if not batches:  # an empty reading is news too: the feed has not fallen silent
            self._ledger.append(Batch(source=source, cursor=cursor), now)
        return Ingested(source, rows, new, changed, duplicates, quarantined)

    def _failed(self, source: str, en: str, zh: str, now: Instant, *, passing: bool) -> Ingested:
        self.failures += 1
        rest = min(self._limit, FIRST_REST << min(self.failures - 1, 20)) if passing else self._limit
        self._resume_at = now + rest
        self._ledger.ingest_failed(source, en, zh, now)
        return Ingested(source, failed=en, rest=rest)
