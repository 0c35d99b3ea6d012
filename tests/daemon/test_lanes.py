"""Sending at large: slices side by side, a channel that rests, addresses with a limit, fall-backs, and crashes between."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from alerts.breaker import Phase
from alerts.channels.base import LONGEST_TIMEOUT, Channel, Hurry, Limits
from alerts.model import Attempt, Delivery, Fallback, Outcome, Receipt, delivery_key
from daemon.duties.lane import BEGIN_SECONDS
from daemon.duties.notify import Notify
from daemon.duties.watch import CHANNELS
from daemon.readiness import troubles
from ledger import Ledger, views
from ledger.deliveries import ATTEMPT_SECONDS
from ledger.recording import write_deliveries
from rules.judgement import Light

NOW = 1_700_000_000
DOWN = Receipt(Outcome.PASSING, "ConnectionRefusedError")


class Told:
    """A channel that takes many at once and answers by a function."""

    kind = "told"

    def __init__(self, limits: Limits, answer: Callable[[Attempt], Receipt]) -> None:
        self.limits, self.answer = limits, answer
        self.slices: list[list[Attempt]] = []

    @property
    def sent(self) -> list[Attempt]:
        return [attempt for some in self.slices for attempt in some]

    def send(self, attempt: Attempt) -> Receipt:
        return self.send_many([attempt], lambda: False)[0]

    def send_many(self, attempts: Sequence[Attempt], hurry: Hurry) -> tuple[Receipt, ...]:
        self.slices.append(list(attempts))
        return tuple(map(self.answer, attempts))

    def close(self) -> None:
        """Nothing is held."""


def delivered(attempt: Attempt) -> Receipt:
    return Receipt(Outcome.DELIVERED, "0 ok, msgid=m-1")


def message(number: int, **changed: object) -> Delivery:
    fields: dict[str, object] = {
        "card_id": f"card-{number}", "serial": 1, "channel": "oa", "address": "office", "recipient": "纪检监察室",
        "rank": "owner", "subject": "【黄牌】", "body": "x\n", "created_at": NOW, "not_before_at": NOW, **changed,
    }  # fmt: skip
    key = delivery_key(*(str(fields[name]) if name != "serial" else int(str(fields[name])) for name in
                         ("card_id", "serial", "channel", "address")))  # type: ignore[arg-type]  # in this order  # fmt: skip
    return Delivery(key=key, **fields)  # type: ignore[arg-type]  # as the test gives them


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger(f"sqlite:///{tmp_path}/outbox.sqlite3")
    made.upgrade()
    return made


def put(ledger: Ledger, *messages: Delivery) -> None:
    with ledger.store.writing() as connection:
        write_deliveries(ledger.store, connection, messages)


def states(ledger: Ledger) -> Counter[tuple[str, str]]:
    return Counter({(str(c), str(s)): n for (c, s), n in views.figures(ledger).deliveries.items()})


def test_many_leave_in_slices_each_once(ledger: Ledger) -> None:
    put(ledger, *(message(n) for n in range(700)))
    channel = Told(Limits(at_once=16), delivered)
    assert Notify(ledger, {"oa": channel}, lambda: NOW).run_once(NOW).delivered == 700
    assert len({attempt.delivery.key for attempt in channel.sent}) == len(channel.sent) == 700
    assert max(map(len, channel.slices)) == 128
    assert ledger.next_delivery_at() is None


def test_a_slice_ends_before_the_lease_of_its_attempts() -> None:
    """Else another worker would take over what is still on its way."""
    assert BEGIN_SECONDS + LONGEST_TIMEOUT < ATTEMPT_SECONDS


def test_two_changes_of_one_card_never_leave_side_by_side_and_the_earlier_goes_first(ledger: Ledger) -> None:
    put(ledger, *(message(n, serial=serial) for n in range(20) for serial in (3, 1, 2)))
    channel = Told(Limits(at_once=16), delivered)
    Notify(ledger, {"oa": channel}, lambda: NOW).run_once(NOW)
    for some in channel.slices:
        assert len({attempt.delivery.card_id for attempt in some}) == len(some)
    for n in range(20):
        assert [a.delivery.serial for a in channel.sent if a.delivery.card_id == f"card-{n}"] == [1, 2, 3]


def test_a_channel_that_is_down_is_left_alone_tried_by_one_message_and_then_used_again(ledger: Ledger) -> None:
    put(ledger, *(message(n) for n in range(100)))
    now, up = NOW, False
    channel = Told(Limits(failures=5, rest=30), lambda each: delivered(each) if up else DOWN)
    duty = Notify(ledger, {"oa": channel}, lambda: now)
    assert duty.run_once(now).passing == 5
    assert duty.breakers["oa"].phase(now) is Phase.OPEN
    assert len(channel.sent) == 5
    now += 30
    assert duty.run_once(now).passing == 1
    assert len(channel.sent) == 6
    now, up = now + 60, True
    total = duty.run_once(now).delivered
    assert duty.breakers["oa"].phase(now) is Phase.CLOSED
    while (due := duty.next_at(now)) is not None:
        now = max(now, due)
        total += duty.run_once(now).delivered
    assert total == 100


def test_a_channel_out_of_order_is_shown_and_is_a_trouble_once_it_lasts(ledger: Ledger) -> None:
    put(ledger, *(message(n) for n in range(20)))
    now = NOW
    duty = Notify(ledger, {"oa": Told(Limits(failures=5, rest=30), lambda _: DOWN)}, lambda: now)
    assert duty.look(now).light is Light.GREEN
    duty.run_once(now)
    seen = [duty.look(now + seconds) for seconds in (1, 300)]
    assert [(each.code, each.light) for each in seen] == [(CHANNELS, Light.YELLOW), (CHANNELS, Light.RED)]
    assert [len(troubles(ledger, {}, [each], now)) for each in seen] == [0, 1]
    assert "'oa' for 300 s" in seen[1].en


def test_a_channel_that_hangs_keeps_no_other_waiting(ledger: Ledger) -> None:
    put(ledger, message(1), message(2, channel="sms"))
    sent = threading.Event()

    def hangs(_: Attempt) -> Receipt:
        return Receipt(Outcome.DELIVERED if sent.wait(20) else Outcome.UNKNOWN)

    def goes(attempt: Attempt) -> Receipt:
        put(ledger, message(3, channel="sms")) if attempt.delivery.card_id == "card-2" else sent.set()
        return Receipt(Outcome.DELIVERED)

    channels: dict[str, Channel] = {"oa": Told(Limits(), hangs), "sms": Told(Limits(), goes)}
    assert Notify(ledger, channels, lambda: NOW).run_once(NOW).delivered == 3


def test_an_address_gets_no_more_in_a_minute_than_its_provider_allows(ledger: Ledger) -> None:
    put(ledger, *(message(n) for n in range(45)), message(99, address="another"))
    now = NOW
    channel = Told(Limits(at_once=16, per_minute=20), delivered)
    duty = Notify(ledger, {"oa": channel}, lambda: now)
    assert duty.run_once(now).delivered == 21
    counts = []
    while (due := duty.next_at(now)) is not None:
        now = due
        counts.append((now - NOW, duty.run_once(now).delivered))
    assert counts == [(60, 20), (120, 5)]


def test_what_a_provider_asks_to_wait_holds_for_all_messages_to_the_address(ledger: Ledger) -> None:
    put(ledger, message(1), message(2), message(3, address="another"))
    now, answers = NOW, [Receipt(Outcome.PASSING, "45009", 90)]
    channel = Told(
        Limits(), lambda each: answers.pop() if each.delivery.address == "office" and answers else delivered(each)
    )
    duty = Notify(ledger, {"oa": channel}, lambda: now)
    done = duty.run_once(now)
    assert (done.passing, done.delivered) == (1, 1)
    assert duty.next_at(now) == NOW + 90
    now = NOW + 90
    assert duty.run_once(now).delivered == 2


ELSEWHERE = Fallback("sms", "13800000000")


def test_what_fails_for_good_is_told_over_the_fall_back_by_a_delivery_of_its_own(ledger: Ledger) -> None:
    put(ledger, message(1, fallback=ELSEWHERE), message(2))
    sms = Told(Limits(), delivered)
    refusing = Told(Limits(), lambda _: Receipt(Outcome.PERMANENT, "93000"))
    Notify(ledger, {"oa": refusing, "sms": sms}, lambda: NOW).run_once(NOW)
    assert states(ledger) == {("oa", "failed"): 2, ("sms", "delivered"): 1}
    (told,) = (attempt.delivery for attempt in sms.sent)
    first = message(1, fallback=ELSEWHERE)
    assert (told.stands_in_for, told.address, told.fallback, told.subject) == (
        first.key,
        "13800000000",
        None,
        "【黄牌】",
    )
    assert told.key == delivery_key("card-1", 1, "sms", "13800000000") != first.key


def test_a_channel_out_of_order_for_long_is_stood_in_for_once_and_the_first_message_still_waits(ledger: Ledger) -> None:
    put(ledger, message(1, fallback=ELSEWHERE))
    now = NOW
    sms = Told(Limits(), delivered)
    limits = Limits(failures=1, rest=30, fallback_after=600)
    duty = Notify(ledger, {"oa": Told(limits, lambda _: DOWN), "sms": sms}, lambda: now)
    told_at: list[int] = []
    while now < NOW + 4_000:
        duty.run_once(now)
        told_at += [now] * (len(sms.sent) - len(told_at))
        due = duty.next_at(now)
        assert due is not None
        now = max(now + 1, due)
    assert len(told_at) == 1
    assert 600 <= told_at[0] - NOW <= 1_800
    assert states(ledger) == {("oa", "retry"): 1, ("sms", "delivered"): 1}
