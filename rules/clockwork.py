"""Sets the clocks of a rulebook to a case: triggers with their conditions, limits from item and event, lawfulness."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from rules import lawful
from rules.calendars import Calendar
from rules.clocks import ClockRun, ClockSpec, Extends, Heard, Pauses, Terms, Trigger, run_clock
from rules.clockspecs import by_event
from rules.context import Context
from rules.env import EventEnv, Runs, item_value
from rules.facts import Case, CaseEvent, ItemVersion
from rules.language.terms import Truth
from rules.quantities import Quantity
from rules.rule import ClockDef, TriggerDef
from rules.rulebook import Rulebook

ItemAt: TypeAlias = Callable[[CaseEvent], ItemVersion | None]


def clock_runs(book: Rulebook, case: Case, context: Context, item_at: ItemAt) -> Runs:
    """Return the runs of every clock of the rulebook that has started in this case, by the clock's name."""
    runs: dict[str, tuple[ClockRun, ...]] = {}
    own = settings(book, context).get(case.kind, ())
    happened = {event.name for event in case.events} if own else set()
    for setting in own:
        if not happened.isdisjoint(setting.begins_with):
            runs[setting.clock.name] = setting.runs(case, item_at)
    return runs


def settings(book: Rulebook, context: Context) -> Mapping[str, Sequence[Setting]]:
    """Return the clocks of a rulebook by the kind of their cases, each with its calendar looked up once per context."""
    known: object = context.prepared.get(book.label)
    if known is not None:
        return known  # type: ignore[return-value]  # the context keeps what it cannot name without knowing this module
    found: dict[str, list[Setting]] = {}
    for clock in book.clocks.values():
        found.setdefault(clock.part.of, []).append(_setting(book, clock, context))
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

    def runs(self, case: Case, item_at: ItemAt) -> tuple[ClockRun, ...]:
        """Return the runs of this clock in a case."""
        heard = self._heard(item_at) if self.conditional else None
        return run_clock(self.spec, case.events, lambda event: self._terms(event, item_at(event)), heard)

    def _heard(self, item_at: ItemAt) -> Heard:
        """Return the triggers, which ask about the events and the item of one case."""
        starts = by_event(self._start(trigger, item_at) for trigger in self.clock.starts)
        if all(trigger.holds is None for trigger in self.clock.stops):
            return self.spec.heard._replace(starts=starts)
        stops = by_event(_trigger(trigger, item_at) for trigger in self.clock.stops)
        return Heard(starts, stops, self.spec.heard.names)

    def _start(self, trigger: TriggerDef, item_at: ItemAt) -> Trigger:
        """A clock that not every case has (``optional``) does not start where nothing limits it."""
        plain = _trigger(trigger, item_at)
        if not self.clock.part.optional:
            return plain

        def limited(event: CaseEvent) -> bool | None:
            terms = self._terms(event, item_at(event))
            stated = terms.stated is not None and event.data.get(terms.stated) is not None
            return (terms.limit is not None or stated) and (plain.where is None or plain.where(event))

        return Trigger(trigger.event, limited)

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


def _setting(book: Rulebook, clock: ClockDef, context: Context) -> Setting:
    part = clock.part
    calendar = context.calendars.get(part.calendar or book.part.calendar or context.calendar)
    spec = ClockSpec(
        name=clock.name,
        of=part.of,
        starts=tuple(Trigger(trigger.event) for trigger in clock.starts),
        stops=tuple(Trigger(trigger.event) for trigger in clock.stops),
        counting=part.counting,
        by=part.by,
        pauses=_pauses(clock),
        extends=_extends(clock),
        title=part.title.model_dump(),
    )
    conditional = part.optional or any(trigger.holds is not None for trigger in (*clock.starts, *clock.stops))
    begins_with = frozenset(trigger.event for trigger in clock.starts)
    stated = part.due.rpartition(".")[2] if part.due else None
    return Setting(book, clock, calendar, spec, conditional, begins_with, tuple(map(_source, part.limit)), stated)


def _source(limit: str) -> tuple[str, str]:
    head, dot, name = limit.partition(".")
    return (head, name) if dot and head in {"event", "item", "param"} else ("", limit)


def _pauses(clock: ClockDef) -> Pauses | None:
    part = clock.part.pauses
    if part is None or clock.pauses is None:
        return None
    begins, ends = (_trigger(trigger, _no_item) for trigger in clock.pauses)
    return Pauses(begins, ends, part.cap == "approved", lawful.suspension if part.only_if == "lawful" else None)


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
    return Trigger(trigger.event, _condition(holds, item_at) if holds is not None else None)


def _condition(holds: Truth, item_at: ItemAt) -> Callable[[CaseEvent], bool | None]:
    return lambda event: holds(EventEnv(event, item_at(event)), None)


@lru_cache(maxsize=4096)
def _quantity(text: str) -> Quantity | None:
    try:
        return Quantity.parse(text)
    except ValueError:
        return None
