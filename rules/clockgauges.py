"""Comparisons on a clock as instants: from when on they hold, or hold no longer.

An axis only grows, so within a phase "nine tenths used" or "two workdays left" is a level in whole ticks that is reached
at one instant. It is computed; nothing is asked second by second.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction

from msgspec import Struct

from rules.clockacts import Interval
from rules.counts import ALWAYS
from rules.facts import Instant
from rules.limits import Axis


class Measure(StrEnum):
    """What a condition may ask of a clock; ``over`` is a truth and takes no threshold."""

    USED = "used"
    LEFT = "left"
    OVER_BY = "over_by"
    OVER = "over"


# A member that is looked up on its class costs more than the comparison with it.
_USED, _LEFT = Measure.USED, Measure.LEFT


class Turn(Struct, frozen=True, gc=False):
    """A comparison that is ``rising`` from ``at`` on and the contrary before; None: it never gets so far."""

    at: Instant | None
    rising: bool

    def holds(self, at: Instant) -> bool:
        """Say whether the comparison holds at an instant."""
        return (self.at is not None and at >= self.at) is self.rising


class Gauge(Struct, frozen=True, gc=False):
    """A phase on one axis, in ticks: where nothing has been used, and where the limit has been used up."""

    axis: Axis
    base: int
    used_up: int | None

    @classmethod
    def of(cls, axis: Axis, begin_at: Instant, paused: Iterable[Interval], used_up_at: Instant | None) -> Gauge:
        """Return the gauge of a run from ``begin_at`` on without what was ``paused``; ``used_up_at`` None if unknown."""
        value = axis.counter.value
        base = value(begin_at)
        for begin, end in paused:
            base += value(end) - value(begin)
        return cls(axis, base, None if used_up_at is None else value(used_up_at))

    def used(self, at: Instant) -> int:
        """Return what has been used."""
        return max(self.axis.counter.value(at) - self.base, 0)

    def left(self, at: Instant) -> int | None:
        """Return what is left, less than nothing when over; None if the end is unknown."""
        return None if self.used_up is None else self.used_up - self.axis.counter.value(at)

    def turn(self, measure: Measure, op: str, wanted: Fraction | int) -> Turn | None:
        """Return when ``measure op wanted`` changes, None if it is unknown."""
        if measure is _LEFT:
            if self.used_up is None:
                return None
            level = self.used_up - (math.floor(wanted) if op in {"<=", ">"} else math.ceil(wanted) - 1)
            return Turn(self.axis.counter.reached_at(level), op in {"<=", "<"})
        zero = self.base if measure is _USED else self.used_up
        if zero is None:
            return None
        more = math.ceil(wanted) if op in {">=", "<"} else math.floor(wanted) + 1
        # Nothing is ever less than nothing, also before the clock begins to count.
        return Turn(self.axis.counter.reached_at(zero + more) if more > 0 else ALWAYS, op in {">=", ">"})
