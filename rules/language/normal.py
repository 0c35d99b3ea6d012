"""Brings a condition into branches, sets of tests that hold together: some say when it is true, some when it is false.

Kleene's tables, structurally: a leaf with a missing operand passes neither its true nor its false tests, so a subject
that passes no branch of either set is undetermined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from rules.language.nodes import And, Leaf, Node, Not, Or
from rules.language.values import Plain

SELF: Final = ""
"""The alias of the judged subject; no binding can have this name."""


@dataclass(frozen=True, slots=True)
class FieldTest:
    """``alias.field op value``."""

    alias: str
    field: str
    op: str
    value: Plain


@dataclass(frozen=True, slots=True)
class JoinTest:
    """``alias.field op other.other_field``; ``alias`` is bound after ``other``."""

    alias: str
    field: str
    op: str
    other: str
    other_field: str


@dataclass(frozen=True, slots=True)
class FoundTest:
    """Another rule was found true (or false) for the same subject."""

    rule: str
    truth: bool


Test: TypeAlias = FieldTest | JoinTest | FoundTest
Branch: TypeAlias = frozenset[Test]
Branches: TypeAlias = tuple[Branch, ...]
Lower: TypeAlias = Callable[[Leaf], tuple[Branches, Branches]]

ALWAYS: Final[Branches] = (frozenset(),)
NEVER: Final[Branches] = ()
MAX_PRODUCT: Final = 2_000


class TooMany(Exception):
    """The condition falls apart into too many branches."""


def true_branches(node: Node, lower: Lower) -> Branches:
    """Return the branches of which one holds exactly when the condition is true."""
    match node:
        case And(parts):
            return conjoin([true_branches(part, lower) for part in parts])
        case Or(parts):
            return disjoin(true_branches(part, lower) for part in parts)
        case Not(part):
            return false_branches(part, lower)
        case _:
            return lower(node)[0]


def false_branches(node: Node, lower: Lower) -> Branches:
    """Return the branches of which one holds exactly when the condition is false."""
    match node:
        case And(parts):
            return disjoin(false_branches(part, lower) for part in parts)
        case Or(parts):
            return conjoin([false_branches(part, lower) for part in parts])
        case Not(part):
            return true_branches(part, lower)
        case _:
            return lower(node)[1]


def conjoin(sets: Sequence[Branches]) -> Branches:
    """Return the branches that hold when one branch of each set holds."""
    product: Branches = ALWAYS
    for branches in sets:
        if len(product) * len(branches) > MAX_PRODUCT:
            raise TooMany
        product = simplified(one | other for one in product for other in branches)
    return product


def disjoin(sets: Iterable[Branches]) -> Branches:
    """Return the branches that hold when a branch of any set holds."""
    return simplified(branch for branches in sets for branch in branches)


def simplified(branches: Iterable[Branch]) -> Branches:
    """Drop branches that contradict themselves and those that say no more than a shorter one."""
    kept: list[Branch] = []
    for branch in sorted(set(branches), key=lambda b: (len(b), sorted(map(repr, b)))):
        if not _contradicts(branch) and not any(shorter <= branch for shorter in kept):
            kept.append(branch)
    return tuple(kept)


def _contradicts(branch: Branch) -> bool:
    """Say whether no value can pass all tests of the branch (as far as equalities and findings tell)."""
    fields = [test for test in branch if isinstance(test, FieldTest)]
    equal: dict[tuple[str, str], Plain] = {}
    for test in fields:
        if test.op == "==" and equal.setdefault((test.alias, test.field), test.value) != test.value:
            return True
    if any(test.op == "!=" and equal.get((test.alias, test.field)) == test.value for test in fields):
        return True
    return any(FoundTest(test.rule, not test.truth) in branch for test in branch if isinstance(test, FoundTest))
