"""Writes branches as durable-rules' JSON and deals them into rulesets that stay below the engine's limits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from rules.language.lowering import Lowered
from rules.language.normal import SELF, FieldTest, FoundTest, JoinTest
from rules.language.projection import row_type
from rules.plan import BOOT, FINDING, MAX_PATTERNS, SUBJECT, Shard, finding_mark

MAX_ALIASES: Final = 16
MAX_JOINS: Final = 29
"""Join tests of one pattern: the engine takes 30, and the last one is written twice."""
CAP: Final = 60_000

Json: TypeAlias = "str | int | float | dict[str, Json] | list[Json]"

_OPS: Final = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
_ORDER: Final = {"==": 0, "!=": 1, "<": 2, "<=": 2, ">": 2, ">=": 2}


@dataclass(frozen=True, slots=True)
class Written:
    """A branch ready for a ruleset."""

    name: str
    body: Json
    patterns: int
    registers: frozenset[str]
    needs: frozenset[str]


class TooWide(Exception):
    """A branch joins more facts than the engine can hold together."""


def write(name: str, group: str, branch: Lowered, registers: Mapping[str, str], numbers: Mapping[str, int]) -> Written:
    """Return a branch as JSON; ``registers`` is by binding, ``numbers`` gives a rule id's place in the plan."""
    found = sorted((test for test in branch.tests if isinstance(test, FoundTest)), key=lambda t: (t.rule, t.truth))
    marks = [finding_mark(numbers[test.rule], test.truth) for test in found]
    aliases = {SELF: SUBJECT} | {binding: f"x{index}" for index, binding in enumerate(registers)}
    writer = _Patterns(branch, aliases)
    patterns: list[Json] = [writer.pattern(group, SELF, ["n"] if found else [])]
    patterns += [writer.pattern(row_type(registers[binding]), binding, []) for binding in branch.bound]
    patterns += [_finding(f"f{index}", mark) for index, mark in enumerate(marks)]
    if len(patterns) > MAX_ALIASES or writer.longest > MAX_JOINS:
        raise TooWide
    body: Json = {"all": patterns, "pri": 1, "cap": CAP}
    return Written(name, body, len(patterns), frozenset(registers[b] for b in branch.bound), frozenset(marks))


@dataclass(slots=True)
class _Patterns:
    """Writes the patterns of one branch; ``longest`` is the number of joins of the widest one so far."""

    branch: Lowered
    aliases: Mapping[str, str]
    longest: int = 0

    def pattern(self, type_: str, alias: str, joined: list[str]) -> Json:
        """Return one pattern: the type, equalities before the rest (equal beginnings share nodes), joins last.

        A field that a later pattern joins on must exist (error 311 otherwise), and the last join is written twice: the
        engine reads out of bounds when the last one is false.
        """
        fields = [test for test in self.branch.tests if isinstance(test, FieldTest) and test.alias == alias]
        fields.sort(key=lambda test: (_ORDER[test.op], test.field, test.op, repr(test.value)))
        joins = [test for test in self.branch.tests if isinstance(test, JoinTest)]
        own = [test for test in joins if test.alias == alias]
        own.sort(key=lambda test: (_ORDER[test.op], test.field, test.op, test.other, test.other_field))
        self.longest = max(self.longest, len(own))
        present = {test.other_field for test in joins if test.other == alias} | set(joined)
        links = [_test(test.op, test.field, {self.aliases[test.other]: test.other_field}) for test in own]
        tests: list[Json] = [{"t": type_}, *(_test(test.op, test.field, test.value) for test in fields)]
        tests += [{"$ex": {name: 1}} for name in sorted(present)]
        return {self.aliases[alias]: {"$and": tests + links + links[-1:]}}


def _test(op: str, field: str, value: Json) -> Json:
    return {field: value} if op == "==" else {_OPS[op]: {field: value}}


def _finding(alias: str, mark: str) -> Json:
    link: Json = {"of": {SUBJECT: "n"}}
    return {alias: {"$and": [{"t": FINDING}, {"is": mark}, link, link]}}


def deal(group: str, of_gaps: bool, branches: Iterable[Written]) -> list[Shard]:
    """Return the branches in as few rulesets as the limit on patterns allows."""
    hands: list[list[Written]] = []
    room = 0
    for branch in branches:
        if branch.patterns > room or not hands:
            hands.append([])
            room = MAX_PATTERNS
        hands[-1].append(branch)
        room -= branch.patterns
    return [_shard(group, of_gaps, hand) for hand in hands]


def _shard(group: str, of_gaps: bool, hand: Sequence[Written]) -> Shard:
    ruleset: dict[str, Json] = {branch.name: branch.body for branch in hand}
    ruleset["boot"] = {"all": [{"b": {"$and": [{"t": BOOT}]}}]}
    return Shard(
        group,
        of_gaps,
        json.dumps(ruleset, ensure_ascii=False, separators=(",", ":")),
        tuple(sorted(frozenset().union(*(branch.registers for branch in hand)))),
        tuple(sorted(frozenset().union(*(branch.needs for branch in hand)))),
    )
