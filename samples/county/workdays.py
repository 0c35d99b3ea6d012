"""The county's own office diary: which days are worked. Deliberately not the product's calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import islice
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
DAY = dt.timedelta(days=1)


def _days(first: str, last: str) -> frozenset[dt.date]:
    start, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    return frozenset(start + DAY * n for n in range((end - start).days + 1))


# The State Council's holiday notices for 2025 and 2026; other years are Monday to Friday.
OFF = frozenset().union(
    _days("2025-01-01", "2025-01-01"), _days("2025-01-28", "2025-02-04"), _days("2025-04-04", "2025-04-06"),
    _days("2025-05-01", "2025-05-05"), _days("2025-05-31", "2025-06-02"), _days("2025-10-01", "2025-10-08"),
    _days("2026-01-01", "2026-01-03"), _days("2026-02-15", "2026-02-23"), _days("2026-04-04", "2026-04-06"),
    _days("2026-05-01", "2026-05-05"), _days("2026-06-19", "2026-06-21"), _days("2026-09-25", "2026-09-27"),
    _days("2026-10-01", "2026-10-07"),
)  # fmt: skip
MAKE_UP = frozenset(
    dt.date.fromisoformat(day)
    for day in (
        "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
        "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
    )
)  # fmt: skip


def is_workday(day: dt.date) -> bool:
    """Say whether the offices are open on ``day``."""
    return day in MAKE_UP or (day.weekday() < 5 and day not in OFF)


def shift(day: dt.date, workdays: int) -> dt.date:
    """Return the n-th working day after ``day`` (before it, if negative); 0 gives the latest one up to ``day``."""
    if workdays == 0:
        return day if is_workday(day) else shift(day, -1)
    return next(islice(_worked(day, DAY if workdays > 0 else -DAY), abs(workdays) - 1, None))


def _worked(day: dt.date, step: dt.timedelta) -> Iterator[dt.date]:
    while True:
        day += step
        if is_workday(day):
            yield day


def date_of(at: int) -> dt.date:
    """Return the civil date of an instant in the county's zone."""
    return dt.datetime.fromtimestamp(at, ZONE).date()


def instant(day: dt.date, seconds: int) -> int:
    """Return the instant that lies ``seconds`` after midnight of ``day``."""
    return int(dt.datetime.combine(day, dt.time(), ZONE).timestamp()) + seconds


def later(at: int, workdays: int) -> int:
    """Return the same wall time ``workdays`` working days after ``at``."""
    day = date_of(at)
    return instant(shift(day, workdays), at - instant(day, 0))


def close_of(at: int) -> int:
    """Return the last second of the day of ``at``: the county's calendar has no office hours."""
    return instant(date_of(at), 86_399)


def wall(at: int) -> str:
    """Return an instant as departments write it: local time without a zone."""
    return dt.datetime.fromtimestamp(at, ZONE).strftime("%Y-%m-%d %H:%M:%S")
