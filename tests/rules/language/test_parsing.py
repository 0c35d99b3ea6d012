"""A condition is read into its tree, or the place and the mending edit are said."""

from __future__ import annotations

import random
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.documents import load
from rules.language import parse, parse_given, written
from rules.language.nodes import Among, And, Compare, Each, Finding, Holds, Not, Or, Word
from rules.language.types import Type
from rules.problems import Place, Problem, UserError, render
from tests.fuzz.rulebooks import Author

HERE = Place("book.yaml", 7, 11, 1_000)


def problem(text: str) -> Problem:
    """Return the one problem of a condition that stands at 7:11 of a file."""
    with pytest.raises(UserError) as caught:
        parse(text, Place("book.yaml", 7, 11, len(text)))
    (found,) = caught.value.problems
    return found


def test_and_binds_closer_than_or_and_not_closer_than_both() -> None:
    tree = parse("a.b or c.d and not e.f", HERE)
    assert isinstance(tree, Or)
    first, second = tree.parts
    assert isinstance(first, Holds)
    assert isinstance(second, And)
    assert isinstance(second.parts[1], Not)


def test_a_bare_word_on_the_right_is_a_code_and_a_path_is_a_word() -> None:
    code, word = parse("case.result == deleted", HERE), parse("case.hops >= param.hops", HERE)
    assert isinstance(code, Compare)
    assert isinstance(word, Compare)
    assert code.right == parse("x.y == deleted", HERE).right  # type: ignore[union-attr]  # both are comparisons
    assert isinstance(word.right, Word)


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("a.b >= 90%", Type.SHARE, "9/10"),
        ("a.b >= 33.3%", Type.SHARE, "333/1000"),
        ("a.b >= 200 yuan", Type.MONEY, "20000"),
        ("a.b >= 0.5元", Type.MONEY, "50"),
        ("a.b >= -3", Type.NUMBER, "-3"),
        ("a.b >= 3 working days", Type.DURATION, "3 workdays"),
        ("a.b >= 3个工作日", Type.DURATION, "3 workdays"),
        ("a.b == 'it''s'", Type.TEXT, None),
        ('a.b == "say \\"so\\""', Type.TEXT, 'say "so"'),
        ("a.b == '\\d'", Type.TEXT, "\\d"),
    ],
)  # fmt: skip
def test_a_constant_has_its_type_and_its_value_in_the_smallest_unit(text: str, type_: Type, value: str | None) -> None:
    if value is None:
        assert problem(text).code == "rule/syntax"
        return
    tree = parse(text, HERE)
    assert isinstance(tree, Compare)
    assert (tree.right.type, str(tree.right.value)) == (type_, value)  # type: ignore[union-attr]  # a constant


def test_a_constant_may_stand_first() -> None:
    assert parse("90% <= clock.used", HERE) == parse("clock.used >= 90%", HERE)


def test_lists_collections_calls_and_findings_are_read() -> None:
    tree = parse(
        "case.result not in [deleted, '待定'] and any(x in case.steps: x.result == disagree) "
        "and tally(yellow_cards, quarter) >= 3 and event(accepted).officer != a and finding(T04-a)",
        HERE,
    )
    assert isinstance(tree, And)
    among, each, tally, event, finding = tree.parts
    assert isinstance(among, Among)
    assert isinstance(each, Each)
    assert [written(node) for node in (tally, event)] == [
        "tally(yellow_cards, quarter) >= 3",
        "event(accepted).officer != a",
    ]
    assert finding == Finding("T04-a", at=finding.at)


def test_a_word_may_contain_or_follow_a_keyword() -> None:
    assert written(parse("case.all.any == order and android.organ", HERE)) == "case.all.any == order and android.organ"


def test_a_binding_names_register_and_rows() -> None:
    binding = parse_given("overlap where x.matter == contact.matter and x.lead != contact.unit", HERE)
    assert (binding.register, written(binding.where)) == (
        "overlap", "x.matter == contact.matter and x.lead != contact.unit",
    )  # fmt: skip


@given(seed=st.integers(0, 10**9))
def test_what_is_written_from_a_tree_reads_as_the_same_tree(seed: int) -> None:
    for rule in Author(random.Random(seed)).rulebook():
        assert parse(written(rule.when), HERE) == rule.when


