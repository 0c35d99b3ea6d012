"""What the rules of one group read: which clocks, which thresholds on them, which windows, and whether events matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rules.language import Program, TimeTest
from rules.language.nodes import Call, path_of, subjects
from rules.rule import Rule
from rules.windows import WINDOWS


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """The sources of change for a group of rules: between two of their instants every condition keeps its truth."""

    clocks: tuple[str, ...]
    time_tests: tuple[TimeTest, ...]
    windows: tuple[str, ...]
    reads_events: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The rules of one rulebook about one clock of one kind of case ("" for those that read no clock)."""

    name: str
    of: str
    clock: str
    rules: tuple[Rule, ...]
    plan: ReadingPlan


def groups_of(rules: Sequence[Rule], program: Program) -> tuple[Group, ...]:
    """Return the rules by group, each with its reading plan."""
    names = dict.fromkeys(rule.group for rule in rules)
    found = []
    for name in names:
        own = tuple(rule for rule in rules if rule.group == name)
        found.append(Group(name, own[0].part.of, own[0].clock, own, _plan(own, program)))
    return tuple(found)


def _plan(rules: Sequence[Rule], program: Program) -> ReadingPlan:
    read = [subject for rule in rules for subject in subjects(rule.when)]
    paths = [path_of(subject) for subject in read]
    clocks = dict.fromkeys(path[1] for path in paths if path[0] == "clock")
    windows = dict.fromkeys(arg for s in read if isinstance(s, Call) for arg in s.args if arg in WINDOWS)
    tests = dict.fromkeys(test for rule in rules for test in program.time_tests(rule.id))
    events = any(path[0] not in {"clock", "param", "item"} for path in paths)
    return ReadingPlan(tuple(clocks), tuple(tests), tuple(windows), events)
