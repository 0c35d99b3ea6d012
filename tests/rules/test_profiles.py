"""Severity profiles: data over the same rulebooks, never another condition, and never a name that nothing bears."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from rules.checkup import check_books
from rules.differences import differences
from rules.judgement import Light
from rules.limits import Counting, Intake
from rules.loader import load_books
from rules.policy import Colour, IssueMode
from rules.problems import UserError
from rules.profiles import PROFILES, load_profile
from rules.rulebook import Rulebooks

SHIPPED = sorted(path.stem for path in PROFILES.glob("*.yaml"))
TIME_LIMITS = Path(PROFILES).parent / "books" / "time-limits.yaml"
MANIPULATION = TIME_LIMITS.with_name("clock-manipulation.yaml")


@cache
def books(profile: str | None) -> Rulebooks:
    return load_books([], profile)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_name_in_a_shipped_profile_is_borne_by_a_shipped_book(name: str) -> None:
    profile, shipped = load_profile(name), books(None).books

    assert set(profile.rules) <= {rule.id for book in shipped for rule in book.rules}
    assert set(profile.clocks) <= {clock for book in shipped for clock in book.clocks}
    assert set(profile.parameters) <= {parameter for book in shipped for parameter in book.parameters}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_profile_changes_no_condition_and_does_change_something(name: str) -> None:
    plain, other = load_books([TIME_LIMITS]).books[0], load_books([TIME_LIMITS], name).books[0]

    assert [rule.when for rule in other.rules] == [rule.when for rule in plain.rules]
    changed = [r.policy for r in other.rules] != [r.policy for r in plain.rules]
    counted = [c.part for c in other.clocks.values()] != [c.part for c in plain.clocks.values()]
    assert changed or counted or other.parameters != plain.parameters


def test_where_near_is_yellow_and_over_is_red_nothing_that_is_late_is_less_and_no_red_card_falls_without_a_person() -> (
    None
):
    light = books("light")
    of_time = next(book for book in light.books if book.name == "time-limits")
    late = [rule for rule in of_time.rules if ".over" in rule.part.when and rule.policy.card is not Colour.REMINDER]
    near = [rule for rule in of_time.rules if rule.id.endswith("W") or rule.id == "T03"]

    assert {rule.id for rule in late if (rule.policy.light, rule.policy.card) != (Light.RED, Colour.RED)} == set()
    assert {rule.id for rule in near if (rule.policy.light, rule.policy.card) != (Light.YELLOW, Colour.YELLOW)} == set()
    red = [policy for policy in light.policies.values() if policy.card is Colour.RED]
    assert {policy.rule for policy in red if policy.issue is IssueMode.AUTOMATIC} == set()
    assert len(late) > 20


def test_what_a_profile_changes_is_told_change_by_change_and_the_default_one_changes_nothing() -> None:
    plain = books(None)

    assert differences(plain, books("default")) == ()
    changed = {name: {d.name for d in differences(plain, books(name))} for name in SHIPPED}
    assert {"time-limits/near_left", "supervisors/explain_red"} <= changed["hunan"]
    assert {"time-limits/early_left", "T05"} <= changed["guangdong"]
    assert {"T03", "T04", "T17"} <= changed["light"]


def test_a_profile_that_names_what_no_rulebook_has_is_refused_at_each_name_with_the_nearest(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "profile: own\ntitle: {zh: 自定, en: own}\nrules:\n  T044: {card: red}\nclocks:\n  promis: {counting: legal}\n"
        "parameters:\n  neer: [{value: 80%}]\n",
        encoding="utf-8",
    )

    with pytest.raises(UserError) as refused:
        load_books([], own)

    problems = refused.value.problems
    assert [(p.code, p.place.file, p.place.line) for p in problems] == [
        ("profile/unknown-name", str(own), line) for line in (4, 6, 8)
    ]
    assert [p.sentence("en") for p in problems] == [
        "No rulebook has a rule 'T044'. Did you mean 'T04'?",
        "No rulebook has a clock 'promis'. Did you mean 'promise'?",
        "No rulebook has a parameter 'neer'. Did you mean 'near'?",
    ]
    assert problems[0].sentence("zh") == "规则书中没有规则“T044”。是否应为“T04”？"
    assert check_books([], own) == problems


def test_a_profile_may_name_rules_of_the_shipped_books_beside_a_book_that_has_none_of_them(tmp_path: Path) -> None:
    assert load_books([MANIPULATION], "hunan").profile == "hunan"


def test_a_profile_says_how_a_clock_counts_and_what_arrives_on_a_day_off() -> None:
    hunan, guangdong = (load_books([TIME_LIMITS], name).books[0].clocks for name in ("hunan", "guangdong"))

    assert hunan["statutory"].part.counting is Counting.ROLLING
    assert hunan["statutory"].part.limit == ["item.statutory"]
    assert guangdong["acceptance"].part.intake is Intake.NEXT_WORKDAY
    assert guangdong["statutory"].part.counting is Counting.LEGAL


def test_a_profile_cannot_change_what_starts_a_clock(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "profile: own\ntitle: {zh: 自定, en: own}\nclocks:\n  promise: {starts: received}\n", encoding="utf-8"
    )

    with pytest.raises(UserError) as refused:
        load_profile(own)

    assert "starts" in str(refused.value)


def test_clocks_of_one_name_mean_the_same_in_both_books() -> None:
    """A card's clock is named once: what the book of manipulation calls the promise is the promise."""
    limits, manipulation = (load_books([path]).books[0] for path in (TIME_LIMITS, MANIPULATION))

    for name in ("promise", "statutory"):
        one, other = limits.clocks[name].part, manipulation.clocks[name].part
        assert one.model_copy(update={"asks": other.asks}) == other
    (_, five), *_ = limits.parameters["acceptance"]
    assert manipulation.clocks["acceptance"].part.limit == [f"{five.amount} workdays"]  # type: ignore[union-attr]  # a length of time


def test_unless_and_deemed_are_refused_where_a_clock_stops(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "rulebook: own\ntitle: {zh: 自定, en: own}\nversion: 1\nin_force: {from: 2018-01-01}\nclocks:\n  promise:\n"
        "    title: {zh: 承诺, en: promise}\n    of: application\n    starts: {event: received, deemed: acceptence}\n"
        "    stops: {event: completed, unless: accepted}\n    limit: 5 workdays\n",
        encoding="utf-8",
    )

    with pytest.raises(UserError) as refused:
        load_books([own])

    assert {problem.code for problem in refused.value.problems} == {"rulebook/unknown-name", "clock/start-only"}
