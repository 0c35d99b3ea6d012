"""The simulator's own arithmetic of working time, read from the county's office diary and not from the product's calendar.

A working day is worked from 00:00 to 24:00, as in the national calendar, which has no office hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from samples.county.workdays import date_of, instant, is_workday, shift

DAY = 86_400
Pause: TypeAlias = tuple[int, int]


def advance(at: int, seconds: int, pauses: Sequence[Pause] = ()) -> int:
    """Return the instant by which ``seconds`` of working time outside the pauses have passed since ``at``."""
    while True:
        end, worked = _stretch(at, pauses)
        if worked and end - at >= seconds:
            return at + seconds
        seconds -= (end - at) * worked
        at = end


def worked(begin: int, end: int, pauses: Sequence[Pause] = ()) -> int:
    """Return the seconds of working time between two instants outside the pauses."""
    total = 0
    while begin < end:
        until, counts = _stretch(begin, pauses)
        total += (min(until, end) - begin) * counts
        begin = until
    return total


def _stretch(at: int, pauses: Sequence[Pause]) -> tuple[int, bool]:
    """Return until when it goes on as at ``at``, and whether that time is worked."""
    day = date_of(at)
    midnight = instant(day, DAY)
    inside = [until for begin, until in pauses if begin <= at < until]
    if inside:
        return min(midnight, max(inside)), False
    ahead = [begin for begin, _ in pauses if begin > at]
    return min([midnight, *ahead]), is_workday(day)


def close_after(at: int, workdays: int) -> int:
    """Return the last second of the n-th working day after the day of ``at`` (Civil Code art. 201, 203)."""
    return instant(shift(date_of(at), workdays), DAY - 1)
