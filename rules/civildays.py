"""The civil days of a time zone as instants, safe across daylight saving."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from rules.facts import Instant

FIRST_ON: Final = dt.date(1992, 1, 1)
"""First day of every table: nothing supervised is older, and China's own summer time had ended."""

LAST_ON: Final = dt.date(2099, 12, 31)

DAY: Final = 86_400
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_FIRST_ORDINAL: Final = FIRST_ON.toordinal()
COUNT: Final = LAST_ON.toordinal() - _FIRST_ORDINAL + 1


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CivilDays:
    """The days from ``FIRST_ON`` to ``LAST_ON`` in one zone, numbered from 0; instants outside fall on the nearest day.

    ``midnights[i]`` is the first instant of day ``i``; one more entry ends the last day.
    """

    zone: str
    midnights: tuple[Instant, ...]
    info: ZoneInfo

    def index(self, at: Instant) -> int:
        """Return the number of the day on which ``at`` falls."""
        midnights = self.midnights
        guess = (at - midnights[0]) // DAY
        if guess < 0:
            return 0
        if guess >= COUNT:
            return COUNT - 1
        # Offsets of one zone differ by hours, so the guess is wrong by one day at most.
        if at < midnights[guess]:
            return guess - 1
        if at >= midnights[guess + 1] and guess + 1 < COUNT:
            return guess + 1
        return guess

    def on(self, at: Instant) -> dt.date:
        """Return the civil date of an instant."""
        return date_of(self.index(at))

    def local(self, at: Instant) -> dt.datetime:
        """Return the wall time of an instant, with its zone."""
        return (_EPOCH + dt.timedelta(seconds=at)).astimezone(self.info)

    def at(self, on: dt.date, wall: dt.time) -> Instant:
        """Return the instant of a wall time; one that the clock skips is taken as if it had not been put forward."""
        return instant_of(dt.datetime.combine(on, wall, self.info))


@lru_cache(maxsize=64)
def civil_days(zone: str) -> CivilDays:
    """Return the days of a zone; raise ``ZoneInfoNotFoundError`` or ``ValueError`` if there is no such zone."""
    info = ZoneInfo(zone)
    midnights: list[Instant] = []
    for week in range(0, COUNT + 1, 7):
        here, there = _midnight(info, week), _midnight(info, week + 7)
        if there - here == 7 * DAY:
            midnights.extend(range(here, there, DAY))
        else:
            midnights.extend(_midnight(info, week + day) for day in range(7))
    return CivilDays(zone, tuple(midnights[: COUNT + 1]), info)


def _midnight(info: ZoneInfo, index: int) -> Instant:
    return instant_of(dt.datetime.combine(date_of(index), dt.time.min, info))


def instant_of(local: dt.datetime) -> Instant:
    """Return the instant of an aware date and time."""
    return (local.astimezone(dt.UTC) - _EPOCH) // dt.timedelta(seconds=1)


def date_of(index: int) -> dt.date:
    """Return the date of day number ``index``."""
    return dt.date.fromordinal(_FIRST_ORDINAL + index)


def index_of(on: dt.date) -> int:
    """Return the number of a date; dates outside the table fall on its nearest day."""
    return min(max(on.toordinal() - _FIRST_ORDINAL, 0), COUNT - 1)
