"""The checks of the stories find what they are there for, on made-up logs: each rule is broken once and is noticed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from tests.stories.checks import (
    CardFace,
    Change,
    Cut,
    Told,
    Tried,
    broken_lives,
    cards_unlike,
    lost_or_doubled_events,
    undelivered,
    unlike_the_ledger,
    wrong_repeats,
    wrong_unknowns,
)
from tests.stories.receiver import Received

ACCEPTED = Told("R1", 1, "county/application/L1", "accepted", 100, "market", "slow")
YELLOW = CardFace("county/application/L1", "T04", "yellow", "issued", "market", 200, None)


def taken(key: str, attempt: int = 1, *, marked: bool = False, status: int = 200, signed: bool = True) -> Received:
    """Return a request as the receiver notes it."""
    return Received(key, attempt, marked, status, signed)


# ── events and cards ───────────────────────────────────────────────────────────────────────────


def test_equal_events_in_any_order_are_no_fault() -> None:
    other = ACCEPTED._replace(event_id="R2")

    assert lost_or_doubled_events([ACCEPTED, other], [other, ACCEPTED]) == []


@pytest.mark.parametrize(
    ("ledger", "fault"),
    [
        ([], "the event R1 is lost"),
        ([ACCEPTED, ACCEPTED], "the event R1 is there too often or unlike its row"),
        ([ACCEPTED, ACCEPTED._replace(version=2)], "the event R1 is there too often or unlike its row"),
        ([ACCEPTED._replace(occurred_at=101)], "the event R1 is lost"),
        ([ACCEPTED, ACCEPTED._replace(event_id="R9")], "the event R9 is there too often or unlike its row"),
    ],
)
def test_a_lost_a_doubled_and_an_altered_event_are_noticed(ledger: list[Told], fault: str) -> None:
    assert fault in lost_or_doubled_events([ACCEPTED], ledger)


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        ({}, "is missing"),
        ({"c1": YELLOW, "c2": YELLOW}, "is one too many"),
        ({"c1": YELLOW._replace(colour="red")}, "instead of"),
        ({"c1": YELLOW._replace(raised_at=201)}, "instead of"),
    ],
)
def test_a_missing_a_surplus_and_another_card_are_noticed(found: dict[str, CardFace], fault: str) -> None:
    (said,) = cards_unlike({"c1": YELLOW}, found)

    assert fault in said


def test_the_same_cards_are_no_fault() -> None:
    assert cards_unlike({"c1": YELLOW}, {"c1": YELLOW}) == []


RISING = [Change("c1", 1, "issued", "reminder"), Change("c1", 2, "risen", "yellow"), Change("c1", 3, "ended", "yellow")]


@pytest.mark.parametrize(
    ("changes", "serials", "fault"),
    [
        (RISING[:1] + RISING[2:], {"c1": 3}, "the changes of card c1 are [1, 3], its serial is 3"),
        ([*RISING, RISING[0]], {"c1": 3}, "the changes of card c1 are [1, 1, 2, 3], its serial is 3"),
        ([*RISING, Change("c1", 4, "issued", "yellow")], {"c1": 4}, "the card c1 became yellow 2 times"),
        ([], {"c1": 1}, "the card c1 has no change at all"),
    ],
)
def test_a_gap_in_the_life_of_a_card_and_a_second_issue_are_noticed(
    changes: list[Change], serials: dict[str, int], fault: str
) -> None:
    assert broken_lives(RISING, {"c1": 3}) == []
    assert fault in broken_lives(changes, serials)


# ── deliveries ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Post:
    """What was planned, what the outbox holds, what the receiver took: all in order, unless it is replaced."""

    planned: tuple[str, ...] = ("k1", "k2")
    outbox: dict[str, str] = field(default_factory=lambda: {"k1": "delivered", "k2": "delivered"})
    received: tuple[Received, ...] = (taken("k1"), taken("k2"))

    def faults(self) -> list[str]:
        """Return what the check says."""
        return undelivered(self.planned, self.outbox, self.received)


@pytest.mark.parametrize(
    ("post", "fault"),
    [
        (Post(planned=("k1", "k2", "k3")), "the delivery k3 was planned and is not in the outbox"),
        (Post(planned=("k1",)), "the delivery k2 was never planned"),
        (replace(Post(), outbox={"k1": "delivered", "k2": "sending"}), "the delivery k2 is sending"),
        (Post(received=(taken("k1"),)), "the receiver never took k2"),
        (Post(received=(taken("k1"), taken("k2", status=503))), "the receiver never took k2"),
        (Post(received=(taken("k1"), taken("k2"), taken("k9"))), "the receiver took k9, which was never planned"),
    ],
)
def test_what_was_not_delivered_and_what_was_not_planned_are_noticed(post: Post, fault: str) -> None:
    assert Post().faults() == []
    assert fault in post.faults()


# ── repeats ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("received", "cuts"),
    [
        ([taken("k1"), taken("k2")], []),
        ([taken("k1", 2, marked=True)], [Cut("k1", 1)]),
        ([taken("k1"), taken("k1", 2, marked=True)], [Cut("k1", 1)]),
        ([taken("k1"), taken("k1", 2, marked=True), taken("k1", 3, marked=True)], [Cut("k1", 1), Cut("k1", 2)]),
        ([taken("k1", status=503), taken("k1", 2)], []),
        ([taken("k1", status=503), taken("k1", 2), taken("k1", 3, marked=True)], [Cut("k1", 2)]),
    ],
)
def test_what_a_crash_explains_is_no_fault(received: list[Received], cuts: list[Cut]) -> None:
    """Cut off before or after it arrived; cut off twice; turned away and tried again."""
    assert wrong_repeats(received, cuts) == []


@pytest.mark.parametrize(
    ("received", "cuts", "fault"),
    [
        ([taken("k1"), taken("k1", 2)], [], "k1 was taken by attempt 1, which no crash cut off, and sent again"),
        ([taken("k1"), taken("k1")], [], "attempt 1 at k1 arrived 2 times"),
        ([taken("k1"), taken("k1", 2)], [Cut("k1", 1)], "attempt 2 at k1 follows a crash and is not marked"),
        ([taken("k1", marked=True)], [], "attempt 1 at k1 is marked, though none before it was cut off"),
        ([taken("k1", marked=True)], [Cut("k1", 1)], "attempt 1 at k1 is marked, though none before it was cut off"),
        ([taken("k1", 2, marked=True)], [Cut("k2", 1)], "attempt 2 at k1 is marked, though none before it was cut off"),
        (
            [taken("k1"), taken("k1", 2, marked=True), taken("k1", 3, marked=True)],
            [Cut("k1", 1)],
            "k1 was taken 3 times, 2 at the most was to be expected",
        ),
        ([taken("k1", signed=False)], [], "a request for k1 is not signed by us"),
    ],
)
def test_a_receiver_that_is_told_twice_or_without_a_mark_is_noticed(
    received: list[Received], cuts: list[Cut], fault: str
) -> None:
    assert fault in wrong_repeats(received, cuts)


@pytest.mark.parametrize(
    ("outcome", "cuts", "fault"),
    [
        ("delivered", [Cut("k1", 1)], "attempt 1 at k1 was cut off, and the ledger does not know"),
        ("unknown", [], "attempt 1 at k1 is unknown, though no crash cut it off"),
        (None, [], "attempt 1 at k1 has no outcome"),
    ],
)
def test_a_cut_that_the_ledger_forgot_or_made_up_is_noticed(outcome: str | None, cuts: list[Cut], fault: str) -> None:
    assert fault in wrong_unknowns([Tried("k1", 1, False, outcome)], cuts)


def test_a_cut_that_the_ledger_knows_is_no_fault() -> None:
    tried = [Tried("k1", 1, False, "unknown"), Tried("k1", 2, True, "delivered")]

    assert wrong_unknowns(tried, [Cut("k1", 1)]) == []


def test_an_attempt_that_never_arrived_and_a_request_without_attempt_are_noticed() -> None:
    tried = [Tried("k1", 1, False, "delivered")]

    assert unlike_the_ledger(tried, [taken("k1")], []) == []
    assert unlike_the_ledger(tried, [], [Cut("k1", 1)]) == []
    assert unlike_the_ledger(tried, [], []) == ["attempt 1 at k1 never arrived"]
    assert unlike_the_ledger([], [taken("k1")], []) == ["attempt 1 at k1 arrived and is not in the ledger"]
