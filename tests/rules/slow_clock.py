"""The slow and obvious way to compare a clock with a threshold: by what it has used at one instant, in exact fractions."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction

from rules.clocks import ClockRun, ClockState, Measure, Phase
from rules.facts import Instant
from rules.limits import axis, cell_of
from rules.quantities import Quantity, Unit

OPS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
DAYS = {Unit.MONTH: 30, Unit.YEAR: 365}


def truth(run: ClockRun, measure: Measure, op: str, threshold: Quantity | Fraction, at: Instant) -> bool | None:
    """Return whether the comparison holds; what is unknown is read both ways."""
    found = outright(run, measure, op, threshold, at)
    if not run.doubtful:
        return found
    other = outright(run.otherwise, measure, op, threshold, at) if run.otherwise is not None else False
    return found if found == other else None


def outright(run: ClockRun, measure: Measure, op: str, threshold: Quantity | Fraction, at: Instant) -> bool | None:
    phase = next((phase for phase in reversed(run.phases) if phase.from_at <= at), None)
    if phase is None:
        return False
    stopped = phase.state is ClockState.STOPPED
    if measure is Measure.OVER:
        stands = stopped or phase.frozen_at is not None
        return None if phase.due_at is None else (phase.from_at if stands else at) > phase.due_at
    if stopped and measure is not Measure.OVER_BY:
        return False
    unit = threshold.unit if isinstance(threshold, Quantity) else unit_of(phase)
    wanted = ticks_of(run, threshold) if isinstance(threshold, Quantity) else share_of(run, phase, threshold)
    if unit is None or wanted is None or (phase.due_at is None and measure is not Measure.USED):
        return None
    here = phase.frozen_at if phase.frozen_at is not None else phase.from_at if stopped else at
    return OPS[op](Fraction(value(run, phase, measure, unit, here)), wanted)


def unit_of(phase: Phase) -> Unit | None:
    return phase.limits[0].unit if phase.limits else Unit.WORKDAY if phase.due_at is not None else None


def value(run: ClockRun, phase: Phase, measure: Measure, unit: Unit, here: Instant) -> int:
    count = axis(run.terms.calendar, unit).counter.value
    if measure is Measure.USED:
        return max(count(here) - base(run, phase, unit), 0)
    left = end(run, phase, unit) - count(here)
    return left if measure is Measure.LEFT else max(-left, 0)


def base(run: ClockRun, phase: Phase, unit: Unit) -> int:
    count = axis(run.terms.calendar, unit).counter.value
    return count(run.begin_at) + sum(count(until) - count(since) for since, until in phase.paused)


def end(run: ClockRun, phase: Phase, unit: Unit) -> int:
    """A day that closes at 23:59:59 is over when the next one begins, a whole day all the same."""
    calendar, due_at = run.terms.calendar, phase.due_at or 0
    by_day = bool(phase.limits) and cell_of(calendar, phase.limits[0].unit, run.spec.counting).by_day
    return axis(calendar, unit).counter.value(calendar.day_end(due_at) if by_day and not phase.stated else due_at)


def ticks_of(run: ClockRun, quantity: Quantity) -> Fraction:
    return quantity.amount * DAYS.get(quantity.unit, 1) * axis(run.terms.calendar, quantity.unit).unit_ticks


def share_of(run: ClockRun, phase: Phase, share: Fraction) -> Fraction | None:
    if len(phase.limits) == 1 and not phase.stated and phase.limits[0].unit not in DAYS:
        return share * ticks_of(run, phase.limits[0])
    unit = unit_of(phase)
    if unit is None or phase.due_at is None:
        return None
    return share * (end(run, phase, unit) - base(run, phase, unit))
