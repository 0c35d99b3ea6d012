"""Conditions that are wrong in one place: what a book's tests have to notice if they prove the book.

Each comparison is flipped and its edge moved, each threshold moved by one unit both ways, each truth negated, each and/or
swapped. The unit is what the threshold is written in: one workday, 1 %, 1 fen, one second of an instant, or one of a
number's last written digit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from rules.language.nodes import (
    OPPOSITE,
    Among,
    And,
    Compare,
    Constant,
    Each,
    Node,
    Not,
    Op,
    Or,
    written,
)
from rules.language.places import At
from rules.language.types import Type
from rules.quantities import Quantity

EDGE: Final[dict[Op, Op]] = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
"""The comparison that differs only exactly at the threshold."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a condition: where, what stood there and what stands there now, and the changed condition."""

    at: At
    was: str
    becomes: str
    node: Node


def changes(node: Node) -> Iterator[Change]:
    """Yield every condition that differs from ``node`` in one place."""
    match node:
        case And(parts, at) | Or(parts, at):
            other = Or(parts, at) if isinstance(node, And) else And(parts, at)
            yield _changed(at, node, other)
            for index, part in enumerate(parts):
                for change in changes(part):
                    yield replace(change, node=replace(node, parts=(*parts[:index], change.node, *parts[index + 1 :])))
        case Not(part, at):
            yield _changed(at, node, part)
            for change in changes(part):
                if change.node != node:
                    yield replace(change, node=Not(change.node, at))
        case Compare(at=at):
            for changed in _comparisons(node):
                yield _changed(at, node, changed)
        case Among(at=at):
            yield _changed(at, node, replace(node, negated=not node.negated))
        case Each(at=at):
            yield _changed(at, node, Not(node, at))
            for change in changes(node.condition):
                yield replace(change, node=replace(node, condition=change.node))
        case _:
            yield _changed(node.at, node, Not(node, node.at))


def _changed(at: At, was: Node, node: Node) -> Change:
    return Change(at, written(was), written(node), node)


def _comparisons(leaf: Compare) -> Iterator[Compare]:
    yield replace(leaf, op=OPPOSITE[leaf.op])
    if leaf.op in EDGE:
        yield replace(leaf, op=EDGE[leaf.op])
    if isinstance(leaf.right, Constant):
        for moved in moved_constants(leaf.right):
            yield replace(leaf, right=moved)


def moved_constants(constant: Constant) -> Iterator[Constant]:
    """Yield a threshold moved by one unit up and down; codes and plain texts have no unit."""
    for step in (1, -1):
        match constant:
            case Constant(Type.NUMBER, Fraction() as value):
                yield _number(constant, value, step)
            case Constant(Type.SHARE, Fraction() as value):
                moved = value + Fraction(step, 100)
                yield replace(constant, value=moved, written=f"{_decimal(moved * 100)}%")
            case Constant(Type.MONEY, int() as fen):
                yield replace(constant, value=fen + step, written=f"{fen + step} fen")
            case Constant(Type.DURATION, Quantity() as quantity) if quantity.amount + step >= 0:
                moved_quantity = replace(quantity, amount=quantity.amount + step)
                yield replace(constant, value=moved_quantity, written=str(moved_quantity))
            case Constant(Type.TEXT, str() as text) if (at := _instant(text)) is not None:
                moved_text = (at + dt.timedelta(seconds=step)).isoformat()
                yield replace(constant, value=moved_text, written=f'"{moved_text}"')
            case _:
                return


def moved_value(value: Quantity | Fraction | float | str, step: int) -> Quantity | Fraction | float | None:
    """Return a parameter's value moved by one unit up (1) or down (-1); None if it has none or would be negative."""
    match value:
        case Quantity():
            return replace(value, amount=value.amount + step) if value.amount + step >= 0 else None
        case Fraction():
            return value + Fraction(step, 100)
        case bool() | str():
            return None
        case int():
            return value + step
        case _:
            return float(Fraction(repr(value)) + step * _last_digit(repr(value)))


def _number(constant: Constant, value: Fraction, step: int) -> Constant:
    moved = value + step * _last_digit(constant.written)
    return replace(constant, value=moved, written=_decimal(moved))


def _last_digit(text: str) -> Fraction:
    """Return the weight of the last written digit: 1 of ``3``, 1/10 of ``4.5``."""
    _, _, decimals = text.partition(".")
    return Fraction(1, 10 ** len(decimals))


def _decimal(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"


def _instant(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text) if ":" in text else None
    except ValueError:
        return None
