"""Cuts one run of a clock into phases, at every instant at which something other than time acts upon it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from rules.clockacts import FOREVER, Acts, Interval, clipped
from rules.clockgauges import Gauge
from rules.clockruns import ClockRun, ClockState, Phase
from rules.facts import CaseEvent, Instant
from rules.limits import axis
from rules.quantities import Quantity, Unit


def run_of(
    acts: Acts, ordinal: int, key: str, stop_event: CaseEvent | None, known_at: Instant | None = None
) -> ClockRun:
    """Return the run that these acts make; before ``known_at`` nobody could know of it, so it has no phase there."""
    stopped_at = None if stop_event is None else stop_event.occurred_at
    cell = acts.cell
    begin_at = acts.started_at if cell is None else cell.begin(acts.terms.calendar, acts.started_at)
    remarks = (*acts.remarks, *acts.overruns(stopped_at)) if acts.pauses else tuple(acts.remarks)
    return ClockRun(
        acts.spec, ordinal, key, acts.terms, acts.start_event, begin_at, acts.started_at, stopped_at, stop_event,
        tuple(_phases(acts, begin_at, stopped_at, known_at)), remarks,
    )  # fmt: skip


def paired(strict: ClockRun, generous: ClockRun | None) -> ClockRun:
    """Return a run that is certain only of what holds in both readings of the unknown."""
    return replace(strict, doubtful=True, otherwise=generous)


def _phases(acts: Acts, begin_at: Instant, stopped_at: Instant | None, known_at: Instant | None) -> list[Phase]:
    first = acts.started_at if known_at is None else max(known_at, acts.started_at)
    if not acts.happened:
        return _undisturbed(acts, begin_at, stopped_at, first)
    frozen = acts.frozen()
    edges = _edges(acts, frozen, stopped_at, first)
    found: list[Phase] = []
    for begin, end in zip(edges, [*edges[1:], None], strict=True):
        found.append(_phase(acts, frozen, begin_at, begin, end, stopped_at, found[-1] if found else None))
    return found


def _undisturbed(acts: Acts, begin_at: Instant, stopped_at: Instant | None, first: Instant) -> list[Phase]:
    """Return the phases of a clock upon which nothing acted: its stop changes its state and nothing else."""
    now, limits = acts.due_at(acts.started_at, 0), acts.limits(acts.started_at)
    used_up_at = None if now.at is None else acts.snap(now.at)
    gauge = _gauge(acts, limits, begin_at, (), used_up_at)
    known = (now.at, used_up_at, now.provisional, 0, limits, gauge, (), None, False, now.because)
    runs_first = stopped_at is None or first < stopped_at
    found = [Phase(first, stopped_at, ClockState.RUNNING, *known)] if runs_first else []
    if stopped_at is not None:
        found.append(Phase(stopped_at, None, ClockState.STOPPED, *known))
    return found


def _edges(acts: Acts, frozen: Sequence[Interval], stopped_at: Instant | None, first: Instant) -> list[Instant]:
    edges = {first, acts.unmeasured_at}
    edges.update(at for at, _ in acts.stated)
    edges.update(at for at, _ in acts.extensions)
    for pause in acts.pauses:
        edges |= {pause.from_at, pause.until_at}
    for begin, end in frozen:
        edges |= {begin, end}
    last = FOREVER if stopped_at is None else stopped_at
    return sorted({at for at in edges if first <= at < last} | ({last} if stopped_at is not None else set()))


def _phase(
    acts: Acts, frozen: Sequence[Interval], begin_at: Instant, begin: Instant, end: Instant | None,
    stopped_at: Instant | None, before: Phase | None,
) -> Phase:  # fmt: skip
    stated = acts.stated_at(begin)[1] is not None
    snapped = acts.snap(begin)
    paused = clipped(frozen, snapped)
    paused_ticks = acts.paused_ticks(paused)
    now = acts.due_at(begin, paused_ticks)
    state = ClockState.RUNNING
    if stopped_at is not None and begin >= stopped_at:
        state = ClockState.STOPPED
    elif any(pause.from_at <= begin < pause.until_at for pause in acts.pauses):
        state = ClockState.SUSPENDED
    stands = not stated and any(since <= begin < until for since, until in frozen)
    limits, deducted = acts.limits(begin), () if stated else paused
    # A day that closes at 23:59:59 is over when the next one begins, a whole day all the same.
    used_up_at = now.at if now.at is None or stated or not limits else acts.snap(now.at)
    same = before if before and (before.paused, before.used_up_at) == (deducted, used_up_at) else None
    gauge = same.gauge if same else _gauge(acts, limits, begin_at, deducted, used_up_at)
    return Phase(
        begin, end, state, now.at, used_up_at, now.provisional, paused_ticks, limits, gauge, deducted,
        snapped if stands else None, stated, now.because,
    )  # fmt: skip


def _gauge(
    acts: Acts, limits: Sequence[Quantity], begin_at: Instant, paused: Sequence[Interval], used_up_at: Instant | None
) -> Gauge | None:
    """Return the gauge on the axis of the limit, of working days where a due instant was stated without a limit."""
    if not limits and used_up_at is None:
        return None
    unit = limits[0].unit if limits else Unit.WORKDAY
    return Gauge.of(axis(acts.terms.calendar, unit), begin_at, paused, used_up_at)
