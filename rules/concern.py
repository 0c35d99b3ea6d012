"""Which rules a case concerns at all: decided once for all cases of a kind that report the same, whatever they say.

A rule is *asked* where everything that it asks for is reported; of those that are asked, one that must keep silent
(``rules.silence``) is not *heard*: nothing of what it alone reads is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from rules.asking import Asks, Need
from rules.context import Context
from rules.facts import ItemVersion
from rules.language.nodes import Call, Subject, subjects
from rules.reading_plan import Group, narrowed
from rules.rule import Rule
from rules.rulebook import Rulebook
from rules.silence import FALSE, Silence
from rules.vocabulary.base import hearing_of_call, hearing_of_word

Told: TypeAlias = frozenset[Need]

KEPT: Final = 5_000
"""So many kinds of report are remembered."""

_NOTHING: Final[frozenset[str]] = frozenset()


@dataclass(slots=True)
class Listener:
    """A group of rules with what decides which of them are heard: ``needs`` of the case, ``item_asks`` of the item."""

    book: Rulebook
    group: Group
    needs: Told
    item_asks: frozenset[str]
    silence: Silence
    known: dict[Told, Concern] = field(default_factory=dict)

    @classmethod
    def of(cls, book: Rulebook, group: Group) -> Listener:
        """Return the listener of a group in a rulebook, made once; a changed copy of the book may share the group."""
        found = group.memory.get(Listener)
        if not isinstance(found, Listener) or found.book is not book:
            item_asks = frozenset(need[1] for rule in group.rules for need in _asked_for(rule) if need[0] == "item")
            found = cls(book, group, frozenset(_needs(book, group)), item_asks, Silence(book.program))
            group.memory[Listener] = found
        return found

    def before(self, told: Told) -> Concern:
        """Return the group before the cases that report this."""
        own = told & self.needs
        found = self.known.get(own)
        if found is None:
            if len(self.known) >= KEPT:
                self.known.clear()
            found = self.known[own] = Concern(self.book, self.group, self, own)
        return found


@dataclass(slots=True)
class Concern:
    """A group of rules before all cases that report the same; ``of`` says which of its rules are heard."""

    book: Rulebook
    group: Group
    listener: Listener
    told: Told
    known: dict[frozenset[str], Group | None] = field(default_factory=dict)

    @property
    def possible(self) -> bool:
        """Whether any rule can be asked, as far as the item does not decide it."""
        return bool(self.listener.item_asks) or self.of(None) is not None

    def of(self, item: ItemVersion | None) -> Group | None:
        """Return the group with the rules that are heard, perhaps none; None if no rule can be asked.

        ``item`` is the item's version of the frame: a rule may ask for what it publishes.
        """
        names, says = self.listener.item_asks, _NOTHING
        if names and item is not None:
            says = frozenset(name for name in names if name in item.data or name in item.limits)
        if says not in self.known:
            self.known[says] = self._heard(says)
        return self.known[says]

    def _heard(self, says: frozenset[str]) -> Group | None:
        book, group, silence = self.book, self.group, self.listener.silence
        asked = [rule for rule in group.rules if _is_asked(rule.asks, self.told, says)]
        if not asked:
            return None
        if group.plan.windows:
            return group
        startable = {c.name for c in book.clocks.values() if any((start.event,) in self.told for start in c.starts)}
        heard = [rule for rule in asked if silence.possible(rule.id, self.told, startable) != FALSE]
        return narrowed(group, heard, book.program, book.parameters)


def _is_asked(asks: Asks, told: Told, says: frozenset[str]) -> bool:
    return all(
        any(need[1] in says if need[0] == "item" else need in told for need in alternatives) for alternatives in asks
    )


class Concerns:
    """The groups of all rulebooks about cases of one kind, before what a case reports."""

    def __init__(self, context: Context, kind: str) -> None:
        books = context.books.books
        self._listeners = [Listener.of(book, group) for book in books for group in book.groups if group.of == kind]
        self._needs = frozenset[Need]().union(*(listener.needs for listener in self._listeners))
        self._known: dict[Told, tuple[Concern, ...]] = {}

    def of(self, reported: Mapping[Need, object]) -> tuple[Concern, ...]:
        """Return the groups of which a rule can be asked, in the order of the rulebooks, in a case that reports this."""
        told = self._needs.intersection(reported)
        found = self._known.get(told)
        if found is None:
            if len(self._known) >= KEPT:
                self._known.clear()
            before = [listener.before(told) for listener in self._listeners]
            found = self._known[told] = tuple([concern for concern in before if concern.possible])
        return found


def concerns(context: Context, kind: str) -> Concerns:
    """Return the concerns of a context, made once for each kind of case."""
    key = f"concerns of {kind}"
    found = context.prepared.get(key)
    if not isinstance(found, Concerns):
        found = context.prepared[key] = Concerns(context, kind)
    return found


def _needs(book: Rulebook, group: Group) -> Iterator[Need]:
    """Yield everything on which it depends which rules of a group are heard."""
    for clock in book.clocks.values():
        yield from ((start.event,) for start in clock.starts)
    for rule in group.rules:
        yield from (need for need in _asked_for(rule) if need[0] != "item")
        for node in (*(given.where for given in rule.givens.values()), rule.when):
            for subject in subjects(node):
                yield from _hearing(subject) or ()


def _asked_for(rule: Rule) -> Iterator[Need]:
    return (need for alternatives in rule.asks for need in alternatives)


def _hearing(subject: Subject) -> tuple[Need, ...] | None:
    if isinstance(subject, Call):
        return hearing_of_call(subject.name, subject.args, subject.rest)
    return hearing_of_word(subject.path)
