"""The table of limits: one vector per cell, the law's own examples, and deadlines from authorities' own test suites."""

from __future__ import annotations

import csv
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.calendars import Calendar, CalendarDefinition, DayName, build_calendar
from rules.limits import TABLE, Counting, due, in_natural_days
from rules.officehours import OfficeHours, parse_hours
from rules.problems import UserError
from rules.quantities import Quantity, Unit
from tests.rules.moments import at, cn, data_folder, day, office, quantity, wall

LEGAL, ROLLING, SAME_TIME = Counting.LEGAL, Counting.ROLLING, Counting.SAME_TIME
NEW_YORK = build_calendar(
    CalendarDefinition("boston", "America/New_York", hours=(OfficeHours(parse_hours("08:30-17:00")),))
)


def ends(start: str, limit: str, counting: Counting, calendar: Calendar | None = None) -> str:
    chosen = calendar or cn()
    return wall(due(chosen, at(start, chosen), quantity(limit), counting).at, chosen)


VECTORS = [
    ("working days end at the close of the last one, the starting day not counted",
     Unit.WORKDAY, LEGAL, office(), "2024-09-24 10:00:00", "20 workdays", "2024-10-25 17:30:00"),
    ("working days after hours begin with the next opening",
     Unit.WORKDAY, ROLLING, office(), "2024-09-27 18:30:00", "1 workday", "2024-09-29 17:30:00"),
    ("working days end at the same wall time",
     Unit.WORKDAY, SAME_TIME, cn(), "2024-09-27 10:00:00", "3 workdays", "2024-10-08 10:00:00"),
    ("natural days that end in a holiday move to the close of the next working day",
     Unit.NATURAL_DAY, LEGAL, cn(), "2024-09-24 10:00:00", "10 days", "2024-10-08 23:59:59"),
    ("natural days that roll into a holiday move to the same time of the next working day",
     Unit.NATURAL_DAY, ROLLING, cn(), "2024-09-24 10:00:00", "10 days", "2024-10-08 10:00:00"),
    ("natural days by wall time end also on a day off",
     Unit.NATURAL_DAY, SAME_TIME, cn(), "2024-09-24 10:00:00", "10 days", "2024-10-04 10:00:00"),
    ("working hours run from the instant",
     Unit.WORKING_HOUR, LEGAL, office(), "2024-09-27 16:30:00", "4 working_hours", "2024-09-29 11:30:00"),
    ("working hours skip lunch",
     Unit.WORKING_HOUR, ROLLING, office(), "2024-09-27 11:00:00", "2 working_hours", "2024-09-27 14:30:00"),
    ("working hours after hours begin with the next opening",
     Unit.WORKING_HOUR, SAME_TIME, office(), "2024-09-27 18:30:00", "4 working_hours", "2024-09-29 14:00:00"),
    ("hours run from the instant, day and night",
     Unit.HOUR, LEGAL, office(), "2024-09-27 18:30:00", "24 hours", "2024-09-28 18:30:00"),
    ("hours run through holidays",
     Unit.HOUR, ROLLING, office(), "2024-09-30 18:30:00", "48 hours", "2024-10-02 18:30:00"),
    ("hours after hours begin with the next opening",
     Unit.HOUR, SAME_TIME, office(), "2024-09-27 18:30:00", "24 hours", "2024-09-30 08:30:00"),
    ("minutes run from the instant",
     Unit.MINUTE, LEGAL, office(), "2024-09-27 18:30:00", "30 minutes", "2024-09-27 19:00:00"),
    ("minutes run through lunch",
     Unit.MINUTE, ROLLING, office(), "2024-09-27 11:50:00", "30 minutes", "2024-09-27 12:20:00"),
    ("minutes at lunch begin with the next opening",
     Unit.MINUTE, SAME_TIME, office(), "2024-09-27 12:10:00", "30 minutes", "2024-09-27 14:00:00"),
    ("a month ends on the last day of a month that has no corresponding one",
     Unit.MONTH, LEGAL, cn(), "2024-01-31 10:00:00", "1 month", "2024-02-29 23:59:59"),
    ("a month that ends in a holiday moves to the next working day",
     Unit.MONTH, ROLLING, cn(), "2024-09-02 10:00:00", "1 month", "2024-10-08 10:00:00"),
    ("a month by wall time begins also after hours",
     Unit.MONTH, SAME_TIME, office(), "2024-01-31 18:30:00", "1 month", "2024-02-29 18:30:00"),
    ("a year after a leap day ends with February",
     Unit.YEAR, LEGAL, cn(), "2024-02-29 10:00:00", "1 year", "2025-02-28 23:59:59"),
    ("a year ends on the corresponding day",
     Unit.YEAR, ROLLING, cn(), "2024-03-05 10:00:00", "1 year", "2025-03-05 10:00:00"),
    ("a year by wall time ends also on a day off",
     Unit.YEAR, SAME_TIME, cn(), "2024-03-15 10:00:00", "1 year", "2025-03-15 10:00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("unit", "counting", "calendar", "start", "limit", "expected"),
                         [v[1:] for v in VECTORS], ids=[v[0] for v in VECTORS])  # fmt: skip
def test_each_cell_of_the_table(
    unit: Unit, counting: Counting, calendar: Calendar, start: str, limit: str, expected: str
) -> None:
    assert quantity(limit).unit is unit
    assert ends(start, limit, counting, calendar) == expected


def test_every_cell_of_the_table_has_a_vector() -> None:
    assert {(v[1], v[2]) for v in VECTORS} == set(TABLE) == {(unit, counting) for unit in Unit for counting in Counting}


LAW = [
    ("1 a holiday lies inside", "2024-09-24", "20 workdays", "2024-10-25"),
    ("2 ten days more", "2024-09-24", "30 workdays", "2024-11-08"),
    ("3 joint handling", "2024-09-24", "45 workdays", "2024-11-29"),
    ("3 joint handling, extended", "2024-09-24", "60 workdays", "2024-12-20"),
    ("4 a make-up Sunday counts", "2024-09-27", "1 workday", "2024-09-29"),
    ("4 and the holiday after it does not", "2024-09-27", "3 workdays", "2024-10-08"),
    ("5 a start on a make-up day", "2024-09-29", "5 workdays", "2024-10-11"),
    ("6 a make-up Saturday is a due day", "2024-09-30", "5 workdays", "2024-10-12"),
    ("6 twenty days from the eve of the holiday", "2024-09-30", "20 workdays", "2024-11-01"),
    ("7 a start on a holiday", "2024-10-01", "5 workdays", "2024-10-12"),
    ("8 the day before a make-up Saturday", "2024-10-11", "1 workday", "2024-10-12"),
    ("8 a make-up Saturday", "2024-10-12", "1 workday", "2024-10-14"),
    ("11 a hearing within twenty days", "2024-09-26", "20 workdays", "2024-10-29"),
    ("12 natural days that end in the National Day holiday", "2024-09-24", "10 days", "2024-10-08"),
    ("12 natural days that end in the Spring Festival", "2025-01-14", "15 days", "2025-02-05"),
    ("19 a nine-day holiday", "2026-02-13", "1 workday", "2026-02-14"),
    ("19 a nine-day holiday inside", "2026-02-13", "5 workdays", "2026-02-27"),
    ("3.5(4) an online submission on a holiday, deemed received at once", "2024-10-05", "5 workdays", "2024-10-12"),
    ("3.5(4) the same, deemed received on the next working day", "2024-10-08", "5 workdays", "2024-10-14"),
    ("3.5(6) the last lawful day of a correction notice", "2024-09-27", "5 workdays", "2024-10-10"),
    ("3.5(6) the decision after deemed acceptance", "2024-09-27", "20 workdays", "2024-10-30"),
    ("3.5(8) delivery within ten days of the decision", "2024-10-30", "10 workdays", "2024-11-13"),
    ("an instant item ends with its own working day", "2024-09-27", "0 workdays", "2024-09-27"),
    ("an instant item of a holiday ends with the next working day", "2024-10-01", "0 workdays", "2024-10-08"),
]


@pytest.mark.parametrize(("start", "limit", "expected"), [v[1:] for v in LAW], ids=[v[0] for v in LAW])
@pytest.mark.parametrize("hour", ["00:00:00", "10:00:00", "18:30:00", "23:59:59"])
def test_the_law_ends_a_limit_on_the_close_of_this_day_whatever_the_hour(
    start: str, limit: str, expected: str, hour: str
) -> None:
    assert ends(f"{start} {hour}", limit, LEGAL) == f"{expected} 23:59:59"
    assert ends(f"{start} {hour}", limit, LEGAL, office()) == f"{expected} 17:30:00"


def test_before_hours_rolling_and_legal_are_a_whole_day_apart() -> None:
    assert ends("2018-10-15 07:00:00", "1 workday", ROLLING, office()) == "2018-10-15 17:30:00"
    assert ends("2018-10-15 07:00:00", "1 workday", LEGAL, office()) == "2018-10-16 17:30:00"


@pytest.mark.parametrize(("steps", "expected"), [(-1, "2024-10-24"), (-2, "2024-10-23"), (1, "2024-10-28")])
def test_reminder_days_are_counted_back_from_the_due_day(steps: int, expected: str) -> None:
    assert cn().workday(day("2024-10-25"), steps) == day(expected)


def test_counted_back_over_a_holiday_the_day_before_is_the_last_working_one() -> None:
    assert cn().workday(day("2024-10-08"), -1) == day("2024-09-30")
    assert cn().workday(day("2024-10-05"), -2) == day("2024-09-29")


def test_a_feed_that_says_thirty_days_for_a_month_differs_from_the_civil_code() -> None:
    month = quantity("1 month")
    shandong = in_natural_days(month, {Unit.MONTH: 30, Unit.YEAR: 365})

    assert wall(due(cn(), at("2024-01-31"), month, LEGAL).at)[:10] == "2024-02-29"
    assert wall(due(cn(), at("2024-01-31"), shandong, LEGAL).at)[:10] == "2024-03-01"
    assert in_natural_days(quantity("3 workdays"), {Unit.MONTH: 30}) == quantity("3 workdays")


def test_a_limit_that_ends_after_the_published_years_is_provisional() -> None:
    assert not due(cn(), at("2026-12-01 10:00:00"), quantity("20 workdays"), LEGAL).provisional
    assert due(cn(), at("2026-12-20 10:00:00"), quantity("20 workdays"), LEGAL).provisional


def test_plain_hours_are_never_provisional() -> None:
    assert not due(cn(), at("2027-03-01 10:00:00"), quantity("3 hours"), LEGAL).provisional


def test_the_same_wall_time_holds_across_the_change_of_clocks() -> None:
    assert ends("2015-03-06 10:00:00", "1 workday", SAME_TIME, NEW_YORK) == "2015-03-09 10:00:00"
    assert ends("2015-03-06 10:00:00", "2 days", SAME_TIME, NEW_YORK) == "2015-03-08 10:00:00"
    assert ends("2015-10-30 10:00:00", "2 days", SAME_TIME, NEW_YORK) == "2015-11-01 10:00:00"


def test_natural_days_by_wall_time_begin_also_after_hours_while_working_days_wait_for_the_opening() -> None:
    assert ends("2015-03-04 17:00:13", "30 days", SAME_TIME, NEW_YORK) == "2015-04-03 17:00:13"
    assert ends("2015-03-16 17:00:28", "1 workday", SAME_TIME, NEW_YORK) == "2015-03-18 08:30:00"


def test_rolling_days_across_the_change_of_clocks_are_working_days_all_the_same() -> None:
    assert ends("2015-03-06 10:00:00", "1 workday", ROLLING, NEW_YORK) == "2015-03-09 10:00:00"


@pytest.mark.parametrize("counting", list(Counting))
def test_working_hours_without_office_hours_are_refused(counting: Counting) -> None:
    with pytest.raises(UserError) as refused:
        due(cn(), at("2024-09-24"), quantity("4 working_hours"), counting)

    assert "has no office hours" in refused.value.problems[0].en


MONOTONE = sorted(
    cell
    for cell in TABLE
    # A corresponding day and a day moved off a holiday keep the wall time, so two starts may come to pass each other.
    if cell[1] is LEGAL or cell[0] not in {Unit.MONTH, Unit.YEAR, Unit.NATURAL_DAY}
)


@given(cell=st.sampled_from(MONOTONE), start=st.integers(1_700_000_000, 1_760_000_000), later=st.integers(0, 900_000),
       amount=st.integers(0, 60))  # fmt: skip
def test_who_starts_later_is_due_no_earlier(cell: tuple[Unit, Counting], start: int, later: int, amount: int) -> None:
    limit = Quantity(Fraction(amount), cell[0])

    assert due(office(), start, limit, cell[1]).at <= due(office(), start + later, limit, cell[1]).at


@given(cell=st.sampled_from(sorted(TABLE)), start=st.integers(1_700_000_000, 1_760_000_000),
       later=st.integers(0, 900_000), amount=st.integers(0, 60))  # fmt: skip
def test_who_starts_later_is_due_on_no_earlier_day(
    cell: tuple[Unit, Counting], start: int, later: int, amount: int
) -> None:
    limit = Quantity(Fraction(amount), cell[0])
    days = [office().on(due(office(), at_, limit, cell[1]).at) for at_ in (start, start + later)]

    assert days == sorted(days)


@given(cell=st.sampled_from(sorted(TABLE)), start=st.integers(1_700_000_000, 1_760_000_000),
       halves=st.integers(0, 80), more=st.integers(0, 20), paused=st.integers(0, 500_000))  # fmt: skip
def test_a_longer_limit_or_pause_is_due_no_earlier(
    cell: tuple[Unit, Counting], start: int, halves: int, more: int, paused: int
) -> None:
    unit, counting = cell
    short, long = Quantity(Fraction(halves, 2), unit), Quantity(Fraction(halves + more, 2), unit)

    assert due(office(), start, short, counting).at >= start or counting is LEGAL
    longer, suspended = due(office(), start, long, counting).at, due(office(), start, short, counting, paused).at
    assert due(office(), start, short, counting).at <= longer
    if cell in MONOTONE:
        assert due(office(), start, short, counting).at <= suspended
    else:
        assert office().on(due(office(), start, short, counting).at) <= office().on(suspended)


@given(start=st.integers(1_700_000_000, 1_760_000_000), days=st.integers(1, 60))
def test_rolling_is_never_due_later_than_legal(start: int, days: int) -> None:
    limit = quantity(f"{days} workdays")

    assert due(office(), start, limit, ROLLING).at <= due(office(), start, limit, LEGAL).at


UNITED_KINGDOM = [
    "2007-04-06",
    "2007-04-09",
    "2008-03-21",
    "2008-03-24",
    "2008-12-25",
    "2008-12-26",
    "2009-01-01",
    "2009-04-10",
    "2009-04-13",
    "2017-05-01",
    "2017-05-29",
    "2021-05-03",
    "2021-05-31",
    "2023-11-30",
    "2023-12-25",
    "2023-12-26",
    "2024-01-01",
]
NORTHERN_IRELAND = ["2008-03-17", "2009-03-17"]


def calendar_of(source: str, unit: str) -> Calendar:
    """Return the calendar that an authority's suite counts on: its rule is told in the column ``rule``."""
    holidays = [*UNITED_KINGDOM, *(NORTHERN_IRELAND if source.startswith("alaveteli") else [])]
    if source == "amsterdam_signals":
        week = frozenset(range(7 if unit == "calendar" else 5))
        return build_calendar(CalendarDefinition("amsterdam", "Europe/Amsterdam", week=week))
    days = {day(on): DayName("假日", "bank holiday") for on in holidays}
    return build_calendar(CalendarDefinition("uk", "Europe/London", holidays=days))


def test_every_deadline_of_the_authorities_own_suites_is_met() -> None:
    file = data_folder("authority_deadline_vectors") / "vectors.csv"
    with file.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    missed = []
    for row in rows:
        calendar = calendar_of(row["source"], row["unit"])
        unit = "workdays" if row["unit"] == "working" else "days"
        counting = SAME_TIME if row["source"] == "amsterdam_signals" else LEGAL
        limit = quantity(f"{int(row['n']) * int(row['factor'])} {unit}")
        ending = wall(due(calendar, at(row["start"], calendar), limit, counting).at, calendar)
        if not ending.startswith(row["expected_deadline"]):
            missed.append((row, ending))

    assert len(rows) == 61
    assert not missed
