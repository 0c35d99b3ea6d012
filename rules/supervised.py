"""The supervision points (监察点) of the law in force, and those that no reported case can be asked for want of data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rules.asking import Need
from rules.catalogue import Catalogue
from rules.facts import CaseEvent
from rules.needs import Silent, silent, told_by
from rules.rule import Rule
from rules.rulebook import Rulebooks


@dataclass(frozen=True, slots=True)
class Supervised:
    """The points of one kind of case: all of them, and those without data."""

    kind: str
    rules: tuple[Rule, ...]
    silent: tuple[Silent, ...]

    @property
    def spoken(self) -> int:
        """How many points have data."""
        return len(self.rules) - len(self.silent)

    def wakes(self) -> list[tuple[tuple[Need, ...], tuple[Rule, ...]]]:
        """Return each missing need by its alternatives with the rules that wait for it, the one most waited for first."""
        found: dict[tuple[Need, ...], list[Rule]] = {}
        for each in self.silent:
            for need in each.lacks:
                found.setdefault(need, []).append(each.rule)
        ordered = sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
        return [(need, tuple(rules)) for need, rules in ordered]


def supervised(books: Rulebooks, catalogue: Catalogue, events: Iterable[CaseEvent]) -> tuple[Supervised, ...]:
    """Return what these events and the catalogue let each kind of case be supervised for, in the order of the books."""
    items = [version for versions in catalogue.versions.values() for version in versions]
    mute = silent(books, told_by(events, items))
    rules: dict[str, list[Rule]] = {}
    for book in books.books:
        for rule in book.rules:
            rules.setdefault(rule.part.of, []).append(rule)
    return tuple(
        Supervised(kind, tuple(found), tuple(each for each in mute if each.rule.part.of == kind))
        for kind, found in rules.items()
    )
