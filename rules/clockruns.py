"""One run of a clock as phases between which nothing but time passes, and what it reads at any instant.

In a phase the due instant is fixed and time is either used or not, so every comparison flips at one instant that is
computed: a ``course`` tells them all. What is unknown is read both ways; where these differ, the truth is None.
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import Final

from msgspec import Struct

from rules.clockacts import Interval, Remark
from rules.clockgauges import Gauge, Measure, Turn
from rules.clockspecs import ClockSpec, Terms
from rules.courses import NEVER, Course, certain
from rules.facts import CaseEvent, Instant
from rules.judgement import Amount
from rules.limits import Axis, axis, cell_of, due_after, ticks, times
from rules.quantities import Quantity, Unit

NOUGHT: Final = Fraction(0)
"""The threshold of what takes none."""


class ClockState(StrEnum):
    """What a clock does: it runs, is suspended, or has been stopped."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    STOPPED = "stopped"


# A member that is looked up on its class costs more than the comparison with it.
_STOPPED, _OVER, _OVER_BY = ClockState.STOPPED, Measure.OVER, Measure.OVER_BY
_NOT_TICKS: Final = frozenset({Unit.MONTH, Unit.YEAR})


class Phase(Struct, frozen=True, gc=False):
    """A stretch [``from_at``, ``until_at``) of a run, as known within it; ``until_at`` None means until now and on.

    ``used_up_at`` is the instant at which the limit has been used: ``due_at``, or the end of its day where whole days
    count. ``gauge`` measures on the axis of the limit. ``frozen_at`` is set where no time is used: every measure keeps
    the value that it has there. ``paused_ticks`` had been suspended when the phase began; ``paused`` are those
    stretches. ``because`` says why ``due_at`` is unknown.
    """

    from_at: Instant
    until_at: Instant | None
    state: ClockState
    due_at: Instant | None
    used_up_at: Instant | None
    provisional: bool
    paused_ticks: int
    limits: tuple[Quantity, ...]
    gauge: Gauge | None
    paused: tuple[Interval, ...] = ()
    frozen_at: Instant | None = None
    stated: bool = False
    because: str = ""

    @property
    def limit(self) -> Quantity | None:
        """The limit in force, as far as it has one unit."""
        return self.limits[0] if self.limits else None

    def read_at(self, at: Instant) -> Instant:
        """Return the instant whose measures are read at ``at``: another one where the clock stands still."""
        if self.frozen_at is not None:
            return self.frozen_at
        return self.from_at if self.state is _STOPPED else at

    def reaches(self, at: Instant | None) -> bool:
        """Say whether time goes on in this phase until a later instant."""
        moves = self.frozen_at is None and self.state is not _STOPPED
        return at is not None and moves and (self.until_at is None or at < self.until_at)

    def over(self, at: Instant) -> bool | None:
        """Say whether the due instant has passed, None if it is unknown.

        While time stands still the due instant moves along, unless it had passed before: no suspension cures that.
        """
        if self.due_at is None:
            return None
        return (self.from_at if self.frozen_at is not None else self.read_at(at)) > self.due_at


class ClockRun(Struct, frozen=True, gc=False):
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
        for phase in reversed(self.phases):
            if phase.from_at <= at:
                return phase
        return None

    def reading(self, at: Instant) -> Reading | None:
        """Return what the clock reads at ``at``, None before its start."""
        phase = self.phase(at)
        return None if phase is None else Reading(self, phase, at)

    def test(self, measure: Measure, op: str, threshold: Quantity | Fraction, at: Instant) -> bool | None:
        """Say whether ``measure op threshold`` holds at ``at``; None if that is unknown.

        False before the start. ``used`` and ``left`` hold only while the clock runs or is suspended; ``over`` and
        ``over_by`` keep at the stop what they were. A share (``Fraction``) is one of the whole limit.
        """
        found = self.outright(measure, op, threshold, at)
        if not self.doubtful:
            return found
        other = False if self.otherwise is None else self.otherwise.outright(measure, op, threshold, at)
        return found if found is other else None

    def crossings(self, measure: Measure, op: str, threshold: Quantity | Fraction) -> tuple[Instant, ...]:
        """Return every instant at which the truth of ``measure op threshold`` changes, in order."""
        return tuple(at for at, _ in self.course(measure, op, threshold).changes)

    def course(self, measure: Measure, op: str, threshold: Quantity | Fraction) -> Course:
        """Return how ``test`` goes over time."""
        found = self.outright_course(measure, op, threshold)
        if not self.doubtful:
            return found
        other = NEVER if self.otherwise is None else self.otherwise.outright_course(measure, op, threshold)
        return certain(found, other)

    # ── in this one reading of what is unknown ─────────────────────────────────────────────────

    def outright(self, measure: Measure, op: str, threshold: Quantity | Fraction, at: Instant) -> bool | None:
        """Answer as ``test`` does, but in this one reading of what is unknown."""
        phase = self.phase(at)
        if phase is None:
            return False
        turn = self._turn(phase, measure, op, threshold)
        return turn.holds(phase.read_at(at)) if isinstance(turn, Turn) else turn

    def outright_course(self, measure: Measure, op: str, threshold: Quantity | Fraction) -> Course:
        """Answer as ``course`` does, but in this one reading of what is unknown."""
        found: list[tuple[Instant, bool | None]] = []
        before: bool | None = False
        for phase in self.phases:
            turn = self._turn(phase, measure, op, threshold)
            truth: bool | None
            flips_at: Instant | None = None
            if isinstance(turn, Turn):
                truth = turn.holds(phase.from_at if phase.frozen_at is None else phase.frozen_at)
                flips_at = turn.at if truth is not turn.rising and phase.reaches(turn.at) else None
            else:
                truth = turn
            if truth is not before:
                found.append((phase.from_at, truth))
                before = truth
            if flips_at is not None:
                before = not truth
                found.append((flips_at, before))
        return Course(found)

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

    def _turn(self, phase: Phase, measure: Measure, op: str, threshold: Quantity | Fraction) -> Turn | bool | None:
        """Return when a comparison changes if time goes on as in this phase, or what it is throughout."""
        if measure is _OVER:
            if phase.due_at is None:
                return None
            return Turn(phase.due_at + 1, rising=True) if phase.frozen_at is None else phase.over(phase.from_at)
        if phase.state is _STOPPED and measure is not _OVER_BY:
            return False
        gauge, wanted = self._measured(phase, threshold)
        return None if gauge is None or wanted is None else gauge.turn(measure, op, wanted)

    def _measured(self, phase: Phase, threshold: Quantity | Fraction) -> tuple[Gauge | None, Fraction | int | None]:
        """Return the gauge beside which a threshold stands, and the threshold in its ticks."""
        if not isinstance(threshold, Quantity):
            whole = self.whole(phase)
            return phase.gauge, None if whole is None else times(threshold, whole)
        gauge, calendar = phase.gauge, self.terms.calendar
        if gauge is None or gauge.axis.unit is not threshold.unit:
            gauge = Gauge.of(axis(calendar, threshold.unit), self.begin_at, phase.paused, phase.used_up_at)
        return gauge, ticks(calendar, threshold)

    def whole(self, phase: Phase) -> Fraction | int | None:
        """Return the whole limit in ticks of its axis, what a share is a share of."""
        if len(phase.limits) == 1 and not phase.stated and phase.limits[0].unit not in _NOT_TICKS:
            return ticks(self.terms.calendar, phase.limits[0])
        gauge = phase.gauge
        return None if gauge is None or gauge.used_up is None else gauge.used_up - gauge.base


