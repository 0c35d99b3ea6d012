"""Who held a case when (责任倒查, domain.md 6.3): its time taken apart by step and holder, with what was waited between.

A step belongs to the officer who took it up; within it a transfer counts from the instant at which it was signed for.
Between two steps, and before the first, nobody has signed for the case: that time belongs to whoever had it last, the
sender. A suspension that counted is nobody's time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rules.calendars import Calendar
from rules.clockacts import Interval, united
from rules.clocks import ClockRun
from rules.facts import CaseEvent, Instant


class Role(StrEnum):
    """The part that a person has in a case: handles it (承办), reviews it (审核), approves it (批准)."""

    HANDLER = "handler"
    REVIEWER = "reviewer"
    APPROVER = "approver"


ROLES: Final = {
    "1": Role.HANDLER, "handle": Role.HANDLER, "handling": Role.HANDLER, "承办": Role.HANDLER, "经办": Role.HANDLER,
    "2": Role.REVIEWER, "review": Role.REVIEWER, "审核": Role.REVIEWER, "审查": Role.REVIEWER,
    "3": Role.APPROVER, "approve": Role.APPROVER, "approval": Role.APPROVER, "decide": Role.APPROVER,
    "批准": Role.APPROVER, "审批": Role.APPROVER, "决定": Role.APPROVER,
}  # fmt: skip
"""How sources name the steps that carry a role (domain.md 2.2, row 8); an event may state its ``role`` itself."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A stretch [``from_at``, ``until_at``) in which one person held the case.

    ``used`` are the ticks of working time in it that no lawful suspension covers. ``step`` is "" for a ``waiting``
    between steps; ``event_id`` is the row that made the person its holder, "" with no ``holder`` where nobody is known.
    """

    step: str
    ordinal: int
    holder: str
    unit: str
    role: Role
    from_at: Instant
    until_at: Instant
    used: int
    waiting: bool = False
    event_id: str = ""


def role_of(event: CaseEvent) -> Role:
    """Return the role of whoever acts in a step: as stated, else as the step's name says, else the handler."""
    stated = str(event.data.get("role") or event.data.get("step") or "")
    return ROLES.get(stated, Role.HANDLER)


def working(calendar: Calendar, begin: Instant, end: Instant, suspended: Sequence[Interval]) -> int:
    """Return the ticks of working time in [``begin``, ``end``) outside the suspensions."""
    if begin >= end:
        return 0
    inside = [(max(begin, since), min(end, until)) for since, until in suspended if since < end and until > begin]
    lost = sum(calendar.work(until) - calendar.work(since) for since, until in inside)
    return calendar.work(end) - calendar.work(begin) - lost


def holds_of(events: Sequence[CaseEvent], steps: Iterable[ClockRun], run: ClockRun, until: Instant) -> tuple[Hold, ...]:
    """Return who held the case from the start of ``run`` to its stop or ``until``, steps first, then the waits between.

    ``steps`` are the runs of the clock of steps; they give each step its bounds and its frozen limit.
    """
    end = min(until, run.stopped_at if run.stopped_at is not None else until)
    reading = _Reading(events, run.terms.calendar, suspensions(run, end), run.started_at, end)
    inside = [step for step in steps if step.started_at < end and (step.stopped_at or end) > run.started_at]
    within = [hold for step in inside for hold in reading.step(step)]
    return (*within, *reading.waits(inside))


def suspensions(run: ClockRun, until: Instant) -> tuple[Interval, ...]:
    """Return the stretches before ``until`` in which a clock was lawfully suspended, united."""
    found = [interval for phase in run.phases for interval in phase.paused]
    found += [
        (phase.frozen_at, phase.until_at if phase.until_at is not None else until)
        for phase in run.phases
        if phase.frozen_at is not None and phase.from_at < until and phase.state != "stopped"
    ]
    return united([(begin, min(end, until)) for begin, end in found if begin < until])


@dataclass(frozen=True, slots=True)
class _Reading:
    """The events of a case between two instants, read for who held it."""

    events: Sequence[CaseEvent]
    calendar: Calendar
    suspended: Sequence[Interval]
    begin: Instant
    end: Instant

    def step(self, run: ClockRun) -> Iterator[Hold]:
        """Yield the holders of one step, one after the other: whoever took it up, then whoever signed for it."""
        since, until = max(run.started_at, self.begin), min(run.stopped_at or self.end, self.end)
        taken = [run.start_event, *self._signed(run, since, until)]
        marks = [since, *(event.occurred_at or since for event in taken[1:]), until]
        role = role_of(run.start_event)
        for event, from_at, until_at in zip(taken, marks, marks[1:], strict=False):
            yield self._hold(event, run.key or run.name, run.ordinal, role, from_at, until_at)

    def waits(self, steps: Sequence[ClockRun]) -> Iterator[Hold]:
        """Yield the stretches in which no step ran, each held by whoever had the case last."""
        busy = united([(step.started_at, step.stopped_at or self.end) for step in steps])
        edges = [self.begin, *(edge for interval in busy for edge in interval), self.end]
        for from_at, until_at in zip(edges[::2], edges[1::2], strict=True):
            sender = self._last_holder(from_at)
            if from_at < until_at and sender is not None:
                yield self._hold(sender, "", 0, role_of(sender), from_at, until_at, waiting=True)

    def _signed(self, run: ClockRun, since: Instant, until: Instant) -> list[CaseEvent]:
        """Return the sign-fors within a step that name another officer and do not belong to another step."""
        found: list[CaseEvent] = []
        for event in self.events:
            at = event.occurred_at or 0
            own = event.data.get("step") in {None, run.key}
            if event.name == "signed" and since <= at < until and own and event.data.get("officer"):
                found.append(event)
        return found

    def _last_holder(self, at: Instant) -> CaseEvent | None:
        """Return the last event up to an instant that names an officer who held the case."""
        named = [e for e in self.events if e.data.get("officer") and (e.occurred_at or 0) <= at]
        held = [e for e in named if e.name not in {"suspension_started", "suspension_ended", "extended", "rated"}]
        return held[-1] if held else None

    def _hold(
        self, event: CaseEvent, step: str, ordinal: int, role: Role, from_at: Instant, until_at: Instant,
        *, waiting: bool = False,
    ) -> Hold:  # fmt: skip
        return Hold(
            step=step,
            ordinal=ordinal,
            holder=str(event.data.get("officer") or ""),
            unit=str(event.data.get("unit") or ""),
            role=role,
            from_at=from_at,
            until_at=until_at,
            used=working(self.calendar, from_at, until_at, self.suspended),
            waiting=waiting,
            event_id=event.event_id if event.data.get("officer") else "",
        )
