"""Which of two limits is longer, also in different units: then by their due instants from the first of each month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from rules.calendars import Calendar
from rules.facts import Instant
from rules.limits import Counting, due
from rules.quantities import Quantity, Unit

DAYS: Final = frozenset({Unit.WORKDAY, Unit.NATURAL_DAY, Unit.MONTH, Unit.YEAR})
_MORNING: Final = dt.time(10)


class Longer(NamedTuple):
    """That one limit is longer; where the units differ, a start from which it ends later, and both ends."""

    started_on: dt.date | None = None
    first_on: dt.date | None = None
    second_on: dt.date | None = None


def longer(first: Sequence[Quantity], second: Sequence[Quantity], calendar: Calendar, year: int) -> Longer | None:
    """Return that the first limits, one after the other, can end later than the second; None if they never do."""
    if len({limit.unit for limit in (*first, *second)}) == 1:
        more = sum(limit.amount for limit in first) > sum(limit.amount for limit in second)
        return Longer() if more else None
    for start in _starts(calendar, year):
        one, other = _end(first, calendar, start), _end(second, calendar, start)
        if one > other:
            return Longer(calendar.on(start), calendar.on(one), calendar.on(other))
    return None


def cut(shorter: Quantity, whole: Quantity, calendar: Calendar, year: int) -> Fraction:
    """Return by which share of ``whole`` the other limit is shorter; on the average of a year where the units differ."""
    if shorter.unit is whole.unit:
        return 1 - shorter.amount / whole.amount
    starts = list(_starts(calendar, year))
    length = sum(_end([shorter], calendar, start) - start for start in starts)
    return 1 - Fraction(length, sum(_end([whole], calendar, start) - start for start in starts))


def _starts(calendar: Calendar, year: int) -> Iterator[Instant]:
    return (calendar.at(dt.date(year, month, 1), _MORNING) for month in range(1, 13))


def _end(limits: Sequence[Quantity], calendar: Calendar, start: Instant) -> Instant:
    for limit in limits:
        start = due(calendar, start, limit, Counting.LEGAL).at
    return start
