"""What a rule says by its source tree alone: a slow, plain interpreter to hold the compiler and the engine against.

It shares the tree with the product and nothing else: no normal form, no projection, no columns, no batches.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NamedTuple, TypeAlias

from rules.language import nodes as n
from rules.language.types import Env, Type, Vocabulary, WordInfo
from rules.quantities import Quantity, Unit

Truth: TypeAlias = bool | None
OPS = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
MEASURES: tuple[dict[Unit, int], ...] = ({Unit.MINUTE: 60, Unit.HOUR: 3600}, {Unit.MONTH: 1, Unit.YEAR: 12})
CLASSES = {Type.BOOL: bool, Type.TEXT: str, Type.CODE: str, Type.DURATION: Quantity}


class Bound(NamedTuple):
    """What a name stands for: the entry itself, None where it could not be looked for, and what its fields are."""

    info: WordInfo
    row: Mapping[str, Any] | None


Names: TypeAlias = Mapping[str, Bound]


def both(truths: Iterable[Truth]) -> Truth:
    """Kleene's 'and'."""
    found = list(truths)
    return False if False in found else None if None in found else True


def either(truths: Iterable[Truth]) -> Truth:
    """Kleene's 'or'."""
    found = list(truths)
    return True if True in found else None if None in found else False


class Oracle(NamedTuple):
    """Judges one subject at one instant by every rule of a rulebook."""

    rules: Mapping[str, n.SourceRule]
    words: Vocabulary
    env: Env
    registers: Mapping[str, Sequence[Mapping[str, Any]]]

    def judge(self, rule_id: str) -> Truth:
        """Return True, False, or None where the rule is undetermined."""
        rule = self.rules[rule_id]
        parts = (*(given.where for given in rule.givens.values()), rule.when)
        return either(both(self.holds(part, names) for part in parts) for names in self.bindings(rule, {}))

    def bindings(self, rule: n.SourceRule, names: Names) -> Iterator[Names]:
        """Yield every choice of rows; where a row cannot be looked for, its key being missing, there is one lost row."""
        name = next((name for name in rule.givens if name not in names), None)
        if name is None:
            yield names
            return
        given = rule.givens[name]
        info = self.words.register(given.register)
        assert info is not None
        mine, other = next(pair for pair in equalities(given.where) if is_key(pair, name, names, rule))
        wanted = self.read(other, names)
        for row in [None] if wanted is None else self.registers.get(given.register, ()):
            bound = {**names, name: Bound(info, row)}
            found = None if row is None else self.read(mine, bound)
            if row is None or (found is not None and found == wanted):
                yield from self.bindings(rule, bound)

    def holds(self, node: n.Node, names: Names) -> Truth:
        """Return the truth of a condition for one choice of rows."""
        match node:
            case n.And(parts):
                return both(self.holds(part, names) for part in parts)
            case n.Or(parts):
                return either(self.holds(part, names) for part in parts)
            case n.Not(part):
                truth = self.holds(part, names)
                return None if truth is None else not truth
            case n.Finding(rule):
                return self.judge(rule)
        if any(s.path[0] in names and names[s.path[0]].row is None for s in n.subjects(node) if isinstance(s, n.Word)):
            return None
        return self.leaf(node, names)

    def leaf(self, node: n.Leaf, names: Names) -> Truth:
        match node:
            case n.Holds(of):
                return self.read(of, names)
            case n.Exists(n.Word(path) as of) if self.info(of, names).type is Type.COLLECTION:
                return bool(self.env.collection(path))
            case n.Exists(of):
                return self.raw(of, names) is not None
            case n.Each(kind, name, over, condition):
                entries = self.env.collection(over.path)
                if entries is None:
                    return None
                info = self.info(over, names)
                found = [self.holds(condition, {**names, name: Bound(info, entry)}) for entry in entries]
                return either(found) if kind == "any" else both(found)
            case n.TextTest(left, kind, pattern):
                text = self.read(left, names)
                if text is None or (kind == "matches" and len(text) > 1_000):
                    return None
                return pattern in text if kind == "contains" else re.search(pattern, text) is not None
            case n.Among(left, items, negated):
                among = either(self.compare(left, "==", item, names) for item in items)
                return not among if negated and among is not None else among
            case n.Compare(left, op, right):
                return self.compare(left, op, right, names)
        raise AssertionError(node)

    def compare(self, left: n.Operand, op: str, right: n.Operand, names: Names) -> Truth:
        kinds = [None if isinstance(s, n.Constant) else self.info(s, names).type for s in (left, right)]
        if kinds[1] is Type.ELAPSED:
            return self.compare(right, {"<": ">", "<=": ">=", ">": "<", ">=": "<="}[op], left, names)
        if kinds[0] is Type.ELAPSED and isinstance(left, n.Word):
            limit = right.value if isinstance(right, n.Constant) else self.raw(right, names)
            return self.env.elapsed(left.path, op, limit) if isinstance(limit, Fraction | Quantity) else None
        a, b = self.read(left, names), self.read(right, names, kinds[0])
        if isinstance(a, Quantity) and isinstance(b, Quantity):
            measure = next((m for m in ({a.unit: 1}, *MEASURES) if a.unit in m and b.unit in m), None)
            return None if measure is None else OPS[op](a.amount * measure[a.unit], b.amount * measure[b.unit])
        return None if a is None or b is None else OPS[op](a, b)

    def info(self, subject: n.Subject, names: Names) -> WordInfo:
        if isinstance(subject, n.Call):
            info, rest = self.words.call(subject.name, subject.args), subject.rest
        elif subject.path[0] in names:
            info, rest = names[subject.path[0]].info, subject.path[1:]
        else:
            info, rest = self.words.word(subject.path), ()
        assert info is not None
        return (info.fields or {})[rest[0]] if rest else info

    def raw(self, subject: n.Subject, names: Names) -> Any:
        if isinstance(subject, n.Call):
            return self.env.call(subject.name, subject.args, subject.rest)
        bound = names.get(subject.path[0])
        return self.env.value(subject.path) if bound is None else (bound.row or {}).get(subject.path[1])

    def read(self, operand: n.Operand, names: Names, beside: Type | None = None) -> Any:
        """Return the value to compare, None where it is missing, of another type or out of range."""
        if isinstance(operand, n.Constant):
            instant = beside is Type.INSTANT and isinstance(operand.value, str)
            return int(datetime.fromisoformat(str(operand.value)).timestamp()) if instant else operand.value
        return usable(self.info(operand, names).type, self.raw(operand, names))


def equalities(where: n.Node) -> Iterator[tuple[n.Subject, n.Subject]]:
    for part in where.parts if isinstance(where, n.And) else (where,):
        if isinstance(part, n.Compare) and part.op == "==" and not isinstance(part.right, n.Constant):
            yield from ((part.left, part.right), (part.right, part.left))


def is_key(pair: tuple[n.Subject, n.Subject], name: str, names: Names, rule: n.SourceRule) -> bool:
    mine, other = (s.path[0] if isinstance(s, n.Word) and s.path[0] in rule.givens else None for s in pair)
    return mine == name and (other is None or other in names)


def usable(kind: Type, value: Any) -> Any:
    """Return the value if it has the type and lies in the range that the product promises to compare."""
    if not isinstance(value, CLASSES.get(kind, int | float | Fraction)) or isinstance(value, bool) != (
        kind is Type.BOOL
    ):
        return None
    if kind in CLASSES or not math.isfinite(value):
        return value if kind in CLASSES else None
    exact = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
    size = abs(exact * 10_000 if kind is Type.SHARE else exact)
    broken = size.denominator != 1 and (size < Fraction(1, 10_000) or kind in {Type.MONEY, Type.INSTANT})
    return None if broken or size >= 10**15 else exact
