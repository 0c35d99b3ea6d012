"""The officer's calculator: when a limit ends, and the account of every day on the way, counted or not, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from rules.calendars import Calendar, DayKind
from rules.civildays import date_of, index_of
from rules.clockacts import Interval, united
from rules.facts import Instant
from rules.limits import Axis, Counting, axis, cell_of, corresponding_day, due
from rules.problems import Place, Problem, UserError
from rules.quantities import Quantity, Unit

Suspension: TypeAlias = "tuple[Instant, Instant | None]"
"""From when to when the clock was suspended; None if it still is."""


class DayLine(NamedTuple):
    """One day of the account: whether it counts, its running number if so, and why, in both languages."""

    on: dt.date
    counted: bool
    kind: DayKind
    why_en: str
    why_zh: str
    number: int | None


class DueAnswer(NamedTuple):
    """The due instant (inclusive), the account of the days, and what was asked but had no effect."""

    due_at: Instant
    days: tuple[DayLine, ...]
    provisional: bool
    problems: tuple[Problem, ...] = ()


def calculate(
    start: Instant, limit: Quantity, counting: Counting, calendar: Calendar, pauses: Sequence[Suspension] = ()
) -> DueAnswer:
    """Return when a limit ends that starts at ``start``, and the day-by-day account of it.

    Suspensions are taken as lawful and approved as given; they are united, and one that begins after the due instant
    known by then changes nothing and is named among the problems. Raise ``UserError`` where working hours are counted
    without office hours, or where a suspension that still lasts leaves no due instant.
    """
    cell = cell_of(calendar, limit.unit, counting)
    scale = axis(calendar, limit.unit)
    frozen, problems = _frozen(start, limit, counting, calendar, pauses)
    answer = due(calendar, start, limit, counting, _ticks(scale, frozen))
    begin = cell.begin(calendar, start)
    enough = _enough(calendar, start if cell.by_day else begin, limit)
    account = _Account(calendar, scale, begin, start, answer.at, frozen, cell.by_day, enough)
    return DueAnswer(answer.at, tuple(account.lines()), answer.provisional, tuple(problems))


def _frozen(
    start: Instant, limit: Quantity, counting: Counting, calendar: Calendar, pauses: Sequence[Suspension]
) -> tuple[tuple[Interval, ...], list[Problem]]:
    """Return the stretches that do not count, and the suspensions that have no effect."""
    scale = axis(calendar, limit.unit)
    by_day = cell_of(calendar, limit.unit, counting).by_day
    frozen: tuple[Interval, ...] = ()
    problems: list[Problem] = []
    for begin, end in sorted(pauses, key=lambda pause: pause[0]):
        due_at = due(calendar, start, limit, counting, _ticks(scale, frozen)).at
        if end is None:
            raise UserError([_open_ended(calendar, begin)])
        if begin < start or begin > due_at or end <= begin:
            problems.append(_without_effect(calendar, begin, begin_early=begin < start, empty=end <= begin))
            continue
        edges = (calendar.day_end(begin), calendar.day_end(end)) if by_day else (begin, end)
        frozen = united([*frozen, edges])
    return frozen, problems


def _enough(calendar: Calendar, start: Instant, limit: Quantity) -> Fraction:
    """Return the limit in units of its axis; a month has as many days as lie before its corresponding day."""
    if limit.unit not in {Unit.MONTH, Unit.YEAR}:
        return limit.amount
    on = calendar.on(start)
    return Fraction((corresponding_day(on, limit) - on).days)


def _ticks(scale: Axis, frozen: Sequence[Interval]) -> int:
    return sum(scale.counter.value(end) - scale.counter.value(begin) for begin, end in frozen)


@dataclass(frozen=True, slots=True)
class _Account:
    """The days from the start to the due instant, each with its reason."""

    calendar: Calendar
    scale: Axis
    begin: Instant
    start: Instant
    due_at: Instant
    frozen: tuple[Interval, ...]
    by_day: bool
    enough: Fraction

    def lines(self) -> Iterator[DayLine]:
        first, last = index_of(self.calendar.on(self.start)), index_of(self.calendar.on(self.due_at))
        number, gone = 0, Fraction(0)
        for index in range(first, last + 1):
            used = min(self._used(index), self.enough - gone)
            gone += used
            number += 1 if used else 0
            yield self._line(index, used, gone, number if used else None, is_start=index == first)

    def _used(self, index: int) -> Fraction:
        """Return how many units of the limit a day uses up."""
        midnights = self.calendar.days.midnights
        end = midnights[index + 1] if self.by_day else min(midnights[index + 1], self.due_at)
        begin = max(midnights[index], self.begin)
        if begin >= end:
            return Fraction(0)
        whole = self._counted(begin, end)
        lost = sum(
            self._counted(max(begin, since), min(end, until))
            for since, until in self.frozen
            if max(begin, since) < min(end, until)
        )
        return Fraction(whole - lost, self.scale.unit_ticks)

    def _counted(self, begin: Instant, end: Instant) -> int:
        return self.scale.counter.value(end) - self.scale.counter.value(begin)

    def _line(self, index: int, used: Fraction, gone: Fraction, number: int | None, *, is_start: bool) -> DayLine:
        on = date_of(index)
        reason = self.calendar.reason(on)
        noticed = f" ({reason.notice})" if reason.notice else ""
        en, zh = reason.en + noticed, reason.zh + (f"（{reason.notice}）" if reason.notice else "")
        if used:
            if used != 1:
                en += f"; {_decimal(used)} counted, {_decimal(gone)} in all"
                zh += f"；计 {_decimal(used)}，累计 {_decimal(gone)}"
            return DayLine(on, True, reason.kind, en, zh, number)
        if self._suspended(index) and (reason.kind.counts or self.scale.unit is not Unit.WORKDAY):
            return DayLine(on, False, reason.kind, f"suspended; {en}", f"中止期间；{zh}", None)
        if gone == self.enough and not is_start:
            return DayLine(on, False, reason.kind, f"moved on, off a day off; {en}", f"末日休息，顺延；{zh}", None)
        if is_start and self.by_day:
            return DayLine(on, False, reason.kind, f"the starting day is not counted; {en}", f"起始日不计；{zh}", None)
        if reason.kind.counts and self.scale.unit in {Unit.WORKDAY, Unit.WORKING_HOUR}:
            return DayLine(on, False, reason.kind, f"outside office hours; {en}", f"在办公时间之外；{zh}", None)
        return DayLine(on, False, reason.kind, en, zh, None)

    def _suspended(self, index: int) -> bool:
        begin, end = self.calendar.days.midnights[index], self.calendar.days.midnights[index + 1]
        return any(since < end and until > begin for since, until in self.frozen)


def _open_ended(calendar: Calendar, begin: Instant) -> Problem:
    when = calendar.local(begin).isoformat()
    return Problem(
        "due/open-pause", Place("--pause"),
        f"The suspension from {when} has no end, so no due instant follows.",
        f"自 {when} 起的中止没有结束时间，无法得出到期时间。",
        "Give its end: FROM/TO.", "请写明结束时间：开始/结束。",
    )  # fmt: skip


def _without_effect(calendar: Calendar, begin: Instant, *, begin_early: bool, empty: bool) -> Problem:
    when = calendar.local(begin).isoformat()
    if empty:
        why_en, why_zh = "it ends before it begins", "结束早于开始"
    elif begin_early:
        why_en, why_zh = "it begins before the limit starts", "开始早于起算时间"
    else:
        why_en, why_zh = "it begins after the limit had expired, which cures nothing", "开始时已经超期，不能补救"
    return Problem(
        "due/pause-without-effect", Place("--pause"),
        f"The suspension from {when} is not counted: {why_en}.", f"自 {when} 起的中止不计：{why_zh}。",
    )  # fmt: skip


def _decimal(value: Fraction) -> str:
    return f"{float(value):.4f}".rstrip("0").rstrip(".")
