"""What is shipped is clean, the schema for editors fits it, and differences are told change by change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rules.booktests import run_tests
from rules.calendarbook import open_calendars
from rules.checkup import check_books, check_profile, schema
from rules.differences import Difference, differences
from rules.loader import BOOKS, load_books
from rules.problems import render
from rules.profiles import PROFILES

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "docs" / "rulebook.schema.json"
SHIPPED = sorted(PROFILES.glob("*.yaml"))

BOOK = """
rulebook: sample
title: {zh: 样例, en: sample}
version: 1
in_force: {from: 2018-01-01}
basis: {promise: {text: 服务承诺}}
parameters:
  near: [{value: 90%, from: 2018-01-01}]
clocks:
  promise: {title: {zh: 承诺, en: promise}, of: application, starts: accepted, stops: completed, limit: 5 workdays}
rules:
  - {id: T03, title: {zh: 临近, en: near}, of: application, when: clock.promise.used >= param.near, card: reminder, tell: R1, basis: promise}
  - {id: T04, title: {zh: 超期, en: overdue}, of: application, when: clock.promise.over, card: yellow, tell: R2, basis: promise}
"""


def test_nothing_can_be_said_against_the_shipped_rulebooks() -> None:
    """Neither an error nor a warning: article, recipient, both texts and three proofs for every rule."""
    found = check_books([BOOKS])

    assert not found, render(found)


def test_a_rulebook_whose_tests_name_rules_of_another_is_held_beside_it_and_never_beside_its_own_former_text() -> None:
    """Whoever corrects one file of the law has the others in force, and proves it with them."""
    path, law = BOOKS / "time-limits.yaml", load_books().books
    own = [book for book in law if book.name == "time-limits"]
    told = check_books([path])
    assert {problem.code for problem in told} == {"test/expectation"}
    assert check_books([path], beside=own) == told
    assert not run_tests([path], open_calendars(), beside=own).passed

    assert check_books([path], beside=law) == ()
    report = run_tests([path], open_calendars(), beside=law)
    assert report.passed
    assert set(report.seen) == {rule.id for rule in own[0].rules}


@pytest.mark.parametrize("profile", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_profile_names_only_what_the_rulebooks_know(profile: Path) -> None:
    assert check_profile(profile) == ()
    assert [p for p in check_books([], profile.stem) if p.severity == "error"] == []


def test_a_profile_that_names_an_unknown_rule_is_told_the_nearest_one(tmp_path: Path) -> None:
    path = tmp_path / "profile.yaml"
    path.write_text(
        "profile: own\ntitle: {zh: 自定, en: own}\nrules:\n  T0X: {card: red}\nparameters:\n  neer: [{value: 80%}]\n",
        encoding="utf-8",
    )

    found = check_profile(path)

    assert [(p.code, p.place.line) for p in found] == [("profile/unknown-name", 4), ("profile/unknown-name", 6)]
    assert found[1].mend_en == "Did you mean 'near'?"


def test_the_schema_for_editors_is_the_one_that_is_committed() -> None:
    """Made anew by ``mingdeng check --schema > docs/rulebook.schema.json``."""
    assert SCHEMA.read_text(encoding="utf-8") == schema()


def test_the_schema_knows_the_short_forms_that_authors_write() -> None:
    """One event for a list of triggers, a text for a list of limits."""
    clock = json.loads(schema())["$defs"]["ClockPart"]["properties"]

    assert {"type": "string"} in clock["starts"]["anyOf"]
    assert {"type": "string"} in clock["limit"]["anyOf"]


def test_two_rulebooks_differ_change_by_change(tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(BOOK, encoding="utf-8")
    changed = (
        BOOK.replace("90%", "80%").replace("card: yellow", "card: red").replace("en: overdue", "en: over")
        .replace("when: clock.promise.over,", "when: clock.promise.over and case.result != deleted,")
        .replace("limit: 5 workdays", "limit: 7 workdays").replace("id: T03", "id: T02").replace("version: 1", "version: 2")
    )  # fmt: skip
    new.write_text(changed, encoding="utf-8")

    found = differences(load_books([old]), load_books([new]))

    assert found == (
        Difference("rulebook", "sample", "version", "1", "2"),
        Difference("parameter", "sample/near", "values", "90% (2018-01-01)", "80% (2018-01-01)"),
        Difference("clock", "sample/promise", "limit", "5 workdays", "7 workdays"),
        Difference("rule", "T02", "added", "", "clock.promise.used >= param.near"),
        Difference("rule", "T03", "removed", "clock.promise.used >= param.near", ""),
        Difference("rule", "T04", "when", "clock.promise.over", "clock.promise.over and case.result != deleted"),
        Difference("rule", "T04", "card", "yellow", "red"),
        Difference("rule", "T04", "title_en", "overdue", "over"),
    )
    assert found[-2].words("zh") == ("规则", "T04", "牌", "yellow", "red")


def test_a_rulebook_of_which_only_the_title_or_a_test_changed_differs(tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    proof = "tests:\n  - name: n\n    given: [2018-10-15 10:00:00 accepted]\n    expect:\n      - at 2018-10-22 00:00:00: not T04\n"
    old.write_text(BOOK + proof, encoding="utf-8")
    new.write_text(
        (BOOK + proof).replace("样例", "新标题", 1).replace("22 00:00:00: not T04", "23 00:00:00: T04"),
        encoding="utf-8",
    )

    found = differences(load_books([old]), load_books([new]))

    assert [each.words("zh")[:4] for each in found] == [
        ("规则书", "sample", "中文标题", "样例"),
        ("测试", "sample: n", "内容", found[1].was),
    ]


def test_a_rulebook_does_not_differ_from_itself() -> None:
    books = load_books()

    assert differences(books, books) == ()


def test_a_test_that_cannot_be_read_fails_with_its_place_and_the_others_go_on(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    tests = "tests:\n  - name: n\n    given: [2018-10-15 10:00:00 accepted, nonsense]\n    expect:\n      - at 2018-10-22 00:00:00: not T04, T44\n"
    path.write_text(BOOK + tests, encoding="utf-8")

    report = run_tests([path], open_calendars([]))

    assert [(p.code, p.place.line) for p in report.tests[0].problems] == [("test/expectation", 18), ("test/given", 16)]
    assert report.seen["T04"] == {"holds": 0, "not": 1, "undetermined": 0}
