"""What a calendar counts: the continuous function and its inverse, working days, reasons, hours, the horizon."""

from __future__ import annotations

import csv
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.calendars import Calendar, CalendarDefinition, DayKind, build_calendar, with_hours
from rules.officehours import OfficeHours, parse_hours
from rules.problems import UserError
from tests.rules.moments import at, book, cn, data_folder, day, office, wall

NEW_YORK = build_calendar(
    CalendarDefinition("boston", "America/New_York", hours=(OfficeHours(parse_hours("08:30-17:00")),))
)
ROUND_THE_CLOCK = build_calendar(CalendarDefinition("always", "America/New_York", week=frozenset(range(7))))
MIXED = build_calendar(
    CalendarDefinition(
        "window", "Asia/Shanghai", week=frozenset(range(6)),
        hours=(OfficeHours(parse_hours("08:30-12:00,13:30-17:30")),
               OfficeHours(parse_hours("09:00-12:00"), weekdays=frozenset({5})),
               OfficeHours(parse_hours("08:00-12:00,14:30-18:30"), day("2024-05-01"), day("2024-10-01"),
                           frozenset(range(5)))),
    )
)  # fmt: skip

CALENDARS = st.sampled_from([cn(), office(), NEW_YORK, ROUND_THE_CLOCK, MIXED])
INSTANTS = st.integers(min_value=694_400_000, max_value=4_000_000_000)


@given(calendar=CALENDARS, instant=INSTANTS, later=st.integers(0, 10_000_000))
def test_working_time_never_falls(calendar: Calendar, instant: int, later: int) -> None:
    assert calendar.work(instant) <= calendar.work(instant + later)


@given(calendar=CALENDARS, instant=INSTANTS)
def test_the_inverse_is_the_earliest_instant_with_that_working_time(calendar: Calendar, instant: int) -> None:
    ticks = calendar.work(instant)
    earliest = calendar.instant(ticks)

    assert calendar.work(earliest) >= ticks
    assert earliest <= instant
    assert ticks == 0 or calendar.work(earliest - 1) < ticks


@given(calendar=CALENDARS, instant=INSTANTS, ticks=st.integers(1, 10_000))
def test_the_inverse_reaches_what_was_asked_for_and_not_a_second_too_late(
    calendar: Calendar, instant: int, ticks: int
) -> None:
    wanted = calendar.work(instant) + ticks
    reached = calendar.instant(wanted)

    assert calendar.work(reached) >= wanted > calendar.work(reached - 1)


@given(calendar=CALENDARS, on=st.dates(day("1992-01-02"), day("2099-12-30")))
def test_each_working_day_adds_exactly_one_day_and_every_other_day_nothing(calendar: Calendar, on: dt.date) -> None:
    midnight = calendar.at(on, dt.time.min)
    added = calendar.work(calendar.day_end(midnight)) - calendar.work(midnight)

    assert added == (calendar.day_ticks if calendar.is_workday(on) else 0)


@given(calendar=CALENDARS, instant=INSTANTS)
def test_the_next_opening_is_within_hours_and_never_earlier(calendar: Calendar, instant: int) -> None:
    opening = calendar.next_opening(instant)

    assert opening >= instant
    assert calendar.is_workday(calendar.on(opening))
    assert calendar.work(opening) == calendar.work(instant)
    assert calendar.work(opening + 1) > calendar.work(opening)


@pytest.mark.parametrize(("year", "days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_china_has_the_published_number_of_working_days(year: int, days: int) -> None:
    midnight, next_year = at(f"{year}-01-01"), at(f"{year + 1}-01-01")

    assert cn().work(next_year) - cn().work(midnight) == days * cn().day_ticks


def test_china_agrees_with_the_official_calendar_on_every_day() -> None:
    file = data_folder("cn_official_calendar") / "workdays_2007_2019_2023_2024.csv"
    with file.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))

    differing = [row["date"] for row in rows if cn().is_workday(day(row["date"])) != (row["workday"] == "1")]

    assert len(rows) > 5_000
    assert not differing


def test_every_published_year_of_china_bears_its_notice_since_2007() -> None:
    for year in range(2007, 2027):
        assert "gov.cn" in cn().reason(day(f"{year}-10-01")).notice


