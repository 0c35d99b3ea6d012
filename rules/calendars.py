"""Calendars: which days and hours count, as a continuous function of time with an inverse, and why a day does not.

``W(t)``, the working time of a calendar, grows by exactly ``day_ticks`` on each working day, linearly over its office
hours (over the whole day where it has none). Beyond the last published day the week alone decides, provisionally.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise

from rules.civildays import COUNT, DAY, FIRST_ON, LAST_ON, CivilDays, civil_days, date_of, index_of
from rules.counts import ALWAYS, Axis, Count, Pattern, Stretches, axes_of, common_gain
from rules.facts import Instant
from rules.officehours import NO_HOURS, OfficeHours, hours_text, parse_hours
from rules.problems import refuse
from rules.quantities import Unit


class DayKind(StrEnum):
    """Why a day counts or does not; ``provisional`` is a working day that no published calendar confirms."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP = "makeup"
    PROVISIONAL = "provisional"

    @property
    def counts(self) -> bool:
        """Say whether days of this kind are working days."""
        return self not in {DayKind.WEEKEND, DayKind.HOLIDAY}


@dataclass(frozen=True, slots=True)
class DayName:
    """What a holiday or make-up day is called, in both languages, and the notice that ordered it (text or link)."""

    zh: str
    en: str
    notice: str = ""


@dataclass(frozen=True, slots=True)
class DayReason:
    """Why a day counts or does not: its kind, its name in both languages, the notice behind it where known."""

    kind: DayKind
    zh: str
    en: str
    notice: str = ""


