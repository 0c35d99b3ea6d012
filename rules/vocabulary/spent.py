"""Lengths between two instants as words give them: in working days of the case's calendar, or in minutes."""

from __future__ import annotations

from rules.facts import Instant
from rules.view import View


def workdays_after(view: View, begun_at: Instant | None, ended_at: Instant | None) -> int | None:
    """Return which working day after the day of ``begun_at`` the day of ``ended_at`` is (Civil Code art. 201).

    0 means on the same day or on days off after it; None if an instant or the calendar is missing.
    """
    calendar = view.calendar
    if calendar is None or begun_at is None or ended_at is None:
        return None
    closes_at = calendar.day_end(begun_at)
    if begun_at <= ended_at <= closes_at:
        return 0
    gone = calendar.work(calendar.day_end(ended_at)) - calendar.work(closes_at)
    return gone // calendar.day_ticks


def first_at(view: View, name: str) -> Instant | None:
    """Return when an event of that name first happened, None if it has not."""
    event = view.first(name)
    return None if event is None else event.occurred_at


def last_at(view: View, name: str) -> Instant | None:
    """Return when an event of that name last happened, None if it has not."""
    event = view.last(name)
    return None if event is None else event.occurred_at
