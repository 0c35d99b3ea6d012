"""Keeps to what a provider allows: so many messages to one address in any minute, and none while it asked to wait.

A pure state: ``now`` is an argument, and what is remembered of an address is who was let through in the last minute.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from rules.facts import Instant

MINUTE: Final = 60


class Pace(Struct, frozen=True):
    """How one address was used: messages by the second in which they went out, and until when it asked for rest."""

    sent: tuple[tuple[Instant, int], ...] = ()
    waits_until: Instant = 0

    def room(self, per_minute: int, now: Instant) -> int | None:
        """Return how many messages may go out now, None for any number."""
        if now < self.waits_until:
            return 0
        if per_minute == 0:
            return None
        return max(0, per_minute - sum(count for at, count in self.sent if at > now - MINUTE))

    def again_at(self, now: Instant) -> Instant:
        """Return when there is room again after ``room`` has said 0."""
        if now < self.waits_until:
            return self.waits_until
        oldest = min((at for at, _ in self.sent if at > now - MINUTE), default=now)
        return max(now + 1, oldest + MINUTE)

    def used(self, count: int, now: Instant) -> Pace:
        """Return the pace after ``count`` messages went out."""
        recent = tuple((at, before) for at, before in self.sent if at > now - MINUTE)
        return Pace((*recent, (now, count)) if count else recent, self.waits_until)

    def asked_to_wait(self, seconds: int, now: Instant) -> Pace:
        """Return the pace after the provider asked to wait; it is waited for, though never longer than a day."""
        return Pace(self.sent, max(self.waits_until, now + min(seconds, 86_400)))
