"""Words that rules hold against parameters only are told apart no finer than the parameters' values do.

How many minutes a case took matters to a rule only as "fewer than the floor": two cases on the same side of every value
that the parameter ever has are in the same state, and are judged once.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final, TypeAlias

from rules.facts import Value
from rules.language.nodes import Compare, Exists, Leaf, Node, Operand, Subject, Word, leaves, subjects
from rules.language.values import LARGEST, exact
from rules.quantities import Quantity

Parameters: TypeAlias = Mapping[str, Sequence[tuple[dt.date, Quantity | Fraction | int | float | str]]]
"""Every value that a parameter has, with the date from which it has it."""

Thresholds: TypeAlias = tuple[int | Fraction, ...]

_FINE: Final[Thresholds] = ()


def thresholds_of(conditions: Iterable[Node], parameters: Parameters) -> dict[Subject, Thresholds]:
    """Return the words that these conditions only hold against numbers that are parameters, each with all of them."""
    found: dict[Subject, set[int | Fraction]] = {}
    fine: set[Subject] = set()
    for leaf in (leaf for condition in conditions for leaf in leaves(condition)):
        for subject in subjects(leaf):
            values = _beside(leaf, subject, parameters)
            if values:
                found.setdefault(subject, set()).update(values)
            elif not isinstance(leaf, Exists):
                fine.add(subject)
    return {subject: tuple(sorted(values)) for subject, values in found.items() if subject not in fine}


def grade(value: Value, thresholds: Thresholds) -> Hashable:
    """Return where a number lies among the thresholds; what the engine would not take as a number stays what it is."""
    if type(value) is not int or not -LARGEST < value < LARGEST:
        return value if value is None or isinstance(value, str) else (type(value), value)
    return bisect_left(thresholds, value), bisect_right(thresholds, value)


def _beside(leaf: Leaf, subject: Subject, parameters: Parameters) -> Thresholds:
    """Return the numbers that a word is compared with in a leaf, none if with anything else."""
    if not isinstance(leaf, Compare):
        return _FINE
    other: Operand = leaf.right if subject == leaf.left else leaf.left
    if not isinstance(other, Word) or other.path[0] != "param":
        return _FINE
    values = [value for _, value in parameters.get(other.path[1], ())]
    return tuple(_numbers(values)) if all(type(value) in {int, float} for value in values) else _FINE


def _numbers(values: Iterable[object]) -> Iterator[int | Fraction]:
    return (exact(value) for value in values if isinstance(value, int | float))
