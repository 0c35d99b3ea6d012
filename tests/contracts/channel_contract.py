"""What every channel promises, whatever its kind; a new kind passes this suite with its own other side."""

from __future__ import annotations

import time
from enum import Enum
from typing import Protocol

import pytest

from alerts.channels.base import LONGEST_ANSWER, Channel
from alerts.channels.registry import kinds
from alerts.model import Outcome
from tests.alerts.builders import attempt


class Mood(Enum):
    """How the other side behaves from now on."""

    ACCEPTS = "accepts"
    REFUSES_FOR_GOOD = "refuses this message for good"
    REFUSES_FOR_NOW = "refuses for now"
    IS_DOWN = "cannot be reached"
    IS_SILENT = "takes the message and never answers"
    HANGS_UP = "takes the message and hangs up without an answer"
    SAYS_TOO_MUCH = "accepts with a long answer full of control characters"


class OtherSide(Protocol):
    """A real receiver of one kind of channel."""

    channel: Channel
    """The channel under test, with a deadline of at most a second."""
    address: str
    """Where the receiver can be reached over it."""

    def turn(self, mood: Mood) -> bool:
        """Behave like this from now on; False if a receiver of this kind cannot."""
        ...

    def received(self) -> list[tuple[str, bool]]:
        """Return what was taken over, in order: the delivery's key, and whether it was marked as a possible repeat."""
        ...


class ChannelContract:
    """Inherit this, and give a fixture ``other_side`` that is ready to accept."""

    def test_its_kind_is_the_name_of_its_file(self, other_side: OtherSide) -> None:
        assert other_side.channel.kind in kinds()

    def test_what_is_accepted_is_delivered_under_the_key_of_the_delivery(self, other_side: OtherSide) -> None:
        made = attempt(other_side.address)
        assert other_side.channel.send(made).outcome is Outcome.DELIVERED
        assert other_side.received() == [(made.delivery.key, False)]

    def test_a_repeat_bears_the_same_key_and_is_marked(self, other_side: OtherSide) -> None:
        first = attempt(other_side.address)
        second = attempt(other_side.address, number=2, possible_repeat=True)
        assert other_side.channel.send(first).outcome is Outcome.DELIVERED
        assert other_side.channel.send(second).outcome is Outcome.DELIVERED
        assert other_side.received()[-1] == (first.delivery.key, True)
        assert {key for key, _ in other_side.received()} == {first.delivery.key}

    def test_two_deliveries_bear_two_keys(self, other_side: OtherSide) -> None:
        for card in ("card-1", "card-2"):
            other_side.channel.send(attempt(other_side.address, card))
        assert len({key for key, _ in other_side.received()}) == 2

    def test_what_is_refused_for_good_is_permanent(self, other_side: OtherSide) -> None:
        assert self.outcome(other_side, Mood.REFUSES_FOR_GOOD) is Outcome.PERMANENT
        assert other_side.received() == []

    def test_what_is_refused_for_now_is_passing_and_goes_through_later(self, other_side: OtherSide) -> None:
        assert self.outcome(other_side, Mood.REFUSES_FOR_NOW) is Outcome.PASSING
        assert other_side.received() == []
        assert self.outcome(other_side, Mood.ACCEPTS) is Outcome.DELIVERED

    def test_a_receiver_that_cannot_be_reached_is_passing(self, other_side: OtherSide) -> None:
        assert self.outcome(other_side, Mood.IS_DOWN) is Outcome.PASSING

    def test_a_receiver_that_never_answers_is_waited_for_no_longer_than_the_deadline(
        self, other_side: OtherSide
    ) -> None:
        began = time.monotonic()
        assert self.outcome(other_side, Mood.IS_SILENT) is Outcome.UNKNOWN
        assert time.monotonic() - began < 5

    def test_a_connection_that_breaks_after_the_message_was_out_leaves_the_outcome_unknown(
        self, other_side: OtherSide
    ) -> None:
        assert self.outcome(other_side, Mood.HANGS_UP) is Outcome.UNKNOWN

    def test_a_long_or_odd_answer_is_kept_short_and_in_one_line(self, other_side: OtherSide) -> None:
        if not other_side.turn(Mood.SAYS_TOO_MUCH):
            pytest.skip(f"a receiver of {other_side.channel.kind} has nothing to say")
        receipt = other_side.channel.send(attempt(other_side.address))
        assert receipt.outcome is Outcome.DELIVERED
        assert receipt.answer.isprintable()
        assert 0 < len(receipt.answer) <= LONGEST_ANSWER

    def test_an_address_that_could_break_out_of_its_place_is_refused(self, other_side: OtherSide) -> None:
        made = attempt(other_side.address + "\r\nBcc: everybody@county.example")
        receipt = other_side.channel.send(made)
        if receipt.outcome is Outcome.DELIVERED:  # a kind for which the address is a mere word
            assert other_side.received() == [(made.delivery.key, False)]
        else:
            assert receipt.outcome is Outcome.PERMANENT
            assert other_side.received() == []

    def test_it_can_be_closed_twice(self, other_side: OtherSide) -> None:
        other_side.channel.close()
        other_side.channel.close()

    @staticmethod
    def outcome(other_side: OtherSide, mood: Mood) -> Outcome:
        """Send one message to a receiver of this mood and return how that ended."""
        if not other_side.turn(mood):
            pytest.skip(f"a receiver of {other_side.channel.kind} never {mood.value}")
        return other_side.channel.send(attempt(other_side.address)).outcome
