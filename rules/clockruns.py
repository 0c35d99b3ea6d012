"""One run of a clock as phases between which nothing but time passes, and what it reads at any instant.

In a phase the due instant is fixed and time is either used or not, so every comparison flips at one instant that is
computed: ``crossings`` gives them all. What is unknown is read both ways; where these differ, the answer is None.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

from rules.clockacts import Interval, Remark
from rules.clockspecs import ClockSpec, Terms
from rules.facts import CaseEvent, Instant
from rules.judgement import Amount
from rules.limits import Axis, axis, cell_of, due, ticks, times
from rules.quantities import Quantity, Unit


class ClockState(StrEnum):
    """What a clock does: it runs, is suspended, or has been stopped."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    STOPPED = "stopped"


class Measure(StrEnum):
    """What a condition may ask of a clock; ``over`` is a truth and takes no threshold."""

    USED = "used"
    LEFT = "left"
    OVER_BY = "over_by"
    OVER = "over"


class Phase(NamedTuple):
    """A stretch [``from_at``, ``until_at``) of a run, as known within it; ``until_at`` None means until now and on.

    ``frozen_at`` is set where no time is used: every measure keeps the value that it has there. ``paused_ticks`` had
    been suspended when the phase began; ``paused`` are those stretches. ``because`` says why ``due_at`` is unknown.
    """

    from_at: Instant
    until_at: Instant | None
    state: ClockState
    due_at: Instant | None
    provisional: bool
    paused_ticks: int
    limits: tuple[Quantity, ...]
    paused: tuple[Interval, ...] = ()
    frozen_at: Instant | None = None
    stated: bool = False
    because: str = ""

    @property
    def limit(self) -> Quantity | None:
        """The limit in force, as far as it has one unit."""
        return self.limits[0] if self.limits else None


class Reading(NamedTuple):
    """A clock at one instant; amounts are in the unit of its limit. ``because`` says why something is unknown."""

    state: ClockState
    started_at: Instant
    stopped_at: Instant | None
    due_at: Instant | None
    over: bool | None
    used: Amount | None
    left: Amount | None
    over_by: Amount | None
    used_share: Fraction | None
    limit: Quantity | None
    provisional: bool
    because: str = ""


