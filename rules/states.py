"""What a frame reads over time: its states, and from when on each of them is.

Everything that rules read is a step function: a comparison on a clock, a word about it, what the events say. Where one
of them changes the frame enters another *state*; between two states every condition keeps its truth, and frames in equal
states have equal truths.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from fractions import Fraction
from operator import itemgetter
from typing import Final, TypeAlias

from rules.clockruns import NOUGHT
from rules.clocks import ClockRun, ClockState, Measure
from rules.env import RHYTHM, RuleEnv, clock_word, unstarted
from rules.facts import Instant
from rules.frames import Frame
from rules.quantities import Quantity
from rules.reading_plan import Comparison
from rules.rhythm import rhythm
from rules.view import Answer, View
from rules.windows import leaves_at
from rules.words import REMARKED

State: TypeAlias = tuple[Hashable, ...]
"""All answers to what a group of rules reads, with what is fixed for the frame in front."""

Changes: TypeAlias = Iterable[tuple[Instant, Hashable]]
Track: TypeAlias = tuple[Hashable, Changes]
"""One answer over time: what it is at first, and what else from when on, each instant once and in order."""

_OVER, _STOPPED = Measure.OVER, ClockState.STOPPED


def states_of(frame: Frame, now: Instant) -> tuple[list[tuple[Instant, State]], Instant | None]:
    """Return the states of a frame up to ``now`` with their first instants, and when it has to be looked at again."""
    if frame.begins_at > now:
        return [], frame.begins_at
    fixed = _fixed(frame)
    state: list[Hashable] = []
    changes: list[tuple[Instant, int, Hashable]] = []
    for place, (first, later) in enumerate(_tracks(frame, now)):
        state.append(first)
        changes += [(at, place, answer) for at, answer in later]
    changes.sort()
    found: list[tuple[Instant, State]] = []
    since, next_at = frame.begins_at, _wakes_at(frame, now)
    for at, place, answer in changes:
        if at > now:
            next_at = at if next_at is None else min(at, next_at)
            break
        if at > since:
            found.append((since, (*fixed, *state)))
            since = at
        state[place] = answer
    found.append((since, (*fixed, *state)))
    return found, next_at


def waits_until(frame: Frame, now: Instant) -> Instant | None:
    """Return when a frame of which no rule is heard has to be looked at again."""
    return frame.begins_at if frame.begins_at > now else _wakes_at(frame, now)


def _fixed(frame: Frame) -> State:
    """Return what is the same at every instant of a frame."""
    plan, item = frame.heard.plan, frame.item
    return (
        frame.heard.key,
        frame.book.era(frame.outlook.started_on) if plan.of_parameters else None,
        (item.code, item.from_on) if plan.of_item and item is not None else None,
    )


def _wakes_at(frame: Frame, now: Instant) -> Instant | None:
    """Return the next instant at which a clock or a window shows something else, though perhaps no answer changes."""
    plan = frame.plan
    if not plan.clocks and not plan.windows:
        return None
    coming = [at for at in _window_edges(frame) if at > now] if plan.windows else []
    for clock in plan.clocks:
        for run in frame.runs_of(clock):
            if run.phases[-1].state is not _STOPPED or run.phases[-1].from_at > now:
                coming += [phase.from_at for phase in run.phases if phase.from_at > now]
                coming += [at for at, _ in _over(run) if at > now]
    return min(coming, default=None)


# ── what changes when ──────────────────────────────────────────────────────────────────────────


def _tracks(frame: Frame, now: Instant) -> Iterator[Track]:
    plan = frame.heard.plan
    if plan.comparisons:
        env = frame.env(frame.begins_at)
        for comparison in plan.comparisons:
            yield _compared(frame, comparison, env)
    for clock, word in plan.clock_words:
        yield _said_of_clock(frame, clock, word)
    if plan.windows:
        views = _views(frame, now)
        for answer in plan.answers:
            yield _answered(answer, views)
    else:
        course, begins_at = frame.dossier.history.course, frame.begins_at
        for answer in plan.answers:
            yield _heard(course(answer), begins_at, now)


def _compared(frame: Frame, comparison: Comparison, begun: RuleEnv) -> Track:
    """A comparison on a clock that has not started is false; one with an unknown threshold is unknown.

    ``begun`` is what the rules read where the frame begins.
    """
    threshold: object = comparison.fixed
    if threshold is None:
        threshold = comparison.threshold(begun, None)
    if not isinstance(threshold, (Quantity, Fraction)):
        return None, ()
    measure, op, wanted = comparison.measure, comparison.op, threshold
    if comparison.clock == frame.group.clock:
        return False, () if frame.run is None else frame.run.course(measure, op, wanted).changes
    return False, _of_clock(frame, comparison.clock, False, lambda run: run.course(measure, op, wanted).changes)


def _said_of_clock(frame: Frame, clock: str, word: str) -> Track:
    if word in REMARKED:
        code = REMARKED[word]
        return False, _of_clock(frame, clock, False, lambda run: _remarked(run, code))
    if word == RHYTHM:
        every = frame.outlook.runs.get(clock, ())
        return None, _of_clock(frame, clock, None, lambda run: ((run.started_at, rhythm(every, run)),))
    if word == _OVER:
        return False, _of_clock(frame, clock, False, _over)
    first = unstarted(word)
    return first, _of_clock(frame, clock, first, lambda run: _by_phase(run, word))


def _remarked(run: ClockRun, code: str) -> Changes:
    heard = {max(at, run.phases[0].from_at) for at in run.remark_instants()}
    return ((at, run.remarked(code, at)) for at in sorted(heard))


def _over(run: ClockRun) -> Changes:
    return run.course(_OVER, "", NOUGHT).changes


def _by_phase(run: ClockRun, word: str) -> Changes:
    return ((phase.from_at, clock_word(run, phase, word, phase.from_at)) for phase in run.phases)


def _of_clock(frame: Frame, clock: str, first: Hashable, changes_of: Callable[[ClockRun], Changes]) -> Changes:
    """Return the changes of the run that the frame is about, or of each run of another clock until the next starts."""
    runs = frame.runs_of(clock)
    if len(runs) <= 1:
        return changes_of(runs[0]) if runs else ()
    found: list[tuple[Instant, Hashable]] = []
    for run, until in zip(runs, [*(run.started_at for run in runs[1:]), None], strict=True):
        own = list(changes_of(run))
        if not own or own[0][0] > run.started_at:
            own.insert(0, (run.started_at, first))
        found += [change for change in own if until is None or change[0] < until]
    return found


def _heard(course: Sequence[tuple[Instant, Hashable]], begins_at: Instant, now: Instant) -> Track:
    """Return what only events change; a frame begins with the first event of its case, or later."""
    if len(course) == 1:
        return course[0][1], ()
    begun = bisect_right(course, begins_at, key=_instant) - 1
    return course[begun][1], [change for change in course[begun + 1 :] if change[0] <= now]


_instant: Final = itemgetter(0)


def _views(frame: Frame, now: Instant) -> list[View]:
    """Return the case where the frame begins, and at every later instant up to ``now`` at which it may look different."""
    history = frame.dossier.history
    at = {at for at in (*history.instants, *_window_edges(frame)) if frame.begins_at < at <= now}
    return [history.view(frame.begins_at), *map(history.view, sorted(at))]


def _answered(answer: Answer, views: Sequence[View]) -> Track:
    first = before = answer.read(views[0])
    changes: list[tuple[Instant, Hashable]] = []
    for view in views[1:]:
        value = answer.read(view)
        if value != before:
            changes.append((view.at, value))
            before = value
    return first, changes


def _window_edges(frame: Frame) -> Iterator[Instant]:
    zone = frame.dossier.history.zone
    for window in frame.plan.windows:
        for at in frame.dossier.history.instants:
            yield leaves_at(window, at, zone)
