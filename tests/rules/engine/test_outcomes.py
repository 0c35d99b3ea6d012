"""Outcomes depend on the fact, the program and the registers alone: not on order, batches, or what is remembered."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine import ChildEngine, DirectEngine, Outcome, compile_rules
from rules.engine.memo import Memo
from tests.fuzz.rulebooks import Author
from tests.fuzz.words import Words, registers_of, subject_of
from tests.rules.engine.programs import GROUP, facts, program, rule, subject

OVERLAP = "overlap where x.matter == case.matter and x.lead != case.unit"


@pytest.fixture(scope="module")
def child() -> Iterator[ChildEngine]:
    with ChildEngine() as engine:
        yield engine


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**9), cut=st.integers(0, 12))
def test_order_batches_and_memory_change_no_outcome(child: ChildEngine, seed: int, cut: int) -> None:
    dice = random.Random(seed)
    judged = compile_rules(Author(dice).rulebook(), Words())
    batch = [judged.project(GROUP, subject_of(dice)) for _ in range(12)]
    registers = registers_of(dice)
    expected = DirectEngine().evaluate(judged, batch, registers)
    backwards = child.evaluate(judged, batch[::-1], registers)
    assert (backwards.true[::-1], backwards.undetermined[::-1]) == (expected.true, expected.undetermined)
    parts = [child.evaluate(judged, part, registers) for part in (batch[:cut], batch[cut:])]
    assert tuple(t for part in parts for t in part.true) == expected.true


def test_what_is_remembered_needs_no_child() -> None:
    judged = program()
    with ChildEngine() as engine:
        first = engine.evaluate(judged, facts(judged, 30), {})
        engine.close()
        assert engine.evaluate(judged, facts(judged, 30)[::-1], {}).true == first.true[::-1]
        assert engine.pid is None
        engine.evaluate(judged, facts(judged, 31), {})
        assert engine.pid is not None


def test_other_registers_are_another_question() -> None:
    judged = compile_rules([rule("Q05", "contact.hops >= 1", x=OVERLAP)], Words())
    asked = [judged.project(GROUP, subject(contact_hops=1, case_matter="m", case_unit="u"))]
    with ChildEngine() as engine:
        assert engine.evaluate(judged, asked, {}).true == (frozenset(),)
        assert engine.evaluate(judged, asked, {"overlap": [{"matter": "m", "lead": "v"}]}).true == (frozenset({"Q05"}),)
        assert engine.evaluate(judged, asked, {"overlap": [{"matter": "m", "lead": "u"}]}).true == (frozenset(),)


def test_a_row_that_lacks_what_is_asked_leaves_the_rule_undetermined() -> None:
    judged = compile_rules([rule("Q05", "contact.hops >= 1", x=OVERLAP)], Words())
    found, no_key, idle = (
        judged.project(GROUP, subject(contact_hops=hops, case_matter=matter, case_unit="u"))
        for hops, matter in ((1, "m"), (1, None), (0, None))
    )
    outcome = DirectEngine().evaluate(judged, [found, no_key, idle], {"overlap": [{"matter": "m"}, {"lead": "u"}]})
    assert outcome == Outcome((frozenset(),) * 3, (frozenset({"Q05"}), frozenset({"Q05"}), frozenset()))


def test_eight_rounds_of_findings_are_judged() -> None:
    chain = [rule("R0", "contact.hops >= 3")]
    chain += [rule(f"R{n}", f"{'not ' * (n % 2)}finding(R{n - 1})") for n in range(1, 8)]
    judged = compile_rules(chain, Words())
    asked = [judged.project(GROUP, subject(contact_hops=hops)) for hops in (3, 2, None)]
    outcome = DirectEngine().evaluate(judged, asked, {})
    assert outcome.true == (frozenset({"R0", "R3", "R4", "R7"}), frozenset({"R1", "R2", "R5", "R6"}), frozenset())
    assert outcome.undetermined[2] == frozenset(f"R{n}" for n in range(8))


def test_facts_of_several_groups_are_judged_together() -> None:
    judged = compile_rules([rule("A", "contact.hops >= 1", "contact"), rule("B", "contact.hops >= 1", "card")], Words())
    asked = [judged.project(group, subject(contact_hops=1)) for group in ("card", "contact", "card")]
    assert DirectEngine().evaluate(judged, asked, {}).true == (frozenset("B"), frozenset("A"), frozenset("B"))


def test_a_hundred_and_fifty_rules_on_one_condition_all_fire() -> None:
    judged = program(*["contact.hops >= 3"] * 150)
    outcome = DirectEngine().evaluate(judged, facts(judged, 5), {})
    assert [len(true) for true in outcome.true] == [0, 0, 0, 150, 150]


def test_the_memo_forgets_what_was_not_used_for_longest() -> None:
    memo = Memo(2)
    a, b, c = (bytes([n]) for n in range(3))
    for key in (a, b):
        memo.put(key, (frozenset(), frozenset()))
    memo.get(a)
    memo.put(c, (frozenset(), frozenset()))
    assert [memo.get(key) is not None for key in (a, b, c)] == [True, False, True]
