"""Sets the clocks of a rulebook to a case: triggers with their conditions, limits from item and event, lawfulness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rules import lawful
from rules.calendars import Calendar
from rules.clocks import ClockRun, ClockSpec, Extends, Pauses, Terms, Trigger, run_clock
from rules.context import Context
from rules.env import EventEnv, Runs, item_value
from rules.facts import Case, CaseEvent, ItemVersion
from rules.language.terms import Truth
from rules.quantities import Quantity
from rules.rule import ClockDef, TriggerDef
from rules.rulebook import Rulebook


def clock_runs(
    book: Rulebook, case: Case, context: Context, item_at: Callable[[CaseEvent], ItemVersion | None]
) -> Runs:
    """Return the runs of every clock of the rulebook that is about this kind of case, by the clock's name."""
    runs = {}
    for name, clock in book.clocks.items():
        if clock.part.of == case.kind:
            runs[name] = _Setting(book, clock, context, item_at).runs(case)
    return runs


@dataclass(frozen=True, slots=True)
class _Setting:
    """One clock of one rulebook, set to the cases of one context."""

    book: Rulebook
    clock: ClockDef
    context: Context
    item_at: Callable[[CaseEvent], ItemVersion | None]

    def runs(self, case: Case) -> tuple[ClockRun, ...]:
        if not any(event.name == trigger.event for event in case.events for trigger in self.clock.starts):
            return ()
        return run_clock(self._spec(), case.events, self._terms)

    def _spec(self) -> ClockSpec:
        part = self.clock.part
        return ClockSpec(
            name=self.clock.name,
            of=part.of,
            starts=tuple(self._start(trigger) for trigger in self.clock.starts),
            stops=tuple(self._trigger(trigger) for trigger in self.clock.stops),
            counting=part.counting,
            by=part.by,
            pauses=self._pauses(),
            extends=self._extends(),
            title=part.title.model_dump(),
        )

    def _pauses(self) -> Pauses | None:
        part = self.clock.part.pauses
        if part is None or self.clock.pauses is None:
            return None
        begins, ends = self.clock.pauses
        judge = lawful.suspension if part.only_if == "lawful" else None
        return Pauses(self._trigger(begins), self._trigger(ends), part.cap == "approved", judge)

    def _extends(self) -> Extends | None:
        part = self.clock.part.extends
        if part is None or self.clock.extends is None:
            return None
        return Extends(self._trigger(self.clock.extends), lawful.extension if part.only_if == "lawful" else None)

    def _trigger(self, trigger: TriggerDef) -> Trigger:
        return Trigger(trigger.event, self._condition(trigger.holds) if trigger.holds is not None else None)

    def _start(self, trigger: TriggerDef) -> Trigger:
        """A clock that not every case has (``optional``) does not start where nothing limits it."""
        if not self.clock.part.optional:
            return self._trigger(trigger)
        narrowed = self._condition(trigger.holds) if trigger.holds is not None else None

        def limited(event: CaseEvent) -> bool | None:
            terms = self._terms(event)
            stated = terms.stated is not None and event.data.get(terms.stated) is not None
            return (terms.limit is not None or stated) and (narrowed is None or narrowed(event))

        return Trigger(trigger.event, limited)

    def _condition(self, holds: Truth) -> Callable[[CaseEvent], bool | None]:
        return lambda event: holds(EventEnv(event, self.item_at(event)), None)

    def _terms(self, event: CaseEvent) -> Terms:
        part = self.clock.part
        item = self.item_at(event)
        limits = (self._limit(source, event, item) for source in part.limit)
        return Terms(
            limit=next((limit for limit in limits if limit is not None), None),
            calendar=self._calendar(),
            stated=part.due.rpartition(".")[2] if part.due else None,
            item=item.code if item else "",
        )

    def _calendar(self) -> Calendar:
        return self.context.calendars.get(self.clock.part.calendar or self.book.part.calendar or self.context.calendar)

    def _limit(self, source: str, event: CaseEvent, item: ItemVersion | None) -> Quantity | None:
        """Return the limit that one source gives: the event, the item (per key for ``by``), a parameter, or a quantity."""
        head, _, name = source.partition(".")
        value: object
        if head == "event":
            value = event.data.get(name)
        elif head == "item":
            key = event.data.get(self.clock.part.by) if self.clock.part.by else None
            value = item_value(item, f"{name}.{key}" if key is not None else name)
        elif head == "param":
            value = self.book.parameter(name, self._calendar().on(event.occurred_at or 0))
        else:
            value = source
        if isinstance(value, Quantity):
            return value
        return _quantity(value) if isinstance(value, str) else None


def _quantity(text: str) -> Quantity | None:
    try:
        return Quantity.parse(text)
    except ValueError:
        return None
