"""The time of a story: it runs faster than the machine's, the same for every process, and may skip days."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from rules.facts import Instant

ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> Instant:
    """Return an instant written in Shanghai's time."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


def written(instant: float) -> str:
    """Return an instant as a departmental system of Shanghai writes it."""
    return dt.datetime.fromtimestamp(int(instant), ZONE).strftime("%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True)
class StoryClock:
    """Seconds UTC since 1970, ``speed`` of them in each second of the machine's.

    A lease of two minutes then ends in two seconds, so a story can wait for it as a real restart would.
    """

    start_at: Instant
    speed: float
    began: float
    """The reading of the machine's monotonic clock, which all its processes share, at ``start_at``."""

    @classmethod
    def starting(cls, start_at: Instant, speed: float) -> StoryClock:
        """Return a clock that shows ``start_at`` now."""
        return cls(start_at, speed, time.monotonic())

    def __call__(self) -> float:
        return self.start_at + (time.monotonic() - self.began) * self.speed

    def skipped_to(self, later_at: Instant) -> StoryClock:
        """Return the clock that shows ``later_at`` now."""
        if later_at < self():
            raise AssertionError("the story took so long that its skip would go backwards")
        return replace(self, start_at=later_at, began=time.monotonic())
