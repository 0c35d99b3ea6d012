"""Which rules must keep silent in a case, whatever else it says: decided from what the case reports, by name alone.

A case that reports no ``fee_charged`` can never make ``fee.charged > fee.standard`` true. Each atom of the compiled
condition is asked with nothing but what follows from the names that the case does not report; an atom that asks for more
may be anything. A condition of which only *false* is left is false at every instant, so nothing of it need be read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from rules.asking import Need
from rules.env import unstarted
from rules.facts import Case, Value
from rules.language import Node, Program, SourceRule
from rules.language.checking import scope_of
from rules.language.nodes import And, Finding, Leaf, Not, Or
from rules.language.terms import Terms, Truth
from rules.language.types import Read
from rules.view import History
from rules.vocabulary.base import all_words, hearing_of_call, hearing_of_word, reader_of, rows_of

TRUE, FALSE, UNKNOWN = 1, 2, 4
"""Truths that a condition may have, to be added up."""
ANY: Final = TRUE | FALSE | UNKNOWN


class Open(Exception):  # not an error: the answer is that there may be any
    """What is asked does not follow from what a case leaves unsaid."""


_NOTHING: Final = History(Case(namespace="", kind="", case_no="", events=()), "UTC").view(0)
"""A case of which nothing is reported."""


class Unsaid:
    """What follows from the names that a case does not report (the language's ``Env``); everything else is ``Open``.

    ``told`` are the needs that it reports, ``startable`` the clocks that these can start.
    """

    __slots__ = ("_given", "_startable", "_told")

    def __init__(self, told: Collection[Need], startable: Collection[str], given: Collection[str]) -> None:
        self._told, self._startable, self._given = told, startable, given

    def value(self, path: tuple[str, ...]) -> Read:
        """Return the value that a word has in every such case."""
        if path[0] == "clock":
            if path[1] in self._startable:
                raise Open
            return unstarted(path[2])
        self._follows(path[0], hearing_of_word(path))
        return reader_of(path)(_NOTHING)

    def call(self, name: str, args: tuple[str, ...], rest: tuple[str, ...]) -> Read:
        """Return the value that a call has in every such case."""
        self._follows("", hearing_of_call(name, args, rest))
        return all_words().calls[name][1](_NOTHING, args, rest)

    def elapsed(self, path: tuple[str, ...], op: str, threshold: object) -> bool | None:
        """A clock that cannot have started has used nothing."""
        if path[1] in self._startable:
            raise Open
        return False

    def collection(self, path: tuple[str, ...]) -> Sequence[Mapping[str, Value]] | None:
        """Return the rows that a collection has in every such case."""
        self._follows(path[0], hearing_of_word(path))
        rows = rows_of(path)
        return None if rows is None else rows(_NOTHING)

    def _follows(self, head: str, hearing: Collection[Need] | None) -> None:
        if hearing is None or head in self._given or any(need in self._told for need in hearing):
            raise Open


class Silence:
    """The conditions of one program, ready to be asked which of them are false in every case that reports the same."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._truths: dict[tuple[str, Leaf], Truth] = {}

    def possible(self, rule_id: str, told: Collection[Need], startable: Collection[str]) -> int:
        """Return the truths that a rule's condition may have in a case that reports ``told``."""
        rule = self._program.sources[rule_id]
        env = Unsaid(told, startable, rule.givens)

        def of_leaf(leaf: Leaf) -> int:
            if isinstance(leaf, Finding):
                return self.possible(leaf.rule, told, startable)
            try:
                truth = self._truth(rule, leaf)(env, None)
            except Open:
                return ANY
            return UNKNOWN if truth is None else TRUE if truth else FALSE

        return possible(rule.when, of_leaf)

    def _truth(self, rule: SourceRule, leaf: Leaf) -> Truth:
        key = (rule.id, leaf)
        if key not in self._truths:
            terms = Terms(self._program.vocabulary, scope_of(rule.givens, self._program.vocabulary))
            self._truths[key] = terms.truth(leaf)
        return self._truths[key]


def possible(node: Node, of_leaf: Callable[[Leaf], int]) -> int:
    """Return the truths that a condition may have, by Kleene's tables, from those that its atoms may have."""
    match node:
        case Not(part):
            return _negated(possible(part, of_leaf))
        case And(parts):
            return _all([possible(part, of_leaf) for part in parts])
        case Or(parts):
            return _negated(_all([_negated(possible(part, of_leaf)) for part in parts]))
        case _:
            return of_leaf(node)


def _negated(truths: int) -> int:
    return (truths & UNKNOWN) | (FALSE if truths & TRUE else 0) | (TRUE if truths & FALSE else 0)


def _all(parts: Sequence[int]) -> int:
    """All are true; or one may be false; or one is unknown and none of the others false."""
    found = TRUE if all(part & TRUE for part in parts) else 0
    found |= FALSE if any(part & FALSE for part in parts) else 0
    unknown = any(part & UNKNOWN for part in parts) and all(part & (TRUE | UNKNOWN) for part in parts)
    return found | (UNKNOWN if unknown else 0)
