"""Watch (自检): the machine looks at itself, for a supervisor that silently stands still is worse than none."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, TypeAlias

from ledger import Ledger
from rules.facts import Instant
from rules.judgement import Light

HORIZON_DAYS: Final = 60
"""So many days before the last published working day the calendar turns red (architecture.md, Time)."""

MEGABYTE: Final = 1_000_000
LEAST_FREE_BYTES: Final = 500 * MEGABYTE
CLOCK_TOLERANCE: Final = 2
OVERDUE_SECONDS: Final = 600
"""Work that has been due for so long is stuck: a lease that nobody gives back, or a review that cannot keep up."""

CHANNELS: Final = "channels"
"""The word for what is wrong with the ways out, which the duty of sending looks at itself."""


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing that the machine looked at: a stable word, its light, and a sentence in both languages."""

    code: str
    light: Light
    en: str
    zh: str


Look: TypeAlias = Callable[[Instant], Concern]


@dataclass(frozen=True, slots=True)
class Watched:
    """What one look found; only what is not green is told."""

    concerns: tuple[Concern, ...] = ()
    changed: bool = False
    red: tuple[str, ...] = field(default=())

    @property
    def happened(self) -> bool:
        """Whether a light is another than at the last look."""
        return self.changed

    @property
    def ok(self) -> bool:
        """Looking succeeded, whatever was seen."""
        return True


class Watch:
    """The duty of looking at the machine itself."""

    name = "watch"

    def __init__(self, looks: Sequence[Look]) -> None:
        self._looks = looks
        self.concerns: tuple[Concern, ...] = ()

    def run_once(self, now: Instant) -> Watched:
        """Look at everything once and keep what was seen for metrics and readiness."""
        before = {concern.code: concern.light for concern in self.concerns}
        self.concerns = tuple(look(now) for look in self._looks)
        seen = {concern.code: concern.light for concern in self.concerns}
        red = tuple(concern.en for concern in self.concerns if concern.light is not Light.GREEN)
        return Watched(self.concerns, bool(before or red) and before != seen, red)

    def next_at(self, now: Instant) -> Instant | None:
        """The interval alone says when to look."""
        return None


def calendar_horizon(name: str, last_published_on: date | None) -> Look:
    """Look how far the published calendar reaches; None means that it never ends."""

    def look(now: Instant) -> Concern:
        if last_published_on is None:
            return Concern("calendar", Light.GREEN, f"The calendar '{name}' has no end.", f"日历“{name}”没有终点。")
        left = (last_published_on - datetime.fromtimestamp(now, UTC).date()).days
        light = Light.GREEN if left > HORIZON_DAYS else Light.RED
        return Concern(
            "calendar", light,
            f"The calendar '{name}' is published up to {last_published_on}; {left} days are left.",
            f"日历“{name}”公布至 {last_published_on}，还剩 {left} 天。",
        )  # fmt: skip

    return look


def disk(folder: Path) -> Look:
    """Look whether the ledger's disk has room."""

    def look(_now: Instant) -> Concern:
        free = shutil.disk_usage(folder).free
        light = Light.GREEN if free > LEAST_FREE_BYTES else Light.RED
        return Concern(
            "disk",
            light,
            f"{free // 1_000_000:,} MB are free in {folder}.",
            f"{folder} 剩余 {free // 1_000_000:,} MB。",
        )

    return look


def clock() -> Look:
    """Look whether the machine's clock went backwards since the last look."""
    latest: list[Instant] = []

    def look(now: Instant) -> Concern:
        back = max(latest[0] - now, 0) if latest else 0
        latest[:] = [max(now, latest[0])] if latest and back else [now]
        light = Light.RED if back > CLOCK_TOLERANCE else Light.GREEN
        return Concern("clock", light, f"The clock went back by {back} s.", f"系统时钟倒退 {back} 秒。")

    return look


def work_in_time(ledger: Ledger) -> Look:
    """Look whether something has been due for long without being done."""

    def look(now: Instant) -> Concern:
        due = [
            at for at in (ledger.next_due_at(), ledger.next_delivery_at(), ledger.next_digest_at()) if at is not None
        ]
        late = max((now - at for at in due), default=0)
        late = max(late, 0)
        light = Light.GREEN if late < OVERDUE_SECONDS else Light.RED
        return Concern("backlog", light, f"The oldest work has waited {late} s.", f"最早的待办已等待 {late} 秒。")

    return look