@dataclass(frozen=True, slots=True)
class CalendarDefinition:
    """A calendar as published: its working week (Monday is 0), office hours, holidays and make-up days by date."""

    name: str
    zone: str
    week: frozenset[int] = frozenset(range(5))
    hours: tuple[OfficeHours, ...] = ()
    holidays: Mapping[dt.date, DayName] = field(default_factory=dict)
    makeups: Mapping[dt.date, DayName] = field(default_factory=dict)
    from_on: dt.date = FIRST_ON
    until_on: dt.date = LAST_ON
    declared: str = ""

    def version(self) -> str:
        """Return the declared version, if any, and a short hash of everything that decides an instant."""
        hours = [(h.stretches, str(h.from_on), str(h.until_on), sorted(h.weekdays)) for h in self.hours]
        days = [sorted(map(str, self.holidays)), sorted(map(str, self.makeups))]
        text = json.dumps([self.zone, sorted(self.week), hours, days, str(self.from_on), str(self.until_on)])
        short = hashlib.sha256(text.encode()).hexdigest()[:10]
        return f"{self.declared}-{short}" if self.declared else short


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """A calendar ready for arithmetic; immutable, and equal to another of the same name and version.

    ``working`` counts working days (``day_ticks`` each), ``natural`` every civil day (``natural_ticks`` each), ``open``
    the seconds of office hours. ``published`` are the instants of the days that were published, ``axes`` what each unit is
    counted on: months and years on natural days, working hours only where office hours are set.
    """

    name: str
    version: str
    zone: str
    horizon_on: dt.date
    day_ticks: int
    natural_ticks: int
    definition: CalendarDefinition
    days: CivilDays
    working: Count
    natural: Count
    open: Count
    published: range
    axes: Mapping[Unit, Axis]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calendar) and (self.name, self.version) == (other.name, other.version)

    def __hash__(self) -> int:
        return hash((self.name, self.version))

    def __repr__(self) -> str:
        return f"Calendar({self.name}@{self.version})"

    def work(self, at: Instant) -> int:
        """Return W(at) in ticks."""
        return self.working.value(at)

    def instant(self, ticks: int) -> Instant:
        """Return the earliest instant with W >= ticks."""
        return self.working.instant(ticks)

    def on(self, at: Instant) -> dt.date:
        """Return the civil date of an instant."""
        return self.days.on(at)

    def local(self, at: Instant) -> dt.datetime:
        """Return the wall time of an instant, with its zone."""
        return self.days.local(at)

    def at(self, on: dt.date, wall: dt.time) -> Instant:
        """Return the instant of a wall time on a date."""
        return self.days.at(on, wall)

    @property
    def has_hours(self) -> bool:
        """Say whether office hours are set."""
        return bool(self.definition.hours)

    def is_workday(self, on: dt.date) -> bool:
        """Say whether a date is a working day."""
        return self.working.counts(index_of(on))

    def workday(self, on: dt.date, steps: int) -> dt.date:
        """Return the working day that lies ``steps`` working days after a date, before it if negative; not 0."""
        index = index_of(on)
        base = self.working.before[index] + self.day_ticks if steps < 0 else self.working.before[index + 1]
        return date_of(self.working.day_reaching(base + steps * self.day_ticks))

    def provisional(self, at: Instant) -> bool:
        """Say whether the day of an instant lies outside what was published, so that the week alone decides."""
        return at not in self.published

    def unpublished(self, on: dt.date) -> bool:
        """Say whether a date lies outside what was published."""
        return on > self.horizon_on or on < self.definition.from_on

    def opening(self, on: dt.date) -> Instant:
        """Return the instant at which a day's office hours begin (its first instant where it has none)."""
        stretches = self._stretches(index_of(on))
        return self.days.midnights[index_of(on)] + (stretches[0][0] if stretches else 0)

    def closing(self, on: dt.date) -> Instant:
        """Return the last instant of a day: the end of its office hours, 23:59:59 where it has none."""
        return self.closing_of_day(index_of(on))

    def closing_of_day(self, index: int) -> Instant:
        """Return the last instant of the day of that number, as ``closing`` does."""
        if self.definition.hours:
            stretches = self._stretches(index)
            if stretches:
                return self.days.midnights[index] + stretches[-1][1]
        return self.days.midnights[index + 1] - 1

    def day_end(self, at: Instant) -> Instant:
        """Return the midnight that ends the civil day of an instant."""
        return self.days.midnights[self.days.index(at) + 1]

    def next_opening(self, at: Instant) -> Instant:
        """Return ``at`` if it falls within office hours of a working day, else the next instant that does."""
        index = self.days.index(at)
        second = at - self.days.midnights[index]
        for start, end, _ in self._stretches(index):
            if second < end:
                return self.days.midnights[index] + max(start, second)
        if index + 1 >= COUNT:
            return at
        return self.opening(date_of(self.working.counting_day(index + 1)))

    def reason(self, on: dt.date) -> DayReason:
        """Return why a date is a working day or is none."""
        holiday, makeup = self.definition.holidays.get(on), self.definition.makeups.get(on)
        if makeup is not None:
            return DayReason(DayKind.MAKEUP, makeup.zh, makeup.en, makeup.notice)
        if holiday is not None:
            return DayReason(DayKind.HOLIDAY, holiday.zh, holiday.en, holiday.notice)
        if on.weekday() not in self.definition.week:
            return DayReason(DayKind.WEEKEND, "周末", "weekend")
        if self.unpublished(on):
            last = self.horizon_on.isoformat()
            return DayReason(
                DayKind.PROVISIONAL, f"暂定工作日（日历公布至 {last}）", f"assumed; published until {last}"
            )
        return DayReason(DayKind.WORKDAY, "工作日", "working day")

    def hours_text(self, on: dt.date) -> str:
        """Return the office hours of a date as ``08:30-12:00,13:30-17:30``, "" where it has none."""
        return hours_text(_hours_on(self.definition, on)) if self.has_hours else ""

    def _stretches(self, index: int) -> tuple[tuple[int, int, int], ...]:
        return self.working.patterns[self.working.pattern_of[index]].stretches


def build_calendar(definition: CalendarDefinition) -> Calendar:
    """Return the calendar of a definition; its zone has to exist."""
    days = civil_days(definition.zone)
    stretches_of, kinds = _day_patterns(definition, days)
    day_ticks = common_gain(stretches_of)
    natural_kinds, natural_of = _natural_patterns(days)
    natural_ticks = common_gain(natural_kinds)
    working = Count.of(days, [Pattern.of(s, day_ticks) for s in stretches_of], kinds)
    natural = Count.of(days, [Pattern.of(s, natural_ticks) for s in natural_kinds], natural_of)
    opened = Count.of(days, [Pattern.of(s) for s in stretches_of], kinds)
    return Calendar(
        name=definition.name,
        version=definition.version(),
        zone=definition.zone,
        horizon_on=definition.until_on,
        day_ticks=day_ticks,
        natural_ticks=natural_ticks,
        definition=definition,
        days=days,
        working=working,
        natural=natural,
        open=opened,
        axes=axes_of(working, day_ticks, natural, natural_ticks, opened if definition.hours else None),
        published=_published(definition, days),
    )


