"""Cuts one run of a clock into phases, at every instant at which something other than time acts upon it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rules.clockacts import FOREVER, Acts, Interval, clipped
from rules.clockruns import ClockRun, ClockState, Phase
from rules.facts import CaseEvent, Instant


def run_of(
    acts: Acts, ordinal: int, key: str, stop_event: CaseEvent | None, known_at: Instant | None = None
) -> ClockRun:
    """Return the run that these acts make; before ``known_at`` nobody could know of it, so it has no phase there."""
    stopped_at = None if stop_event is None else stop_event.occurred_at
    cell = acts.cell
    begin_at = acts.started_at if cell is None else cell.begin(acts.terms.calendar, acts.started_at)
    return ClockRun(
        acts.spec, ordinal, key, acts.terms, acts.start_event, begin_at, acts.started_at, stopped_at, stop_event,
        tuple(_phases(acts, stopped_at, known_at)), (*acts.remarks, *acts.overruns(stopped_at)),
    )  # fmt: skip


def paired(strict: ClockRun, generous: ClockRun | None) -> ClockRun:
    """Return a run that is certain only of what holds in both readings of the unknown."""
    return replace(strict, doubtful=True, otherwise=generous)


def _phases(acts: Acts, stopped_at: Instant | None, known_at: Instant | None) -> list[Phase]:
    frozen = acts.frozen()
    first = acts.started_at if known_at is None else max(known_at, acts.started_at)
    edges = _edges(acts, frozen, stopped_at, first)
    return [_phase(acts, frozen, begin, end, stopped_at) for begin, end in zip(edges, [*edges[1:], None], strict=True)]


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
    acts: Acts, frozen: Sequence[Interval], begin: Instant, end: Instant | None, stopped_at: Instant | None
) -> Phase:
    stated = acts.stated_at(begin)[1] is not None
    paused = clipped(frozen, acts.snap(begin))
    paused_ticks = acts.paused_ticks(paused)
    now = acts.due_at(begin, paused_ticks)
    state = ClockState.RUNNING
    if stopped_at is not None and begin >= stopped_at:
        state = ClockState.STOPPED
    elif any(pause.from_at <= begin < pause.until_at for pause in acts.pauses):
        state = ClockState.SUSPENDED
    stands = not stated and any(since <= begin < until for since, until in frozen)
    return Phase(
        begin, end, state, now.at, now.provisional, paused_ticks, acts.limits(begin), () if stated else paused,
        acts.snap(begin) if stands else None, stated, now.because,
    )  # fmt: skip
