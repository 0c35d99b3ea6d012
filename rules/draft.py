"""A rulebook file as far as it can be read: what the loader made of it, whatever is wrong with the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from rules.documents import Document, Path_
from rules.problems import Place, Problem
from rules.rule import Rule
from rules.rulebook import Rulebook
from rules.schema import RulebookPart
from rules.words import ParameterValue


@dataclass(frozen=True, slots=True)
class Draft:
    """One file: ``rules`` are those whose condition could be read; ``book`` is None while there are problems.

    ``touched`` are the entries in which something had to be replaced to read the rest: nothing else is said of them.
    """

    document: Document
    part: RulebookPart
    parameters: Mapping[str, tuple[tuple[dt.date, ParameterValue], ...]]
    rules: tuple[Rule, ...]
    problems: tuple[Problem, ...] = ()
    book: Rulebook | None = None
    touched: frozenset[Path_] = frozenset()
    index: Mapping[str, int] = field(default_factory=dict)

    def place(self, *path: str | int) -> Place:
        """Return the place of the value at a path of the file."""
        return self.document.place(path)

    def rule_place(self, rule: str, key: str = "id") -> Place:
        """Return the place of a rule's ``key``, else of its id."""
        path = ("rules", self.index[rule], key)
        return self.document.place(path if path in self.document.places else (*path[:2], "id"))