class Reading(Struct, frozen=True, gc=False):
    """A clock at one instant, worked out as far as it is asked; amounts are in the unit of its limit."""

    run: ClockRun
    phase: Phase
    at: Instant

    @property
    def state(self) -> ClockState:
        """What the clock does."""
        return self.phase.state

    @property
    def started_at(self) -> Instant:
        """When it started."""
        return self.run.started_at

    @property
    def stopped_at(self) -> Instant | None:
        """When it was stopped, if it has been by now."""
        return self.run.stopped_at if self.phase.state is _STOPPED else None

    @property
    def limit(self) -> Quantity | None:
        """The limit in force, as far as it has one unit."""
        return self.phase.limit

    @property
    def provisional(self) -> bool:
        """Whether the due instant rests on days that no published calendar confirms."""
        return self.phase.provisional

    @property
    def over(self) -> bool | None:
        """Whether the due instant has passed, None if that is unknown."""
        return self.run.test(Measure.OVER, "", NOUGHT, self.at) if self.run.doubtful else self.phase.over(self.at)

    @property
    def because(self) -> str:
        """Why something is unknown, a code of ``rules.doubts``, "" if nothing is."""
        if self.phase.because or not self.run.doubtful or self.over is not None:
            return self.phase.because
        return "acts_uncertain"

    @property
    def used(self) -> Amount | None:
        """What has been used."""
        gauge = self.phase.gauge
        return None if gauge is None else _amount(gauge.used(self.phase.read_at(self.at)), gauge.axis)

    @property
    def left(self) -> Amount | None:
        """What is left, nothing when over."""
        return self._remaining(1)

    @property
    def over_by(self) -> Amount | None:
        """How much more than the limit has been used."""
        return self._remaining(-1)

    @property
    def used_share(self) -> Fraction | None:
        """What has been used, as a share of the whole limit."""
        whole, gauge = self.run.whole(self.phase), self.phase.gauge
        return Fraction(gauge.used(self.phase.read_at(self.at))) / whole if whole and gauge is not None else None

    @property
    def due_at(self) -> Instant | None:
        """The due instant; while time stands still it moves on, as if the clock ran again at this instant."""
        phase, run = self.phase, self.run
        if phase.frozen_at is None or phase.due_at is None or phase.state is _STOPPED or not phase.limits:
            return phase.due_at
        if phase.over(self.at):
            return phase.due_at
        calendar, limit = run.terms.calendar, phase.limits[0]
        value = axis(calendar, limit.unit).counter.value
        by_day = cell_of(calendar, limit.unit, run.spec.counting).by_day and not phase.stated
        here = calendar.day_end(self.at) if by_day else self.at
        paused = phase.paused_ticks + value(here) - value(phase.frozen_at)
        return max(due_after(calendar, run.started_at, phase.limits, run.spec.counting, paused).at, self.at)

    def _remaining(self, sign: int) -> Amount | None:
        gauge = self.phase.gauge
        left = None if gauge is None else gauge.left(self.phase.read_at(self.at))
        return None if gauge is None or left is None else _amount(max(sign * left, 0), gauge.axis)


def _amount(value: int, scale: Axis) -> Amount:
    """Return ticks in units, to the sixth decimal: fine enough to tell every second apart."""
    millionths, rest = divmod(value * 1_000_000, scale.unit_ticks)
    doubled = 2 * rest
    if doubled > scale.unit_ticks or (doubled == scale.unit_ticks and millionths % 2):
        millionths += 1
    whole, decimals = divmod(millionths, 1_000_000)
    return Amount(f"{whole}.{decimals:06}".rstrip("0") if decimals else str(whole), scale.written)