@pytest.mark.parametrize(
    ("on", "kind", "zh", "en"),
    [
        ("2024-09-27", DayKind.WORKDAY, "工作日", "working day"),
        ("2024-09-28", DayKind.WEEKEND, "周末", "weekend"),
        ("2024-09-29", DayKind.MAKEUP, "国庆节调休上班", "make-up day for National Day"),
        ("2024-10-01", DayKind.HOLIDAY, "国庆节", "National Day"),
        (
            "2027-03-01",
            DayKind.PROVISIONAL,
            "暂定工作日（日历公布至 2026-12-31）",
            "assumed; published until 2026-12-31",
        ),
    ],
)
def test_a_day_says_why_it_counts_or_not(on: str, kind: DayKind, zh: str, en: str) -> None:
    reason = cn().reason(day(on))

    assert (reason.kind, reason.zh, reason.en) == (kind, zh, en)
    assert cn().is_workday(day(on)) == reason.kind.counts


def test_a_day_after_the_last_published_one_is_provisional_and_follows_the_week() -> None:
    assert cn().horizon_on == day("2026-12-31")
    assert not cn().provisional(at("2026-12-31 23:59:59"))
    assert cn().provisional(at("2027-01-01"))
    assert cn().is_workday(day("2027-01-01"))


def test_a_day_without_office_hours_closes_at_its_last_second() -> None:
    assert wall(cn().closing(day("2024-09-27"))) == "2024-09-27 23:59:59"
    assert wall(cn().opening(day("2024-09-27"))) == "2024-09-27 00:00:00"
    assert cn().hours_text(day("2024-09-27")) == ""


def test_a_day_with_office_hours_closes_with_them() -> None:
    assert wall(office().closing(day("2024-09-27"))) == "2024-09-27 17:30:00"
    assert wall(office().opening(day("2024-09-27"))) == "2024-09-27 08:30:00"
    assert office().hours_text(day("2024-09-27")) == "08:30-12:00,13:30-17:30"


def test_lunch_adds_nothing() -> None:
    assert office().work(at("2024-09-27 12:00:00")) == office().work(at("2024-09-27 13:30:00"))
    assert wall(office().next_opening(at("2024-09-27 12:00:00"))) == "2024-09-27 13:30:00"


def test_office_hours_follow_their_dates_and_days_of_the_week() -> None:
    assert MIXED.hours_text(day("2024-04-30")) == "08:30-12:00,13:30-17:30"
    assert MIXED.hours_text(day("2024-05-06")) == "08:00-12:00,14:30-18:30"
    assert MIXED.hours_text(day("2024-05-11")) == "09:00-12:00"
    assert MIXED.hours_text(day("2024-10-08")) == "08:30-12:00,13:30-17:30"


def test_a_day_of_half_the_hours_counts_as_a_whole_day_at_twice_the_pace() -> None:
    saturday = at("2024-04-13 10:30:00", MIXED)

    assert MIXED.work(saturday) - MIXED.work(at("2024-04-13 00:00:00", MIXED)) == MIXED.day_ticks // 2


@pytest.mark.parametrize(
    ("on", "hours"), [("2015-03-08", 23), ("2015-11-01", 25), ("2015-03-09", 24)]
)  # fmt: skip
def test_the_days_on_which_the_clock_changes_count_as_one_day_like_any_other(on: str, hours: int) -> None:
    midnight = at(on, ROUND_THE_CLOCK)
    end = ROUND_THE_CLOCK.day_end(midnight)

    assert end - midnight == hours * 3600
    assert ROUND_THE_CLOCK.work(end) - ROUND_THE_CLOCK.work(midnight) == ROUND_THE_CLOCK.day_ticks


def test_office_hours_can_be_overridden() -> None:
    shorter = with_hours(cn(), "09:00-11:00")

    assert wall(shorter.closing(day("2024-09-27"))) == "2024-09-27 11:00:00"
    assert shorter.version != cn().version
    assert with_hours(shorter, "") == cn()


@pytest.mark.parametrize("wrong", ["9-5", "09:00", "12:00-08:30", "08:30-12:00,11:00-17:30", "25:00-26:00"])
def test_office_hours_that_cannot_be_read_are_refused_with_a_sentence(wrong: str) -> None:
    with pytest.raises(UserError) as refused:
        with_hours(cn(), wrong)

    assert "08:30-12:00,13:30-17:30" in refused.value.problems[0].mend_en


def test_calendars_are_equal_by_name_and_version() -> None:
    again = build_calendar(cn().definition)

    assert again == cn()
    assert hash(again) == hash(cn())
    assert book().get("cn-office") != cn()


def test_an_instant_before_or_after_every_table_is_held_at_its_edge() -> None:
    assert cn().work(-62_135_596_800) == 0
    assert cn().work(10**11) == cn().work(at("2099-12-31 23:59:59")) + 1
    assert cn().provisional(-62_135_596_800)
