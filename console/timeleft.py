"""How much time is left, in words: working days, and on the last one the office hours that remain."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from console.words import word
from rules.facts import Instant
from rules.problems import Language
from rules.remaining import Remaining

TimeLeft: TypeAlias = Callable[[Instant, Instant], Remaining]
"""What is left from one instant to another, by the calendar in force."""


def in_words(left: Remaining | None, language: Language) -> tuple[str, str]:
    """Return what is left in working days, and in office hours; "" for what the calendar does not say."""
    if left is None:
        return "", ""
    hours = "" if left.seconds is None else _hours(left.seconds, language)
    if left.workdays:
        key = "workday_left" if left.workdays == 1 else "workdays_left"
        return word(key, language).format(days=left.workdays), hours
    key = "today_left" if left.today else "last_workday" if left.works_today else "no_workday_left"
    return word(key, language), hours


def _hours(seconds: int, language: Language) -> str:
    hours, minutes = seconds // 3_600, seconds % 3_600 // 60
    parts = [(hours, "h_long"), (minutes if hours < 10 else 0, "min_long")]
    time = " ".join(f"{count} {word(unit, language)}" for count, unit in parts if count)
    return word("hours_left", language).format(time=time) if time else word("no_hours_left", language)
