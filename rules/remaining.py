"""How much time is left until an instant, as people in an office say it: working days, and on the last one hours."""

from __future__ import annotations

from msgspec import Struct

from rules.calendars import Calendar
from rules.facts import Instant


class Remaining(Struct, frozen=True):
    """``workdays`` are those after today up to the day on which it is due, ``seconds`` the office hours until then.

    Without office hours in the calendar ``seconds`` are those of working days.
    """

    workdays: int
    seconds: int


def remaining(calendar: Calendar, now: Instant, due_at: Instant) -> Remaining:
    """Return what is left until ``due_at``; nothing once it has passed."""
    if due_at <= now:
        return Remaining(0, 0)
    days = calendar.work(calendar.day_end(due_at)) - calendar.work(calendar.day_end(now))
    if calendar.has_hours:
        seconds = calendar.open.value(due_at) - calendar.open.value(now)
    else:
        seconds = (calendar.work(due_at) - calendar.work(now)) * 86_400 // calendar.day_ticks
    return Remaining(days // calendar.day_ticks, seconds)
