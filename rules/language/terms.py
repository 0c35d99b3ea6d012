"""Reads operands, and decides the atoms that are settled before the engine: time, text, any/all, two words compared.

Everything is prepared once as a function of (env, entry): ``entry`` is the row of a register or the entry of a
collection that a name stands for, None outside of both. A truth is True, False or None (unknown).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from rules.facts import Value
from rules.language import patterns
from rules.language.checking import resolve
from rules.language.nodes import (
    MIRRORED,
    Among,
    And,
    Call,
    Compare,
    Constant,
    Each,
    Exists,
    Finding,
    Holds,
    Leaf,
    Node,
    Not,
    Operand,
    Or,
    Subject,
    TextTest,
    Word,
)
from rules.language.parsing import instant_of
from rules.language.types import Env, Read, Type, Vocabulary, WordInfo
from rules.language.values import PLAIN_TYPES, Plain, comparable, compare, plain
from rules.quantities import Quantity

Entry: TypeAlias = Mapping[str, Value] | None
Reader: TypeAlias = Callable[[Env, Entry], Read]
Truth: TypeAlias = Callable[[Env, Entry], bool | None]
Column: TypeAlias = Callable[[Env, Entry], Plain | None]


def evaluate_term(node: Operand, env: Env) -> Read:
    """Return the value of an operand for one subject at one instant, None if it is missing."""
    return reader(node)(env, None)


def reader(node: Operand, name: str | None = None) -> Reader:
    """Return the function that reads an operand; ``name`` is the name that stands for the entry."""
    match node:
        case Constant(_, value):
            return lambda _env, _entry: value
        case Call(call, args, rest):
            return lambda env, _entry: env.call(call, args, rest)
        case Word(path):
            if path[0] == name:
                key = ".".join(path[1:])
                return lambda _env, entry: None if entry is None else entry.get(key)
            return lambda env, _entry: env.value(path)


@dataclass(frozen=True, slots=True)
class Terms:
    """Prepares the readers and truths of one scope: ``scope`` holds the rows that names stand for."""

    vocabulary: Vocabulary
    scope: Mapping[str, WordInfo]

    def type_of(self, subject: Subject) -> Type:
        """Return the type of a word that was checked before."""
        info = resolve(subject, self.vocabulary, self.scope)
        return Type.TEXT if info is None else info.type

    def column(self, subject: Subject, name: str | None = None) -> Column:
        """Return the function that gives a word's value as the engine gets it."""
        read, type_ = reader(subject, name), self.type_of(subject)
        return lambda env, entry: plain(type_, read(env, entry))

    def constant(self, beside: Subject, constant: Constant) -> Plain | None:
        """Return a constant as the engine gets it beside a word, None if it is out of the engine's range."""
        return plain(self.type_of(beside), _constant(self.type_of(beside), constant))

    def truth(self, leaf: Leaf, name: str | None = None) -> Truth:
        """Return the function that decides an atom."""
        match leaf:
            case Holds(of):
                return _holds(reader(of, name))
            case Exists(of):
                return self._exists(of, name)
            case Among():
                return self._among(leaf, name)
            case TextTest(left, kind, pattern):
                return _text(reader(left, name), kind, pattern)
            case Each():
                return self._each(leaf)
            case Compare():
                return self._compare(leaf, name)
            case Finding():
                raise ValueError("a finding is decided by the engine")

    def condition(self, node: Node, name: str) -> Truth:
        """Return the function that decides the inside of any/all for one entry, by Kleene's tables."""
        match node:
            case Not(part):
                inner = self.condition(part, name)
                return lambda env, entry: _negated(inner(env, entry))
            case And(parts):
                both = tuple(self.condition(part, name) for part in parts)
                return lambda env, entry: _all([part(env, entry) for part in both])
            case Or(parts):
                either = tuple(self.condition(part, name) for part in parts)
                return lambda env, entry: _any([part(env, entry) for part in either])
            case _:
                return self.truth(node, name)

    def _exists(self, of: Subject, name: str | None) -> Truth:
        if self.type_of(of) is Type.COLLECTION and isinstance(of, Word):
            path = of.path
            return lambda env, _entry: bool(env.collection(path))
        read = reader(of, name)
        return lambda env, entry: read(env, entry) is not None

    def _compare(self, leaf: Compare, name: str | None) -> Truth:
        left, op, right = leaf.left, leaf.op, leaf.right
        if not isinstance(right, Constant) and self.type_of(right) is Type.ELAPSED:
            left, op, right = right, MIRRORED[op], left
        if self.type_of(left) is Type.ELAPSED and isinstance(left, Word):
            return _elapsed(left.path, op, reader(right, name))
        type_ = self.type_of(left)
        read = reader(left, name)
        if isinstance(right, Constant):
            fixed = comparable(type_, _constant(type_, right))
            return lambda env, entry: compare(comparable(type_, read(env, entry)), op, fixed)
        other, other_type = reader(right, name), self.type_of(right)
        return lambda env, entry: compare(
            comparable(type_, read(env, entry)), op, comparable(other_type, other(env, entry))
        )

    def _among(self, leaf: Among, name: str | None) -> Truth:
        read, type_ = reader(leaf.left, name), self.type_of(leaf.left)
        items = [comparable(type_, _constant(type_, item)) for item in leaf.items]

        def decide(env: Env, entry: Entry) -> bool | None:
            value = comparable(type_, read(env, entry))
            found = _any([compare(value, "==", item) for item in items])
            return _negated(found) if leaf.negated else found

        return decide

    def _each(self, leaf: Each) -> Truth:
        path = leaf.over.path
        info = resolve(leaf.over, self.vocabulary, self.scope)
        inner = Terms(self.vocabulary, {leaf.name: WordInfo(Type.RECORD, fields=info.fields if info else None)})
        condition = inner.condition(leaf.condition, leaf.name)
        join = _any if leaf.kind == "any" else _all

        def decide(env: Env, _entry: Entry) -> bool | None:
            entries = env.collection(path)
            return None if entries is None else join([condition(env, entry) for entry in entries])

        return decide


def is_plain(type_: Type) -> bool:
    """Say whether values of this type go to the engine as they are."""
    return type_ in PLAIN_TYPES


def _constant(type_: Type, constant: Constant) -> Read:
    """Return a constant's value beside a word of ``type_``: a quoted text beside an instant is an instant."""
    if type_ is Type.INSTANT and isinstance(constant.value, str):
        return instant_of(constant.value)
    return constant.value


def _holds(read: Reader) -> Truth:
    def decide(env: Env, entry: Entry) -> bool | None:
        value = read(env, entry)
        return value if isinstance(value, bool) else None

    return decide


def _elapsed(path: tuple[str, ...], op: str, threshold: Reader) -> Truth:
    def decide(env: Env, entry: Entry) -> bool | None:
        value = threshold(env, entry)
        if isinstance(value, Quantity | Fraction):
            return env.elapsed(path, op, value)
        return None

    return decide


def _text(read: Reader, kind: str, pattern: str) -> Truth:
    def decide(env: Env, entry: Entry) -> bool | None:
        value = read(env, entry)
        if not isinstance(value, str):
            return None
        return pattern in value if kind == "contains" else patterns.found(pattern, value)

    return decide


def _negated(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _all(truths: Sequence[bool | None]) -> bool | None:
    if False in truths:
        return False
    return None if None in truths else True


def _any(truths: Sequence[bool | None]) -> bool | None:
    if True in truths:
        return True
    return None if None in truths else False
