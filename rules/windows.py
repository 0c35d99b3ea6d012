"""Windows of time over which cards are counted: calendar months, quarters and years, and rolling ones."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from rules.facts import Instant

DAY: Final = 86_400
CALENDAR: Final = ("month", "quarter", "year")
ROLLING: Final = {"rolling_30_days": 30, "rolling_90_days": 90, "rolling_365_days": 365}
WINDOWS: Final = (*CALENDAR, *ROLLING)


def window_start(window: str, at: Instant, zone: str) -> Instant:
    """Return the first instant of the window that holds ``at``; a rolling window ends at ``at`` and includes it."""
    if window in ROLLING:
        return at - ROLLING[window] * DAY + 1
    first = _first_day(window, dt.datetime.fromtimestamp(at, ZoneInfo(zone)).date())
    return _midnight(first, zone)


def leaves_at(window: str, entered_at: Instant, zone: str) -> Instant:
    """Return the first instant at which what entered at ``entered_at`` is no longer in the window."""
    if window in ROLLING:
        return entered_at + ROLLING[window] * DAY
    first = _first_day(window, dt.datetime.fromtimestamp(entered_at, ZoneInfo(zone)).date())
    months = {"month": 1, "quarter": 3, "year": 12}[window]
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return _midnight(dt.date(year, month + 1, 1), zone)


def window_ordinal(window: str, at: Instant, zone: str) -> int:
    """Return a number that is the same for all instants of one calendar window; 0 for rolling windows."""
    if window in ROLLING:
        return 0
    on = dt.datetime.fromtimestamp(at, ZoneInfo(zone)).date()
    return {"month": on.year * 12 + on.month - 1, "quarter": on.year * 4 + (on.month - 1) // 3, "year": on.year}[window]


def _first_day(window: str, on: dt.date) -> dt.date:
    month = {"month": on.month, "quarter": on.month - (on.month - 1) % 3, "year": 1}[window]
    return dt.date(on.year, month, 1)


@lru_cache(maxsize=1_000)
def _midnight(on: dt.date, zone: str) -> Instant:
    return int(dt.datetime.combine(on, dt.time(), ZoneInfo(zone)).timestamp())
