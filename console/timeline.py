"""A case's time as a drawing: events on a line, under it each clock with its running, paused and overrun stretches.

Pure: an explanation (or only a judgement, where none can be given) becomes positions in a box of ``WIDTH``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from ledger.views import CaseView
from rules.explanation import ClockStory, DayStory, Explanation
from rules.facts import Instant

WIDTH: Final = 1000
LEFT: Final = 10
TOP: Final = 46
LANE: Final = 46
BAR: Final = 16
TICKS: Final = 6
MOST_LANES: Final = 12
APART: Final = 150
"""How far the names of events stand apart; events that are closer share one place."""


class Stretch(NamedTuple):
    """A part of a clock's bar; ``kind`` is ``ran``, ``not_counted``, ``paused`` or ``overrun``."""

    kind: str
    x: float
    width: float
    start: Instant
    end: Instant


class Lane(NamedTuple):
    """A clock: its name as written in the rulebook, its bar, where it is due (None: outside or unknown)."""

    clock: str
    ordinal: int
    y: int
    stretches: tuple[Stretch, ...]
    due_x: float | None
    due_at: Instant | None


class Mark(NamedTuple):
    """Something at an instant: an event (its name) or a date of the axis (``""``)."""

    name: str
    x: float
    at: Instant


class Name(NamedTuple):
    """What is written under events: the names of those that stand close together, and where."""

    names: tuple[str, ...]
    x: float


class Timeline(NamedTuple):
    """The drawing, in a box of ``WIDTH`` by ``height``."""

    events: tuple[Mark, ...]
    names: tuple[Name, ...]
    ticks: tuple[Mark, ...]
    lanes: tuple[Lane, ...]
    now_x: float | None
    height: int


class _Clock(NamedTuple):
    name: str
    ordinal: int
    started_at: Instant
    due_at: Instant | None
    stopped_at: Instant | None
    days: Sequence[DayStory]
    zone: str


class _Axis(NamedTuple):
    start: Instant
    end: Instant

    def x(self, at: Instant) -> float:
        share = (at - self.start) / (self.end - self.start)
        return round(LEFT + (WIDTH - 2 * LEFT) * min(max(share, 0.0), 1.0), 1)


def timeline(view: CaseView, told: Explanation | None, now: Instant) -> Timeline | None:
    """Return the drawing of a case; None where there is neither event nor clock."""
    clocks = _clocks(view, told)[:MOST_LANES]
    events = [(event.name, event.occurred_at) for event in view.case.events if event.occurred_at is not None]
    instants = [at for _, at in events]
    for clock in clocks:
        instants += [at for at in (clock.started_at, clock.due_at, clock.stopped_at) if at is not None]
    if not instants:
        return None
    if any(clock.stopped_at is None for clock in clocks):
        instants.append(now)
    margin = max((max(instants) - min(instants)) // 40, 3_600)
    axis = _Axis(min(instants) - margin, max(instants) + margin)
    lanes = tuple(_lane(clock, axis, now, TOP + number * LANE) for number, clock in enumerate(clocks))
    marks = tuple(Mark(name, axis.x(at), at) for name, at in events)
    return Timeline(
        events=marks,
        names=tuple(_names(marks)),
        ticks=_ticks(axis, clocks[0].zone if clocks else "UTC"),
        lanes=lanes,
        now_x=axis.x(now) if axis.start <= now <= axis.end else None,
        height=TOP + len(lanes) * LANE + 26,
    )


def _names(marks: Sequence[Mark]) -> Iterable[Name]:
    """Gather the names of events along the line, each place at least ``APART`` from the next."""
    place: list[Mark] = []
    for mark in sorted(marks, key=lambda each: (each.x, each.at)):
        if place and mark.x - place[0].x >= APART:
            yield Name(tuple(dict.fromkeys(each.name for each in place)), place[0].x)
            place = []
        place.append(mark)
    if place:
        yield Name(tuple(dict.fromkeys(each.name for each in place)), place[0].x)


def _clocks(view: CaseView, told: Explanation | None) -> list[_Clock]:
    if told is not None and told.clocks:
        return [_told(clock) for clock in told.clocks]
    if view.judgement is None:
        return []
    return [
        _Clock(each.clock, each.ordinal, each.started_at, each.due_at, each.stopped_at, (), "UTC")
        for each in view.judgement.clocks
    ]


def _told(clock: ClockStory) -> _Clock:
    return _Clock(clock.name, clock.ordinal, clock.started_at, clock.due_at, clock.stopped_at, clock.days, clock.zone)


def _lane(clock: _Clock, axis: _Axis, now: Instant, y: int) -> Lane:
    end = clock.stopped_at if clock.stopped_at is not None else now
    due = clock.due_at
    parts: list[tuple[str, Instant, Instant]] = []
    within = min(end, due) if due is not None else end
    if within > clock.started_at:
        parts += _parts(clock, clock.started_at, within)
    if due is not None and end > due:
        parts.append(("overrun", max(due, clock.started_at), end))
    stretches = tuple(
        Stretch(kind, axis.x(start), max(round(axis.x(stop) - axis.x(start), 1), 1.0), start, stop)
        for kind, start, stop in parts
    )
    return Lane(clock.name, clock.ordinal, y, stretches, axis.x(due) if due is not None else None, due)


def _parts(clock: _Clock, start: Instant, end: Instant) -> Iterable[tuple[str, Instant, Instant]]:
    """Cut a clock's time at the days of which its explanation says that they did not count or were suspended."""
    zone = ZoneInfo(clock.zone)
    parts: list[tuple[str, Instant, Instant]] = []

    def add(kind: str, until: Instant) -> None:
        since = parts[-1][2] if parts else start
        if until <= since:
            return
        if parts and parts[-1][0] == kind:
            parts[-1] = (kind, parts[-1][1], until)
        else:
            parts.append((kind, since, until))

    for day in clock.days:
        opens = int(dt.datetime.combine(day.on, dt.time(), zone).timestamp())
        closes = int(dt.datetime.combine(day.on + dt.timedelta(1), dt.time(), zone).timestamp())
        if closes <= start or opens >= end:
            continue
        add("ran", min(opens, end))
        counted = day.counted or opens <= start  # the day of the start itself is no pause
        add("paused" if day.kind == "suspended" else "ran" if counted else "not_counted", min(closes, end))
    add("ran", end)
    return parts


def _ticks(axis: _Axis, zone: str) -> tuple[Mark, ...]:
    """Return a few dates along the line, at the midnights of the zone."""
    where = ZoneInfo(zone)
    first, last = (dt.datetime.fromtimestamp(at, where).date() for at in (axis.start, axis.end))
    step = max(1, -(-(last - first).days // TICKS))
    dates = (first + dt.timedelta(days) for days in range(step, (last - first).days + 1, step))
    instants = (int(dt.datetime.combine(on, dt.time(), where).timestamp()) for on in dates)
    return tuple(Mark("", axis.x(at), at) for at in instants if axis.start <= at <= axis.end)
