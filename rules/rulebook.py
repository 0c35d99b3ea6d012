"""A rulebook as it judges, and all rulebooks under one severity profile."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from rules.documents import Document
from rules.language import Program
from rules.policy import Policy
from rules.reading_plan import Group
from rules.rule import ClockDef, Rule
from rules.schema import RulebookPart
from rules.words import ParameterValue


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A version of a rulebook as it judges: dates, clocks, rules and the program compiled for the engine.

    ``label`` is the pin of a finding, ``name@version``, a correction's ``name@version.revision``; ``eras`` are the dates
    at which parameters change.
    """

    name: str
    version: int
    part: RulebookPart
    document: Document
    parameters: Mapping[str, tuple[tuple[dt.date, ParameterValue], ...]]
    clocks: Mapping[str, ClockDef]
    rules: tuple[Rule, ...]
    groups: tuple[Group, ...]
    show: Mapping[str, tuple[str, ...]]
    program: Program
    eras: tuple[dt.date, ...] = field(init=False, default=(), compare=False)
    label: str = field(init=False, default="", compare=False)

    def __post_init__(self) -> None:
        """Note the label, and the dates at which a parameter gets another value."""
        revision = f".{self.part.revision}" if self.part.revision > 1 else ""
        object.__setattr__(self, "label", f"{self.name}@{self.version}{revision}")
        dates = {begins for values in self.parameters.values() for begins, _ in values}
        object.__setattr__(self, "eras", tuple(sorted(dates)))

    def in_force(self, on: dt.date) -> bool:
        """Say whether this version judges what starts on that date."""
        until = self.part.in_force.until_on
        return self.part.in_force.from_on <= on and (until is None or on < until)

    def era(self, on: dt.date) -> int:
        """Return a number that is the same for all dates on which all parameters have the same values."""
        return bisect_right(self.eras, on)

    def parameter(self, name: str, on: dt.date) -> ParameterValue | None:
        """Return the value of a parameter that is in force on a date, None before its first date."""
        found: ParameterValue | None = None
        for begins, value in self.parameters.get(name, ()):
            if begins <= on:
                found = value
        return found


@dataclass(frozen=True, slots=True)
class Rulebooks:
    """Every loaded rulebook under one severity profile."""

    books: tuple[Rulebook, ...]
    profile: str = "default"
    policies: Mapping[str, Policy] = field(default_factory=dict)

    def kinds(self) -> frozenset[str]:
        """Return the kinds of case that at least one rule or clock is about."""
        rules = {rule.part.of for book in self.books for rule in book.rules}
        return frozenset(rules | {clock.part.of for book in self.books for clock in book.clocks.values()})

    def rule(self, rule_id: str) -> Rule | None:
        """Return the newest version of a rule, None if no book has it."""
        found = [rule for book in sorted(self.books, key=lambda b: b.version) for rule in book.rules]
        return next((rule for rule in reversed(found) if rule.id == rule_id), None)
