"""The columns that a subject or a register row is projected to: words that rules read, and atoms decided beforehand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from rules.language.nodes import Subject, path_of
from rules.language.terms import Column, Truth
from rules.language.types import Env, Type
from rules.language.values import Plain, text

Fact: TypeAlias = dict[str, int | str | float]
"""One projected subject: ``t`` is its group, the rest are columns; a missing or unusable value is left out."""

GAP: Final = "gap"
"""Marks a fact that lacks a column; ``gap_<n>`` marks it for the n-th rule, which may then be undetermined."""
RESERVED: Final = frozenset({"id", "sid", "t", "n", "is", "of", GAP})
MAX_COLUMNS: Final = 240
"""The engine refuses facts of about 250 properties."""

_SIGN: Final = re.compile(r"\W+", re.ASCII)


def row_type(register: str) -> str:
    """Return the ``t`` of a register's rows."""
    return f"/row/{text(register)}"


@dataclass(slots=True)
class Columns:
    """The columns of one type of fact, named so that the engine's JSON takes them; equal texts share a column."""

    names: dict[str, str] = field(default_factory=dict)
    readers: dict[str, Column] = field(default_factory=dict)

    def value(self, subject: Subject, column: Column, type_: Type) -> str:
        """Return the column that holds a word's value."""
        return self._named(".".join(path_of(subject)), f"v_{type_}_", column)

    def truth(self, wording: str, truth: Truth) -> str:
        """Return the column that holds an atom's truth as 1 or 0."""
        return self._named(wording, "is_", _as_number(truth))

    def present(self, subject: Subject, column: Column) -> str:
        """Return the column that says whether a word has a usable value."""
        return self._named(
            f"usable {'.'.join(path_of(subject))}", "has_", lambda env, row: int(column(env, row) is not None)
        )

    def _named(self, wording: str, prefix: str, column: Column) -> str:
        key = prefix + wording
        if key not in self.names:
            safe = prefix + _SIGN.sub("_", wording).strip("_")[:40]
            name, count = safe, 1
            while name in self.readers:
                count += 1
                name = f"{safe}_{count}"
            self.names[key] = name
            self.readers[name] = column
        return self.names[key]


@dataclass(frozen=True, slots=True)
class Projector:
    """Projects the subjects of one group. ``needs`` says which gap marks follow when a column is missing."""

    group: str
    readers: tuple[tuple[str, Column], ...]
    needs: Mapping[str, tuple[str, ...]]
    always: tuple[str, ...]

    def project(self, env: Env) -> Fact:
        """Return the fact of one subject at one instant."""
        fact: Fact = {"t": self.group}
        gaps = set(self.always)
        for name, column in self.readers:
            value = column(env, None)
            if value is not None:
                fact[name] = value
            else:
                gaps.update(self.needs.get(name, ()))
        if gaps:
            fact[GAP] = 1
            for mark in sorted(gaps):
                fact[mark] = 1
        return fact


def _as_number(truth: Truth) -> Column:
    def column(env: Env, row: Mapping[str, str | int | float | bool | None] | None) -> Plain | None:
        value = truth(env, row)
        return None if value is None else int(value)

    return column
