"""The rulebooks that are shipped, and those of the examples, prove themselves by the tests that stand in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.booktests import run_tests
from rules.calendarbook import open_calendars
from rules.loader import BOOKS
from rules.problems import render

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(ROOT.glob("examples/*/rulebook*.yaml"))


@pytest.mark.smoke
def test_every_test_of_the_shipped_rulebooks_passes() -> None:
    report = run_tests([BOOKS], open_calendars([]))

    assert report.passed, "\n".join(render(test.problems) for test in report.tests)
    assert len(report.tests) >= 29


def test_every_shipped_rule_is_seen_to_hold_and_not_to_hold() -> None:
    report = run_tests([BOOKS], open_calendars([]))

    assert report.unproved() == ()


@pytest.mark.parametrize("book", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_test_of_an_example_passes(book: Path) -> None:
    report = run_tests([book], open_calendars([book.parent]))

    assert report.tests
    assert report.passed, "\n".join(render(test.problems) for test in report.tests)
