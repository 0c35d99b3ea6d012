"""Digest (汇总): at its slot, what waited for one address goes out as one message, put together by unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from alerts.digest import MOST_PARTS, bundle
from ledger import Ledger
from rules.facts import Instant

MOST_ROUNDS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Digested:
    """What one run did: digests that were made, messages that they carry, messages that went alone."""

    digests: int = 0
    parts: int = 0
    alone: int = 0

    @property
    def happened(self) -> bool:
        """Whether anything was put into the outbox."""
        return bool(self.digests or self.alone)

    @property
    def ok(self) -> bool:
        """Nothing here can fail by halves."""
        return True


class Digest:
    """The duty of putting messages together; one that is alone goes out as it is."""

    name = "digest"

    def __init__(
        self, ledger: Ledger, zone: str, names: Callable[[], Mapping[str, Mapping[str, str]]],
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:  # fmt: skip
        self._ledger, self._zone, self._names, self._stopping = ledger, zone, names, stopping

    def run_once(self, now: Instant) -> Digested:
        """Make every digest that is due."""
        digests = parts = alone = 0
        for _ in range(MOST_ROUNDS):
            due = () if self._stopping() else self._ledger.due_digests(now, MOST_PARTS)
            if not due:
                break
            for each in due:
                made = bundle(each.parts, now, self._zone, self._names()) if len(each.parts) > 1 else None
                if self._ledger.send_digest(each.parts, made, now):
                    digests, parts = digests + bool(made), parts + (len(each.parts) if made else 0)
                    alone += made is None
        return Digested(digests, parts, alone)

    def next_at(self, now: Instant) -> Instant | None:
        """Return when the next digest is due."""
        return self._ledger.next_digest_at()
