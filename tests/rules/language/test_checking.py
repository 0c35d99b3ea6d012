"""Names, types, units and codes are checked before anything runs; every problem is shown at once."""

from __future__ import annotations

import pytest

from rules.language import check, parse, parse_given
from rules.problems import Place
from tests.fuzz.words import Words

PLACE = Place("book.yaml", 1, 1, 10_000)


def problems(when: str, **given: str) -> list[tuple[str, str]]:
    """Return code and mending edit of every problem of a rule."""
    bindings = {name: parse_given(text, PLACE) for name, text in given.items()}
    return [(found.code, found.mend_en) for found in check(parse(when, PLACE), Words(), bindings)]


@pytest.mark.parametrize(
    ("when", "code", "mend"),
    [
        ("case.resullt == ok", "rule/unknown-word", "Did you mean 'case.result'?"),
        ("case.result == lat", "rule/unknown-code", "Did you mean 'late'?"),
        ("case.result in [ok, zzz]", "rule/unknown-code", "Its codes are late, ok, void, 不予受理."),
        ("clock.promise.share >= 0.9", "rule/type", "Write a share such as '90%'."),
        ("clock.promise.used >= 3", "rule/type", "Write a threshold such as '90%' or '3 workdays'."),
        ("clock.promise.used >= 200 yuan", "rule/type", "Write a threshold such as '90%' or '3 workdays'."),
        ("clock.promise.used == 90%", "rule/order", "Use >= or <."),
        ("item.fee > 200", "rule/type", "Write an amount such as '200 yuan'."),
        ("item.promised > 7", "rule/type", "Write a length of time such as '3 workdays'."),
        ("contact.hops > '3'", "rule/type", "Write a plain number such as '3'."),
        ("contact.hops > case.accepted_at", "rule/type", "Write a plain number such as '3'."),
        ("case.unit > 'a'", "rule/order", "Use ==, != or 'in [..]'."),
        ("case.result >= late", "rule/order", "Use ==, != or 'in [..]'."),
        ("contact.unit_repeats == 1", "rule/type", "Write the word alone, or 'not' before it."),
        ("case.steps == 3", "rule/type", "Use any(x in ...: ...), exists, or >= and <."),
        ("contact.hops", "rule/type", "Compare it with something, or write 'exists' before it."),
        ("contact.hops contains 'a'", "rule/type", "Compare it with == or >=."),
        ("case.note matches '(a+)+'", "rule/pattern", "Use 'contains', or a simpler pattern."),
        ("case.note matches '('", "rule/pattern", "Use 'contains', or a simpler pattern."),
        ("any(x in case.note: x.done)", "rule/type", "Name a collection, such as 'case.steps'."),
        ("any(x in case.steps: any(y in case.steps: y.done))", "rule/each", "Split it into two rules."),
        ("any(x in case.steps: finding(T04))", "rule/each", "Move it outside the brackets."),
        ("any(x in case.steps: x.hour > 3)", "rule/unknown-word", ""),
        ("case.accepted_at > '2018-10-15'", "rule/type", _INSTANT := (
            'Compare it with another instant or with a text such as "2024-09-24T10:00:00+08:00".')),
        ("contact.hops > 10000000000000000", "rule/range", "Write 0, or a number between 0.0001 and 10^15."),
        ("tally(yellow_cards) >= 3", "rule/unknown-word", ""),
        ("event(accepted).officr == a", "rule/unknown-word", ""),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_mending_edit(when: str, code: str, mend: str) -> None:
    (found,) = problems(when)
    assert found[0] == code
    if mend:
        assert found[1] == mend


@pytest.mark.parametrize(
    "when",
    [
        "case.result == late and case.note == late and case.unit == 'late'",
        "clock.promise.used >= 90% and clock.promise.used < 3 workdays and clock.promise.used >= param.near",
        "param.days <= clock.promise.used",
        "case.due_at >= case.accepted_at and case.due_at > '2024-09-24T10:00:00+08:00'",
        "exists case.steps and exists event(accepted) and exists clock.promise.used",
        "all(x in case.steps: x.hours > contact.hops and x.note matches '^补')",
        "item.fee in [200 yuan, 3 fen] and item.promised in [3 workdays, 1 year]",
    ],
)
def test_what_fits_has_no_problem(when: str) -> None:
    assert problems(when) == []


def test_all_problems_of_a_rule_are_shown_at_once() -> None:
    codes = [code for code, _ in problems("case.nte == 'a' or contact.hops > '3' or case.result == lat")]
    assert codes == ["rule/unknown-word", "rule/type", "rule/unknown-code"]


def test_a_problem_bears_the_place_of_its_part_and_speaks_chinese() -> None:
    (found,) = check(parse("case.unit == 'a' and contact.hops > '3'", Place("book.yaml", 3, 9, 39)), Words(), {})
    assert (str(found.place), found.place.width) == ("book.yaml:3:45", 3)
    assert found.sentence("zh") == "数不能与文本比较。请写数字，如“3”。"


@pytest.mark.parametrize(
    ("when", "given", "code", "mend"),
    [
        ("x.rank > 1", "overlpa where x.matter == case.matter", "rule/register", ""),
        ("x.ranc > 1", "overlap where x.matter == case.matter", "rule/unknown-word", "Did you mean 'x.rank'?"),
        ("exists x", "overlap where x.matter == case.matter", "rule/exists", "Name one of its fields."),
        ("x.rank > 1", "overlap where x.matter == contact.hops", "rule/type", "Put the text in quotes."),
    ],
)
def test_the_rows_of_a_binding_are_checked_too(when: str, given: str, code: str, mend: str) -> None:
    assert (code, mend) in [(c, m if mend else "") for c, m in problems(when, x=given)]
