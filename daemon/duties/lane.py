"""The deliveries of one channel: in slices, each with its attempts written before and its outcomes after.

A slice is as long as can be sent within an attempt's lease; it never holds two messages of one card to one address, so
that nobody reads of an end before the beginning.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from alerts.backoff import next_attempt_at
from alerts.breaker import Breaker, Phase, after
from alerts.channels.base import NOT_SENT, Channel, Limits, own_fault, send_many
from alerts.model import Attempt, Delivery, Outcome, Receipt, delivery_key
from alerts.pacing import Pace
from daemon import log
from ledger import ClaimedDelivery, Ledger
from rules.facts import Instant

CLAIMED: Final = 500
ROUNDS: Final = 8
"""Messages of one slice for each that the channel sends at once: what a crash leaves unknown, and is repeated, is a slice."""

BEGIN_SECONDS: Final = 10.0
"""Within a slice nothing is begun later: with the longest timeout of a channel it ends before the lease does."""

MOST_PACES: Final = 10_000


class Lane:
    """One channel at work, with its circuit breaker and what its addresses may get. Runs in one thread at a time."""

    def __init__(
        self,
        name: str,
        channel: Channel | None,
        ledger: Ledger,
        now: Callable[[], Instant],
        stopping: Callable[[], bool],
    ) -> None:
        self._name, self._channel, self._ledger, self._now, self._stopping = name, channel, ledger, now, stopping
        self._limits: Limits = getattr(channel, "limits", Limits())
        self._paces: dict[str, Pace] = {}
        self._log = log.get(duty="notify")
        self.breaker = Breaker()

    def run(self, now: Instant) -> Counter[str]:
        """Try what is due over this channel until nothing is left; return the attempts by outcome."""
        done: Counter[str] = Counter()
        while not self._stopping():
            at = max(now, self._now())
            claimed = self._ledger.claim_deliveries(at, CLAIMED, channel=self._name)
            if not claimed:
                break
            left = list(claimed)
            while left:
                if self._stopping():
                    self._ledger.give_back(left, self._now())
                    break
                left = self._some(left, max(now, self._now()), done)
        return done

    def _some(self, claimed: list[ClaimedDelivery], at: Instant, done: Counter[str]) -> list[ClaimedDelivery]:
        """Try the next slice, or let all wait if the channel rests; return what is left of the claimed."""
        phase = self.breaker.phase(at)
        if phase is Phase.OPEN:
            self._let_rest(claimed, at)
            done["waiting"] += len(claimed)
            return []
        most = 1 if phase is Phase.HALF_OPEN else self._limits.at_once * (ROUNDS if self._limits.at_once > 1 else 1)
        now_, later = self._slice(claimed, most)
        paced = self._paced(now_, at)
        done["waiting"] += len(now_) - len(paced)
        if paced:
            self._try(paced, at, done)
        return later

    def _slice(self, claimed: list[ClaimedDelivery], most: int) -> tuple[list[ClaimedDelivery], list[ClaimedDelivery]]:
        """Return the next ``most`` deliveries, of one card to one address the first only, and the others."""
        taken: dict[tuple[str, str], ClaimedDelivery] = {}
        others: list[ClaimedDelivery] = []
        for position, each in enumerate(claimed):
            if len(taken) == most:
                return list(taken.values()), others + claimed[position:]
            about = each.delivery.card_id, each.delivery.address
            if about in taken:
                others.append(each)
            else:
                taken[about] = each
        return list(taken.values()), others

    def _let_rest(self, claimed: Sequence[ClaimedDelivery], at: Instant) -> None:
        """Let deliveries wait until the channel is tried again; those that waited long are told over the fall-back."""
        further = [*_stand_ins((each.delivery for each in claimed), at)] if self._out_for_long(at) else []
        self._ledger.give_back(claimed, self.breaker.rests_until or at, further)

    def _out_for_long(self, at: Instant) -> bool:
        return self.breaker.out_of_order_for(at) >= self._limits.fallback_after

    def _paced(self, claimed: Sequence[ClaimedDelivery], at: Instant) -> list[ClaimedDelivery]:
        """Return those that their addresses may get now; the others are given back until there is room."""
        by_address: dict[str, list[ClaimedDelivery]] = {}
        for each in claimed:
            by_address.setdefault(each.delivery.address, []).append(each)
        allowed: list[ClaimedDelivery] = []
        for address, wanted in by_address.items():
            pace = self._paces.get(address, Pace())
            room = pace.room(self._limits.per_minute, at)
            fitting = wanted if room is None else wanted[:room]
            if len(fitting) < len(wanted):
                full = pace.used(len(fitting), at)
                self._ledger.give_back(wanted[len(fitting) :], full.again_at(at))
            if self._limits.per_minute:
                self._remember(address, pace.used(len(fitting), at))
            allowed += fitting
        return allowed

    def _remember(self, address: str, pace: Pace) -> None:
        if len(self._paces) >= MOST_PACES:
            self._paces.clear()  # a provider's refusal is still heard and waited for
        self._paces[address] = pace

    def _try(self, claimed: Sequence[ClaimedDelivery], at: Instant, done: Counter[str]) -> None:
        attempts = self._ledger.start_many(claimed, at)
        done["taken_over"] += len(claimed) - len(attempts)
        if not attempts:
            return
        receipts = self._send(attempts)
        ended_at = max(at, self._now())
        finished = [(a, r, self._retry_at(a, r, ended_at)) for a, r in zip(attempts, receipts, strict=True)]
        long_out = self._out_for_long(ended_at)
        failed = [
            attempt.delivery
            for attempt, receipt, retry_at in finished
            if receipt.outcome is not Outcome.DELIVERED and (retry_at is None or long_out)
        ]
        self._ledger.finish_many(finished, ended_at, [*_stand_ins(failed, ended_at)])
        for attempt, receipt, retry_at in finished:
            self._learn(attempt, receipt, retry_at, ended_at)
            done[receipt.outcome.value] += 1

    def _send(self, attempts: Sequence[Attempt]) -> Sequence[Receipt]:
        if self._channel is None:
            gone = Receipt(Outcome.PERMANENT, f"there is no channel '{self._name}' any more")
            return [gone] * len(attempts)
        ends = time.monotonic() + BEGIN_SECONDS

        def hurry() -> bool:
            return self._stopping() or time.monotonic() > ends

        try:
            return send_many(self._channel, attempts, self._limits, lambda: len(attempts) > 1 and hurry())
        except Exception as error:  # noqa: BLE001  # outcomes have to be written whatever a channel does
            return [own_fault(self._name, error)] * len(attempts)

    def _retry_at(self, attempt: Attempt, receipt: Receipt, now: Instant) -> Instant | None:
        if receipt == NOT_SENT:
            return now
        if receipt.outcome in {Outcome.PASSING, Outcome.UNKNOWN}:
            return next_attempt_at(attempt.number, now, attempt.delivery.key, receipt.retry_after)
        return None

    def _learn(self, attempt: Attempt, receipt: Receipt, retry_at: Instant | None, now: Instant) -> None:
        """Draw from an outcome what holds for the channel and the address, and say what failed."""
        before = self.breaker.phase(now)
        self.breaker = after(self.breaker, receipt, self._limits, now)
        if receipt.retry_after:
            pace = self._paces.get(attempt.delivery.address, Pace())
            self._remember(attempt.delivery.address, pace.asked_to_wait(receipt.retry_after, now))
        if receipt.outcome is not Outcome.DELIVERED:
            self._log.warning(
                "delivery_failed", card=attempt.delivery.card_id, channel=self._name,
                outcome=receipt.outcome.value, attempt=attempt.number, answer=receipt.answer, retry_at=retry_at,
            )  # fmt: skip
        if self.breaker.phase(now) is not before:
            self._log.warning("channel_breaker", channel=self._name, phase=self.breaker.phase(now).value)


def _stand_ins(deliveries: Iterable[Delivery], now: Instant) -> Iterator[Delivery]:
    """Yield the deliveries that go to the fall-backs instead, each with a key of its own."""
    for each in deliveries:
        if each.fallback is not None:
            channel, address = each.fallback.channel, each.fallback.address
            yield replace(
                each, key=delivery_key(each.card_id, each.serial, channel, address), channel=channel, address=address,
                created_at=now, not_before_at=now, fallback=None, stands_in_for=each.key,
                digest=False, deferred=False, counted_on="",
            )  # fmt: skip
