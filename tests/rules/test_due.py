"""The officer's calculator: the due instant and the account of every day on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.calendars import Calendar, DayKind
from rules.due import DueAnswer, calculate
from rules.limits import Counting, due
from rules.problems import UserError
from rules.quantities import Quantity, Unit
from tests.rules.moments import at, cn, office, quantity, wall


def answer(
    start: str, limit: str, counting: Counting, *pauses: tuple[str, str], calendar: Calendar | None = None
) -> DueAnswer:
    stretches = [(at(begin), at(end)) for begin, end in pauses]
    return calculate(at(start), quantity(limit), counting, calendar or cn(), stretches)


def test_twenty_days_over_national_day_are_numbered_and_every_other_day_has_its_reason() -> None:
    found = answer("2024-09-24 10:00:00", "20 workdays", Counting.LEGAL)
    by_date = {str(line.on): line for line in found.days}

    assert wall(found.due_at) == "2024-10-25 23:59:59"
    assert [line.number for line in found.days if line.counted] == list(range(1, 21))
    assert by_date["2024-09-24"].why_en == "the starting day is not counted; working day"
    assert by_date["2024-09-24"].why_zh == "起始日不计；工作日"
    assert by_date["2024-09-28"].kind is DayKind.WEEKEND
    assert (by_date["2024-09-29"].number, by_date["2024-09-29"].kind) == (4, DayKind.MAKEUP)
    assert by_date["2024-10-01"].why_en.startswith("National Day (https://www.gov.cn/")
    assert by_date["2024-10-01"].why_zh.startswith("国庆节（https://www.gov.cn/")
    assert by_date["2024-10-25"].number == 20
    assert not found.provisional


def test_suspended_days_are_named_and_not_counted() -> None:
    pause = ("2024-10-09 10:00:00", "2024-10-15 10:00:00")
    found = answer("2024-09-24 10:00:00", "20 workdays", Counting.LEGAL, pause)
    suspended = [str(line.on) for line in found.days if line.why_en.startswith("suspended")]

    assert wall(found.due_at) == "2024-11-01 23:59:59"
    assert suspended == ["2024-10-10", "2024-10-11", "2024-10-12", "2024-10-14", "2024-10-15"]
    assert [line.number for line in found.days if line.counted] == list(range(1, 21))


def test_overlapping_suspensions_are_united() -> None:
    first, second = ("2024-10-09 10:00:00", "2024-10-12 10:00:00"), ("2024-10-11 10:00:00", "2024-10-15 10:00:00")

    assert wall(answer("2024-09-24", "20 workdays", Counting.LEGAL, second, first).due_at)[:10] == "2024-11-01"


@pytest.mark.parametrize(
    ("pause", "why"),
    [
        (("2024-11-05", "2024-11-08"), "which cures nothing"),
        (("2024-09-01", "2024-09-30"), "begins before the limit starts"),
        (("2024-10-09", "2024-10-08"), "ends before it begins"),
    ],
)  # fmt: skip
def test_a_suspension_without_effect_is_named(pause: tuple[str, str], why: str) -> None:
    found = answer("2024-09-24 10:00:00", "20 workdays", Counting.LEGAL, pause)

    assert wall(found.due_at) == "2024-10-25 23:59:59"
    assert why in found.problems[0].en


def test_a_suspension_without_an_end_is_refused() -> None:
    with pytest.raises(UserError) as refused:
        calculate(at("2024-09-24"), quantity("20 workdays"), Counting.LEGAL, cn(), [(at("2024-10-09"), None)])

    assert refused.value.problems[0].mend_en == "Give its end: FROM/TO."


def test_rolling_days_say_which_part_of_a_day_they_took() -> None:
    found = answer("2024-09-27 16:30:00", "1 workday", Counting.ROLLING, calendar=office())

    assert wall(found.due_at) == "2024-09-29 16:30:00"
    assert [(str(line.on), line.number) for line in found.days] == [
        ("2024-09-27", 1), ("2024-09-28", None), ("2024-09-29", 2),
    ]  # fmt: skip
    assert "0.1333 counted, 0.1333 in all" in found.days[0].why_en
    assert "0.8667 counted, 1 in all" in found.days[2].why_en


def test_a_start_after_hours_counts_nothing_of_its_day() -> None:
    found = answer("2024-09-27 18:30:00", "1 workday", Counting.ROLLING, calendar=office())

    assert found.days[0].why_en == "outside office hours; working day"
    assert [line.number for line in found.days] == [None, None, 1]


def test_natural_days_number_every_day_and_name_what_moves_the_end() -> None:
    found = answer("2024-09-24 10:00:00", "10 days", Counting.LEGAL)

    assert wall(found.due_at)[:10] == "2024-10-08"
    assert [line.number for line in found.days if line.counted][:10] == list(range(1, 11))
    assert [str(line.on) for line in found.days if line.why_en.startswith("moved on")] == [
        "2024-10-05", "2024-10-06", "2024-10-07", "2024-10-08",
    ]  # fmt: skip


def test_days_beyond_the_published_calendar_are_marked_provisional() -> None:
    found = answer("2026-12-28 10:00:00", "5 workdays", Counting.LEGAL)

    assert found.provisional
    assert {line.kind for line in found.days if line.counted and line.on.year == 2027} == {DayKind.PROVISIONAL}


@given(
    start=st.integers(1_700_000_000, 1_760_000_000), days=st.integers(1, 60), counting=st.sampled_from(sorted(Counting))
)
def test_the_account_of_working_days_adds_up_to_the_limit(start: int, days: int, counting: Counting) -> None:
    limit = Quantity(quantity(f"{days} workdays").amount, Unit.WORKDAY)
    found = calculate(start, limit, counting, cn())

    assert found.due_at == due(cn(), start, limit, counting).at
    counted = [line.number for line in found.days if line.counted]
    assert counted == list(range(1, len(counted) + 1))
    assert len(counted) == days if counting is Counting.LEGAL else days <= len(counted) <= days + 1
