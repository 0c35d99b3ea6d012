"""Office hours: the stretches of wall time in which an office works, as people write them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from rules.civildays import DAY
from rules.counts import Stretches

NO_HOURS: Final[Stretches] = ((0, DAY),)
"""Where no office hours are set, the whole day counts."""


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Office hours in wall seconds of the day, in force on [``from_on``, ``until_on``) for some days of the week."""

    stretches: Stretches
    from_on: dt.date = dt.date.min
    until_on: dt.date | None = None
    weekdays: frozenset[int] = frozenset(range(7))

    def in_force(self, on: dt.date) -> bool:
        """Say whether these hours hold on a date, whatever its day of the week."""
        return self.from_on <= on and (self.until_on is None or on < self.until_on)


def parse_hours(text: str) -> Stretches:
    """Return the office hours written as ``08:30-12:00,13:30-17:30``; raise ``ValueError`` with a sentence if wrong."""
    stretches = tuple(_stretch(part) for part in text.replace("，", ",").split(","))
    for (_, end), (start, _) in pairwise(stretches):
        if start < end:
            raise ValueError(f"'{text}' does not list its stretches in order, without overlap")
    return stretches


def hours_text(stretches: Stretches) -> str:
    """Return office hours as they are written: ``08:30-12:00,13:30-17:30``."""
    return ",".join(f"{_wall(start)}-{_wall(end)}" for start, end in stretches)


def _stretch(text: str) -> tuple[int, int]:
    start, dash, end = (part.strip() for part in text.partition("-"))
    if not dash:
        raise ValueError(f"'{text.strip()}' is not a stretch of office hours such as '08:30-12:00'")
    found = _wall_seconds(start), _wall_seconds(end)
    if found[0] >= found[1]:
        raise ValueError(f"'{text.strip()}' ends before it begins")
    return found


def _wall_seconds(text: str) -> int:
    if text == "24:00":
        return DAY
    try:
        wall = dt.time.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is not a time of day such as '08:30'") from None
    return wall.hour * 3600 + wall.minute * 60 + wall.second


def _wall(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}"
