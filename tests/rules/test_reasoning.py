"""What is proved of conditions is true of every value, and the contradictions that authors write are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.facts import Value
from rules.language import Node, Type, WordInfo, parse
from rules.language.nodes import Constant
from rules.language.terms import Terms
from rules.parameters import constant
from rules.problems import Place
from rules.quantities import Quantity, share
from rules.reasoning import always, implies, never

PLACE = Place("test")
PARAMETERS = {"near": constant(share("90%")), "half": constant(share("50%")), "three": constant(3)}


def resolve(name: str) -> Constant | None:
    return PARAMETERS.get(name)


def condition(text: str) -> Node:
    return parse(text, PLACE)


@pytest.mark.parametrize(
    "text",
    [
        "clock.p.used >= 90% and clock.p.used < 50%", "clock.p.used >= param.near and clock.p.used <= param.half",
        "case.n >= 3 and case.n < 3", "case.n > 3 and not case.n > 3", "case.n == 3 and case.n != 3",
        "case.n == 3 and case.n > param.three", "case.r == a and case.r == b", "case.r in [a, b] and case.r not in [a, b, c]",
        "clock.p.over and clock.p.used < 100%", "clock.p.over and clock.p.left > 1 hour",
        "clock.p.over_by > 1 workday and not clock.p.over", "clock.p.stopped and clock.p.used > 10%",
        "clock.p.stopped and clock.p.running", "not exists case.r and case.r == a",
        "clock.p.over_by > 2 hours and clock.p.over_by < 120 minutes", "item.fee > 2 yuan and item.fee < 200 fen",
        "(case.n > 5 or case.n > 7) and case.n < 4", "case.n >= 3 and case.n <= 3 and case.n != 3",
    ],
)  # fmt: skip
def test_a_contradiction_is_proved(text: str) -> None:
    assert never(condition(text), resolve)


@pytest.mark.parametrize(
    "text",
    [
        "clock.p.used >= 50% and clock.p.used < 90%", "case.n >= 3 and case.n <= 3", "case.r != a and case.r != b",
        "clock.p.over and clock.p.used >= 100%", "clock.p.over_by > 1 workday and clock.p.over_by < 2 days",
        "clock.p.over_by > 1 workday and not clock.p.used >= 90%", "clock.p.stopped and clock.p.over_by > 1 workday",
        "clock.p.used >= param.unknown and clock.p.used < 50%", "exists case.r and case.r == a",
        "case.n > 3 and case.m < 3", "case.r == a or case.r == b",
    ],
)  # fmt: skip
def test_what_some_case_may_fulfil_is_not_called_a_contradiction(text: str) -> None:
    assert not never(condition(text), resolve)


@pytest.mark.parametrize(
    ("one", "other", "follows"),
    [
        ("clock.p.over_by > 5 workdays", "clock.p.over", True), ("clock.p.over", "clock.p.over_by > 5 workdays", False),
        ("clock.p.used >= 90%", "clock.p.used >= param.half", True), ("clock.p.used >= 50%", "clock.p.used >= param.near", False),
        ("case.n >= 5", "case.n >= 3 or case.x", True), ("case.n >= 5 and case.x", "case.n >= 6", False),
        ("clock.p.over", "clock.q.over", False), ("case.r == a", "case.r in [a, b]", True),
        ("clock.p.over_by > 5 workdays", "clock.p.used >= 90%", False),
    ],
)  # fmt: skip
def test_implication_is_proved_only_where_it_holds(one: str, other: str, follows: bool) -> None:
    """A stopped clock keeps what it was over by, but has used nothing any more: so the last of these does not follow."""
    assert implies(condition(one), condition(other), resolve) is follows


def test_a_condition_that_is_never_false_is_called_so() -> None:
    assert always(condition("case.n >= 3 or case.n < 3"), resolve)
    assert not always(condition("case.n >= 3 or case.n < 2"), resolve)
    assert not always(condition("clock.p.used >= 50% or clock.p.used < 50%"), resolve)  # a clock may not have begun


class Words:
    """Three words of three types."""

    def word(self, path: tuple[str, ...]) -> WordInfo | None:
        return {"n": WordInfo(Type.NUMBER), "r": WordInfo(Type.CODE), "x": WordInfo(Type.BOOL)}.get(path[-1])

    def call(self, name: str, args: tuple[str, ...]) -> WordInfo | None:
        return None

    def register(self, name: str) -> WordInfo | None:
        return None

    def known(self) -> Sequence[str]:
        return ["case.n", "case.r", "case.x"]


class Case:
    """A case with a value, or none, for each of them."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self.values = values

    def value(self, path: tuple[str, ...]) -> Value:
        return self.values.get(path[-1])

    def call(self, name: str, args: tuple[str, ...], rest: tuple[str, ...]) -> Value:
        return None

    def elapsed(self, path: tuple[str, ...], op: str, threshold: Quantity | Fraction) -> bool | None:
        return None

    def collection(self, path: tuple[str, ...]) -> Sequence[Mapping[str, Value]] | None:
        return None


LEAVES = st.one_of(
    st.tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.integers(0, 4)).map(
        lambda t: f"case.n {t[0]} {t[1]}"
    ),
    st.tuples(st.sampled_from(["==", "!="]), st.sampled_from("ab")).map(lambda t: f"case.r {t[0]} {t[1]}"),
    st.sampled_from(["case.r in [a, b]", "case.r not in [a]", "case.x", "exists case.n", "exists case.r"]),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda part: f"not ({part})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
    ),
    max_leaves=6,
)
VALUES = [
    {"n": n, "r": r, "x": x}
    for n in (None, 0, 1, 2, 3, 4, 5)
    for r in (None, "a", "b", "c")
    for x in (None, True, False)
]


@given(CONDITIONS)
@settings(max_examples=300, deadline=None)
def test_no_value_speaks_against_what_is_proved(text: str) -> None:
    node = condition(text)
    decide = Terms(Words(), {}).condition(node, "")
    truths = {decide(Case(values), None) for values in VALUES}

    assert not (never(node, resolve) and True in truths)
    assert not (always(node, resolve) and False in truths)
