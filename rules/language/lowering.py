"""Lowers one rule to branches of the rule engine: patterns over the subject, its bindings and earlier findings.

A rule has three sets. ``true``: it holds. ``false``: it does not. ``open``: something is missing, so it may be neither.
What is open and in none of the others is undetermined (engine.md: three-valued logic is compiled, never assumed).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from rules.language import normal
from rules.language.nodes import (
    MIRRORED,
    OPPOSITE,
    Among,
    And,
    Compare,
    Constant,
    Each,
    Finding,
    Given,
    Holds,
    Leaf,
    Node,
    Op,
    SourceRule,
    Subject,
    Word,
    subjects,
    written,
)
from rules.language.normal import SELF, Branch, Branches, FieldTest, FoundTest, JoinTest
from rules.language.places import At
from rules.language.projection import GAP, Columns
from rules.language.terms import Terms, is_plain
from rules.language.values import Plain
from rules.problems import Problem, UserError

MAX_BRANCHES: Final = 64
MAX_LISTED: Final = 8
"""A longer list becomes one truth of the projection instead of a branch per value."""


@dataclass(frozen=True, slots=True)
class Key:
    """The equality by which a binding's rows are found: ``given.column == other.other_column``."""

    given: str
    column: str
    other: str
    other_column: str
    has_other: str


@dataclass(frozen=True, slots=True)
class Lowered:
    """A branch with what it proves: ``kind`` T(rue), F(alse) or O(pen); ``bound`` are the bindings that have a row."""

    kind: str
    tests: Branch
    bound: tuple[str, ...]


@dataclass(slots=True)
class Lowering:
    """Lowers one rule. ``columns`` collects what has to be projected for the subject and for each register's rows."""

    rule: SourceRule
    terms: Terms
    columns: Columns
    rows: Mapping[str, Columns]
    used: set[str] = field(default_factory=set)
    keys: list[Key] = field(default_factory=list)

    def lower(self, mark: str) -> tuple[Lowered, ...]:
        """Return every branch of the rule; ``mark`` is the column that says that its subject lacks something."""
        wheres = [self._bind(name, given) for name, given in self.rule.givens.items()]
        parts = (*tuple(part for where in wheres for part in where), self.rule.when)
        condition = parts[0] if len(parts) == 1 else And(parts, self.rule.when.at)
        found: dict[Lowered, None] = {}
        for lost, bound, tests in self._shapes():
            found.update(dict.fromkeys(self._shape(condition, lost, bound, tests, mark)))
        return tuple(found)

    def _shape(
        self, condition: Node, lost: frozenset[str], bound: tuple[str, ...], tests: Branch, mark: str
    ) -> Iterator[Lowered]:
        lower = leaf_rule(self, lost)
        guards = [tests]
        if not lost:
            for branch in _limited(normal.true_branches(condition, lower)):
                yield Lowered("T", branch | tests, bound)
            guards = [tests | {FieldTest(SELF, mark, "==", 1)}]
            guards += [tests | {FieldTest(name, GAP, "==", 1)} for name in bound]
        denials = _limited(normal.false_branches(condition, lower))
        for guard in guards:
            yield Lowered("O", guard, bound)
            for branch in denials:
                yield Lowered("F", branch | guard, bound)

    def _shapes(self) -> Iterator[tuple[frozenset[str], tuple[str, ...], Branch]]:
        """Yield every way in which bindings may have a row or lack the key that would find it."""
        for choice in product((True, False), repeat=len(self.keys)):
            lost = frozenset(key.given for key, found in zip(self.keys, choice, strict=True) if not found)
            if any(found and key.other in lost for key, found in zip(self.keys, choice, strict=True)):
                continue
            tests: set[normal.Test] = set()
            for key, found in zip(self.keys, choice, strict=True):
                if found:
                    tests.add(JoinTest(key.given, key.column, "==", key.other, key.other_column))
                elif key.other not in lost:
                    tests.add(FieldTest(key.other, key.has_other, "==", 0))
            bound = tuple(key.given for key in self.keys if key.given not in lost)
            yield lost, bound, frozenset(tests)

    def _bind(self, name: str, given: Given) -> tuple[Node, ...]:
        """Note the key of a binding and return what else its rows have to fulfil."""
        parts = given.where.parts if isinstance(given.where, And) else (given.where,)
        for index, part in enumerate(parts):
            key = self._key(name, part)
            if key is not None:
                self.keys.append(key)
                return parts[:index] + parts[index + 1 :]
        raise UserError([Problem(
            "rule/given", given.at.place, f"Nothing says which row of '{given.register}' is meant by '{name}'.",
            f"未说明“{name}”指登记簿“{given.register}”的哪一行。",
            f"Add an equality, such as '{name}.matter == contact.matter and ...'.",
            f"请加上等式，如“{name}.matter == contact.matter and …”。",
        )])  # fmt: skip

    def _key(self, name: str, part: Node) -> Key | None:
        if not isinstance(part, Compare) or part.op != "==" or isinstance(part.right, Constant):
            return None
        left, right = part.left, part.right
        if self.alias(left) != name:
            left, right = right, left
        earlier = {SELF, *(key.given for key in self.keys)}
        if self.alias(left) != name or self.alias(right) not in earlier or not is_plain(self.terms.type_of(left)):
            return None
        other = self.alias(right)
        column = self.terms.column(right, None if other == SELF else other)
        has_other = self._columns(other).present(right, column)
        return Key(name, self.value(left), other, self.value(right), has_other)

    def alias(self, subject: Subject) -> str:
        """Return the binding that a word belongs to, the subject itself if none."""
        return subject.path[0] if isinstance(subject, Word) and subject.path[0] in self.rule.givens else SELF

    def aliases(self, leaf: Leaf) -> set[str]:
        """Return everything that a leaf speaks of."""
        return {self.alias(subject) for subject in subjects(leaf)} or {SELF}

    def value(self, subject: Subject) -> str:
        """Return the column of a word."""
        alias = self.alias(subject)
        column = self.terms.column(subject, None if alias == SELF else alias)
        return self._note(
            alias, self._columns(alias).value(subject_of(subject, alias), column, self.terms.type_of(subject))
        )

    def truth(self, leaf: Leaf) -> tuple[str, str]:
        """Return (alias, column) of an atom that is decided in the projection."""
        (alias,) = self.aliases(leaf)
        name = None if alias == SELF else alias
        return alias, self._note(alias, self._columns(alias).truth(written(leaf), self.terms.truth(leaf, name)))

    def _columns(self, alias: str) -> Columns:
        return self.columns if alias == SELF else self.rows[self.rule.givens[alias].register]

    def _note(self, alias: str, column: str) -> str:
        if alias == SELF:
            self.used.add(column)
        return column