OPS: Final[dict[str, Callable[[Fraction | int, Fraction | int], bool]]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@dataclass(frozen=True, slots=True)
class ClockRun:
    """One start of a clock and what followed. ``otherwise`` is the same run with everything unknown read as true."""

    spec: ClockSpec
    ordinal: int
    key: str
    terms: Terms
    start_event: CaseEvent
    begin_at: Instant
    started_at: Instant
    stopped_at: Instant | None
    stop_event: CaseEvent | None
    phases: tuple[Phase, ...]
    remarks: tuple[Remark, ...] = ()
    doubtful: bool = False
    otherwise: ClockRun | None = None

    @property
    def name(self) -> str:
        """The clock's name."""
        return self.spec.name

    def phase(self, at: Instant) -> Phase | None:
        """Return the phase of an instant, None before the start."""
        index = bisect_right(self.phases, at, key=_from_at) - 1
        return self.phases[index] if index >= 0 else None

    def test(self, measure: Measure, op: str, threshold: Quantity | Fraction, at: Instant) -> bool | None:
        """Say whether ``measure op threshold`` holds at ``at``; None if that is unknown.

        False before the start. ``used`` and ``left`` hold only while the clock runs or is suspended; ``over`` and
        ``over_by`` keep at the stop what they were. A share (``Fraction``) is one of the whole limit.
        """
        found = self.outright(measure, op, threshold, at)
        if not self.doubtful:
            return found
        other = False if self.otherwise is None else self.otherwise.outright(measure, op, threshold, at)
        return found if found == other else None

    def crossings(self, measure: Measure, op: str, threshold: Quantity | Fraction) -> tuple[Instant, ...]:
        """Return every instant at which the truth of ``measure op threshold`` changes, in order."""
        candidates = set(self.candidates(measure, op, threshold))
        if self.otherwise is not None:
            candidates.update(self.otherwise.candidates(measure, op, threshold))
        found: list[Instant] = []
        before: bool | None = False
        for at in sorted(candidates):
            truth = self.test(measure, op, threshold, at)
            if truth is not before:
                found.append(at)
                before = truth
        return tuple(found)

    def remarked(self, code: str, at: Instant) -> bool | None:
        """Say whether by ``at`` something was remarked of this run; None if that is unknown."""
        found = [remark.certain for remark in self.remarks if remark.code == code and remark.at <= at]
        mine = True if True in found else None if found else False
        if not self.doubtful:
            return mine
        other = False if self.otherwise is None else self.otherwise.remarked(code, at)
        return mine if mine is other else None

    def remark_instants(self) -> set[Instant]:
        """Return the instants at which something was remarked in either reading of what is unknown."""
        also = self.otherwise.remark_instants() if self.otherwise is not None else set()
        return {remark.at for remark in self.remarks} | also

    def reading(self, at: Instant) -> Reading | None:
        """Return what the clock reads at ``at``, None before its start."""
        phase = self.phase(at)
        if phase is None:
            return None
        because = phase.because
        over = self.test(Measure.OVER, "", Fraction(0), at)
        if over is None and not because:
            because = "what acts upon the clock is not certain"
        used = left = over_by = None
        scale = self._axis(phase)
        if scale is not None:
            spent = self._used(phase, scale, at)
            used = _amount(spent, scale)
            if phase.due_at is not None:
                remaining = self._left(phase, scale, at)
                left, over_by = _amount(max(remaining, 0), scale), _amount(max(-remaining, 0), scale)
        return Reading(
            phase.state, self.started_at, self.stopped_at if phase.state is ClockState.STOPPED else None,
            self._due_at(phase, at), over, used, left, over_by, self._share(phase, at), phase.limit,
            phase.provisional, because,
        )  # fmt: skip

    # ── values within a phase, in ticks ────────────────────────────────────────────────────────

    def outright(self, measure: Measure, op: str, threshold: Quantity | Fraction, at: Instant) -> bool | None:
        """Answer as ``test`` does, but in this one reading of what is unknown."""
        phase = self.phase(at)
        if phase is None:
            return False
        if measure is Measure.OVER:
            return self._over(phase, at)
        if phase.state is ClockState.STOPPED and measure is not Measure.OVER_BY:
            return False
        scale = self._scale(phase, threshold)
        wanted = self._wanted(phase, threshold)
        if scale is None or wanted is None or (phase.due_at is None and measure is not Measure.USED):
            return None
        return OPS[op](self._value(measure, phase, scale, at), wanted)

    def _value(self, measure: Measure, phase: Phase, scale: Axis, at: Instant) -> int:
        if measure is Measure.USED:
            return self._used(phase, scale, at)
        left = self._left(phase, scale, at)
        return left if measure is Measure.LEFT else max(-left, 0)

    def _over(self, phase: Phase, at: Instant) -> bool | None:
        if phase.due_at is None:
            return None
        last = phase.from_at if phase.state is ClockState.STOPPED else at
        return phase.frozen_at is None and last > phase.due_at

    def _read_at(self, phase: Phase, at: Instant) -> Instant:
        if phase.state is ClockState.STOPPED:
            at = phase.from_at
        return at if phase.frozen_at is None else phase.frozen_at

    def _used(self, phase: Phase, scale: Axis, at: Instant) -> int:
        at = self._read_at(phase, at)
        return max(scale.counter.value(at) - self._base(phase, scale), 0)

    def _left(self, phase: Phase, scale: Axis, at: Instant) -> int:
        return self._due_value(phase, scale) - scale.counter.value(self._read_at(phase, at))

    def _base(self, phase: Phase, scale: Axis) -> int:
        """Return the value of the axis at which nothing would have been used."""
        value = scale.counter.value
        return value(self.begin_at) + sum(value(end) - value(begin) for begin, end in phase.paused)

    def _due_value(self, phase: Phase, scale: Axis) -> int:
        due_at = phase.due_at or 0
        # A day that closes at 23:59:59 is over when the next one begins, a whole day all the same.
        return scale.counter.value(self.terms.calendar.day_end(due_at) if self._by_day(phase) else due_at)

    def _due_at(self, phase: Phase, at: Instant) -> Instant | None:
        """Return the due instant; while time stands still it moves on, as if the clock ran again at ``at``."""
        if (
            phase.frozen_at is None
            or phase.due_at is None
            or phase.state is ClockState.STOPPED
            or len(phase.limits) != 1
        ):
            return phase.due_at
        calendar, limit = self.terms.calendar, phase.limits[0]
        value = axis(calendar, limit.unit).counter.value
        here = calendar.day_end(at) if self._by_day(phase) else at
        paused = phase.paused_ticks + value(here) - value(phase.frozen_at)
        return due(calendar, self.started_at, limit, self.spec.counting, paused).at

    def _by_day(self, phase: Phase) -> bool:
        limit = phase.limit
        return (
            limit is not None
            and not phase.stated
            and cell_of(self.terms.calendar, limit.unit, self.spec.counting).by_day
        )

    def _axis(self, phase: Phase) -> Axis | None:
        unit = phase.limit.unit if phase.limit else Unit.WORKDAY if phase.due_at is not None else None
        return None if unit is None else axis(self.terms.calendar, unit)

    def _scale(self, phase: Phase, threshold: Quantity | Fraction) -> Axis | None:
        if isinstance(threshold, Quantity):
            return axis(self.terms.calendar, threshold.unit)
        return self._axis(phase)

    def _wanted(self, phase: Phase, threshold: Quantity | Fraction) -> Fraction | int | None:
        if isinstance(threshold, Quantity):
            return ticks(self.terms.calendar, threshold)
        whole = self._whole(phase)
        return None if whole is None else times(threshold, whole)

    def _whole(self, phase: Phase) -> Fraction | int | None:
        """Return the whole limit in ticks of its axis, what a share is a share of."""
        calendar = self.terms.calendar
        if len(phase.limits) == 1 and not phase.stated and phase.limits[0].unit not in {Unit.MONTH, Unit.YEAR}:
            return ticks(calendar, phase.limits[0])
        scale = self._axis(phase)
        if scale is None or phase.due_at is None:
            return None
        return self._due_value(phase, scale) - self._base(phase, scale)

    def _share(self, phase: Phase, at: Instant) -> Fraction | None:
        whole, scale = self._whole(phase), self._axis(phase)
        return Fraction(self._used(phase, scale, at)) / whole if whole and scale is not None else None

    # ── where a truth can change ───────────────────────────────────────────────────────────────

    def candidates(self, measure: Measure, op: str, threshold: Quantity | Fraction) -> list[Instant]:
        """Return every instant at which the truth may change in this one reading of what is unknown."""
        found = []
        for phase in self.phases:
            found.append(phase.from_at)
            if phase.state is ClockState.STOPPED or phase.frozen_at is not None:
                continue
            flip = self._flip(phase, measure, op, threshold)
            if flip is not None and phase.from_at < flip and (phase.until_at is None or flip < phase.until_at):
                found.append(flip)
        return found

    def _flip(self, phase: Phase, measure: Measure, op: str, threshold: Quantity | Fraction) -> Instant | None:
        """Return the instant from which the measure stands on the other side of the threshold."""
        if measure is Measure.OVER:
            return None if phase.due_at is None else phase.due_at + 1
        scale, wanted = self._scale(phase, threshold), self._wanted(phase, threshold)
        if scale is None or wanted is None or (phase.due_at is None and measure is not Measure.USED):
            return None
        # The axis only grows. Growing measures pass the threshold with >=, < (reach it) or >, <= (exceed it).
        if measure is Measure.USED:
            level, reaches = self._base(phase, scale) + wanted, op in {">=", "<"}
        elif measure is Measure.LEFT:
            level, reaches = self._due_value(phase, scale) - wanted, op in {"<=", ">"}
        else:
            level, reaches = self._due_value(phase, scale) + wanted, op in {">=", "<"}
        return scale.counter.instant(math.ceil(level) if reaches else math.floor(level) + 1)


def _from_at(phase: Phase) -> Instant:
    return phase.from_at


def _amount(value: int, scale: Axis) -> Amount:
    """Return ticks in units, to the sixth decimal: fine enough to tell every second apart."""
    return Amount(_decimal(Fraction(value, scale.unit_ticks)), scale.unit.value)


def _decimal(value: Fraction) -> str:
    millionths = round(value * 1_000_000)
    whole, rest = divmod(millionths, 1_000_000)
    return f"{whole}.{rest:06}".rstrip("0").rstrip(".") if rest else str(whole)