@given(text=st.text(alphabet="ab.1 ()[]<>=!%'\"、（且\\\n:,andortin", max_size=60) | st.text(max_size=40))
def test_any_text_is_read_or_refused_with_a_place_inside_it(text: str) -> None:
    try:
        parse(text, Place("no such file", 7, 11))
    except UserError as error:
        (found,) = error.problems
        assert found.en
        assert found.zh
        assert 7 <= (found.place.line or 0) <= 7 + text.count("\n")


@pytest.mark.parametrize(
    ("text", "column", "width", "mend"),
    [
        ("case.hops = 3", 21, 1, "Write '==' to compare."),
        ("case.hops == 3 an case.over", 26, 2, "Did you mean 'and'?"),
        ("case.over AND case.near", 21, 3, "Write 'and' instead."),
        ("case.over && case.near", 21, 2, "Write 'and' instead."),
        ("case.over 且 case.near", 21, 1, "Write 'and' instead."),
        ("case.hops ≥ 3", 21, 1, "Write '>=' instead."),
        ("（case.over)", 11, 1, "Write '(' instead."),
        ("case.over case.near", 21, 4, "Join conditions with 'and' or 'or'."),
        ("1 < case.hops < 3", 25, 1, "Join two comparisons with 'and': 'a < b and b < c'."),
        ("case.result == 'a", 26, 1, "Close the text with the same quote."),
        ("case.hops >=", 23, 1, "Something is missing after this: a value, a word or a closing bracket."),
        ("", 11, 1, "Something is missing after this: a value, a word or a closing bracket."),
        ("case.hops >= 3 wrkdays", 24, 9, "Did you mean '3 workdays'?"),
        ("case.fee > 0.001 yuan", 22, 10, "Write at most two decimals."),
        ("3 > 2", 11, 5, "One side has to be a word such as 'case.result'."),
        ("3", 11, 1, "Begin with a word, such as 'case.result == ...'."),
        ("case.hops in [case.a.b]", 25, 8, "Compare with '==' and join with 'or' instead."),
        ("finding(T04, T05)", 11, 17, "Write 'finding(T04)'."),
    ],
)
def test_a_misspelt_condition_is_shown_with_its_mending_edit(text: str, column: int, width: int, mend: str) -> None:
    found = problem(text)
    assert (found.place.column, found.place.width, found.mend_en) == (column, width, mend)
    assert found.zh
    assert found.mend_zh


def test_a_binding_without_where_is_mended() -> None:
    with pytest.raises(UserError, match=r"overlap where x\.matter == contact\.matter"):
        parse_given("overlap", HERE)


@pytest.mark.parametrize(
    "text", ["(" * 5_000, "not " * 900 + "a.b", "(" * 41 + "a.b" + ")" * 41, "a.b and " * 900 + "a.b"]
)
def test_a_condition_without_end_is_refused_before_it_is_read(text: str) -> None:
    assert problem(text).code in {"rule/length", "rule/depth"}


@pytest.mark.parametrize(
    "written_as",
    [
        "when: case.over and case.hops = 3",
        "when: 'case.over and case.hops = 3'",
        'when: "case.over and\n  case.hops = 3"',
        "when: case.over\n  and\n    case.hops = 3",
        "when: >-\n  case.over\n  and case.hops = 3",
        "when: |\n  case.over\n  and case.hops = 3\n",
    ],
)
def test_the_caret_stands_under_the_fault_however_yaml_folds_the_text(written_as: str, tmp_path: Path) -> None:
    file = tmp_path / "book.yaml"
    file.write_text(f"# 规则\n{written_as}\n", encoding="utf-8")
    document = load(file)
    assert isinstance(document.data, dict)
    with pytest.raises(UserError) as caught:
        parse(str(document.data["when"]), document.place(["when"]))
    place = caught.value.problems[0].place
    line = file.read_text(encoding="utf-8").splitlines()[(place.line or 1) - 1]
    assert line[(place.column or 1) - 1 :].startswith("= 3")


def test_the_drawing_shows_line_caret_and_edit(tmp_path: Path) -> None:
    file = tmp_path / "book.yaml"
    file.write_text("when: case.hops = 3\n", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        parse("case.hops = 3", Place(str(file), 1, 7, 13))
    assert render(caught.value.problems) == textwrap.dedent(f"""\
        {file}:1:17: A single '=' compares nothing. [rule/syntax]
            1 | when: case.hops = 3
              |                 ^
              = Write '==' to compare.""")
