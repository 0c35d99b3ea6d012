"""Sets the clocks of a rulebook to a case: triggers with their conditions, limits from item and event, lawfulness."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Final, TypeAlias

from rules import lawful
from rules.calendars import Calendar
from rules.clockruns import NOUGHT
from rules.clocks import Around, ClockRun, ClockSpec, Extends, Measure, Pauses, Places, Terms, Trigger, run_clock
from rules.context import Context
from rules.env import EventEnv, Runs, item_value
from rules.facts import Case, CaseEvent, Instant, ItemVersion
from rules.language.terms import Truth
from rules.quantities import Quantity
from rules.rule import ClockDef, TriggerDef
from rules.rulebook import Rulebook

ItemAt: TypeAlias = Callable[[CaseEvent], ItemVersion | None]
Where: TypeAlias = Callable[[CaseEvent, Around], bool | None]
Source: TypeAlias = Callable[[CaseEvent, ItemVersion | None], Quantity | None]

KEPT: Final = 5_000
"""So many sets of events are remembered with the clocks that they can start."""


class CaseClocks:
    """The clocks of one rulebook in one case, each run once; what triggers may ask of the case (``Around``)."""

    __slots__ = ("_case", "_item_at", "_places", "_settings", "runs")

    def __init__(self, own: Mapping[str, Setting], case: Case, places: Places, item_at: ItemAt) -> None:
        self._settings, self._case, self._places, self._item_at = own, case, places, item_at
        self.runs: dict[str, tuple[ClockRun, ...]] = {}

    def runs_of(self, clock: str) -> tuple[ClockRun, ...]:
        """Return the runs of a clock."""
        found = self.runs.get(clock)
        if found is None:
            found = self.runs[clock] = self._settings[clock].runs(self._case, self._places, self)
        return found

    def item_at(self, event: CaseEvent) -> ItemVersion | None:
        """Return the version of the item that is in force where an event happened."""
        return self._item_at(event)

    def over_at(self, clock: str, event: CaseEvent) -> Instant | None:
        """Return when the run of a clock that this event started ran over, None if it did not."""
        runs = (run for run in self.runs_of(clock) if run.start_event.event_id == event.event_id)
        run = next(runs, None)
        found = run.crossings(Measure.OVER, "", NOUGHT) if run is not None else ()
        return found[0] if found else None


def clock_runs(context: Context, case: Case, places: Places, item_at: ItemAt) -> dict[str, Runs]:
    """Return by rulebook the runs of every clock that has started in this case, by the clock's name.

    ``places`` are those of the case's events.
    """
    found: dict[str, Runs] = {}
    for label, own, wanted in _wanted(context, case.kind, frozenset(places)):
        clocks = CaseClocks(own, case, places, item_at)
        for name in wanted:
            clocks.runs_of(name)
        found[label] = clocks.runs
    return found


Wanted: TypeAlias = tuple[tuple[str, Mapping[str, "Setting"], tuple[str, ...]], ...]


def _wanted(context: Context, kind: str, happened: frozenset[str]) -> Wanted:
    """Return for each rulebook its clocks, and those that can have started in a case with these events."""
    known: object = context.prepared.setdefault("wanted clocks", {})
    kept: dict[tuple[str, frozenset[str]], Wanted] = known  # type: ignore[assignment]  # as of ``settings``
    found = kept.get((kind, happened))
    if found is None:
        if len(kept) >= KEPT:
            kept.clear()
        every = [(book.label, settings(book, context).get(kind, {})) for book in context.books.books]
        found = kept[kind, happened] = tuple(
            (label, own, tuple(name for name, setting in own.items() if setting.wanted(happened)))
            for label, own in every
        )
    return found


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
    """One clock of one rulebook with what does not depend on the case. ``begins_with`` are the events that start it."""

    clock: ClockDef
    spec: ClockSpec
    allowance: Allowance
    begins_with: frozenset[str]

    def wanted(self, happened: Collection[str]) -> bool:
        """Say whether the clock can have started in a case with these events, and is asked for by one of them."""
        asks = all(any(need[0] in happened for need in needs) for needs in self.clock.asks)
        return asks and not self.begins_with.isdisjoint(happened)

    def runs(self, case: Case, places: Places, around: Around) -> tuple[ClockRun, ...]:
        """Return the runs of this clock in a case, of which ``around`` knows the item and the other clocks."""
        terms, item_at = self.allowance.terms, around.item_at
        return run_clock(self.spec, case.events, lambda event: terms(event, item_at(event)), around, places)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Where a clock's limit is looked for: the first of its ``sources`` that gives one for the event that starts it.

    ``stated`` names the attribute in which events state the due instant.
    """

    calendar: Calendar
    sources: tuple[Source, ...]
    stated: str | None

    def terms(self, event: CaseEvent, item: ItemVersion | None) -> Terms:
        """Return the terms of an instance that an event starts."""
        return Terms(self._first_limit(event, item), self.calendar, self.stated, item.code if item else "")

    def limits(self, event: CaseEvent, item: ItemVersion | None) -> bool:
        """Say whether anything limits the instance that an event would start."""
        stated = self.stated is not None and event.data.get(self.stated) is not None
        return stated or self._first_limit(event, item) is not None

    def _first_limit(self, event: CaseEvent, item: ItemVersion | None) -> Quantity | None:
        for source in self.sources:
            limit = source(event, item)
            if limit is not None:
                return limit
        return None


