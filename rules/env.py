"""The values that a condition reads: one case at one instant, seen from one clock instance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from msgspec import Struct

from rules.clockruns import NOUGHT
from rules.clocks import ClockRun, ClockState, Measure, Phase, Reading
from rules.facts import CaseEvent, Instant, ItemVersion, Value
from rules.quantities import Quantity
from rules.rhythm import rhythm
from rules.rulebook import Rulebook
from rules.view import View
from rules.vocabulary.base import all_words, reader_of, rows_of
from rules.words import REMARKED

EnvValue: TypeAlias = Value | Fraction | Quantity
Runs: TypeAlias = Mapping[str, Sequence[ClockRun]]


VALUES: Final = frozenset({"stopped_share", "rhythm", "key"})
"""Words of a clock that have a value rather than a truth."""
FLAGS: Final = frozenset({"instant"})
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
    if name == "steps_total":
        return steps_total(item)
    return item.data.get(name, False if name in FLAGS else None)


def steps_total(item: ItemVersion) -> Quantity | None:
    """Return the sum of the limits of an item's steps; None if it publishes none, or in different units."""
    steps = [Quantity.parse(text) for name, text in item.limits.items() if name.startswith("step.")]
    if len({step.unit for step in steps}) != 1:
        return None
    return Quantity(sum((step.amount for step in steps), Fraction(0)), steps[0].unit)


class Outlook(Struct, frozen=True, gc=False):
    """What a frame reads besides the view: its rulebook, the runs of the case, the run it is about, the frozen item."""

    book: Rulebook
    runs: Runs
    clock: str
    main: ClockRun | None
    item: ItemVersion | None
    started_on: dt.date


class RuleEnv:
    """What a rule reads at one instant (the language's ``Env``)."""

    __slots__ = ("outlook", "view")

    def __init__(self, view: View, outlook: Outlook) -> None:
        self.view = view
        self.outlook = outlook

    def value(self, path: tuple[str, ...]) -> EnvValue:
        """Return the value of a word, None if it is missing."""
        head = path[0]
        if head == "clock":
            return self._clock_value(path[1], path[2])
        if head == "param":
            return self.outlook.book.parameter(path[1], self.outlook.started_on)
        if head == "item":
            return item_value(self.outlook.item, path[1])
        return reader_of(path)(self.view)

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
        rows = rows_of(path)
        return rows(self.view) if rows is not None else None

    def run(self, clock: str) -> ClockRun | None:
        """Return the run that the rule is about, else the latest run of another clock that has started by now."""
        outlook = self.outlook
        if clock == outlook.clock:
            return outlook.main
        started = [run for run in outlook.runs.get(clock, ()) if run.started_at <= self.view.at]
        return started[-1] if started else None

    def _clock_value(self, clock: str, word: str) -> EnvValue:
        run, at = self.run(clock), self.view.at
        phase = run.phase(at) if run is not None else None
        if run is None or phase is None:
            return unstarted(word)
        return rhythm(self.outlook.runs.get(clock, ()), run) if word == RHYTHM else clock_word(run, phase, word, at)


RHYTHM: Final = "rhythm"
"""The word for how long the clock usually runs: what its earlier runs teach, so the same throughout a run."""


def unstarted(word: str) -> bool | None:
    """Return what is said of a clock that has not started."""
    return None if word in VALUES or word.endswith("_at") else False


def clock_word(run: ClockRun, phase: Phase, word: str, at: Instant) -> Instant | Fraction | str | bool | None:
    """Return what a clock's word means at an instant within a phase."""
    if word == "over":
        return run.test(Measure.OVER, "", NOUGHT, at)
    if word in REMARKED:
        return run.remarked(REMARKED[word], at)
    if word == "due_at":
        return Reading(run, phase, at).due_at
    if word == "started_at":
        return run.started_at
    if word == "key":
        return run.key
    stopped = phase.state is ClockState.STOPPED
    if word == "stopped_at":
        return run.stopped_at if stopped else None
    if word == "stopped_share":
        return Reading(run, phase, at).used_share if stopped else None
    if word == "suspended":
        return phase.state is ClockState.SUSPENDED
    return {"started": True, "stopped": stopped, "running": not stopped}[word]


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
