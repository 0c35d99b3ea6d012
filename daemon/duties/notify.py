"""Notify (送达): each delivery is tried with its attempt written before and its outcome after; channels do not wait for
one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Final

from alerts.breaker import Breaker
from alerts.channels.base import Channel
from daemon.duties.lane import Lane
from daemon.duties.watch import CHANNELS, Concern
from ledger import Ledger
from rules.facts import Instant
from rules.judgement import Light

AGAIN_SECONDS: Final = 0.05
"""How soon to look for what fell due over other channels while one is still at work."""

LASTING_SECONDS: Final = 300
"""A channel that has been out of order for so long is red, and keeps the daemon from counting as ready."""


@dataclass(frozen=True, slots=True)
class Notified:
    """What one run of the notices did: attempts by outcome, and deliveries that have to wait for their channel."""

    delivered: int = 0
    passing: int = 0
    permanent: int = 0
    unknown: int = 0
    taken_over: int = 0
    waiting: int = 0

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
        self._lanes = {name: Lane(name, channel, ledger, now, stopping) for name, channel in channels.items()}

    @property
    def breakers(self) -> dict[str, Breaker]:
        """The circuit breakers of the configured channels."""
        return {name: self._lanes[name].breaker for name in self._channels}

    def look(self, now: Instant) -> Concern:
        """Look which channels are out of order: the watch shows it, and it is a trouble once it has lasted."""
        out = {name: breaker.out_of_order_for(now) for name, breaker in self.breakers.items() if breaker.open_since}
        if not out:
            return Concern(CHANNELS, Light.GREEN, "Every channel works.", "各发送渠道正常。")
        en = ", ".join(f"'{name}' for {seconds} s" for name, seconds in sorted(out.items()))
        zh = "、".join(f"“{name}”已 {seconds} 秒" for name, seconds in sorted(out.items()))
        light = Light.RED if max(out.values()) >= LASTING_SECONDS else Light.YELLOW
        return Concern(CHANNELS, light, f"Channels are out of order: {en}.", f"发送渠道故障：{zh}。")

    def run_once(self, now: Instant) -> Notified:
        """Try every delivery that is due, the channels side by side, until none is left."""
        outcomes: Counter[str] = Counter()
        running: dict[str, Future[Counter[str]]] = {}
        with ThreadPoolExecutor(max_workers=max(8, len(self._channels)), thread_name_prefix="notify") as pool:
            while True:
                due = () if self._stopping() else self._ledger.due_channels(now)
                for name in due:
                    if name not in running:
                        running[name] = pool.submit(self._lane(name).run, now)
                if not running:
                    return Notified(**outcomes)
                wait(running.values(), AGAIN_SECONDS, FIRST_COMPLETED)
                for name in [name for name, lane in running.items() if lane.done()]:
                    outcomes.update(running.pop(name).result())
                now = max(now, self._now())

    def next_at(self, now: Instant) -> Instant | None:
        """Return when the next delivery is due or an attempt counts as cut off."""
        return self._ledger.next_delivery_at()

    def _lane(self, name: str) -> Lane:
        """Return the lane of a channel, also of one that is configured no longer: what is left for it fails visibly."""
        if name not in self._lanes:
            self._lanes[name] = Lane(name, None, self._ledger, self._now, self._stopping)
        return self._lanes[name]
