"""The rests between two tries of one delivery."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.backoff import LONGEST, MOST_ATTEMPTS, next_attempt_at

NOW = 1_000_000


@given(st.integers(1, MOST_ATTEMPTS - 1), st.text(max_size=32))
def test_the_same_key_and_attempt_always_give_the_same_rest(attempts: int, key: str) -> None:
    assert next_attempt_at(attempts, NOW, key) == next_attempt_at(attempts, NOW, key)


@pytest.mark.parametrize(
    ("attempts", "rest"), [(1, 5), (2, 10), (3, 20), (8, 640), (10, 2_560), (11, 3_600), (99, 3_600)]
)
@pytest.mark.parametrize("key", ["a", "b", "c", "d"])
def test_the_rest_doubles_up_to_an_hour_and_is_shifted_by_a_fifth_at_most(attempts: int, rest: int, key: str) -> None:
    at = next_attempt_at(attempts, NOW, key)
    assert at is not None
    assert 0.8 * rest <= at - NOW <= 1.2 * rest


def test_deliveries_that_failed_together_do_not_all_come_back_together() -> None:
    assert len({next_attempt_at(11, NOW, str(n)) for n in range(100)}) > 50


def test_after_about_four_days_it_is_given_up() -> None:
    rests = [at - NOW for n in range(1, 200) if (at := next_attempt_at(n, NOW, "k")) is not None]
    assert len(rests) == MOST_ATTEMPTS - 1
    assert 3 * 86_400 < sum(rests) < 5 * 86_400


def test_what_the_provider_asks_for_is_waited_for_but_no_longer_than_a_day() -> None:
    assert next_attempt_at(1, NOW, "k", retry_after=120) == NOW + 120
    assert next_attempt_at(1, NOW, "k", retry_after=10**9) == NOW + 86_400
    late = next_attempt_at(20, NOW, "k", retry_after=1)
    assert late is not None
    assert late - NOW >= 0.8 * LONGEST
