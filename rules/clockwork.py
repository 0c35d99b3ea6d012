"""Sets the clocks of a rulebook to a case: triggers with their conditions, limits from item and event, lawfulness."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache, partial
from typing import TypeAlias

from rules import lawful
from rules.calendars import Calendar
from rules.clocks import ClockRun, ClockSpec, Extends, Heard, Measure, Pauses, Terms, Trigger, run_clock
from rules.clockspecs import by_event
from rules.context import Context
from rules.env import EventEnv, Runs, item_value
from rules.facts import Case, CaseEvent, Instant, ItemVersion
from rules.language.terms import Truth
from rules.quantities import Quantity
from rules.rule import ClockDef, TriggerDef
from rules.rulebook import Rulebook

ItemAt: TypeAlias = Callable[[CaseEvent], ItemVersion | None]
RunsOf: TypeAlias = Callable[[str], tuple[ClockRun, ...]]


def clock_runs(book: Rulebook, case: Case, context: Context, item_at: ItemAt) -> Runs:
    """Return the runs of every clock of the rulebook that has started in this case, by the clock's name."""
    runs: dict[str, tuple[ClockRun, ...]] = {}
    own = settings(book, context).get(case.kind, {})
    happened = {event.name for event in case.events} if own else set()

    def runs_of(name: str) -> tuple[ClockRun, ...]:
        if name not in runs:
            runs[name] = own[name].runs(case, item_at, runs_of)
        return runs[name]

    for name, setting in own.items():
        if setting.wanted(happened):
            runs_of(name)
    return runs


def settings(book: Rulebook, context: Context) -> Mapping[str, Mapping[str, Setting]]:
    """Return the clocks of a rulebook by the kind of their cases and by name, each with its calendar looked up once."""
    known: object = context.prepared.get(book.label)
    if known is not None:
        return known  # type: ignore[return-value]  # the context keeps what it cannot name without knowing this module
    found: dict[str, dict[str, Setting]] = {}
    for clock in book.clocks.values():
        found.setdefault(clock.part.of, {})[clock.name] = _setting(book, clock, context)
    context.prepared[book.label] = found
    return found


@dataclass(frozen=True, slots=True)
class Setting:
    """One clock of one rulebook with what does not depend on the case.

    ``begins_with`` are the events that start it, ``sources`` where its limit is looked for: (``event``, name) and so on,
    ("", a quantity). ``stated`` names the attribute in which events state the due instant.
    """

    book: Rulebook
    clock: ClockDef
    calendar: Calendar
    spec: ClockSpec
    conditional: bool
    begins_with: frozenset[str]
    sources: tuple[tuple[str, str], ...]
    stated: str | None

    def wanted(self, happened: Collection[str]) -> bool:
        """Say whether the clock can have started in a case with these events, and is asked for by one of them."""
        asks = all(any(need[0] in happened for need in needs) for needs in self.clock.asks)
        return asks and not self.begins_with.isdisjoint(happened)

    def runs(self, case: Case, item_at: ItemAt, runs_of: RunsOf) -> tuple[ClockRun, ...]:
        """Return the runs of this clock in a case; ``runs_of`` gives those of another clock by its name."""
        heard = self._heard(item_at, runs_of) if self.conditional else None
        return run_clock(self.spec, case.events, lambda event: self._terms(event, item_at(event)), heard)

    def _heard(self, item_at: ItemAt, runs_of: RunsOf) -> Heard:
        """Return the triggers, which ask about the events and the item of one case."""
        starts = by_event(self._start(trigger, item_at, runs_of) for trigger in self.clock.starts)
        if all(trigger.holds is None for trigger in self.clock.stops):
            return self.spec.heard._replace(starts=starts)
        stops = by_event(_trigger(trigger, item_at) for trigger in self.clock.stops)
        return Heard(starts, stops, self.spec.heard.names)

    def _start(self, trigger: TriggerDef, item_at: ItemAt, runs_of: RunsOf) -> Trigger:
        """A clock that not every case has (``optional``) does not start where nothing limits it."""
        plain = _deemed(trigger, _trigger(trigger, item_at), runs_of)
        if not self.clock.part.optional:
            return plain

        def limited(event: CaseEvent) -> bool | None:
            terms = self._terms(event, item_at(event))
            stated = terms.stated is not None and event.data.get(terms.stated) is not None
            return (terms.limit is not None or stated) and (plain.where is None or plain.where(event))

        return replace(plain, where=limited)

    def _terms(self, event: CaseEvent, item: ItemVersion | None) -> Terms:
        return Terms(self._first_limit(event, item), self.calendar, self.stated, item.code if item else "")

    def _first_limit(self, event: CaseEvent, item: ItemVersion | None) -> Quantity | None:
        for head, name in self.sources:
            limit = self._limit(head, name, event, item)
            if limit is not None:
                return limit
        return None

    def _limit(self, head: str, name: str, event: CaseEvent, item: ItemVersion | None) -> Quantity | None:
        """Return the limit that one source gives: the event, the item (per key for ``by``), a parameter, or a quantity."""
        value: object
        if head == "event":
            value = event.data.get(name)
        elif head == "item":
            key = event.data.get(self.clock.part.by) if self.clock.part.by else None
            value = item_value(item, f"{name}.{key}" if key is not None else name)
        elif head == "param":
            value = self.book.parameter(name, self.calendar.on(event.occurred_at or 0))
        else:
            value = name
        if isinstance(value, Quantity):
            return value
        return _quantity(value) if isinstance(value, str) else None


