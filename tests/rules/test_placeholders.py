"""Placeholders of messages: an allow-list, and values made neutral."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.placeholders import allowed, check_text, fill, names, neutral
from rules.problems import Place

PLACE = Place("book.yaml", 7, 11)


@pytest.mark.parametrize(
    ("text", "of"),
    [
        (
            "办件 {case.no}（{item.name}）应于 {clock.promise.due_at} 前办结，已超 {clock.promise.over_by}。",
            "application",
        ),
        ("已移交 {contact.hops} 次", "contact"),
        ("{unit.code}: {tally.yellow_cards.quarter}", "unit"),
        ("no placeholder at all", "feed"),
        ("block text of YAML ends with a line break\n", "application"),
    ],
)
def test_a_text_with_known_placeholders_has_no_problem(text: str, of: str) -> None:
    assert check_text(text, of, PLACE) == ()


@pytest.mark.parametrize(
    "name",
    [
        "clock.promise.due", "case", "case.__class__", "clock..due_at", "clock.promise.due_at.at", "case.no!r",
        "item.name:>20", "0", "", "applicant.id_number", "clock.Promise.due_at", "case.no[0]",
    ],
)  # fmt: skip
def test_an_unknown_placeholder_is_a_problem_at_its_place(name: str) -> None:
    (problem,) = check_text(f"x {{{name}}} y", "application", PLACE)
    assert (problem.code, problem.place) == ("message/placeholder", PLACE)
    assert f"{{{name}}}" in problem.en
    assert f"{{{name}}}" in problem.zh


def test_a_misspelt_placeholder_is_answered_with_the_nearest_known_one() -> None:
    (problem,) = check_text("{item.nane}", "application", PLACE)
    assert problem.mend_en == "Did you mean {item.name}?"


def test_a_misspelt_word_of_a_clock_is_answered_with_the_name_of_that_clock() -> None:
    (problem,) = check_text("{clock.promise.due_on}", "application", PLACE)
    assert problem.mend_en == "Did you mean {clock.promise.due_at}?"


def test_a_placeholder_of_another_kind_of_case_is_a_problem() -> None:
    assert not allowed("contact.hops", "application")
    assert allowed("contact.hops", "contact")
    assert allowed("contact.hops")


def test_a_name_that_the_rulebook_shows_is_allowed() -> None:
    assert check_text("{hops}", "contact", PLACE, also={"hops"}) == ()


@pytest.mark.parametrize("text", ["{case.no", "case.no}", "{{case.no}}", "a } b { c"])
def test_a_brace_without_a_partner_is_a_problem(text: str) -> None:
    assert "message/braces" in {problem.code for problem in check_text(text, "application", PLACE)}


@pytest.mark.parametrize("text", ["two\nlines", "a\rb", "bell\x07", "turned\u202eround"])
def test_a_control_character_in_a_text_is_a_problem(text: str) -> None:
    assert [problem.code for problem in check_text(text, "application", PLACE)] == ["message/control"]


def test_every_problem_of_a_text_is_told_at_once() -> None:
    assert len(check_text("{a} {b} {" + "x" * 2_000, "application", PLACE)) == 4


def test_names_are_found_in_order() -> None:
    assert names("{b} and {a.c} { b }") == ("b", "a.c", "b")


@given(st.text())
def test_a_neutral_value_stands_in_one_printable_line(value: str) -> None:
    assert neutral(value).isprintable()
    assert neutral(neutral(value)) == neutral(value)


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"])))
def test_what_can_be_printed_is_not_touched(value: str) -> None:
    assert neutral(value) == value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\r\nBcc: b@c", "a Bcc: b@c"),
        ("a\u2028b\u2029c\x85d", "a b c d"),
        ("\u202egnp.exe", "gnp.exe"),
        ("zero\u200bwidth", "zerowidth"),
        ("full　width", "full width"),
        ("\x00", ""),
    ],
)
def test_breaks_become_spaces_and_invisible_characters_vanish(value: str, shown: str) -> None:
    assert neutral(value) == shown


@given(st.dictionaries(st.sampled_from(["case.no", "item.name"]), st.text()))
def test_filling_replaces_each_placeholder_exactly_once(values: dict[str, str]) -> None:
    expected = "|".join(neutral(values.get(name, "")) or "—" for name in ("case.no", "item.name"))
    assert fill("{case.no}|{item.name}", values) == expected
