"""Attribution by trace-back (责任倒查, domain.md 6.3): whose time the overdue time is. Evidence and a proposal, no verdict.

1. The overdue time is taken apart by step and holder (``rules.custody``).
2. What a step used beyond its frozen limit is blamed on it, less what was lawfully suspended; a step without a limit of
   its own is blamed for nothing. What was waited between steps is blamed whole, on the sender.
3. Within a step its blame is shared by its holders in proportion to the time that each held it.
4. Whoever reviews or approves after a direct holder bears leadership responsibility; that is no share of the time.

Where nothing can be blamed (the steps' limits add up to more than the promise, nobody is named) nobody is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from rules.clocks import ClockRun
from rules.custody import Hold, Role, holds_of, role_of, suspensions, working
from rules.facts import Case, CaseEvent, CaseId, Instant
from rules.frames import Dossier

WHOLE: Final = 10_000
"""A share of one, in basis points."""


class Responsibility(StrEnum):
    """What a person answers for: directly, or as a leader who had to see it (主要领导责任, 重要领导责任)."""

    DIRECT = "direct"
    MAIN_LEADERSHIP = "main_leadership"
    IMPORTANT_LEADERSHIP = "important_leadership"


@dataclass(frozen=True, slots=True)
class Blame:
    """A hold with what is blamed on it: ticks of working time, and its share of all that is blamed, in basis points."""

    hold: Hold
    ticks: int
    share: int


@dataclass(frozen=True, slots=True)
class Bearer:
    """A person in the proposal: the responsibility, the share of the blamed time in basis points, the rows it rests on."""

    person: str
    unit: str
    role: Role
    responsibility: Responsibility
    share: int
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attribution:
    """What a trace-back found about one overdue clock: lengths in ticks of the calendar, ``day_ticks`` to a workday.

    ``unexplained`` is the overdue time that no step's excess and no waiting accounts for.
    """

    case_id: CaseId
    clock: str
    ordinal: int
    day_ticks: int
    overdue: int
    unexplained: int
    blames: tuple[Blame, ...]
    bearers: tuple[Bearer, ...]

    def shares(self) -> dict[str, int]:
        """Return the persons who directly hold a part of the blamed time, with their shares in basis points."""
        return {b.person: b.share for b in self.bearers if b.responsibility is Responsibility.DIRECT and b.share}


def attribute(dossier: Dossier, clock: str, ordinal: int, at: Instant) -> Attribution | None:
    """Return whose time the overdue time of a clock is, as known at an instant; None unless that clock is over.

    Several rulebooks may declare the clock, and another one the steps: what is blamed depends on neither.
    """
    for runs in dossier.runs.values():
        for run in runs.get(clock, ()):
            if run.ordinal == ordinal:
                reading = run.reading(at)
                if reading is None or not reading.over or reading.due_at is None or run.spec.by is not None:
                    return None
                return _attribution(dossier.case, run, _steps(dossier), reading.due_at, at)
    return None


def _steps(dossier: Dossier) -> Sequence[ClockRun]:
    """Return the runs of steps by the first rulebook that knows of any."""
    found = ([run for own in runs.values() for run in own if run.spec.by == "step"] for runs in dossier.runs.values())
    return next(filter(None, found), [])


def _attribution(case: Case, run: ClockRun, steps: Sequence[ClockRun], due_at: Instant, at: Instant) -> Attribution:
    end = min(at, run.stopped_at if run.stopped_at is not None else at)
    calendar, suspended = run.terms.calendar, suspensions(run, end)
    overdue = working(calendar, due_at, end, suspended)
    holds = holds_of(case.events, steps, run, at)
    excess = {
        (step.key or step.name, step.ordinal): _excess(step, run.started_at, end, suspended)
        for step in steps
    }  # fmt: skip
    blames = _blames(holds, excess)
    blamed = sum(blame.ticks for blame in blames)
    bearers = (*_direct(blames), *_leaders(case.events, blames, end))
    return Attribution(
        case.case_id, run.name, run.ordinal, calendar.day_ticks, overdue, max(overdue - blamed, 0), blames, bearers
    )


def _excess(step: ClockRun, begin: Instant, end: Instant, suspended: Sequence[tuple[Instant, Instant]]) -> int:
    """Return the ticks that a step used beyond its frozen limit, 0 where it has none."""
    last = min(step.stopped_at or end, end)
    reading = step.reading(last)
    if reading is None or reading.due_at is None or not reading.over:
        return 0
    return working(step.terms.calendar, max(reading.due_at, begin), last, suspended)


def _blames(holds: Sequence[Hold], excess: Mapping[tuple[str, int], int]) -> tuple[Blame, ...]:
    in_step: dict[tuple[str, int], int] = {}
    for hold in holds:
        if not hold.waiting:
            in_step[hold.step, hold.ordinal] = in_step.get((hold.step, hold.ordinal), 0) + hold.used
    ticks = [
        hold.used
        if hold.waiting
        else int(Fraction(excess.get((hold.step, hold.ordinal), 0) * hold.used, in_step[hold.step, hold.ordinal] or 1))
        for hold in holds
    ]
    shares = _shares(ticks)
    return tuple(Blame(hold, each, share) for hold, each, share in zip(holds, ticks, shares, strict=True))


def _shares(parts: Sequence[int]) -> list[int]:
    """Return parts as basis points that add up to the whole: what rounding leaves over goes to the largest rests."""
    total = sum(parts)
    if not total:
        return [0] * len(parts)
    shares = [part * WHOLE // total for part in parts]
    rests = sorted(range(len(parts)), key=lambda i: (-(parts[i] * WHOLE % total), i))
    for index in rests[: WHOLE - sum(shares)]:
        shares[index] += 1
    return shares


def _direct(blames: Sequence[Blame]) -> Iterator[Bearer]:
    """Yield everybody who held blamed time, each once, whoever held the most of it first."""
    own: dict[str, list[Blame]] = {}
    for blame in blames:
        if blame.ticks and blame.hold.holder:
            own.setdefault(blame.hold.holder, []).append(blame)
    for person, theirs in sorted(own.items(), key=lambda entry: (-sum(b.share for b in entry[1]), entry[0])):
        rows = tuple(dict.fromkeys(blame.hold.event_id for blame in theirs))
        most = max(theirs, key=lambda blame: blame.ticks).hold
        yield Bearer(person, most.unit, most.role, Responsibility.DIRECT, sum(b.share for b in theirs), rows)


_ABOVE: Final[Mapping[Role, Mapping[Role, Responsibility]]] = {
    Role.HANDLER: {
        Role.REVIEWER: Responsibility.MAIN_LEADERSHIP, Role.APPROVER: Responsibility.IMPORTANT_LEADERSHIP,
    },
    Role.REVIEWER: {Role.APPROVER: Responsibility.MAIN_LEADERSHIP},
    Role.APPROVER: {},
}  # fmt: skip
"""Who leads whom: over a handler the reviewer mainly, the approver importantly; over a reviewer the approver mainly."""


def _leaders(events: Sequence[CaseEvent], blames: Sequence[Blame], until: Instant) -> Iterator[Bearer]:
    """Yield those who review and approve above the direct holders and are none of them; a leader's gravest part counts."""
    direct = {blame.hold.holder for blame in blames if blame.ticks}
    roles = {blame.hold.role for blame in blames if blame.ticks and blame.hold.holder}
    found: dict[str, Bearer] = {}
    for event in events:
        person = str(event.data.get("officer") or "")
        if event.name != "step_started" or not person or person in direct or (event.occurred_at or 0) > until:
            continue
        role = role_of(event)
        parts = {_ABOVE[below][role] for below in roles if role in _ABOVE[below]}
        if parts and person not in found:
            part = min(parts, key=list(Responsibility).index)
            found[person] = Bearer(person, str(event.data.get("unit") or ""), role, part, 0, (event.event_id,))
    yield from sorted(
        found.values(), key=lambda bearer: (list(Responsibility).index(bearer.responsibility), bearer.person)
    )
