"""Which cases a publication concerns: those whose clocks run over a changed day, or whose item has another version.

A predicate on what was last judged; publishing marks the cases for which it holds, and no others, due. A rulebook
concerns every case of its kinds (``rules.rulebook.Rulebooks.kinds``).
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias

from rules.calendars import Calendar
from rules.catalogue import Catalogue
from rules.civildays import COUNT
from rules.facts import Instant
from rules.judgement import ClockReading, Judgement

Affected: TypeAlias = Callable[[Judgement], bool]

_NOON = dt.time(12)


def by_calendar(before: Calendar, after: Calendar) -> Affected:
    """Return the predicate for a corrected calendar: a clock of the case runs over a day that counts otherwise now."""
    days = changed_days(before, after)
    edges = [(before.days.midnights[day], before.days.midnights[day + 1]) for day in days]
    ends = [end for _, end in edges]

    def affected(judgement: Judgement) -> bool:
        return any(_meets(edges, ends, clock) for clock in judgement.clocks)

    return affected


def by_items(before: Catalogue, after: Catalogue) -> Affected:
    """Return the predicate for a new catalogue: the item of the case has another version, more or fewer than before."""
    codes = {
        code
        for code in {*before.versions, *after.versions}
        if before.versions.get(code) != after.versions.get(code)
    }  # fmt: skip
    return lambda judgement: judgement.item in codes


def by_kinds(kinds: Collection[str]) -> Affected:
    """Return the predicate for a rulebook that speaks of these kinds of case."""
    return lambda judgement: judgement.case_id.kind in kinds


def changed_days(before: Calendar, after: Calendar) -> list[int]:
    """Return the numbers of the days on which two calendars count differently, or that only one of them publishes."""
    first, second = before.working, after.working
    alike = {
        (i, j)
        for i, one in enumerate(first.patterns)
        for j, other in enumerate(second.patterns)
        if [stretch[:2] for stretch in one.stretches] == [stretch[:2] for stretch in other.stretches]
    }
    changed = {day for day in range(COUNT) if (first.pattern_of[day], second.pattern_of[day]) not in alike}
    horizons = sorted(calendar.days.index(calendar.at(calendar.horizon_on, _NOON)) for calendar in (before, after))
    return sorted(changed | set(range(horizons[0] + 1, horizons[1] + 1)))


def _meets(edges: Sequence[tuple[Instant, Instant]], ends: Sequence[Instant], clock: ClockReading) -> bool:
    """Say whether a changed day lies between the start of a clock and its end: the later of stop and due, else open."""
    index = bisect_left(ends, clock.started_at + 1)
    if index == len(edges):
        return False
    if clock.stopped_at is None:
        return True
    return edges[index][0] <= max(clock.stopped_at, clock.due_at or clock.stopped_at)
