"""When a limit (时限) ends: one table of unit x counting, each cell a way to begin and a way to finish.

Three countings (architecture.md, Time; domain.md 3.3):

- ``legal``: the starting day is not counted (Civil Code art. 201); the limit ends at the close of its last day, and a
  last day off moves to the next working day (art. 203). Hours and minutes run from the instant itself (art. 201).
- ``rolling``: time runs from the instant; one second more is over. Natural days, months and years that end on a day
  off end at the same wall time of the next working day.
- ``same_time``: the limit ends at the same wall time of its last day, across daylight saving, without moving off a day
  off. A start outside working time moves to the next opening first, except for natural days, months and years, which
  ask for no opening.

Months and years end on the corresponding day, or on the month's last where it has none (art. 202); half a month is 15
days.
"""

from __future__ import annotations

import calendar as gregorian
import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

from msgspec import Struct

from rules.calendars import Calendar
from rules.civildays import LAST_ON, date_of, index_of
from rules.counts import ELAPSED, Axis
from rules.facts import Instant
from rules.problems import UserError, refuse
from rules.quantities import Quantity, Unit

__all__ = ["TABLE", "Axis", "Cell", "Counting", "Due", "axis", "cell_of", "corresponding_day", "due", "ticks", "times"]


class Counting(StrEnum):
    """How a clock counts."""

    LEGAL = "legal"
    ROLLING = "rolling"
    SAME_TIME = "same_time"


class Intake(StrEnum):
    """When that which arrives on a day off counts as received: at once, or when the next working day opens."""

    AT_ONCE = "at_once"
    NEXT_WORKDAY = "next_workday"

    def received_at(self, calendar: Calendar, at: Instant) -> Instant:
        """Return the instant at which what arrives at ``at`` counts as received."""
        if self is Intake.AT_ONCE:
            return at
        on = calendar.on(at)
        return at if calendar.is_workday(on) else calendar.opening(calendar.workday(on, 1))


class Due(NamedTuple):
    """The last instant that is in time, and whether it rests on days that no published calendar confirms."""

    at: Instant
    provisional: bool


class Course(Struct, frozen=True, gc=False):
    """What a limit's end follows from: its start, the instant from which it runs, and how much was suspended."""

    calendar: Calendar
    start: Instant
    begin: Instant
    limit: Quantity
    paused: int


class Cell(NamedTuple):
    """One cell of the table: where running begins, where the limit ends, whether only whole days count."""

    begin: Callable[[Calendar, Instant], Instant]
    finish: Callable[[Course], Instant]
    by_day: bool = False


def due(calendar: Calendar, start: Instant, limit: Quantity, counting: Counting, paused_ticks: int = 0) -> Due:
    """Return when a limit ends that starts at ``start``, prolonged by ``paused_ticks`` of the axis of its unit.

    Raise ``UserError`` where working hours are counted on a calendar without office hours.
    """
    cell = cell_of(calendar, limit.unit, counting)
    at = cell.finish(Course(calendar, start, cell.begin(calendar, start), limit, paused_ticks))
    consulted = limit.unit not in ELAPSED or counting is Counting.SAME_TIME
    return Due(at, consulted and (calendar.provisional(at) or calendar.provisional(start)))


def due_after(
    calendar: Calendar, start: Instant, limits: Sequence[Quantity], counting: Counting, paused_ticks: int = 0
) -> Due:
    """Return when limits end of which each begins where the one before ends; the first is prolonged by what was paused."""
    found = due(calendar, start, limits[0], counting, paused_ticks)
    for further in limits[1:]:
        found = due(calendar, found.at, further, counting)
    return found


def cell_of(calendar: Calendar, unit: Unit, counting: Counting) -> Cell:
    """Return the cell of the table; raise ``UserError`` where the calendar lacks the office hours that it needs."""
    if unit not in calendar.axes:
        raise no_hours(calendar)
    return TABLE[unit, counting]


def axis(calendar: Calendar, unit: Unit) -> Axis:
    """Return what a unit is counted on; months and years are counted in natural days."""
    found = calendar.axes.get(unit)
    if found is None:
        raise no_hours(calendar)
    return found


def ticks(calendar: Calendar, quantity: Quantity) -> Fraction | int:
    """Return a quantity in ticks of its axis; a month counts as 30 and a year as 365 natural days."""
    return times(quantity.amount, _DAYS.get(quantity.unit, 1) * axis(calendar, quantity.unit).unit_ticks)