def _setting(book: Rulebook, clock: ClockDef, context: Context) -> Setting:
    part = clock.part
    calendar = context.calendars.get(part.calendar or book.part.calendar or context.calendar)
    stated = part.due.rpartition(".")[2] if part.due else None
    allowance = Allowance(calendar, tuple(_source(limit, book, part.by, calendar) for limit in part.limit), stated)
    spec = ClockSpec(
        name=clock.name,
        of=part.of,
        starts=tuple(_start(trigger, allowance if part.optional else None) for trigger in clock.starts),
        stops=tuple(map(_trigger, clock.stops)),
        counting=part.counting,
        by=part.by,
        pauses=_pauses(clock, context),
        extends=_extends(clock),
        intake=part.intake,
        title=part.title.model_dump(),
    )
    return Setting(clock, spec, allowance, frozenset(trigger.event for trigger in clock.starts))


# ── where a limit comes from ───────────────────────────────────────────────────────────────────


def _source(limit: str, book: Rulebook, by: str | None, calendar: Calendar) -> Source:
    """Return how a limit is read: from the event, the item (per key for ``by``), a parameter, or as a quantity."""
    head, dot, name = limit.partition(".")
    match head if dot else "":
        case "event":
            return lambda event, _: _length(event.data.get(name))
        case "item":
            return lambda event, item: _length(item_value(item, _keyed(name, event.data.get(by) if by else None)))
        case "param":
            return lambda event, _: _length(book.parameter(name, calendar.on(event.occurred_at or 0)))
    fixed = _length(limit)
    return lambda *_: fixed


def _keyed(name: str, key: object) -> str:
    return name if key is None else f"{name}.{key}"


def _length(value: object) -> Quantity | None:
    if isinstance(value, Quantity):
        return value
    return _quantity(value) if isinstance(value, str) else None


# ── what starts and stops a clock ──────────────────────────────────────────────────────────────


def _trigger(trigger: TriggerDef) -> Trigger:
    return Trigger(trigger.event, _condition(trigger.holds), trigger.unless)


def _condition(holds: Truth | None) -> Where | None:
    return None if holds is None else lambda event, around: holds(EventEnv(event, around.item_at(event)), None)


def _start(trigger: TriggerDef, allowance: Allowance | None) -> Trigger:
    """Return a start; a clock that not every case has (``allowance``) does not start where nothing limits it."""
    plain = _deemed(trigger, _trigger(trigger)) if trigger.deemed else _trigger(trigger)
    if allowance is None:
        return plain
    limits, where = allowance.limits, plain.where

    def limited(event: CaseEvent, around: Around) -> bool | None:
        return limits(event, around.item_at(event)) and (where is None or where(event, around))

    return replace(plain, where=limited)


def _deemed(trigger: TriggerDef, plain: Trigger) -> Trigger:
    """Return a start that holds only where the clock which it names, started by the same event, ran over."""
    clock, where = trigger.deemed, plain.where

    def holds(event: CaseEvent, around: Around) -> bool | None:
        return around.over_at(clock, event) is not None and (where is None or where(event, around))

    return replace(plain, where=holds, known_at=lambda event, around: around.over_at(clock, event) or 0)


def _pauses(clock: ClockDef, context: Context) -> Pauses | None:
    part = clock.part.pauses
    if part is None or clock.pauses is None:
        return None
    begins, ends = map(_of_event_alone, clock.pauses)
    statutory = partial(lawful.suspension, reasons=context.reasons)
    return Pauses(begins, ends, part.cap == "approved", statutory if part.only_if == "lawful" else None)


def _extends(clock: ClockDef) -> Extends | None:
    part = clock.part.extends
    if part is None or clock.extends is None:
        return None
    return Extends(_of_event_alone(clock.extends), lawful.extension if part.only_if == "lawful" else None)


def _of_event_alone(trigger: TriggerDef) -> Trigger:
    """Suspensions and extensions ask nothing of the item."""
    holds = trigger.holds
    where = None if holds is None else lambda event, _: holds(EventEnv(event, None), None)
    return Trigger(trigger.event, where, trigger.unless)


@lru_cache(maxsize=4096)
def _quantity(text: str) -> Quantity | None:
    try:
        return Quantity.parse(text)
    except ValueError:
        return None
