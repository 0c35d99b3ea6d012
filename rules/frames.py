"""A case taken apart for judgement: its clock runs, and one *frame* per clock instance (or none) that rules are about.

A frame knows its own steps: the instants of events and every instant at which something its rules read changes by time
alone. Between two steps nothing changes, so one fact per step is enough.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from zoneinfo import ZoneInfo

from rules.asking import asked_from
from rules.clocks import ClockRun, Measure
from rules.clockwork import clock_runs
from rules.context import Context
from rules.env import NOUGHT, Courses, Outlook, RuleEnv, Runs
from rules.facts import Case, CaseEvent, Instant, ItemVersion
from rules.language import evaluate_term
from rules.quantities import Quantity
from rules.reading_plan import Group, ReadingPlan
from rules.rule import Rule
from rules.rulebook import Rulebook
from rules.view import History
from rules.windows import leaves_at


@dataclass(slots=True)
class Dossier:
    """One case with everything computed once: its history, its item, and the runs of every clock by rulebook."""

    case: Case
    context: Context
    history: History
    zone: ZoneInfo
    runs: dict[str, Runs] = field(default_factory=dict)

    @classmethod
    def of(cls, case: Case, context: Context) -> Dossier:
        """Return the dossier of a case, with the runs of the clocks of each rulebook."""
        calendar = context.default_calendar
        history = History(case, calendar.zone, calendar, context.catalogue)
        dossier = cls(case, context, history, ZoneInfo(calendar.zone))
        for book in context.books.books:
            dossier.runs[book.label] = clock_runs(book, case, context, dossier.item_for)
        return dossier

    def on(self, at: Instant) -> dt.date:
        """Return the civil date of an instant."""
        return dt.datetime.fromtimestamp(at, self.zone).date()

    def item_for(self, event: CaseEvent) -> ItemVersion | None:
        """Return the version of the item that is in force where this event happened: limits are frozen there."""
        return self.item(event.occurred_at or 0)

    def item(self, at: Instant) -> ItemVersion | None:
        """Return the version of the case's item that is in force at an instant."""
        code = self.case.attribute("item")
        return self.context.catalogue.version_at(str(code), self.on(at)) if code is not None else None


@dataclass(slots=True)
class Frame:
    """One clock instance of a case (``run`` None: rules that read no clock), with the rules of one rulebook about it."""

    dossier: Dossier
    book: Rulebook
    group: Group
    run: ClockRun | None
    outlook: Outlook

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
        """The rules that are asked."""
        return self.group.rules

    @property
    def plan(self) -> ReadingPlan:
        """What they read."""
        return self.group.plan

    @property
    def ordinal(self) -> int:
        """Number of the clock's start in the case, 0 without a clock."""
        return self.run.ordinal if self.run is not None else 0

    @property
    def begins_at(self) -> Instant:
        """The instant from which the frame is judged."""
        return self.run.started_at if self.run is not None else self.dossier.history.instants[0]

    def asked_from(self, rule: Rule) -> Instant | None:
        """Return the instant from which a rule can be asked, None if what it asks for is nowhere reported."""
        return asked_from(rule.asks, self.dossier.history.reported, self.item, self.begins_at)

    def env(self, at: Instant) -> RuleEnv:
        """Return what the rules of this frame read at an instant."""
        return RuleEnv(self.dossier.history.view(at), self.outlook)

    def steps(self) -> list[Instant]:
        """Return every instant from the beginning on at which what the rules read may change, also those to come."""
        found = {self.begins_at}
        if self.plan.reads_events:
            found.update(at for at in self.dossier.history.instants if at >= self.begins_at)
        courses = self.outlook.courses
        for clock in self.plan.clocks:
            for run in self._runs_of(clock):
                found.update(phase.from_at for phase in run.phases)
                found.update(run.remark_instants())
                found.update(courses.changes(run, Measure.OVER, "", NOUGHT))
        for path, op, threshold in self._time_tests():
            for run in self._runs_of(path[1]):
                found.update(courses.changes(run, Measure(path[2]), op, threshold))
        found.update(self._window_edges())
        return sorted(at for at in found if at >= self.begins_at)

    def _runs_of(self, clock: str) -> Sequence[ClockRun]:
        if clock == self.clock:
            return [self.run] if self.run is not None else []
        return self.outlook.runs.get(clock, ())

    def _time_tests(self) -> Iterator[tuple[tuple[str, ...], str, Quantity | Fraction]]:
        if not self.plan.time_tests:
            return
        env = self.env(self.begins_at)
        for test in self.plan.time_tests:
            threshold = evaluate_term(test.threshold, env)
            if isinstance(threshold, Quantity | Fraction):
                yield test.path, test.op, threshold

    def _window_edges(self) -> Iterable[Instant]:
        zone = self.dossier.history.zone
        for window in self.plan.windows:
            for at in self.dossier.history.instants:
                yield leaves_at(window, at, zone)


def frames_of(dossier: Dossier) -> list[Frame]:
    """Return the frames of a case: for each group of rules of the rulebook in force, one per start of its clock."""
    if not dossier.case.events:
        return []
    found: list[Frame] = []
    courses = Courses()
    for book in dossier.context.books.books:
        every = dossier.runs[book.label]
        for group in book.groups:
            if group.of != dossier.case.kind:
                continue
            runs: Sequence[ClockRun | None] = every.get(group.clock, ()) if group.clock else (None,)
            for run in runs:
                begins = run.started_at if run is not None else dossier.history.instants[0]
                started_on = dossier.on(begins)
                if book.in_force(started_on):
                    outlook = Outlook(book, every, group.clock, run, dossier.item(begins), started_on, courses)
                    frame = Frame(dossier, book, group, run, outlook)
                    if any(frame.asked_from(rule) is not None for rule in group.rules):
                        found.append(frame)
    return found