def times(amount: Fraction, whole: Fraction | int) -> Fraction | int:
    """Return the product, as a plain whole number where it is one: that is far cheaper to go on with."""
    numerator, denominator = amount.as_integer_ratio()
    parts, rest = divmod(numerator * whole, denominator)
    return parts if rest == 0 else amount * whole


def in_natural_days(limit: Quantity, days: Mapping[Unit, int]) -> Quantity:
    """Return a limit with months and years turned into as many natural days as a feed declares (Shandong: 30, 365)."""
    if limit.unit not in days:
        return limit
    return Quantity(limit.amount * days[limit.unit], Unit.NATURAL_DAY)


def no_hours(calendar: Calendar) -> UserError:
    """Return the error for working hours that are counted on a calendar without office hours."""
    return refuse(
        "calendar/no-hours", calendar.name,
        f"The calendar '{calendar.name}' has no office hours, so working hours cannot be counted on it.",
        f"日历“{calendar.name}”没有设置办公时间，无法计算工作小时。",
        mend_en="Add 'hours: [08:30-12:00, 13:30-17:30]' to the calendar, or name one that has hours.",
        mend_zh="请在日历中添加“hours: [08:30-12:00, 13:30-17:30]”，或改用有办公时间的日历。",
    )  # fmt: skip


# ── where running begins ───────────────────────────────────────────────────────────────────────


def _at_the_close(calendar: Calendar, start: Instant) -> Instant:
    return calendar.day_end(start)


def _at_once(_: Calendar, start: Instant) -> Instant:
    return start


def _at_the_opening(calendar: Calendar, start: Instant) -> Instant:
    return calendar.next_opening(start)


# ── where the limit ends ───────────────────────────────────────────────────────────────────────


def _close_of_workday(run: Course) -> Instant:
    calendar, day = run.calendar, run.calendar.day_ticks
    gone = calendar.work(run.begin) + whole_ticks(run.limit.amount, day) + run.paused
    # A limit of no days ends with its own day, or with the next working day.
    earliest = calendar.working.counting_day(calendar.days.index(run.start))
    return calendar.closing_of_day(max(calendar.working.day_reaching(_whole_days(gone, day)), earliest))


def _close_of_natural_day(run: Course) -> Instant:
    calendar, day = run.calendar, run.calendar.natural_ticks
    gone = calendar.natural.value(run.begin) + whole_ticks(run.limit.amount, day) + run.paused
    last = calendar.natural.day_reaching(_whole_days(gone, day))
    return calendar.closing_of_day(calendar.working.counting_day(last))


