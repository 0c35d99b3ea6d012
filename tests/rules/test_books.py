"""The rulebooks that are shipped, and those of the examples, prove themselves by the tests that stand in them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from string import ascii_uppercase

import pytest

from rules.booktests import Report, run_tests
from rules.calendarbook import open_calendars
from rules.loader import BOOKS, load_books
from rules.problems import render

ROOT = Path(__file__).parents[2]
TOGETHER = pytest.mark.xdist_group("shipped rulebooks")
"""These tests share one report, so one worker runs them."""

EXAMPLES = sorted(ROOT.glob("examples/*/rulebook*.yaml"))


@cache
def report_of_the_shipped() -> Report:
    """Return the report of all shipped rulebooks, made once."""
    return run_tests([BOOKS], open_calendars([]))


@pytest.fixture
def shipped() -> Report:
    """The report of all shipped rulebooks; a fixture of the module would end whenever another module's turn comes."""
    return report_of_the_shipped()


@pytest.mark.smoke
@TOGETHER
def test_every_test_of_the_shipped_rulebooks_passes(shipped: Report) -> None:
    report = shipped

    assert report.passed, "\n".join(render(test.problems) for test in report.tests)
    assert len(report.tests) >= 400


@TOGETHER
def test_every_shipped_rule_is_seen_to_hold_and_not_to_hold(shipped: Report) -> None:
    assert shipped.unproved() == ()


@TOGETHER
def test_every_branch_of_every_shipped_rule_is_seen(
    shipped: Report, record_property: Callable[[str, object], None]
) -> None:
    coverage = shipped.coverage
    branches, unseen = sum(len(rule.branches) for rule in coverage), [p for rule in coverage for p in rule.problems()]
    record_property(
        "figure", f"rule coverage: {len(coverage)} rules, {branches - len(unseen)} of {branches} branches seen"
    )

    assert not unseen, render(unseen)


@pytest.mark.parametrize("book", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_test_of_an_example_passes(book: Path) -> None:
    report = run_tests([book], open_calendars([book.parent]))

    assert report.tests
    assert report.passed, "\n".join(render(test.problems) for test in report.tests)


POINTS = {
    "T": 20, "Q": 10, "P": 15, "N": 7, "F": 7, "H": 8, "S": 10, "WD": 7, "V": 6, "O": 5, "D": 10, "C": 7, "I": 5, "J": 4,
    "A": 8,
}  # fmt: skip
"""The supervision points by their group, and how many each has."""


def test_every_supervision_point_of_the_field_has_its_rule() -> None:
    """A point is borne by the rule of its number, or by that number with letters."""
    borne = {rule.id.rstrip(ascii_uppercase) for book in load_books([]).books for rule in book.rules}
    points = {f"{group}{number:02d}" for group, last in POINTS.items() for number in range(1, last + 1)}

    assert points - borne == set()
