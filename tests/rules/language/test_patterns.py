"""A pattern that could run for long is refused; one that may stand answers quickly on any text."""

from __future__ import annotations

import time

import pytest

from rules.language.patterns import MAX_TEXT, found, unsafe


@pytest.mark.parametrize(
    "pattern", ["^补正.*材料$", r"^\d{4}-\d{2}-\d{2}$", "[(]+", "(ab)*", "(a|b)c?", r"\(a+\)+", "(甲|乙)?丙"]
)
def test_a_plain_pattern_may_stand(pattern: str) -> None:
    assert unsafe(pattern) is None


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "(a|aa)*",
        "(a*){9}",
        "((a?)b)*",
        "a{60}",
        r"(a)\1",
        "(?=a)",
        "(?P<x>a)",
        "a*b*c*",
        "a?" * 25 + "a" * 25,
        "a" * 201,
        "(",
    ],
)
def test_a_costly_or_broken_pattern_is_refused(pattern: str) -> None:
    refused = unsafe(pattern)
    assert refused is not None
    assert all(refused)


@pytest.mark.parametrize("pattern", ["x*x*=", ".*.*=", "x{0,50}x{0,50}=", "x?x?x?x*x*="])
def test_the_worst_that_may_stand_ends_soon_on_the_longest_text(pattern: str) -> None:
    assert unsafe(pattern) is None
    begin = time.perf_counter()
    assert found(pattern, "x" * MAX_TEXT) is False
    assert time.perf_counter() - begin < 20


def test_a_text_that_is_too_long_to_search_is_unknown() -> None:
    assert found("x", "x" * (MAX_TEXT + 1)) is None
