"""A compiled program: how subjects and register rows are projected, and the plan by which the engine judges them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from rules.facts import Value
from rules.language.checking import resolve, scope_of
from rules.language.nodes import (
    MIRRORED,
    Compare,
    Constant,
    Each,
    Finding,
    Leaf,
    Node,
    Operand,
    SourceRule,
    Subject,
    Word,
    leaves,
    path_of,
    subjects,
    written,
)
from rules.language.projection import GAP, Columns, Fact, Projector, row_type
from rules.language.terms import Terms, reader
from rules.language.types import Env, Type, Vocabulary
from rules.plan import Plan
from rules.quantities import Quantity


@dataclass(frozen=True, slots=True)
class TimeTest:
    """A comparison of a clock measure with a threshold: the instants at which it changes are computed from it."""

    path: tuple[str, ...]
    op: str
    threshold: Operand


@dataclass(frozen=True, slots=True)
class Fetch:
    """How rows that a batch can need are found: the register's ``column`` equals ``source_column`` of ``source``."""

    register: str
    column: str
    source: str
    source_column: str


@dataclass(frozen=True, slots=True)
class Program:
    """Rules ready to judge; made by ``compile_rules``."""

    plan: Plan
    sources: Mapping[str, SourceRule]
    vocabulary: Vocabulary
    projectors: Mapping[str, Projector]
    row_columns: Mapping[str, Columns]
    fetches: tuple[Fetch, ...]

    @property
    def version(self) -> str:
        """The hash of everything that decides a result: equal versions judge equally."""
        return self.plan.version

    @property
    def groups(self) -> tuple[str, ...]:
        """The types of fact, in the order of their first rule."""
        return tuple(self.projectors)

    def rules(self, group: str) -> tuple[str, ...]:
        """Return the ids of the rules that judge one type of fact."""
        return tuple(rule_id for rule_id, rule in self.sources.items() if rule.group == group)

    def project(self, group: str, env: Env) -> Fact:
        """Return one subject at one instant as the engine gets it: ``t`` and plain columns, nothing that is missing."""
        return self.projectors[group].project(env)

    def project_row(self, register: str, row: Mapping[str, Value]) -> Fact:
        """Return one row of a register as the engine gets it."""
        fact: Fact = {"t": row_type(register)}
        for name, column in self.row_columns[register].readers.items():
            value = column(_NO_ENV, row)
            if value is None:
                fact[GAP] = 1
            else:
                fact[name] = value
        return fact

    def time_tests(self, rule_id: str) -> tuple[TimeTest, ...]:
        """Return the rule's comparisons of clock measures with thresholds, the measure on the left."""
        rule = self.sources[rule_id]
        found = (self._time_test(leaf, rule) for node in _conditions(rule) for leaf in _all_leaves(node))
        return tuple(dict.fromkeys(test for test in found if test is not None))

    def _time_test(self, leaf: Leaf, rule: SourceRule) -> TimeTest | None:
        if not isinstance(leaf, Compare):
            return None
        if self._type(leaf.left, rule) is Type.ELAPSED:
            return TimeTest(path_of(leaf.left), leaf.op, leaf.right)
        if not isinstance(leaf.right, Constant) and self._type(leaf.right, rule) is Type.ELAPSED:
            return TimeTest(path_of(leaf.right), MIRRORED[leaf.op], leaf.left)
        return None

    def words(self, rule_id: str) -> frozenset[tuple[str, ...]]:
        """Return the paths that a rule reads; a call is one step, as in ``('event(accepted)', 'officer')``."""
        rule = self.sources[rule_id]
        read = {subject for node in _conditions(rule) for subject in subjects(node)}
        return frozenset(path_of(subject) for subject in read if not _is_given(subject, rule))

    def missing(self, rule_id: str, env: Env) -> tuple[str, ...]:
        """Return the atoms of a rule that are unknown for a subject, as written: why it is undetermined."""
        rule = self.sources[rule_id]
        terms = Terms(self.vocabulary, scope_of(rule.givens, self.vocabulary))
        asked = [
            leaf
            for leaf in leaves(rule.when)
            if not isinstance(leaf, Finding) and not any(_is_given(subject, rule) for subject in subjects(leaf))
        ]
        return tuple(dict.fromkeys(written(leaf) for leaf in asked if terms.truth(leaf)(env, None) is None))

    def evidence(self, rule_id: str, env: Env) -> dict[str, Value]:
        """Return the plain words of a rule's condition with the values that they have for a subject."""
        rule = self.sources[rule_id]
        found: dict[str, Value] = {}
        for subject in subjects(rule.when):
            hidden = {Type.COLLECTION, Type.ELAPSED, Type.RECORD}
            if not _is_given(subject, rule) and self._type(subject, rule) not in hidden:
                value = reader(subject)(env, None)
                found[written(subject)] = str(value) if isinstance(value, Fraction | Quantity) else value
        return found

    def _type(self, subject: Subject, rule: SourceRule) -> Type | None:
        info = resolve(subject, self.vocabulary, scope_of(rule.givens, self.vocabulary))
        return None if info is None else info.type


def _conditions(rule: SourceRule) -> tuple[Node, ...]:
    return (*(given.where for given in rule.givens.values()), rule.when)


def _all_leaves(node: Node) -> Iterator[Leaf]:
    for leaf in leaves(node):
        yield leaf
        if isinstance(leaf, Each):
            yield from _all_leaves(leaf.condition)


def _is_given(subject: Subject, rule: SourceRule) -> bool:
    return isinstance(subject, Word) and subject.path[0] in rule.givens


class _NoEnv:
    """Stands where a register row is projected: a row knows no subject."""

    def value(self, path: tuple[str, ...]) -> None:
        return None

    def call(self, name: str, args: tuple[str, ...], rest: tuple[str, ...]) -> None:
        return None

    def elapsed(self, path: tuple[str, ...], op: str, threshold: Quantity | Fraction) -> None:
        return None

    def collection(self, path: tuple[str, ...]) -> Sequence[Mapping[str, Value]] | None:
        return None


_NO_ENV = cast("Env", _NoEnv())
