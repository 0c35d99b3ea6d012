"""When a card begins to count in tallies: after the working days in which the unit may appeal (domain.md 6.4)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from alerts.cards import CountsFrom
from rules.calendars import Calendar
from rules.facts import Instant
from rules.limits import Counting, due
from rules.policy import Colour
from rules.quantities import Quantity, Unit

APPEAL_WORKDAYS: Final[Mapping[Colour, int]] = {Colour.REMINDER: 0, Colour.YELLOW: 3, Colour.RED: 5}


def counts_from(calendar: Calendar) -> CountsFrom:
    """Return the function that says when a card counts: one second after the last in which it may be appealed."""

    def begins(colour: Colour, issued_at: Instant) -> Instant:
        days = APPEAL_WORKDAYS[colour]
        if not days:
            return issued_at
        return due(calendar, issued_at, Quantity(Fraction(days), Unit.WORKDAY), Counting.LEGAL).at + 1

    return begins
