"""An event that no source knows never happens: a clock that waits for a misspelt one never starts."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from rules.draft import Draft
from rules.facts import EVENT_RANK
from rules.problems import Problem
from rules.view import FINISHING

KNOWN = frozenset(EVENT_RANK) | FINISHING


def check(draft: Draft) -> Iterator[Problem]:
    """Yield a problem for each event of a clock that is not known but very like one that is, and in no test either."""
    known = KNOWN | set(_in_tests(draft))
    for path, event in _events(draft):
        near = difflib.get_close_matches(event, KNOWN, n=1, cutoff=0.8) if event not in known else []
        if near:
            yield Problem(
                "lint/event", draft.place(*path), f"No source reports an event '{event}'.", f"没有名为“{event}”的事件。",
                f"Did you mean '{near[0]}'?", f"是否应为“{near[0]}”？",
            )  # fmt: skip


def _events(draft: Draft) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for name, clock in draft.part.clocks.items():
        for kind, triggers in (("starts", clock.starts), ("stops", clock.stops)):
            for index, trigger in enumerate(triggers):
                yield ("clocks", name, kind, index), trigger.event
        if clock.pauses is not None:
            yield ("clocks", name, "pauses", "from"), clock.pauses.begins.event
            yield ("clocks", name, "pauses", "to"), clock.pauses.ends.event
        if clock.extends is not None:
            yield ("clocks", name, "extends", "by"), clock.extends.by.event


def _in_tests(draft: Draft) -> Iterator[str]:
    """Yield the events that happen in the tests of the file: what is written twice is meant so."""
    for test in draft.part.tests:
        for given in test.given:
            words = given.split() if isinstance(given, str) else ["", "", str(given.get("event", ""))]
            yield from words[2:3]
