"""The circuit breaker of a channel (熔断): closed, open after failures in a row, half-open while one message tries it.

A pure state machine: ``now`` is an argument, nothing is remembered elsewhere. Only passing and unknown outcomes count as
failures; a refusal for good is an answer of a receiver that works.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from alerts.channels.base import NOT_SENT, Limits
from alerts.model import Outcome, Receipt
from rules.facts import Instant

LONGEST_REST: Final = 900


class Phase(StrEnum):
    """Whether messages may go out: all of them, none, or one that tries whether the channel works again."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker(Struct, frozen=True):
    """The state of one channel: failures in a row, since when it is open, until when it rests, how often it has rested."""

    failures: int = 0
    open_since: Instant | None = None
    rests_until: Instant | None = None
    rests: int = 0

    def phase(self, now: Instant) -> Phase:
        """Return whether messages may go out at ``now``."""
        if self.rests_until is None:
            return Phase.CLOSED
        return Phase.OPEN if now < self.rests_until else Phase.HALF_OPEN

    def out_of_order_for(self, now: Instant) -> int:
        """Return for how many seconds the channel has not worked, 0 while it is closed."""
        return max(0, now - self.open_since) if self.open_since is not None else 0


def after(breaker: Breaker, receipt: Receipt, limits: Limits, now: Instant) -> Breaker:
    """Return the breaker after one attempt ended at ``now``.

    An answer of any kind closes it. A failure opens it if it was one too many or the probe itself; each rest is twice as
    long as the one before, up to 15 minutes, and never shorter than the provider asked for. A receiver that says when
    to come back is at work: below the limit its failures do not count.
    """
    if receipt == NOT_SENT:
        return breaker
    if receipt.outcome in {Outcome.DELIVERED, Outcome.PERMANENT}:
        return Breaker()
    half_open = breaker.phase(now) is Phase.HALF_OPEN
    if breaker.phase(now) is Phase.OPEN:  # was already on its way when the breaker opened
        return breaker
    if receipt.retry_after is not None and not half_open:
        return breaker
    failures = breaker.failures + 1
    if failures < limits.failures and not half_open:
        return replace(breaker, failures=failures)
    rest = max(min(LONGEST_REST, limits.rest << min(breaker.rests, 20)), min(receipt.retry_after or 0, LONGEST_REST))
    since = breaker.open_since if breaker.open_since is not None else now
    return Breaker(failures, since, now + rest, breaker.rests + 1)
