"""The tests of rulebooks notice every rule that is made wrong in one place, and see every branch of every rule."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rules.booktests import run_tests
from rules.calendarbook import CalendarBook, open_calendars
from rules.language import parse
from rules.language.nodes import written
from rules.mutants import changes
from rules.mutation import run_mutants
from rules.problems import Place


@pytest.fixture(scope="module")
def calendars() -> CalendarBook:
    return open_calendars([])


@pytest.mark.parametrize(
    ("condition", "mutants"),
    [
        ("clock.a.over", ["not clock.a.over"]),
        ("not clock.a.over", ["clock.a.over"]),
        ("case.n >= 3", ["case.n < 3", "case.n > 3", "case.n >= 4", "case.n >= 2"]),
        ("case.n < 4.5", ["case.n >= 4.5", "case.n <= 4.5", "case.n < 4.6", "case.n < 4.4"]),
        ("case.n == 3", ["case.n != 3", "case.n == 4", "case.n == 2"]),
        ("clock.a.used > 90%", ["clock.a.used <= 90%", "clock.a.used >= 90%", "clock.a.used > 91%", "clock.a.used > 89%"]),
        ("item.fee <= 2 yuan", ["item.fee > 2 yuan", "item.fee < 2 yuan", "item.fee <= 201 fen", "item.fee <= 199 fen"]),
        (
            "clock.a.left < 1 workday",
            ["clock.a.left >= 1 workday", "clock.a.left <= 1 workday", "clock.a.left < 2 workdays", "clock.a.left < 0 workdays"],
        ),
        ("case.r in [a, b]", ["case.r not in [a, b]"]),
        ("case.r == a", ["case.r != a"]),
        ("case.x and case.y", ["case.x or case.y", "not case.x and case.y", "case.x and not case.y"]),
        ("case.x or not case.y", ["case.x and not case.y", "not case.x or not case.y", "case.x or case.y"]),
        ("any(s in case.steps: s.late)", ["not any(s in case.steps: s.late)", "any(s in case.steps: not s.late)"]),
        (
            'case.at < "2024-01-31T10:00:00+08:00"',
            [
                'case.at >= "2024-01-31T10:00:00+08:00"', 'case.at <= "2024-01-31T10:00:00+08:00"',
                'case.at < "2024-01-31T10:00:01+08:00"', 'case.at < "2024-01-31T09:59:59+08:00"',
            ],
        ),
    ],
)  # fmt: skip
def test_a_condition_is_made_wrong_in_every_one_of_its_places(condition: str, mutants: list[str]) -> None:
    assert mutants == [written(change.node) for change in changes(parse(condition, Place("test")))]


BOOK = """
rulebook: sample
title: {zh: 样例, en: sample}
version: 1
in_force: {from: 2018-01-01}
basis: {promise: {text: 服务承诺}}
clocks:
  promise: {title: {zh: 承诺, en: promise}, of: application, starts: accepted, stops: completed, limit: 5 workdays, counting: rolling}
rules:
  - {id: T04, title: {zh: 超期, en: overdue}, of: application, when: clock.promise.over and case.result != granted, light: red, basis: promise}
tests:
  - name: one second late
    given:
      - 2018-10-15 10:00:00 accepted
      - 2018-10-15 11:00:00 step_finished result=RESULT
    expect:
      - at 2018-10-22 10:00:00: not T04
      - at 2018-10-22 10:00:01: T04
"""


def test_what_no_test_notices_survives_with_its_place(tmp_path: Path, calendars: CalendarBook) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(BOOK.replace("RESULT", "refused"), encoding="utf-8")

    mutation = run_mutants([path], calendars)

    assert [(m.was, m.becomes) for m in mutation.survivors] == []
    assert mutation.mutants == 5  # and/or, two negations, the limit a workday longer and shorter

    path.write_text(
        BOOK.replace("result=RESULT", "result=refused").replace("      - at 2018-10-22 10:00:00: not T04\n", ""),
        encoding="utf-8",
    )
    survivors = run_mutants([path], calendars).survivors

    assert [(m.of, m.was, m.becomes, m.place.line) for m in survivors] == [
        ("T04", "clock.promise.over and case.result != granted", "clock.promise.over or case.result != granted", 10),
        ("promise", "5 workdays", "4 workdays", 8),
    ]


def test_a_branch_that_no_test_has_seen_is_named_in_the_authors_words(tmp_path: Path, calendars: CalendarBook) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(BOOK.replace("RESULT", "refused"), encoding="utf-8")

    (rule,) = run_tests([path], calendars).coverage

    assert len(rule.branches) == 3
    assert [p.en for p in rule.problems()] == ["T04: no test in which it does not hold because case.result == granted."]


def test_no_mutant_of_the_shipped_rulebooks_survives(
    calendars: CalendarBook, record_property: Callable[[str, object], None]
) -> None:
    mutation = run_mutants([], calendars)
    record_property("figure", f"rule mutation: {mutation.table().splitlines()[-1]}")

    assert mutation.survivors == (), mutation.table()
    assert mutation.mutants >= 600
