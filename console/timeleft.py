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


def in_words(left: Remaining | None, lasting: Callable[[int], str], language: Language) -> tuple[str, str]:
    """Return what is left in working days and, smaller, in office hours; both "" where no calendar is lent."""
    if left is None:
        return "", ""
    hours = word("office_hours", language).format(time=lasting(left.seconds))
    if left.workdays:
        key = "workday_left" if left.workdays == 1 else "workdays_left"
        return word(key, language).format(days=left.workdays), hours
    return word("today_left", language), hours if left.seconds else word("no_office_hours", language)