def _limited(branches: Branches) -> Branches:
    if len(branches) > MAX_BRANCHES:
        raise normal.TooMany
    return branches


def subject_of(subject: Subject, alias: str) -> Subject:
    """Return the word as the row itself knows it, without the name that a rule gave to the row."""
    if alias == SELF or not isinstance(subject, Word):
        return subject
    return Word(subject.path[1:], subject.at)


def leaf_rule(lowering: Lowering, lost: frozenset[str]) -> normal.Lower:
    """Return the function that lowers one leaf; a leaf that speaks of a lost binding is unknown."""

    def lower(leaf: Leaf) -> tuple[Branches, Branches]:
        if lowering.aliases(leaf) & lost:
            return normal.NEVER, normal.NEVER
        return lower_leaf(lowering, leaf)

    return lower


def lower_leaf(lowering: Lowering, leaf: Leaf) -> tuple[Branches, Branches]:
    """Return the branches for true and for false of one leaf."""
    match leaf:
        case Finding(rule):
            return _one(FoundTest(rule, True)), _one(FoundTest(rule, False))
        case Holds(of):
            return _field_pair(lowering.alias(of), lowering.value(of))
        case Compare(_, _, right) if isinstance(right, Constant):
            return _compare(lowering, leaf)
        case Compare() if len(lowering.aliases(leaf)) > 1:
            return _join(lowering, leaf)
        case Among() if is_plain(lowering.terms.type_of(leaf.left)) and len(leaf.items) <= MAX_LISTED:
            return _among(lowering, leaf)
        case _:
            _refuse_mixed(lowering, leaf)
            return _field_pair(*lowering.truth(leaf))


def _compare(lowering: Lowering, leaf: Compare) -> tuple[Branches, Branches]:
    if not is_plain(lowering.terms.type_of(leaf.left)) or not isinstance(leaf.right, Constant):
        return _field_pair(*lowering.truth(leaf))
    alias, column = lowering.alias(leaf.left), lowering.value(leaf.left)
    value = _in_range(lowering, leaf.left, leaf.right)
    return (
        _one(FieldTest(alias, column, leaf.op, value)),
        _one(FieldTest(alias, column, OPPOSITE[leaf.op], value)),
    )


def _among(lowering: Lowering, leaf: Among) -> tuple[Branches, Branches]:
    alias, column = lowering.alias(leaf.left), lowering.value(leaf.left)
    values = [_in_range(lowering, leaf.left, item) for item in leaf.items]
    inside = tuple(frozenset({FieldTest(alias, column, "==", value)}) for value in dict.fromkeys(values))
    outside = (frozenset(FieldTest(alias, column, "!=", value) for value in values),)
    return (outside, inside) if leaf.negated else (inside, outside)


def _join(lowering: Lowering, leaf: Compare) -> tuple[Branches, Branches]:
    """Lower a comparison of two sides that belong to different facts; the later-bound side carries the test."""
    left, op, right = leaf.left, leaf.op, leaf.right
    if (
        isinstance(right, Constant)
        or not is_plain(lowering.terms.type_of(left))
        or not is_plain(lowering.terms.type_of(right))
    ):
        raise _not_between(leaf.at)
    order = [SELF, *lowering.rule.givens]
    if order.index(lowering.alias(left)) < order.index(lowering.alias(right)):
        left, op, right = right, MIRRORED[op], left
    return _one(_join_test(lowering, left, op, right)), _one(_join_test(lowering, left, OPPOSITE[op], right))


def _join_test(lowering: Lowering, left: Subject, op: Op, right: Subject) -> JoinTest:
    return JoinTest(lowering.alias(left), lowering.value(left), op, lowering.alias(right), lowering.value(right))


def _field_pair(alias: str, column: str) -> tuple[Branches, Branches]:
    return _one(FieldTest(alias, column, "==", 1)), _one(FieldTest(alias, column, "==", 0))


def _one(test: normal.Test) -> Branches:
    return (frozenset({test}),)


def _in_range(lowering: Lowering, subject: Subject, constant: Constant) -> Plain:
    value = lowering.terms.constant(subject, constant)
    if value is None:
        raise ValueError(f"{constant.written} was not checked against its word")
    return value


def _refuse_mixed(lowering: Lowering, leaf: Leaf) -> None:
    if len(lowering.aliases(leaf)) > 1 or (isinstance(leaf, Each) and lowering.aliases(leaf) != {SELF}):
        raise _not_between(leaf.at)


def _not_between(at: At) -> UserError:
    return UserError([Problem(
        "rule/given", at.place, "This cannot be asked of a subject and a register row together.",
        "不能同时对对象和登记簿的行这样判断。",
        "Compare two plain values, or ask each side by itself.", "请比较两个普通值，或分别判断。",
    )])  # fmt: skip