def _close_of_month(run: Course) -> Instant:
    calendar = run.calendar
    paused_days = -(-run.paused // calendar.natural_ticks)
    last = _later(corresponding_day(calendar.on(run.start), run.limit), paused_days)
    return calendar.closing_of_day(calendar.working.counting_day(index_of(last)))


def _after(run: Course) -> Instant:
    counter, unit_ticks, *_ = axis(run.calendar, run.limit.unit)
    gone = counter.value(run.begin) + whole_ticks(run.limit.amount, unit_ticks) + run.paused
    return max(run.begin, counter.instant(gone))


def _after_natural_days(run: Course) -> Instant:
    return _off_a_day_off(run.calendar, _after(run))


def _after_months(run: Course) -> Instant:
    return _off_a_day_off(run.calendar, _same_wall_month(run))


def _same_wall_workday(run: Course) -> Instant:
    calendar, whole = run.calendar, math.floor(run.limit.amount)
    last = calendar.working.counting_day(calendar.days.index(run.begin), whole * calendar.day_ticks)
    at = calendar.at(date_of(last), calendar.local(run.begin).time()) if whole else run.begin
    rest = whole_ticks(run.limit.amount - whole, calendar.day_ticks)
    return _prolonged(calendar, at, Unit.WORKDAY, rest + run.paused)


def _same_wall_natural(run: Course) -> Instant:
    calendar, whole = run.calendar, math.floor(run.limit.amount)
    local = calendar.local(run.begin)
    at = calendar.at(_later(local.date(), whole), local.time())
    rest = whole_ticks(run.limit.amount - whole, calendar.natural_ticks)
    return _prolonged(calendar, at, Unit.NATURAL_DAY, rest + run.paused)


def _same_wall_month(run: Course) -> Instant:
    local = run.calendar.local(run.begin)
    at = run.calendar.at(corresponding_day(local.date(), run.limit), local.time())
    return _prolonged(run.calendar, at, Unit.MONTH, run.paused)


def corresponding_day(on: dt.date, limit: Quantity) -> dt.date:
    """Return the day that corresponds to ``on`` some months or years later, or the last of that month (art. 202)."""
    months = limit.amount * (12 if limit.unit is Unit.YEAR else 1)
    whole = math.floor(months)
    year, month = divmod(on.year * 12 + on.month - 1 + whole, 12)
    if year > LAST_ON.year:
        return LAST_ON
    day = min(on.day, gregorian.monthrange(year, month + 1)[1])
    return _later(dt.date(year, month + 1, day), math.ceil((months - whole) * 30))


def _later(on: dt.date, days: int) -> dt.date:
    return date_of(min(index_of(on) + days, index_of(LAST_ON)))


def _prolonged(calendar: Calendar, at: Instant, unit: Unit, by: int) -> Instant:
    counter = axis(calendar, unit).counter
    return counter.instant(counter.value(at) + by) if by else at


def _off_a_day_off(calendar: Calendar, at: Instant) -> Instant:
    index = calendar.days.index(at)
    working = calendar.working.counting_day(index)
    return at if working == index else calendar.at(date_of(working), calendar.local(at).time())


def whole_ticks(amount: Fraction, unit_ticks: int) -> int:
    """Return so many units in ticks, the last one begun counting whole."""
    numerator, denominator = amount.as_integer_ratio()
    return -(-numerator * unit_ticks // denominator)


def _whole_days(gone: int, day_ticks: int) -> int:
    return -(-gone // day_ticks) * day_ticks


# ── the table ──────────────────────────────────────────────────────────────────────────────────

_DAYS: Final[Mapping[Unit, int]] = {Unit.MONTH: 30, Unit.YEAR: 365}

TABLE: Final[Mapping[tuple[Unit, Counting], Cell]] = {
    (Unit.WORKDAY, Counting.LEGAL): Cell(_at_the_close, _close_of_workday, by_day=True),
    (Unit.WORKDAY, Counting.ROLLING): Cell(_at_once, _after),
    (Unit.WORKDAY, Counting.SAME_TIME): Cell(_at_the_opening, _same_wall_workday),
    (Unit.NATURAL_DAY, Counting.LEGAL): Cell(_at_the_close, _close_of_natural_day, by_day=True),
    (Unit.NATURAL_DAY, Counting.ROLLING): Cell(_at_once, _after_natural_days),
    (Unit.NATURAL_DAY, Counting.SAME_TIME): Cell(_at_once, _same_wall_natural),
    (Unit.WORKING_HOUR, Counting.LEGAL): Cell(_at_once, _after),
    (Unit.WORKING_HOUR, Counting.ROLLING): Cell(_at_once, _after),
    (Unit.WORKING_HOUR, Counting.SAME_TIME): Cell(_at_the_opening, _after),
    (Unit.HOUR, Counting.LEGAL): Cell(_at_once, _after),
    (Unit.HOUR, Counting.ROLLING): Cell(_at_once, _after),
    (Unit.HOUR, Counting.SAME_TIME): Cell(_at_the_opening, _after),
    (Unit.MINUTE, Counting.LEGAL): Cell(_at_once, _after),
    (Unit.MINUTE, Counting.ROLLING): Cell(_at_once, _after),
    (Unit.MINUTE, Counting.SAME_TIME): Cell(_at_the_opening, _after),
    (Unit.MONTH, Counting.LEGAL): Cell(_at_the_close, _close_of_month, by_day=True),
    (Unit.MONTH, Counting.ROLLING): Cell(_at_once, _after_months),
    (Unit.MONTH, Counting.SAME_TIME): Cell(_at_once, _same_wall_month),
    (Unit.YEAR, Counting.LEGAL): Cell(_at_the_close, _close_of_month, by_day=True),
    (Unit.YEAR, Counting.ROLLING): Cell(_at_once, _after_months),
    (Unit.YEAR, Counting.SAME_TIME): Cell(_at_once, _same_wall_month),
}
