"""Rules become a program, or the limit that they pass is said with the edit that splits them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from rules.engine import DirectEngine, compile_rules
from rules.facts import Value
from rules.language import SourceRule, check, evaluate_term, parse
from rules.language.nodes import Compare, Word
from rules.language.types import Type
from rules.language.values import plain, text
from rules.plan import MAX_PATTERNS
from rules.problems import Problem, UserError
from tests.fuzz.words import Values, Words
from tests.rules.engine.programs import GROUP, PLACE, program, rule, subject


def refused(*rules: SourceRule) -> list[Problem]:
    """Return the problems for which the rules are refused."""
    with pytest.raises(UserError) as caught:
        compile_rules(rules, Words())
    return list(caught.value.problems)


def wide(count: int) -> str:
    """Return a condition that falls apart into ``2 ** count`` branches."""
    return " and ".join(f"(contact.hops > {n} or contact.rank > {n})" for n in range(count))


def test_a_rule_of_too_many_branches_is_refused_with_the_edit_that_splits_it() -> None:
    several = " or ".join(f"(contact.hops == {n} and contact.rank == {n})" for n in range(8))
    (found,) = refused(rule("T04", several))
    assert found.code == "rule/branches"
    assert found.mend_en.startswith("Split it into two rules of one family: 'T04a' when contact.hops == 0 and")
    (found,) = refused(rule("T04", f"case.result == ok and ({wide(7)})"))
    assert "write finding(T04a) in its place" in found.mend_en


def test_the_edit_that_splits_a_rule_makes_it_fit_and_keeps_its_meaning() -> None:
    parts = [f"(contact.hops == {n} and contact.rank == {n})" for n in range(12)]
    refused(rule("T", " or ".join(parts)))
    halves = [rule("Ta", " or ".join(parts[:6])), rule("Tb", " or ".join(parts[6:]))]
    judged = compile_rules([*halves, rule("T", "finding(Ta) or finding(Tb)")], Words())
    facts = [judged.project(GROUP, subject(contact_hops=n, contact_rank=11)) for n in (11, 5, None)]
    outcome = DirectEngine().evaluate(judged, facts, {})
    assert ["T" in true for true in outcome.true] == [True, False, False]
    assert ["T" in unknown for unknown in outcome.undetermined] == [False, False, True]


def test_every_problem_of_every_rule_is_shown_at_once() -> None:
    found = refused(rule("A", "contact.hops >= 90%"), rule("B", "case.reslt == ok"), rule("B", "contact.hops > 1"))
    assert [problem.code for problem in found] == ["rule/type", "rule/unknown-word", "rule/duplicate"]


def test_rules_that_set_each_other_off_are_refused_by_name() -> None:
    (found,) = refused(
        rule("A", "finding(B)"), rule("B", "contact.hops > 1 or finding(C)"), rule("C", "not finding(A)")
    )
    assert (found.code, found.en) == ("rule/circle", "These rules set each other off: A -> B -> C -> A.")


def test_a_chain_of_more_than_eight_rounds_is_refused() -> None:
    chain = [rule("R0", "contact.hops > 1"), *(rule(f"R{n}", f"finding(R{n - 1})") for n in range(1, 9))]
    assert [problem.code for problem in refused(*chain)] == ["rule/rounds"]


@pytest.mark.parametrize(
    ("other", "code", "mend"),
    [
        (rule("T040", "contact.hops > 1"), "rule/unknown-finding", "Did you mean 'T040'?"),
        (
            rule("T04", "contact.hops > 1", "card"),
            "rule/finding-group",
            "A finding can be used by rules of the same subject",
        ),
    ],
)
def test_a_finding_names_a_rule_of_the_same_subject(other: SourceRule, code: str, mend: str) -> None:
    (found,) = refused(rule("X", "finding(T04)"), other)
    assert found.code == code
    assert found.mend_en.startswith(mend)


@pytest.mark.parametrize(
    ("when", "given", "code"),
    [
        ("x.rank > 1", "overlap where x.lead != case.unit", "rule/given"),
        ("x.rank > 1", "overlap where x.matter == case.matter or x.rank == 1", "rule/given"),
        ("x.rank > 1", "overlap where x.matter == 'a'", "rule/given"),
    ],
)
def test_a_binding_needs_an_equality_that_finds_its_rows(when: str, given: str, code: str) -> None:
    assert [problem.code for problem in refused(rule("Q", when, x=given))] == [code]


def test_a_fact_of_more_columns_than_the_engine_takes_is_refused() -> None:
    many = [rule(f"R{n}", f"case.note contains 'a{n}' and case.note contains 'b{n}'") for n in range(90)]
    assert [problem.code for problem in refused(*many)] == ["rule/columns"]


def test_every_ruleset_stays_below_the_engines_limit_of_patterns() -> None:
    judged = program(*[wide(5)] * 4, *["contact.hops > 1"] * 60)
    assert max(shard.ruleset.count('"t":') for shard in judged.plan.shards) <= MAX_PATTERNS + 1


def test_equal_rules_make_equal_versions_and_other_rules_others() -> None:
    assert program().version == program().version
    assert len({program(text).version for text in ("contact.hops > 1", "contact.hops > 2", "item.fee > 1 yuan")}) == 3


def test_a_program_knows_its_words_and_its_time_tests() -> None:
    judged = compile_rules(
        [rule("T", "clock.promise.used >= param.near and not (3 workdays > clock.promise.used) and event(accepted).at > case.due_at")],
        Words(),
    )  # fmt: skip
    tests = judged.time_tests("T")
    assert [(test.path, test.op) for test in tests] == [
        (("clock", "promise", "used"), ">="),
        (("clock", "promise", "used"), "<"),
    ]
    assert evaluate_term(tests[0].threshold, Values({("param", "near"): Fraction(9, 10)})) == Fraction(9, 10)
    assert judged.words("T") == {
        ("clock", "promise", "used"), ("param", "near"), ("event(accepted)", "at"), ("case", "due_at"),
    }  # fmt: skip
    assert (judged.groups, judged.rules(GROUP)) == ((GROUP,), ("T",))


def test_a_program_says_what_is_missing_and_what_the_words_were() -> None:
    judged = program("contact.hops >= 3 and case.result == late and item.promised > 3 workdays")
    asked = subject(contact_hops=2, case_result=None)
    assert judged.missing("R0", asked) == ("case.result == late", "item.promised > 3 workdays")
    assert judged.evidence("R0", asked) == {"contact.hops": 2, "case.result": None, "item.promised": None}


def test_a_projected_fact_holds_only_what_the_rules_read_and_nothing_missing() -> None:
    judged = program("contact.hops >= 3 and case.result == late", "item.fee >= 200 yuan")
    fact = judged.project(GROUP, subject(contact_hops=3, case_unit="a", item_fee=20_000))
    assert fact == {"t": GROUP, "v_number_contact_hops": 3, "v_money_item_fee": 20_000, "gap": 1, "gap_0": 1}


def test_a_row_may_bear_any_name() -> None:
    judged = compile_rules(
        [SourceRule("Q", GROUP, parse("甲.rank > 1 and s.weight == 2", PLACE), {
            "甲": rule("", "a.b", x="overlap where 甲.matter == case.matter").givens["x"],
            "s": rule("", "a.b", x="reasons where s.lead == 甲.lead").givens["x"],
        })], Words(),
    )  # fmt: skip
    fact = judged.project(GROUP, subject(case_matter="m"))
    registers: dict[str, list[dict[str, Value]]] = {
        "overlap": [{"matter": "m", "rank": 2, "lead": "u"}],
        "reasons": [{"lead": "u", "weight": 2}],
    }
    assert DirectEngine().evaluate(judged, [fact], registers).true == (frozenset("Q"),)


def test_texts_stay_different_without_any_sign_that_the_engine_treats_specially() -> None:
    nasty = ["", "%", '"', "\\", "%22;", "\n", "\x00", "a'b", "x" * 121, "x" * 122, "%#", "\ud800"]
    assert len({text(value) for value in nasty}) == len(nasty)
    assert not any(set("\"\\\n\x00'") & set(text(value)) for value in nasty)


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        (Type.NUMBER, 1e-4, 1e-4), (Type.NUMBER, 9e-5, None), (Type.NUMBER, 1e15, None), (Type.NUMBER, 2.0, 2),
        (Type.NUMBER, float("nan"), None), (Type.NUMBER, "2", None), (Type.NUMBER, True, None),
        (Type.SHARE, Fraction(9, 10), 9_000), (Type.SHARE, 0.9, 9_000), (Type.MONEY, 200.5, None), (Type.BOOL, True, 1),
        (Type.BOOL, 1, None), (Type.TEXT, 5, None), (Type.INSTANT, 1_540_000_000, 1_540_000_000),
    ],
)  # fmt: skip
def test_a_value_reaches_the_engine_exactly_or_not_at_all(type_: Type, value: object, expected: object) -> None:
    found = plain(type_, value)  # type: ignore[arg-type]  # also what no source should send
    assert (found, type(found)) == (expected, type(expected))


def test_a_checked_rule_compiles() -> None:
    tree = parse("contact.hops >= 3", PLACE)
    assert isinstance(tree, Compare)
    assert isinstance(tree.left, Word)
    assert check(tree, Words(), {}) == ()
