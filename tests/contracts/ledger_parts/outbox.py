"""What the ledger promises of sending: at least once, and at most one repeat per crash, which says so."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from alerts.model import Outcome, Receipt
from ledger import LeaseLost, Ledger, failpoints, views
from ledger.deliveries import ATTEMPT_SECONDS
from rules.judgement import Light
from tests.contracts.ledger_parts.builders import (
    NOW,
    Crash,
    append,
    case,
    claim_cases,
    crash_at,
    happened,
    issued,
    judged,
    message,
    send_to,
)  # fmt: skip

DELIVERED = Receipt(Outcome.DELIVERED, "250 ok")
PASSING = Receipt(Outcome.PASSING, "451 try later")
UNKNOWN = Receipt(Outcome.UNKNOWN, "timeout after sending")
PERMANENT = Receipt(Outcome.PERMANENT, "550 no such user")


def state(ledger: Ledger) -> tuple[str, int | None]:
    found = views.case(ledger, case())
    assert found is not None
    (delivery,) = found.deliveries
    return delivery.state, delivery.due_at


def outcomes(ledger: Ledger) -> list[tuple[int, str | None, bool]]:
    found = views.case(ledger, case())
    assert found is not None
    return [(attempt.number, attempt.outcome, attempt.possible_repeat) for attempt in found.attempts]


class OutboxContract:
    """The attempt is written before it is made."""

    def test_a_message_is_attempted_delivered_and_done(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        (held,) = ledger.claim_deliveries(NOW)
        assert (held.attempts_made, held.possible_repeat) == (0, False)
        attempt = ledger.start(held, NOW)
        assert (attempt.number, attempt.delivery) == (1, held.delivery)
        assert outcomes(ledger) == [(1, None, False)]
        ledger.finish(attempt, DELIVERED, None, NOW + 1)
        assert outcomes(ledger) == [(1, "delivered", False)]
        assert state(ledger) == ("delivered", None)
        assert ledger.claim_deliveries(NOW + 10**6) == ()
        assert ledger.next_delivery_at() is None

    def test_a_message_waits_for_its_time(self, ledger: Ledger) -> None:
        append(ledger, happened())
        change = issued(case())
        (held,) = claim_cases(ledger)
        ledger.record([judged(held, Light.RED, changes=(change,), deliveries=(message(change, at=NOW + 30),))], NOW)
        assert ledger.claim_deliveries(NOW + 29) == ()
        assert ledger.next_delivery_at() == NOW + 30
        assert len(ledger.claim_deliveries(NOW + 30)) == 1

    def test_a_passing_failure_is_tried_again_at_its_time_and_is_no_repeat(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        (held,) = ledger.claim_deliveries(NOW)
        ledger.finish(ledger.start(held, NOW), PASSING, NOW + 300, NOW + 1)
        assert state(ledger) == ("retry", NOW + 300)
        assert ledger.claim_deliveries(NOW + 299) == ()
        (again,) = ledger.claim_deliveries(NOW + 300)
        assert (again.attempts_made, again.possible_repeat) == (1, False)
        assert ledger.start(again, NOW + 300).number == 2

    def test_a_permanent_failure_is_never_tried_again(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        (held,) = ledger.claim_deliveries(NOW)
        ledger.finish(ledger.start(held, NOW), PERMANENT, NOW + 300, NOW + 1)
        assert state(ledger) == ("failed", None)
        assert ledger.claim_deliveries(NOW + 10**6) == ()

    @pytest.mark.parametrize("receipt", [PASSING, UNKNOWN])
    def test_what_failed_without_a_next_time_has_been_tried_often_enough(
        self, ledger: Ledger, receipt: Receipt
    ) -> None:
        send_to(ledger, 1)
        (held,) = ledger.claim_deliveries(NOW)
        ledger.finish(ledger.start(held, NOW), receipt, None, NOW + 1)
        assert state(ledger) == ("failed", None)
        assert ledger.claim_deliveries(NOW + 10**6) == ()

    def test_an_attempt_that_was_cut_off_is_closed_as_unknown_and_its_repeat_says_so(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        (held,) = ledger.claim_deliveries(NOW)
        ledger.start(held, NOW)
        assert ledger.next_delivery_at() == NOW + ATTEMPT_SECONDS
        assert ledger.claim_deliveries(NOW + ATTEMPT_SECONDS - 1) == ()
        (again,) = ledger.claim_deliveries(NOW + ATTEMPT_SECONDS)
        assert (again.attempts_made, again.possible_repeat) == (1, True)
        assert again.delivery.key == held.delivery.key
        assert ledger.start(again, NOW + ATTEMPT_SECONDS).possible_repeat
        assert outcomes(ledger) == [(1, "unknown", False), (2, None, True)]
        assert views.figures(ledger).possible_repeats == 1

    def test_a_repeat_that_fails_in_passing_remains_a_possible_repeat(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        (held,) = ledger.claim_deliveries(NOW)
        ledger.start(held, NOW)
        (again,) = ledger.claim_deliveries(NOW + 100)
        ledger.finish(ledger.start(again, NOW + 100), PASSING, NOW + 200, NOW + 101)
        (third,) = ledger.claim_deliveries(NOW + 200)
        assert third.possible_repeat

    def test_a_claim_that_never_became_an_attempt_is_no_repeat(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        ledger.claim_deliveries(NOW, lease=60)
        assert ledger.claim_deliveries(NOW + 59) == ()
        (again,) = ledger.claim_deliveries(NOW + 60)
        assert (again.attempts_made, again.possible_repeat) == (0, False)

    def test_a_claim_that_was_given_back_is_due_at_once(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        held = ledger.claim_deliveries(NOW, lease=60)
        ledger.give_back(held, NOW + 1)
        (again,) = ledger.claim_deliveries(NOW + 1)
        assert (again.attempts_made, again.possible_repeat) == (0, False)

    def test_a_claim_may_be_given_back_for_later_with_a_message_that_stands_in_for_it(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        held = ledger.claim_deliveries(NOW)
        instead = replace(held[0].delivery, key="instead", channel="sms", stands_in_for=held[0].delivery.key)
        ledger.give_back(held, NOW + 300, [instead])
        ledger.give_back((), NOW, [instead])
        assert ledger.due_channels(NOW) == ("sms",)
        (sent,) = ledger.claim_deliveries(NOW, channel="sms")
        assert sent.delivery == instead
        assert ledger.claim_deliveries(NOW + 59) == ()
        assert len(ledger.claim_deliveries(NOW + 300)) == 2

    def test_what_stands_in_for_a_failure_is_written_with_it(
        self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        send_to(ledger, 1)
        (held,) = ledger.claim_deliveries(NOW)
        instead = replace(held.delivery, key="instead", channel="sms")
        attempt = ledger.start(held, NOW)
        monkeypatch.setattr(failpoints, "hit", crash_at("before-finish"))
        with pytest.raises(Crash):
            ledger.finish_many([(attempt, PERMANENT, None)], NOW, [instead])
        monkeypatch.undo()
        assert ledger.due_channels(NOW) == ()
        (again,) = ledger.claim_deliveries(NOW + ATTEMPT_SECONDS)
        ledger.finish_many([(ledger.start(again, NOW + 60), PERMANENT, None)], NOW + 60, [instead])
        assert ledger.due_channels(NOW + 60) == ("sms",)

    def test_a_claim_of_one_channel_leaves_the_others(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        (channel,) = ledger.due_channels(NOW)
        assert ledger.claim_deliveries(NOW, channel="another") == ()
        assert [each.delivery.channel for each in ledger.claim_deliveries(NOW, channel=channel)] == [channel]

    def test_what_another_worker_took_over_cannot_be_given_back(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        held = ledger.claim_deliveries(NOW, lease=60)
        ledger.claim_deliveries(NOW + 60, lease=60)
        ledger.give_back(held, NOW + 61)
        assert ledger.claim_deliveries(NOW + 119) == ()

    def test_what_was_attempted_cannot_be_given_back(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        held = ledger.claim_deliveries(NOW)
        attempt = ledger.start(held[0], NOW)
        ledger.give_back(held, NOW + 1)
        assert ledger.claim_deliveries(NOW + 2) == ()
        ledger.finish(attempt, DELIVERED, None, NOW + 3)
        ledger.give_back(held, NOW + 4)
        assert state(ledger) == ("delivered", None)

    def test_a_worker_whose_delivery_was_taken_over_may_not_start(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        (held,) = ledger.claim_deliveries(NOW, lease=60)
        ledger.claim_deliveries(NOW + 60)
        with pytest.raises(LeaseLost):
            ledger.start(held, NOW + 61)
        assert outcomes(ledger) == []

    def test_starting_twice_with_one_claim_is_refused(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        (held,) = ledger.claim_deliveries(NOW)
        ledger.start(held, NOW)
        with pytest.raises(LeaseLost):
            ledger.start(held, NOW)

    def test_an_answer_that_comes_after_all_spares_the_repeat(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        (held,) = ledger.claim_deliveries(NOW)
        attempt = ledger.start(held, NOW)
        (again,) = ledger.claim_deliveries(NOW + 100)
        ledger.finish(attempt, DELIVERED, None, NOW + 101)
        assert outcomes(ledger) == [(1, "delivered", False)]
        with pytest.raises(LeaseLost):
            ledger.start(again, NOW + 102)
        assert state(ledger) == ("delivered", None)

    def test_a_late_failure_does_not_disturb_the_worker_that_took_over(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        (held,) = ledger.claim_deliveries(NOW)
        attempt = ledger.start(held, NOW)
        (again,) = ledger.claim_deliveries(NOW + 100)
        second = ledger.start(again, NOW + 100)
        ledger.finish(attempt, PERMANENT, None, NOW + 101)
        assert state(ledger) == ("sending", NOW + 100 + ATTEMPT_SECONDS)
        ledger.finish(second, DELIVERED, None, NOW + 102)
        assert outcomes(ledger) == [(1, "permanent", False), (2, "delivered", True)]
        assert state(ledger) == ("delivered", None)

    def test_an_outcome_is_written_once(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        (held,) = ledger.claim_deliveries(NOW)
        attempt = ledger.start(held, NOW)
        ledger.finish(attempt, DELIVERED, None, NOW + 1)
        ledger.finish(attempt, PERMANENT, None, NOW + 2)
        assert outcomes(ledger) == [(1, "delivered", False)]
        assert state(ledger) == ("delivered", None)

    def test_a_crash_before_the_outcome_is_committed_leaves_the_attempt_open(
        self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        send_to(ledger, 1)
        (held,) = ledger.claim_deliveries(NOW)
        attempt = ledger.start(held, NOW)
        monkeypatch.setattr(failpoints, "hit", crash_at("before-finish"))
        with pytest.raises(Crash):
            ledger.finish(attempt, DELIVERED, None, NOW + 1)
        assert outcomes(ledger) == [(1, None, False)]
        assert state(ledger)[0] == "sending"

    def test_many_are_started_and_finished_at_once_without_those_that_were_taken_over(self, ledger: Ledger) -> None:
        send_to(ledger, *range(5))
        held = ledger.claim_deliveries(NOW, lease=60)
        taken = ledger.claim_deliveries(NOW + 60, limit=2)
        attempts = ledger.start_many(held, NOW + 61)
        assert {a.delivery.key for a in attempts} == {h.delivery.key for h in held} - {t.delivery.key for t in taken}
        ledger.finish_many([(attempt, DELIVERED, None) for attempt in attempts], NOW + 62)
        assert views.figures(ledger).deliveries == {("email", "delivered"): 3, ("email", "waiting"): 2}

    def test_two_workers_send_nothing_twice(self, ledger: Ledger) -> None:
        send_to(ledger, *range(40))
        sent: Counter[str] = Counter()
        lock = threading.Lock()

        def work(_: int) -> None:
            while held := ledger.claim_deliveries(NOW, limit=3):
                for each in held:
                    attempt = ledger.start(each, NOW)
                    with lock:
                        sent[attempt.delivery.key] += 1
                    ledger.finish(attempt, DELIVERED, None, NOW)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, range(2)))
        assert set(sent.values()) == {1}
        assert views.figures(ledger).deliveries == {("email", "delivered"): 40}
