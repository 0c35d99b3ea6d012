"""The circuit breaker and the pace of a channel, as pure states."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.breaker import LONGEST_REST, Breaker, Phase, after
from alerts.channels.base import NOT_SENT, Limits
from alerts.model import Outcome, Receipt
from alerts.pacing import MINUTE, Pace

NOW = 1_000_000
LIMITS = Limits(failures=3, rest=30)
FAILED = Receipt(Outcome.PASSING, "refused")


def failed(breaker: Breaker, times: int, now: int = NOW) -> Breaker:
    for _ in range(times):
        breaker = after(breaker, FAILED, LIMITS, now)
    return breaker


def test_it_opens_after_so_many_failures_in_a_row_and_not_before() -> None:
    assert failed(Breaker(), 2).phase(NOW) is Phase.CLOSED
    opened = failed(Breaker(), 3)
    assert [opened.phase(NOW + s) for s in (0, 29, 30)] == [Phase.OPEN, Phase.OPEN, Phase.HALF_OPEN]


@pytest.mark.parametrize("outcome", [Outcome.DELIVERED, Outcome.PERMANENT])
def test_any_answer_closes_it(outcome: Outcome) -> None:
    """A refusal for good comes from a receiver that works."""
    assert after(failed(Breaker(), 2), Receipt(outcome), LIMITS, NOW) == Breaker()
    assert after(failed(Breaker(), 3), Receipt(outcome), LIMITS, NOW + 30) == Breaker()


def test_a_probe_that_fails_doubles_the_rest_up_to_a_quarter_of_an_hour_and_remembers_since_when() -> None:
    breaker, now, rests = failed(Breaker(), 3), NOW, []
    for _ in range(8):
        assert breaker.rests_until is not None
        rests.append(breaker.rests_until - now)
        now = breaker.rests_until
        breaker = failed(breaker, 1, now)
    assert rests == [30, 60, 120, 240, 480, 900, 900, 900]
    assert breaker.out_of_order_for(now) == now - NOW


def test_an_unknown_outcome_is_a_failure_and_what_was_not_sent_is_none() -> None:
    breaker = failed(Breaker(), 2)
    assert after(breaker, NOT_SENT, LIMITS, NOW) == breaker
    assert after(breaker, Receipt(Outcome.UNKNOWN), LIMITS, NOW).phase(NOW) is Phase.OPEN


def test_a_receiver_that_says_when_to_come_back_is_at_work() -> None:
    breaker = Breaker()
    for _ in range(20):
        breaker = after(breaker, Receipt(Outcome.PASSING, "429", 60), LIMITS, NOW)
    assert breaker.phase(NOW) is Phase.CLOSED


@given(st.lists(st.tuples(st.sampled_from(list(Outcome)), st.integers(0, 2_000)), max_size=60))
def test_it_never_rests_for_longer_than_allowed_and_is_out_of_order_only_while_not_closed(
    told: list[tuple[Outcome, int]],
) -> None:
    breaker, now = Breaker(), NOW
    for outcome, passed in told:
        now += passed
        breaker = after(breaker, Receipt(outcome), LIMITS, now)
        assert breaker.rests_until is None or breaker.rests_until <= now + LONGEST_REST
        assert (breaker.open_since is None) == (breaker.phase(now) is Phase.CLOSED)


@given(st.integers(1, 30), st.lists(st.integers(0, 40), min_size=1, max_size=60))
def test_in_no_minute_are_there_more_than_allowed_and_all_go_out_in_the_end(limit: int, passed: list[int]) -> None:
    pace, now, sent = Pace(), NOW, []
    for seconds in passed:
        now += seconds
        room = pace.room(limit, now)
        assert room is not None
        if room == 0:
            now = pace.again_at(now)
            room = pace.room(limit, now)
            assert room
        pace = pace.used(room, now)
        sent += [now] * room
    assert all(sum(at - MINUTE < other <= at for other in sent) <= limit for at in sent)


def test_an_address_whose_provider_asked_to_wait_gets_nothing_until_then() -> None:
    pace = Pace().asked_to_wait(90, NOW)
    assert [pace.room(0, NOW + s) for s in (0, 89, 90)] == [0, 0, None]
    assert pace.again_at(NOW) == NOW + 90
    assert Pace().asked_to_wait(10**9, NOW).again_at(NOW) == NOW + 86_400
