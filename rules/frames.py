"""A case taken apart for judgement: its clock runs, and one *frame* per clock instance (or none) that rules are about.

A frame is judged from the start of its clock on, by what was in force there: rulebook, parameters, item.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from rules.asking import asked_from
from rules.calendars import Calendar
from rules.clocks import ClockRun
from rules.clockwork import clock_runs
from rules.concern import concerns
from rules.context import Context
from rules.env import Outlook, RuleEnv, Runs
from rules.facts import Case, CaseEvent, Instant, ItemVersion
from rules.reading_plan import Group, ReadingPlan
from rules.rule import Rule
from rules.rulebook import Rulebook
from rules.view import History


@dataclass(slots=True)
class Dossier:
    """One case with everything computed once: its history, its item, and the runs of every clock by rulebook."""

    case: Case
    context: Context
    history: History
    calendar: Calendar
    runs: dict[str, Runs] = field(default_factory=dict)
    items: dict[Instant, ItemVersion | None] = field(default_factory=dict)
    accepted_at: Instant | None = None

    @classmethod
    def of(cls, case: Case, context: Context) -> Dossier:
        """Return the dossier of a case, with the runs of the clocks of each rulebook."""
        calendar = context.default_calendar
        history = History(case, calendar.zone, calendar, context.catalogue)
        dossier = cls(case, context, history, calendar, accepted_at=_first_accepted(case))
        dossier.runs = clock_runs(context, case, history.by_name, dossier.item_for)
        return dossier

    def on(self, at: Instant) -> dt.date:
        """Return the civil date of an instant."""
        return self.calendar.on(at)

    def item_for(self, event: CaseEvent) -> ItemVersion | None:
        """Return the version of the item that judges what begins with this event."""
        return self.item(event.occurred_at or 0)

    def item(self, at: Instant) -> ItemVersion | None:
        """Return the version of the case's item that judges what begins at an instant.

        It is the one in force then, after acceptance the one in force at acceptance: all limits are frozen there,
        also those of steps that begin under a later version (domain.md 3.5, item 17).
        """
        if self.accepted_at is not None and at > self.accepted_at:
            at = self.accepted_at
        if at not in self.items:
            code = self.history.said.get("item")
            known = self.context.catalogue.version_at(str(code), self.on(at)) if code is not None else None
            self.items[at] = known
        return self.items[at]


@dataclass(slots=True)
class Frame:
    """One clock instance of a case (``run`` None: rules that read no clock), with the rules of one rulebook about it.

    It is judged from ``begins_at`` on. ``heard`` is the group with the rules that may say anything of this case.
    """

    dossier: Dossier
    book: Rulebook
    group: Group
    run: ClockRun | None
    begins_at: Instant
    outlook: Outlook
    heard: Group

    @property
    def item(self) -> ItemVersion | None:
        """The item's version that is frozen for this frame: in force where its clock started."""
        return self.outlook.item

    @property
    def clock(self) -> str:
        """The clock that the rules are about, "" without one."""
        return self.group.clock

    @property
    def rules(self) -> Sequence[Rule]:
        """The rules that are heard."""
        return self.heard.rules

    @property
    def plan(self) -> ReadingPlan:
        """What they read."""
        return self.group.plan

    @property
    def ordinal(self) -> int:
        """Number of the clock's start in the case, 0 without a clock."""
        return self.run.ordinal if self.run is not None else 0

    def asked_from(self, rule: Rule) -> Instant | None:
        """Return the instant from which a rule can be asked, None if what it asks for is nowhere reported."""
        return asked_from(rule.asks, self.dossier.history.reported, self.item, self.begins_at)

    def env(self, at: Instant) -> RuleEnv:
        """Return what the rules of this frame read at an instant."""
        return RuleEnv(self.dossier.history.view(at), self.outlook)

    def runs_of(self, clock: str) -> Sequence[ClockRun]:
        """Return the run that the frame is about if it is one of this clock, else every run of that clock."""
        if clock == self.group.clock:
            return [self.run] if self.run is not None else []
        return self.outlook.runs.get(clock, ())


def _first_accepted(case: Case) -> Instant | None:
    return next((event.occurred_at for event in case.events if event.name == "accepted"), None)


_NO_CLOCK: Final = (None,)


def frames_of(dossier: Dossier, *, whole: bool = True) -> list[Frame]:
    """Return the frames of a case: for each group of rules of the rulebook in force, one per start of its clock.

    Rules of which it is certain beforehand that they say nothing of this case are heard only if ``whole``.
    """
    if not dossier.case.events:
        return []
    found: list[Frame] = []
    first_at, days = dossier.history.instants[0], dossier.calendar.days
    for concern in concerns(dossier.context, dossier.case.kind).of(dossier.history.reported):
        book, group = concern.book, concern.group
        every = dossier.runs[book.label]
        runs: Sequence[ClockRun | None] = every.get(group.clock, ()) if group.clock else _NO_CLOCK
        for run in runs:
            begins = run.started_at if run is not None else first_at
            item = dossier.item(begins)
            heard = concern.of(item)
            if heard is None:
                continue
            started_on = days.on(begins)
            if book.in_force(started_on):
                outlook = Outlook(book, every, group.clock, run, item, started_on)
                found.append(Frame(dossier, book, group, run, begins, outlook, group if whole else heard))
    return found