def _deemed(trigger: TriggerDef, plain: Trigger, runs_of: RunsOf) -> Trigger:
    """Return a start that holds only where the clock which it names, started by the same event, ran over."""
    if not trigger.deemed:
        return plain

    def over_at(event: CaseEvent) -> Instant | None:
        runs = (run for run in runs_of(trigger.deemed) if run.start_event.event_id == event.event_id)
        run = next(runs, None)
        found = run.crossings(Measure.OVER, "", Fraction(0)) if run is not None else ()
        return found[0] if found else None

    def holds(event: CaseEvent) -> bool | None:
        return over_at(event) is not None and (plain.where is None or plain.where(event))

    return replace(plain, where=holds, known_at=lambda event: over_at(event) or 0)


def _setting(book: Rulebook, clock: ClockDef, context: Context) -> Setting:
    part = clock.part
    calendar = context.calendars.get(part.calendar or book.part.calendar or context.calendar)
    spec = ClockSpec(
        name=clock.name,
        of=part.of,
        starts=tuple(Trigger(trigger.event, unless=trigger.unless) for trigger in clock.starts),
        stops=tuple(Trigger(trigger.event) for trigger in clock.stops),
        counting=part.counting,
        by=part.by,
        pauses=_pauses(clock, context),
        extends=_extends(clock),
        intake=part.intake,
        title=part.title.model_dump(),
    )
    triggers = (*clock.starts, *clock.stops)
    conditional = part.optional or any(trigger.holds is not None or trigger.deemed for trigger in triggers)
    begins_with = frozenset(trigger.event for trigger in clock.starts)
    stated = part.due.rpartition(".")[2] if part.due else None
    return Setting(book, clock, calendar, spec, conditional, begins_with, tuple(map(_source, part.limit)), stated)


def _source(limit: str) -> tuple[str, str]:
    head, dot, name = limit.partition(".")
    return (head, name) if dot and head in {"event", "item", "param"} else ("", limit)


def _pauses(clock: ClockDef, context: Context) -> Pauses | None:
    part = clock.part.pauses
    if part is None or clock.pauses is None:
        return None
    begins, ends = (_trigger(trigger, _no_item) for trigger in clock.pauses)
    statutory = partial(lawful.suspension, reasons=context.reasons)
    return Pauses(begins, ends, part.cap == "approved", statutory if part.only_if == "lawful" else None)


def _extends(clock: ClockDef) -> Extends | None:
    part = clock.part.extends
    if part is None or clock.extends is None:
        return None
    by = _trigger(clock.extends, _no_item)
    return Extends(by, lawful.extension if part.only_if == "lawful" else None)


def _no_item(_: CaseEvent) -> None:
    """Suspensions and extensions ask nothing of the item."""


def _trigger(trigger: TriggerDef, item_at: ItemAt) -> Trigger:
    holds = trigger.holds
    return Trigger(trigger.event, _condition(holds, item_at) if holds is not None else None, trigger.unless)


def _condition(holds: Truth, item_at: ItemAt) -> Callable[[CaseEvent], bool | None]:
    return lambda event: holds(EventEnv(event, item_at(event)), None)


@lru_cache(maxsize=4096)
def _quantity(text: str) -> Quantity | None:
    try:
        return Quantity.parse(text)
    except ValueError:
        return None
