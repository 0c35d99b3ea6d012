"""The examples that a page shows of a rule, picked from the tests of its own rulebook: a positive one and a boundary."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from rules.rulebook import Rulebook
from rules.schema import TestPart

_EVENT: Final = re.compile(r"\s*(\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2})?)\s+([a-z_]+)\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Given:
    """An event of a test as written: its local instant, its name, and what else it says."""

    at: str
    event: str
    rest: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A test as an example of one rule: what was given, and what the rule was at which local instant."""

    name: str
    item: str
    given: tuple[Given, ...]
    seen: tuple[tuple[str, str], ...]
    boundary: bool = False


def samples_of(book: Rulebook, rule: str) -> tuple[Sample, ...]:
    """Return a test in which the rule holds, and the one that shows its narrowest boundary, if there are such tests."""
    tests = [(test, tuple(_seen(test, rule))) for test in book.part.tests]
    edges = [(gap, index) for index, (_, seen) in enumerate(tests) if (gap := _gap(seen)) is not None]
    chosen = [(index, False) for index, (_, seen) in enumerate(tests) if any(s == "holds" for _, s in seen)][:1]
    if edges:
        chosen = [(i, b) for i, b in chosen if i != min(edges)[1]] + [(min(edges)[1], True)]
    return tuple(_sample(*tests[index], boundary) for index, boundary in chosen)


def _sample(test: TestPart, seen: tuple[tuple[str, str], ...], boundary: bool) -> Sample:
    item = ", ".join(f"{name}: {value}" for name, value in test.item.items())
    return Sample(test.name, item, tuple(_given(each) for each in test.given), seen, boundary)


def _seen(test: TestPart, rule: str) -> Iterator[tuple[str, str]]:
    """Yield what a test expects of a rule at each instant, in the order of time."""
    found = []
    for entry in test.expect:
        for key, value in entry.items():
            words = value if isinstance(value, list) else value.split(",")
            found += [
                (key.removeprefix("at").strip(), state) for word in words if (state := _state(word.strip(), rule))
            ]
    yield from sorted(found)


def _state(word: str, rule: str) -> str:
    bare = word.partition(" against ")[0]
    return {rule: "holds", f"not {rule}": "not", f"undetermined {rule}": "undetermined"}.get(bare, "")


def _gap(seen: tuple[tuple[str, str], ...]) -> dt.timedelta | None:
    """Return the shortest time in which the rule changes between holding and not, None if the test shows no change."""
    gaps = [
        dt.datetime.fromisoformat(later) - dt.datetime.fromisoformat(earlier)
        for (earlier, was), (later, becomes) in pairwise(seen)
        if {was, becomes} == {"holds", "not"}
    ]
    return min(gaps, default=None)


def _given(given: str | Mapping[str, object]) -> Given:
    if isinstance(given, str):
        match = _EVENT.fullmatch(given)
        return Given(match[1], match[2], match[3].strip()) if match else Given("", given, "")
    rest = ", ".join(f"{name}={value}" for name, value in given.items() if name not in {"at", "event"})
    return Given(str(given.get("at", "")), str(given.get("event", "")), rest)
