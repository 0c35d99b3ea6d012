"""What a rule says by its source tree alone: slow and plain, sharing neither lowering nor projection with the product."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from operator import eq, ge, gt, le, lt, ne
from re import search
from typing import Any, NamedTuple, TypeAlias

from rules.language import nodes as n
from rules.language.types import Env, Type, Vocabulary, WordInfo
from rules.quantities import Quantity, Unit

Truth: TypeAlias = bool | None
Row: TypeAlias = Mapping[str, Any]
Names: TypeAlias = Mapping[str, tuple[WordInfo, Row | None]]
OPS = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
MEASURES: tuple[Mapping[Unit, int], ...] = ({Unit.MINUTE: 60, Unit.HOUR: 3600}, {Unit.MONTH: 1, Unit.YEAR: 12})
CLASSES = {Type.BOOL: bool, Type.TEXT: str, Type.CODE: str, Type.DURATION: Quantity}


def kleene(truths: Iterable[Truth], decisive: bool) -> Truth:
    """Kleene's 'and' (False decides) and 'or' (True decides)."""
    found = list(truths)
    return decisive if decisive in found else None if None in found else not decisive


class Oracle(NamedTuple):
    """Judges one subject at one instant by every rule of a rulebook."""

    rules: Mapping[str, n.SourceRule]
    words: Vocabulary
    env: Env
    registers: Mapping[str, Sequence[Row]]

    def judge(self, rule_id: str) -> Truth:
        """Return True, False, or None where the rule is undetermined."""
        rule = self.rules[rule_id]
        whole = n.And((*(given.where for given in rule.givens.values()), rule.when), rule.when.at)
        return kleene((self.holds(whole, names) for names in self.bindings(rule, {})), True)

    def bindings(self, rule: n.SourceRule, names: Names) -> Iterator[Names]:
        """Yield every choice of rows; where the key that would find a row is missing, the row is None."""
        name = next((name for name in rule.givens if name not in names), None)
        if name is None:
            yield names
            return
        given = rule.givens[name]
        info = self.words.register(given.register) or WordInfo(Type.RECORD)
        mine, other = next(keys(given.where, name, set(rule.givens) - set(names)))
        wanted = self.read(other, names)
        for row in [None] if wanted is None else self.registers.get(given.register, ()):
            bound = {**names, name: (info, row)}
            if row is None or self.read(mine, bound) == wanted:
                yield from self.bindings(rule, bound)

    def holds(self, node: n.Node, names: Names) -> Truth:
        match node:
            case n.And(parts) | n.Or(parts):
                return kleene((self.holds(part, names) for part in parts), isinstance(node, n.Or))
            case n.Not(part):
                return None if (truth := self.holds(part, names)) is None else not truth
            case n.Finding(rule):
                return self.judge(rule)
        heads = {s.path[0] for s in n.subjects(node) if isinstance(s, n.Word)}
        return None if any(names[head][1] is None for head in heads & set(names)) else self.leaf(node, names)

    def leaf(self, leaf: n.Leaf, names: Names) -> Truth:
        match leaf:
            case n.Holds(of):
                return bool(value) if (value := self.read(of, names)) is not None else None
            case n.Exists(of):
                kept = isinstance(of, n.Word) and self.info(of, names).type is Type.COLLECTION
                return bool(self.env.collection(of.path)) if kept else self.raw(of, names) is not None  # type: ignore[union-attr]
            case n.Each(kind, name, over, condition):
                entries, info = self.env.collection(over.path), self.info(over, names)
                found = (self.holds(condition, {**names, name: (info, entry)}) for entry in entries or ())
                return None if entries is None else kleene(found, kind == "any")
            case n.TextTest(left, kind, pattern):
                text = self.read(left, names)
                if kind == "contains" and text is not None:
                    return pattern in text
                return None if text is None or len(text) > 1_000 else search(pattern, text) is not None
            case n.Among(left, items, negated):
                among = kleene((self.compare(left, "==", item, names) for item in items), True)
                return not among if negated and among is not None else among
            case n.Compare(left, op, right):
                return self.compare(left, op, right, names)
        raise AssertionError(leaf)

    def compare(self, left: n.Operand, op: str, right: n.Operand, names: Names) -> Truth:
        kinds = [None if isinstance(s, n.Constant) else self.info(s, names).type for s in (left, right)]
        if kinds[1] is Type.ELAPSED:
            return self.compare(right, MIRRORED[op], left, names)
        if kinds[0] is Type.ELAPSED and isinstance(left, n.Word):
            limit = right.value if isinstance(right, n.Constant) else self.raw(right, names)
            return self.env.elapsed(left.path, op, limit) if isinstance(limit, Fraction | Quantity) else None
        a, b = self.read(left, names), self.read(right, names, kinds[0])
        if isinstance(a, Quantity) and isinstance(b, Quantity):
            measure = next((m for m in ({a.unit: 1}, *MEASURES) if a.unit in m and b.unit in m), None)
            a, b = (None if measure is None else q.amount * measure[q.unit] for q in (a, b))
        return None if a is None or b is None else bool(OPS[op](a, b))

    def info(self, subject: n.Subject, names: Names) -> WordInfo:
        if isinstance(subject, n.Call):
            info, rest = self.words.call(subject.name, subject.args), subject.rest
        elif subject.path[0] in names:
            info, rest = names[subject.path[0]][0], subject.path[1:]
        else:
            info, rest = self.words.word(subject.path), ()
        assert info is not None
        return (info.fields or {})[rest[0]] if rest else info

    def raw(self, subject: n.Subject, names: Names) -> Any:
        if isinstance(subject, n.Call):
            return self.env.call(subject.name, subject.args, subject.rest)
        bound = names.get(subject.path[0])
        return (bound[1] or {}).get(subject.path[1]) if bound else self.env.value(subject.path)

    def read(self, operand: n.Operand, names: Names, beside: Type | None = None) -> Any:
        """Return the value to compare, None where it is missing, of another type or out of range."""
        if not isinstance(operand, n.Constant):
            return usable(self.info(operand, names).type, self.raw(operand, names))
        return int(datetime.fromisoformat(str(operand.value)).timestamp()) if beside is Type.INSTANT else operand.value


def keys(where: n.Node, name: str, unbound: set[str]) -> Iterator[tuple[n.Subject, n.Subject]]:
    """Yield the equalities by which the rows of ``name`` are found: (its own side, the side that is known before)."""
    for part in where.parts if isinstance(where, n.And) else (where,):
        if isinstance(part, n.Compare) and part.op == "==" and not isinstance(part.right, n.Constant):
            for mine, other in ((part.left, part.right), (part.right, part.left)):
                heads = [s.path[0] if isinstance(s, n.Word) else "" for s in (mine, other)]
                if heads[0] == name and heads[1] not in unbound:
                    yield mine, other


def usable(kind: Type, value: Any) -> Any:
    """Return the value if it has the type and lies in the range that the product promises to compare."""
    if kind in CLASSES:
        return value if isinstance(value, CLASSES[kind]) else None
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction) or not math.isfinite(value):
        return None
    exact = Fraction(repr(value) if isinstance(value, float) else value)
    size = abs(exact * 10_000 if kind is Type.SHARE else exact)
    broken = size.denominator != 1 and (size < Fraction(1, 10_000) or kind in {Type.MONEY, Type.INSTANT})
    return None if broken or size >= 10**15 else exact
