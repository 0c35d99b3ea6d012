"""A continuous counting function over civil days: prefix sums, so that no operation loops over days."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, NamedTuple, Protocol, TypeAlias

from rules.civildays import COUNT, CivilDays
from rules.facts import Instant
from rules.quantities import Unit

ALWAYS: Final[Instant] = -(2**60)
"""Earlier than every instant."""

ELAPSED: Final[Mapping[Unit, int]] = {Unit.HOUR: 3600, Unit.MINUTE: 60}
"""Units that are plain seconds, whatever the calendar."""

Stretches: TypeAlias = tuple[tuple[int, int], ...]
"""The counted stretches of a day, in seconds since its first instant."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """How one day counts: its stretches as (start, end, ticks before it), and the ticks that each second adds."""

    stretches: tuple[tuple[int, int, int], ...]
    rate: int
    gain: int

    @classmethod
    def of(cls, stretches: Stretches, gain: int | None = None) -> Pattern:
        """Return the pattern in which these stretches add ``gain`` ticks in all (one per second if None)."""
        total = sum(end - start for start, end in stretches)
        rate = 1 if gain is None or not total else gain // total
        sums = accumulate(((end - start) * rate for start, end in stretches), initial=0)
        return cls(tuple((*s, so_far) for s, so_far in zip(stretches, sums, strict=False)), rate, total * rate)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Count:
    """A counting function F over the days of a zone: it never falls, and is constant outside the table of days.

    ``before[i]`` is F at the first instant of day ``i``; one more entry is F at the end of the last day.
    """

    days: CivilDays
    patterns: tuple[Pattern, ...]
    pattern_of: bytes
    before: list[int]

    @classmethod
    def of(cls, days: CivilDays, patterns: Sequence[Pattern], pattern_of: bytes) -> Count:
        """Return the function in which day ``i`` counts by ``patterns[pattern_of[i]]``."""
        gains = [pattern.gain for pattern in patterns]
        before = list(accumulate(map(gains.__getitem__, pattern_of), initial=0))
        return cls(days, tuple(patterns), pattern_of, before)

    def value(self, at: Instant) -> int:
        """Return F(at) in ticks."""
        index = self.days.index(at)
        second = at - self.days.midnights[index]
        pattern = self.patterns[self.pattern_of[index]]
        for start, end, so_far in pattern.stretches:
            if second <= start:
                return self.before[index] + so_far
            if second <= end:
                return self.before[index] + so_far + (second - start) * pattern.rate
        return self.before[index + 1] if second >= 0 else self.before[index]

    def instant(self, ticks: int) -> Instant:
        """Return the earliest instant with F >= ticks, the end of the table if there is none."""
        midnights = self.days.midnights
        if ticks <= 0:
            return midnights[0]
        if ticks > self.before[-1]:
            return midnights[-1]
        index = bisect_left(self.before, ticks) - 1
        pattern = self.patterns[self.pattern_of[index]]
        wanted = ticks - self.before[index]
        for start, end, so_far in pattern.stretches:
            if wanted <= so_far + (end - start) * pattern.rate:
                return midnights[index] + start + -(-(wanted - so_far) // pattern.rate)
        return midnights[index + 1]

    def reached_at(self, ticks: int) -> Instant | None:
        """Return the instant from which on F >= ticks: ``ALWAYS`` if it always is, None if no day goes so far."""
        if ticks <= 0:
            return ALWAYS
        return None if ticks > self.before[-1] else self.instant(ticks)

    def day_reaching(self, ticks: int) -> int:
        """Return the number of the day within which F reaches ``ticks``."""
        return min(max(bisect_left(self.before, ticks) - 1, 0), COUNT - 1)

    def counting_day(self, index: int, later: int = 0) -> int:
        """Return the first counting day on or after day ``index``, moved on by as many days as make ``later`` ticks."""
        return min(bisect_right(self.before, self.before[index] + later) - 1, COUNT - 1)

    def counts(self, index: int) -> bool:
        """Say whether day ``index`` adds anything."""
        return self.patterns[self.pattern_of[index]].gain > 0


class Counter(Protocol):
    """A counting function of time and its inverse, in whole ticks."""

    def value(self, at: Instant, /) -> int:
        """Return the ticks counted up to ``at``."""

    def instant(self, ticks: int, /) -> Instant:
        """Return the earliest instant with that many ticks."""

    def reached_at(self, ticks: int, /) -> Instant | None:
        """Return the instant from which on there are that many ticks; ``ALWAYS`` if there always are, None if never."""


class Elapsed:
    """Plain seconds: what hours and minutes are counted in."""

    __slots__ = ()

    def value(self, at: Instant, /) -> int:
        """Return the instant itself."""
        return at

    def instant(self, ticks: int, /) -> Instant:
        """Return the instant itself."""
        return ticks

    def reached_at(self, ticks: int, /) -> Instant:
        """Return the instant itself."""
        return ticks


class Axis(NamedTuple):
    """What a unit is counted on: the counting function, how many ticks one ``unit`` has, and how the unit is written."""

    counter: Counter
    unit_ticks: int
    unit: Unit
    written: str


def axes_of(
    working: Count, day_ticks: int, natural: Count, natural_ticks: int, opened: Count | None
) -> dict[Unit, Axis]:
    """Return what each unit is counted on; working hours only where there are office hours (``opened``)."""
    days = Axis(natural, natural_ticks, Unit.NATURAL_DAY, Unit.NATURAL_DAY.value)
    found = {unit: Axis(Elapsed(), seconds, unit, unit.value) for unit, seconds in ELAPSED.items()}
    found |= {Unit.NATURAL_DAY: days, Unit.MONTH: days, Unit.YEAR: days}
    found[Unit.WORKDAY] = Axis(working, day_ticks, Unit.WORKDAY, Unit.WORKDAY.value)
    if opened is not None:
        found[Unit.WORKING_HOUR] = Axis(opened, 3600, Unit.WORKING_HOUR, Unit.WORKING_HOUR.value)
    return found


def common_gain(patterns: Sequence[Stretches]) -> int:
    """Return the ticks of a day that every pattern divides without rest: the least common multiple of their seconds."""
    totals = {sum(end - start for start, end in stretches) for stretches in patterns}
    return math.lcm(*(total for total in totals if total))
