"""Notify (送达): each delivery is tried with its attempt written before and its outcome after; channels do not wait for
one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from alerts.backoff import next_attempt_at
from alerts.channels.base import Channel
from alerts.model import Attempt, Outcome, Receipt
from daemon import log
from ledger import ClaimedDelivery, LeaseLost, Ledger
from rules.facts import Instant


@dataclass(frozen=True, slots=True)
class Notified:
    """What one run of the notices did: attempts by outcome."""

    delivered: int = 0
    passing: int = 0
    permanent: int = 0
    unknown: int = 0
    taken_over: int = 0

    @property
    def happened(self) -> bool:
        """Whether anything was tried."""
        return bool(self.delivered or self.passing or self.permanent or self.unknown or self.taken_over)

    @property
    def ok(self) -> bool:
        """A delivery that failed is shown with its card and does not fail the duty."""
        return True


class Notify:
    """The duty of sending what the review wrote down."""

    name = "notify"

    def __init__(
        self,
        ledger: Ledger,
        channels: Mapping[str, Channel],
        now: Callable[[], Instant],
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._ledger, self._channels, self._now, self._stopping = ledger, channels, now, stopping
        self._log = log.get(duty=self.name)

    def run_once(self, now: Instant) -> Notified:
        """Try every delivery that is due, the channels side by side, until none is left."""
        outcomes: Counter[str] = Counter()
        while not self._stopping():
            claimed = self._ledger.claim_deliveries(now)
            if not claimed:
                break
            lanes: dict[str, list[ClaimedDelivery]] = {}
            for claim in claimed:
                lanes.setdefault(claim.delivery.channel, []).append(claim)
            if len(lanes) == 1:
                outcomes.update(self._lane(claimed))
                continue
            with ThreadPoolExecutor(max_workers=min(8, len(lanes)), thread_name_prefix="notify") as pool:
                for done in pool.map(self._lane, lanes.values()):
                    outcomes.update(done)
        return Notified(**outcomes)

    def next_at(self, now: Instant) -> Instant | None:
        """Return when the next delivery is due or an attempt counts as cut off."""
        return self._ledger.next_delivery_at()

    def _lane(self, claimed: Sequence[ClaimedDelivery]) -> Counter[str]:
        """Try them one after the other; when told to stop, give back the rest, so that the next start goes on at once."""
        done: Counter[str] = Counter()
        for position, claim in enumerate(claimed):
            if self._stopping():
                self._ledger.give_back(claimed[position:], self._now())
                break
            done[self._one(claim)] += 1
        return done

    def _one(self, claim: ClaimedDelivery) -> str:
        try:
            attempt = self._ledger.start(claim, self._now())
            receipt = self._send(attempt)
            retry_at = None
            if receipt.outcome in {Outcome.PASSING, Outcome.UNKNOWN}:
                retry_at = next_attempt_at(attempt.number, self._now(), claim.delivery.key, receipt.retry_after)
            self._ledger.finish(attempt, receipt, retry_at, self._now())
        except LeaseLost:
            return "taken_over"
        if receipt.outcome is not Outcome.DELIVERED:
            self._log.warning(
                "delivery_failed", card=claim.delivery.card_id, channel=claim.delivery.channel,
                outcome=receipt.outcome.value, attempt=attempt.number, answer=receipt.answer, retry_at=retry_at,
            )  # fmt: skip
        return receipt.outcome.value

    def _send(self, attempt: Attempt) -> Receipt:
        channel = self._channels.get(attempt.delivery.channel)
        if channel is None:
            return Receipt(Outcome.PERMANENT, f"there is no channel '{attempt.delivery.channel}' any more")
        try:
            return channel.send(attempt)
        except Exception as error:  # noqa: BLE001  # the outcome has to be written whatever a channel does
            self._log.exception("channel_failed", channel=attempt.delivery.channel)
            return Receipt(Outcome.UNKNOWN, f"the channel itself failed: {type(error).__name__}")
