"""A rule and a clock as loaded: conditions parsed, consequences resolved, places kept for messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rules.asking import Asks
from rules.language import Given, Node
from rules.language.nodes import Subject, path_of, subjects
from rules.language.terms import Truth
from rules.policy import Policy
from rules.problems import Place
from rules.schema import ClockPart, RulePart


@dataclass(frozen=True, slots=True)
class TriggerDef:
    """An event that a clock waits for, with the condition that narrows it, ready to be asked."""

    event: str
    holds: Truth | None = None
    unless: tuple[str, ...] = ()
    deemed: str = ""


@dataclass(frozen=True, slots=True)
class ClockDef:
    """A clock of a rulebook with its triggers parsed; what it counts is resolved per case from item and events."""

    name: str
    part: ClockPart
    starts: tuple[TriggerDef, ...]
    stops: tuple[TriggerDef, ...]
    pauses: tuple[TriggerDef, TriggerDef] | None
    extends: TriggerDef | None
    asks: Asks = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One supervision point of a rulebook: its parsed condition, its consequences, and the clock that it is about.

    ``asks`` is what a source has to report for the rule to be asked of a case: each need by its alternatives.
    ``against`` names the unit at fault, None for the unit of the case.
    """

    id: str
    part: RulePart
    policy: Policy
    when: Node
    givens: Mapping[str, Given]
    clock: str
    group: str
    place: Place
    placeholders: tuple[str, ...] = ()
    asks: Asks = ()
    against: Subject | None = None
    reads: tuple[tuple[str, Subject], ...] = field(init=False, default=(), compare=False)

    def __post_init__(self) -> None:
        """Note each word of the condition as it is written."""
        found = {".".join(path_of(subject)): subject for subject in subjects(self.when)}
        object.__setattr__(self, "reads", tuple(found.items()))
