"""The tree of a condition as it was written. Where a node stands (``at``) does not count for equality."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal as OneOf
from typing import TypeAlias

from rules.language.places import At
from rules.language.types import Type
from rules.quantities import Quantity

Op: TypeAlias = OneOf["==", "!=", "<", "<=", ">", ">="]

OPPOSITE: Mapping[Op, Op] = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
"""The comparison that holds exactly when the other does not, both sides being present."""
MIRRORED: Mapping[Op, Op] = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
"""The comparison that says the same with the sides exchanged."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the vocabulary by its path, such as ``case.result``, ``param.near`` or ``x.lead`` of a given."""

    path: tuple[str, ...]
    at: At = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A word with arguments, such as ``tally(yellow_cards, quarter)`` or ``event(accepted).officer``."""

    name: str
    args: tuple[str, ...]
    rest: tuple[str, ...]
    at: At = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that stands in the condition. MONEY is a whole number of fen, SHARE a fraction of one."""

    type: Type
    value: str | int | Fraction | Quantity
    written: str = field(compare=False)
    at: At = field(compare=False, repr=False)


Subject: TypeAlias = Word | Call
Operand: TypeAlias = Word | Call | Constant


@dataclass(frozen=True, slots=True)
class Holds:
    """A word that is itself a truth: ``clock.promise.over``."""

    of: Subject
    at: At = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """``left op right``; a constant never stands on the left."""

    left: Subject
    op: Op
    right: Operand
    at: At = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Among:
    """``left in [..]``, or ``left not in [..]`` if ``negated``."""

    left: Subject
    items: tuple[Constant, ...]
    negated: bool
    at: At = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Exists:
    """``exists path``: true or false, never unknown."""

    of: Subject
    at: At = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TextTest:
    """``left contains "..."`` or ``left matches "regular expression"``."""

    left: Subject
    kind: OneOf["contains", "matches"]
    pattern: str
    at: At = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Each:
    """``any(name in over: condition)`` or ``all(...)`` over the entries of a collection."""

    kind: OneOf["any", "all"]
    name: str
    over: Word
    condition: Node
    at: At = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """``finding(T04)``: another rule is true for the same subject."""

    rule: str
    at: At = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """``not part``."""

    part: Node
    at: At = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class And:
    """Two parts or more, all of which have to hold."""

    parts: tuple[Node, ...]
    at: At = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Or:
    """Two parts or more, one of which has to hold."""

    parts: tuple[Node, ...]
    at: At = field(compare=False, repr=False)


Leaf: TypeAlias = Holds | Compare | Among | Exists | TextTest | Each | Finding
Node: TypeAlias = Leaf | Not | And | Or


@dataclass(frozen=True, slots=True)
class Given:
    """A named binding: some row of ``register`` for which ``where`` holds."""

    register: str
    where: Node
    at: At = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SourceRule:
    """One rule as written. ``group`` is the type of fact that it judges, such as ``application/promise``."""

    id: str
    group: str
    when: Node
    givens: Mapping[str, Given] = field(default_factory=dict)


def leaves(node: Node) -> Iterator[Leaf]:
    """Yield every leaf of the tree from left to right; the inside of ``any``/``all`` belongs to its leaf."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from leaves(part)
    elif isinstance(node, Not):
        yield from leaves(node.part)
    else:
        yield node


def subjects(node: Node) -> Iterator[Subject]:
    """Yield every word and call that the condition reads, the inside of ``any``/``all`` included."""
    for leaf in leaves(node):
        match leaf:
            case Holds(of) | Exists(of):
                yield of
            case Compare(left, _, right):
                yield left
                if not isinstance(right, Constant):
                    yield right
            case Among(left) | TextTest(left):
                yield left
            case Each():
                yield leaf.over
                yield from (s for s in subjects(leaf.condition) if not _is_element(s, leaf.name))
            case Finding():
                pass


def _is_element(subject: Subject, name: str) -> bool:
    return isinstance(subject, Word) and subject.path[0] == name


def path_of(subject: Subject) -> tuple[str, ...]:
    """Return the word's path; a call stands in it as one step, ``event(accepted)``."""
    if isinstance(subject, Word):
        return subject.path
    return (f"{subject.name}({', '.join(subject.args)})", *subject.rest)


def written(node: Node | Operand) -> str:
    """Return the condition as text in one canonical form: the same text for the same tree."""
    match node:
        case Word() | Call():
            return ".".join(path_of(node))
        case Constant():
            return _constant(node)
        case Holds(of):
            return written(of)
        case Compare(left, op, right):
            return f"{written(left)} {op} {written(right)}"
        case Among(left, items, negated):
            return f"{written(left)} {'not in' if negated else 'in'} [{', '.join(map(_constant, items))}]"
        case Exists(of):
            return f"exists {written(of)}"
        case TextTest(left, kind, pattern):
            return f"{written(left)} {kind} {_quoted(pattern)}"
        case Each(kind, name, over, condition):
            return f"{kind}({name} in {written(over)}: {written(condition)})"
        case Finding(rule):
            return f"finding({rule})"
        case Not(part):
            return f"not {_bracketed(part)}"
        case And(parts):
            return " and ".join(map(_bracketed, parts))
        case Or(parts):
            return " or ".join(f"({written(p)})" if isinstance(p, Or) else written(p) for p in parts)


def _bracketed(node: Node) -> str:
    return f"({written(node)})" if isinstance(node, And | Or) else written(node)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _constant(constant: Constant) -> str:
    return _quoted(str(constant.value)) if constant.type is Type.TEXT else constant.written