def _published(definition: CalendarDefinition, days: CivilDays) -> range:
    """Return the instants of the published days; one outside the table falls on its nearest day."""
    first, last = index_of(definition.from_on), index_of(definition.until_on)
    begin = days.midnights[first] if first > 0 else ALWAYS
    return range(begin, days.midnights[last + 1] if last + 1 < COUNT else -ALWAYS)


def with_hours(calendar: Calendar, hours: str | Stretches) -> Calendar:
    """Return the same calendar with these office hours on every working day; empty takes the hours away.

    ``hours`` is text such as ``08:30-12:00,13:30-17:30``; raise ``UserError`` if it cannot be read.
    """
    try:
        stretches = (parse_hours(hours) if hours else ()) if isinstance(hours, str) else hours
    except ValueError as error:
        raise refuse(
            "calendar/hours", "--hours", f"{error}.", f"办公时间“{hours}”无法识别。",
            mend_en="Write them as 08:30-12:00,13:30-17:30.", mend_zh="请写成 08:30-12:00,13:30-17:30。",
        ) from error  # fmt: skip
    office = (OfficeHours(stretches),) if stretches else ()
    return build_calendar(replace(calendar.definition, hours=office))


def _hours_on(definition: CalendarDefinition, on: dt.date) -> Stretches:
    """Return the hours of a date: the last declared ones win, those for its day of the week before all others."""
    holding = [hours for hours in definition.hours if hours.in_force(on)]
    exact = [hours for hours in holding if on.weekday() in hours.weekdays]
    found = exact or holding
    return found[-1].stretches if found else NO_HOURS


def _day_patterns(definition: CalendarDefinition, days: CivilDays) -> tuple[list[Stretches], bytes]:
    """Return the distinct ways in which days count, and which of them each day follows (0 is "not at all")."""
    known: dict[Stretches, int] = {(): 0}
    table = bytearray(COUNT)
    edges = {0, COUNT}
    for hours in definition.hours:
        edges |= {index_of(on) for on in (hours.from_on, hours.until_on) if on is not None}
    ordered = sorted(edges)
    for begin, end in pairwise(ordered):
        cycle = bytes(_weekday_pattern(definition, begin + offset, known) for offset in range(7))
        table[begin:end] = (cycle * ((end - begin) // 7 + 1))[: end - begin]
    for on in definition.holidays:
        table[index_of(on)] = 0
    for on in definition.makeups:
        table[index_of(on)] = _pattern_number(known, _hours_on(definition, on))
    for index in _odd_days(days):
        if table[index]:
            table[index] = _pattern_number(known, _odd_stretches(definition, days, index))
    return list(known), bytes(table)


def _weekday_pattern(definition: CalendarDefinition, index: int, known: dict[Stretches, int]) -> int:
    on = date_of(index)
    return _pattern_number(known, _hours_on(definition, on)) if on.weekday() in definition.week else 0


def _pattern_number(known: dict[Stretches, int], stretches: Stretches) -> int:
    return known.setdefault(stretches, len(known))


def _odd_days(days: CivilDays) -> list[int]:
    """Return the days that are not 24 hours long."""
    midnights = days.midnights
    return [i for i in range(COUNT) if midnights[i + 1] - midnights[i] != DAY]


def _odd_stretches(definition: CalendarDefinition, days: CivilDays, index: int) -> Stretches:
    midnight, length = days.midnights[index], days.midnights[index + 1] - days.midnights[index]

    def second(wall: int) -> int:
        if wall >= DAY:
            return length
        time = dt.time(wall // 3600, wall % 3600 // 60, wall % 60)
        return min(max(days.at(date_of(index), time) - midnight, 0), length)

    return tuple((second(start), second(end)) for start, end in _hours_on(definition, date_of(index)))


def _natural_patterns(days: CivilDays) -> tuple[list[Stretches], bytes]:
    known: dict[Stretches, int] = {NO_HOURS: 0}
    table = bytearray(COUNT)
    for index in _odd_days(days):
        length = days.midnights[index + 1] - days.midnights[index]
        table[index] = _pattern_number(known, ((0, length),))
    return list(known), bytes(table)
