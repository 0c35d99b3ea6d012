"""What is left of a term, as people in an office say it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.calendarbook import open_calendars
from rules.calendars import Calendar, with_hours
from rules.remaining import remaining

CN = open_calendars([]).get("cn")
OFFICE = with_hours(CN, "09:00-12:00,13:30-17:30")


def at(text: str, calendar: Calendar = CN) -> int:
    """Return an instant of the centre's zone."""
    local = dt.datetime.fromisoformat(text)
    return calendar.at(local.date(), local.time())


@pytest.mark.parametrize(
    ("now", "due", "workdays", "today"),
    [
        ("2024-09-24 10:00", "2024-09-24 23:59", 0, True),
        ("2024-09-24 10:00", "2024-09-25 00:00", 1, False),
        ("2024-09-30 10:00", "2024-10-08 17:30", 1, False),  # the holiday week counts for nothing
        ("2024-09-27 10:00", "2024-09-30 17:30", 2, False),  # Sunday the 29th is worked
        ("2024-10-01 10:00", "2024-10-06 17:30", 0, False),
        ("2024-09-24 10:00", "2024-09-20 17:30", 0, False),
    ],
)
def test_the_working_days_after_today_are_counted(now: str, due: str, workdays: int, today: bool) -> None:
    left = remaining(CN, at(now), at(due))

    assert (left.workdays, left.today, left.seconds) == (workdays, today, None)


def test_a_holiday_is_no_last_working_day() -> None:
    assert remaining(CN, at("2024-09-30 10:00"), at("2024-10-03 10:00")).works_today
    assert not remaining(CN, at("2024-10-01 10:00"), at("2024-10-03 10:00")).works_today


def test_office_hours_leave_out_lunch_night_and_weekend() -> None:
    left = remaining(OFFICE, at("2024-09-20 11:00"), at("2024-09-23 10:30"))

    assert left.seconds == (1 + 4) * 3_600 + 90 * 60
    assert remaining(OFFICE, at("2024-09-20 17:30"), at("2024-09-22 10:30")).seconds == 0


@given(st.integers(at("2020-01-01"), at("2025-12-01")), st.integers(0, 90 * 86_400), st.integers(0, 90 * 86_400))
def test_what_is_left_never_grows_by_waiting(due_at: int, earlier: int, later: int) -> None:
    before, after = max(earlier, later), min(earlier, later)
    first, second = remaining(OFFICE, due_at - before, due_at), remaining(OFFICE, due_at - after, due_at)

    assert first.workdays >= second.workdays >= 0
    assert (first.seconds or 0) >= (second.seconds or 0) >= 0
