"""The item catalogue (事项目录) that judges: dated versions of items; limits are frozen where a clock starts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from rules.facts import ItemVersion
from rules.itementries import Entry, read_entries
from rules.problems import Problem, UserError


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every version of every item that judges, by code, the latest first date last."""

    versions: Mapping[str, tuple[ItemVersion, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Iterable[ItemVersion]) -> Catalogue:
        """Return the catalogue of these versions."""
        found: dict[str, list[ItemVersion]] = {}
        for item in items:
            found.setdefault(item.code, []).append(item)
        return cls({code: tuple(sorted(own, key=lambda item: item.from_on)) for code, own in found.items()})

    def version_at(self, code: str, on: dt.date) -> ItemVersion | None:
        """Return the version of an item in force on a date, None if the catalogue has none."""
        for item in reversed(self.versions.get(code, ())):
            if item.from_on <= on:
                return item if item.until_on is None or on < item.until_on else None
        return None


def load_catalogue(path: Path) -> Catalogue:
    """Read a catalogue file; versions that wait for their approval are left out, so they judge nothing.

    Raise ``UserError`` with every problem, also for versions of one item whose dates overlap.
    """
    read = read_entries(path)
    problems = [*read.problems, *overlaps(read.entries)]
    if problems:
        raise UserError(problems)
    return Catalogue.of(entry.item for entry in read.entries if not entry.draft)


def overlaps(entries: Sequence[Entry]) -> Iterator[Problem]:
    """Yield a problem for each date from which two versions of an item would judge."""
    by_code: dict[str, list[Entry]] = {}
    for entry in entries:
        if not entry.draft:
            by_code.setdefault(entry.item.code, []).append(entry)
    for own in by_code.values():
        for earlier, later in pairwise(sorted(own, key=lambda entry: entry.item.from_on)):
            until, begins = earlier.item.until_on, later.item.from_on
            if earlier.item.from_on == begins or (until is not None and until > begins):
                yield Problem(
                    "catalogue/overlap", later.place, f"Two versions of item '{later.item.code}' hold on {begins}.",
                    f"事项“{later.item.code}”在 {begins} 有两个版本同时有效。",
                    "Give the earlier one an 'until', or remove the one that was corrected.",
                    "请为较早的版本写明 until，或删除被更正的版本。",
                )  # fmt: skip
