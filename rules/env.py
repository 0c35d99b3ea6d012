"""The values that a condition reads: one case at one instant, seen from one clock instance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from rules.clocks import ClockRun, ClockState, Measure
from rules.facts import CaseEvent, ItemVersion, Value
from rules.quantities import Quantity
from rules.rulebook import Rulebook
from rules.vocabulary.base import all_words
from rules.view import View

EnvValue: TypeAlias = Value | Fraction | Quantity
Runs: TypeAlias = Mapping[str, Sequence[ClockRun]]


FLAGS = frozenset({"instant"})
"""Attributes that an item has only where its version says so."""


def item_value(item: ItemVersion | None, name: str) -> EnvValue:
    """Return what the item's version says: a limit as a quantity, any other attribute as it is; None if it is silent."""
    if item is None:
        return None
    if name == "code":
        return item.code
    if name == "name":
        return item.name
    if name in item.limits:
        return Quantity.parse(item.limits[name])
    return item.data.get(name, False if name in FLAGS else None)


@dataclass(frozen=True, slots=True)
class RuleEnv:
    """What a rule reads (the language's ``Env``): the case's view, its clock runs, the item frozen at the clock's start."""

    view: View
    book: Rulebook
    runs: Runs
    clock: str
    main: ClockRun | None
    item: ItemVersion | None
    started_on: dt.date

    def value(self, path: tuple[str, ...]) -> EnvValue:
        """Return the value of a word, None if it is missing."""
        head = path[0]
        if head == "clock":
            return self._clock_value(path[1], path[2])
        if head == "param":
            return self.book.parameter(path[1], self.started_on)
        if head == "item":
            return item_value(self.item, path[1])
        found = all_words().words.get(path)
        if found is not None and found.read is not None:
            return found.read(self.view)
        return self.view.attributes.get(path[-1])

    def call(self, name: str, args: tuple[str, ...], rest: tuple[str, ...]) -> EnvValue:
        """Return the value of a call."""
        return all_words().calls[name][1](self.view, args, rest)

    def elapsed(self, path: tuple[str, ...], op: str, threshold: Quantity | Fraction) -> bool | None:
        """Compare a measure of a clock with a threshold; a clock that has not started has used nothing."""
        run = self.run(path[1])
        if run is None:
            return False
        return run.test(Measure(path[2]), op, threshold, self.view.at)

    def collection(self, path: tuple[str, ...]) -> Sequence[Mapping[str, Value]] | None:
        """Return the rows of a collection word."""
        found = all_words().words.get(path)
        return found.rows(self.view) if found is not None and found.rows is not None else None

    def run(self, clock: str) -> ClockRun | None:
        """Return the run that the rule is about, else the latest run of another clock that has started by now."""
        if clock == self.clock:
            return self.main
        started = [run for run in self.runs.get(clock, ()) if run.started_at <= self.view.at]
        return started[-1] if started else None

    def _clock_value(self, clock: str, word: str) -> EnvValue:
        run = self.run(clock)
        reading = run.reading(self.view.at) if run is not None else None
        if reading is None:
            return None if word.endswith("_at") else False
        if word == "over":
            return reading.over
        if word == "due_at":
            return reading.due_at
        if word == "started_at":
            return reading.started_at
        if word == "stopped_at":
            return reading.stopped_at
        stopped = reading.state is ClockState.STOPPED
        return {
            "started": True,
            "stopped": stopped,
            "suspended": reading.state is ClockState.SUSPENDED,
            "running": not stopped,
        }[word]


@dataclass(frozen=True, slots=True)
class EventEnv:
    """What a trigger's condition reads: one event and the item of its case."""

    event: CaseEvent
    item: ItemVersion | None

    def value(self, path: tuple[str, ...]) -> EnvValue:
        """Return an attribute of the event or of the item."""
        if path[0] == "item":
            return item_value(self.item, path[1])
        return self.event.data.get(path[-1])

    def call(self, name: str, args: tuple[str, ...], rest: tuple[str, ...]) -> EnvValue:
        """A condition on one event calls nothing."""
        return None

    def elapsed(self, path: tuple[str, ...], op: str, threshold: Quantity | Fraction) -> bool | None:
        """A condition on one event measures no clock."""
        return None

    def collection(self, path: tuple[str, ...]) -> Sequence[Mapping[str, Value]] | None:
        """A condition on one event has no collections."""
        return None
