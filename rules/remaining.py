"""How much time is left until an instant, as people in an office say it: working days, and on the last one hours."""

from __future__ import annotations

from msgspec import Struct

from rules.calendars import Calendar
from rules.facts import Instant


class Remaining(Struct, frozen=True, kw_only=True):
    """``workdays`` are those after today up to the day on which it is due, ``seconds`` the office hours until then.

    ``seconds`` is None where the calendar has no office hours. ``today`` says that it is due today, ``works_today`` that
    today is a working day.
    """

    workdays: int
    seconds: int | None
    today: bool
    works_today: bool


def remaining(calendar: Calendar, now: Instant, due_at: Instant) -> Remaining:
    """Return what is left until ``due_at``; nothing once it has passed."""
    until, today = max(due_at, now), calendar.on(now)
    ticks = calendar.work(calendar.day_end(until)) - calendar.work(calendar.day_end(now))
    return Remaining(
        workdays=ticks // calendar.day_ticks,
        seconds=calendar.open.value(until) - calendar.open.value(now) if calendar.has_hours else None,
        today=calendar.on(due_at) == today,
        works_today=calendar.is_workday(today),
    )
