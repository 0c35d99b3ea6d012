"""What can be proved of conditions without looking at a case, by intervals over the thresholds of the same word.

A condition is taken apart into branches: atoms that are true or false together. A branch is impossible if its atoms
leave no value for one of its words. Nothing is guessed: what cannot be proved impossible is possible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import Final, TypeAlias

from rules.language.nodes import (
    MIRRORED,
    OPPOSITE,
    Among,
    And,
    Compare,
    Constant,
    Each,
    Exists,
    Holds,
    Leaf,
    Node,
    Not,
    Op,
    Or,
    TextTest,
    Word,
    path_of,
)
from rules.language.types import Type
from rules.quantities import Quantity, Unit

Resolve: TypeAlias = Callable[[str], "Constant | None"]
"""Gives the value of a parameter as a constant, None if it has none."""

MAX_BRANCHES: Final = 400
MEASURES: Final = frozenset({"used", "left", "over_by"})
RUNNING: Final = frozenset({"used", "left"})
"""Measures that hold only while their clock runs: where one of them is true, every measure of the clock is known."""
_SCALES: Final[Mapping[Unit, tuple[str, int]]] = {
    Unit.MINUTE: ("second", 60), Unit.HOUR: ("second", 3600), Unit.MONTH: ("month", 1), Unit.YEAR: ("month", 12),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Atom:
    """One leaf that is true, or false."""

    leaf: Leaf
    truth: bool


Branch: TypeAlias = frozenset[Atom]


@dataclass(frozen=True, slots=True)
class Bound:
    """``word op value``; ``word`` ends in the unit, so that only like is held against like."""

    word: tuple[str, ...]
    op: Op
    value: Fraction | str


class TooMany(Exception):
    """The condition falls apart into more branches than are looked at."""


def never(node: Node, resolve: Resolve) -> bool:
    """Say whether it is proved that the condition never holds."""
    return _refuted(node, True, resolve)


def always(node: Node, resolve: Resolve) -> bool:
    """Say whether it is proved that the condition is never false: it holds wherever it is known."""
    return _refuted(node, False, resolve)


def implies(one: Node, other: Node, resolve: Resolve) -> bool:
    """Say whether it is proved that wherever ``one`` holds, ``other`` is not false."""
    return never(And((one, Not(other, other.at)), one.at), resolve)


def _refuted(node: Node, truth: bool, resolve: Resolve) -> bool:
    try:
        found = branches(prepared(node, resolve), truth)
    except TooMany:
        return False
    return all(impossible(branch) for branch in found)


def prepared(node: Node, resolve: Resolve) -> Node:
    """Return the condition with its parameters as constants on the right, and its lists as comparisons."""
    match node:
        case And(parts) | Or(parts):
            return replace(node, parts=tuple(prepared(part, resolve) for part in parts))
        case Not(part):
            return replace(node, part=prepared(part, resolve))
        case Compare(left, op, right):
            if isinstance(left, Word) and left.path[0] == "param" and not isinstance(right, Constant):
                left, op, right = right, MIRRORED[op], left
            if isinstance(right, Word) and right.path[0] == "param":
                right = resolve(right.path[1]) or right
            return replace(node, left=left, op=op, right=right)
        case Among(left, items, negated, at):
            each = tuple(Compare(left, "!=" if negated else "==", item, at) for item in items)
            if len(each) == 1:
                return each[0]
            return And(each, at) if negated else Or(each, at)
        case _:
            return node


def branches(node: Node, truth: bool) -> tuple[Branch, ...]:
    """Return the branches of which one holds exactly when the condition has this truth; raise ``TooMany``."""
    match node:
        case Not(part):
            return branches(part, not truth)
        case And(parts) | Or(parts):
            inner = [branches(part, truth) for part in parts]
            if isinstance(node, And) is truth:
                return _product(inner)
            return tuple(dict.fromkeys(branch for found in inner for branch in found))
        case _:
            return (frozenset({Atom(node, truth)}),)


def _product(sets: Iterable[tuple[Branch, ...]]) -> tuple[Branch, ...]:
    found: tuple[Branch, ...] = (frozenset(),)
    for each in sets:
        if len(found) * len(each) > MAX_BRANCHES:
            raise TooMany
        found = tuple(dict.fromkeys(one | other for one, other in product(found, each)))
    return found


def impossible(branch: Branch) -> bool:
    """Say whether no case can fulfil every atom of the branch."""
    if any(Atom(atom.leaf, not atom.truth) in branch for atom in branch):
        return True
    if any(_absent(atom, branch) for atom in branch if isinstance(atom.leaf, Exists) and not atom.truth):
        return True
    if _states(branch):
        return True
    by_word: dict[tuple[str, ...], list[Bound]] = {}
    for bound in _bounds(branch):
        by_word.setdefault(bound.word, []).append(bound)
    return any(not satisfiable(bounds) for bounds in by_word.values())


def _absent(missing: Atom, branch: Branch) -> bool:
    """Say whether the branch says something of a word that it also says to be missing."""
    word = _subject(missing.leaf)
    return word is not None and any(
        _subject(atom.leaf) == word and not isinstance(atom.leaf, Exists) for atom in branch
    )


def _subject(leaf: Leaf) -> tuple[str, ...] | None:
    """Return the word of which a leaf says something, None if it is about several or is a finding."""
    match leaf:
        case Holds(of) | Exists(of):
            return path_of(of)
        case Compare(left) | TextTest(left) | Among(left):
            return path_of(left)
        case Each():
            return None
        case _:
            return None


def _states(branch: Branch) -> bool:
    """Say whether the branch puts a clock into two states at once."""
    held = {path_of(a.leaf.of) for a in branch if isinstance(a.leaf, Holds) and a.truth}
    measured = {path[1] for a in branch if a.truth and (path := _measure(a.leaf)) and path[2] in RUNNING}
    clocks = {path[1] for path in held if path[0] == "clock" and len(path) == 3} | measured
    return any(
        ("clock", clock, "stopped") in held
        and (clock in measured or ("clock", clock, "running") in held or ("clock", clock, "suspended") in held)
        for clock in clocks
    )


def _measure(leaf: Leaf) -> tuple[str, ...] | None:
    """Return the path of a clock measure that a leaf compares, None if it compares none."""
    if not isinstance(leaf, Compare):
        return None
    path = path_of(leaf.left)
    return path if len(path) == 3 and path[0] == "clock" and path[2] in MEASURES else None


def _bounds(branch: Branch) -> Iterator[Bound]:
    """Yield what the branch says of each word as bounds.

    A clock measure that is false says the opposite only where the clock surely runs; a clock that is over has used all.
    """
    known = _known_measures(branch)
    for atom in branch:
        leaf = atom.leaf
        if isinstance(leaf, Compare) and isinstance(leaf.right, Constant):
            path = _measure(leaf)
            if atom.truth or path is None or path in known:
                yield from _bound(leaf, atom.truth)
        if isinstance(leaf, Holds) and atom.truth and path_of(leaf.of)[::2] == ("clock", "over"):
            clock = path_of(leaf.of)[1]
            yield Bound(("clock", clock, "used", "share"), ">=", Fraction(1))
            yield Bound(("clock", clock, "left", "share"), "<=", Fraction(0))
            yield from (Bound(("clock", clock, "left", unit.value), "<=", Fraction(0)) for unit in Unit)
            yield Bound(("clock", clock, "left", "second"), "<=", Fraction(0))
        if isinstance(leaf, Holds) and not atom.truth and path_of(leaf.of)[::2] == ("clock", "over"):
            clock = path_of(leaf.of)[1]
            yield from (Bound(("clock", clock, "over_by", unit), "<=", Fraction(0)) for unit in _UNITS)


def _known_measures(branch: Branch) -> set[tuple[str, ...]]:
    """Return the measures that surely have a value: all of a clock that runs, and the excess of one that is over."""
    found: set[tuple[str, ...]] = set()
    for atom in branch:
        path = _measure(atom.leaf)
        if path is not None and atom.truth:
            found |= {("clock", path[1], measure) for measure in (MEASURES if path[2] in RUNNING else {path[2]})}
        if atom.truth and isinstance(atom.leaf, Holds) and path_of(atom.leaf.of)[::2] == ("clock", "over"):
            found.add(("clock", path_of(atom.leaf.of)[1], "over_by"))
    return found


_UNITS: Final = ("share", "second", *(unit.value for unit in Unit))


def _bound(leaf: Compare, truth: bool) -> Iterator[Bound]:
    op: Op = leaf.op if truth else OPPOSITE[leaf.op]
    path = path_of(leaf.left)
    match leaf.right:
        case Constant(Type.CODE | Type.TEXT, str() as text):
            yield Bound((*path, "text"), op, text)
        case Constant(Type.DURATION, Quantity(amount, unit)):
            name, scale = _SCALES.get(unit, (unit.value, 1))
            yield Bound((*path, name), op, amount * scale)
        case Constant(Type.SHARE, value):
            yield Bound((*path, "share"), op, Fraction(value))  # type: ignore[arg-type]  # a share is a fraction
        case Constant(Type.NUMBER | Type.MONEY, int() | Fraction() as value):
            yield Bound((*path, "number"), op, Fraction(value))


def satisfiable(bounds: Iterable[Bound]) -> bool:
    """Say whether some value fulfils every bound; all are about one word in one unit."""
    known = list(bounds)
    equal = {bound.value for bound in known if bound.op == "=="}
    if len(equal) > 1:
        return False
    if equal:
        (value,) = equal
        return all(_fulfils(value, bound) for bound in known)
    lower = [(b.value, b.op == ">") for b in known if b.op in {">", ">="} and isinstance(b.value, Fraction)]
    upper = [(b.value, b.op == "<") for b in known if b.op in {"<", "<="} and isinstance(b.value, Fraction)]
    if not lower or not upper:
        return True
    least, most = max(lower), min(upper, key=lambda end: (end[0], not end[1]))
    if least[0] != most[0]:
        return least[0] < most[0]
    excluded = any(bound.op == "!=" and bound.value == least[0] for bound in known)
    return not (least[1] or most[1] or excluded)


def _fulfils(value: Fraction | str, bound: Bound) -> bool:
    other = bound.value
    if isinstance(value, str) or isinstance(other, str):
        return bound.op not in {"==", "!="} or (value == other) is (bound.op == "==")
    match bound.op:
        case "==":
            return value == other
        case "!=":
            return value != other
        case "<":
            return value < other
        case "<=":
            return value <= other
        case ">":
            return value > other
        case _:
            return value >= other
