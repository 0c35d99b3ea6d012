"""Which cases a publication concerns: exactly those whose clocks run over a changed day, or whose item changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from rules.affected import by_calendar, by_items, by_kinds, changed_days
from rules.calendarbook import open_calendars
from rules.calendars import Calendar, DayName, build_calendar, with_hours
from rules.catalogue import Catalogue
from rules.causes import Cause, cause_of
from rules.civildays import date_of
from rules.facts import CaseId, Instant, ItemVersion
from rules.judgement import CaseState, ClockReading, Judgement, Light, Pin

OFF = dt.date(2018, 10, 22)


def at(text: str) -> Instant:
    """Return an instant written in Shanghai's time."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


@pytest.fixture(scope="module")
def before() -> Calendar:
    """Return the calendar of China as shipped."""
    return open_calendars().get("cn")


@pytest.fixture(scope="module")
def after(before: Calendar) -> Calendar:
    """Return it with one more day off."""
    days = {**before.definition.holidays, OFF: DayName("临时放假", "extra holiday")}
    return build_calendar(replace(before.definition, holidays=days))


def judged(start: str, due: str | None, stop: str | None, item: str = "food", kind: str = "application") -> Judgement:
    """Return a judgement with one clock."""
    clock = ClockReading(
        clock="promise", ordinal=1, state=CaseState.RUNNING, started_at=at(start),
        due_at=at(due) if due else None, stopped_at=at(stop) if stop else None,
    )  # fmt: skip
    return Judgement(
        case_id=CaseId("n", kind, "1"), revision=1, unit="u", item=item, state=CaseState.RUNNING, light=Light.GREEN,
        clocks=(clock,),
    )  # fmt: skip


def test_only_the_day_that_was_changed_is_found(before: Calendar, after: Calendar) -> None:
    assert [date_of(day) for day in changed_days(before, after)] == [OFF]
    assert changed_days(before, before) == []


def test_other_office_hours_change_every_working_day_and_no_day_off(before: Calendar) -> None:
    days = changed_days(before, with_hours(before, "09:00-17:00"))

    assert all(before.is_workday(date_of(day)) for day in days)
    assert len(days) > 1_000


def test_a_longer_horizon_concerns_the_days_that_were_provisional(before: Calendar) -> None:
    longer = build_calendar(replace(before.definition, until_on=before.horizon_on + dt.timedelta(days=2)))

    assert [(date_of(day) - before.horizon_on).days for day in changed_days(before, longer)] == [1, 2]


@pytest.mark.parametrize(
    ("start", "due", "stop", "concerned"),
    [
        ("2018-10-15 10:00", "2018-10-24 10:00", None, True),
        ("2018-10-23 00:00", "2018-11-01 10:00", None, False),
        ("2018-10-22 23:59", "2018-10-31 23:59", None, True),
        ("2018-10-08 10:00", "2018-10-17 10:00", "2018-10-16 10:00", False),
        ("2018-10-08 10:00", "2018-10-17 10:00", None, True),
        ("2018-10-08 10:00", "2018-10-17 10:00", "2018-10-23 10:00", True),
        ("2018-10-15 10:00", "2018-10-24 10:00", "2018-10-16 10:00", True),
        ("2018-10-15 10:00", None, None, True),
    ],
)
def test_a_corrected_day_concerns_the_clocks_that_run_over_it(
    before: Calendar, after: Calendar, start: str, due: str | None, stop: str | None, concerned: bool
) -> None:
    """From the start to the later of stop and due instant; one that still runs goes on."""
    assert by_calendar(before, after)(judged(start, due, stop)) is concerned


def test_a_catalogue_concerns_the_cases_of_items_that_are_otherwise_now() -> None:
    def shelf(**limits: str) -> Catalogue:
        return Catalogue.of(ItemVersion(code=c, name=c, limits={"promised": limit}) for c, limit in limits.items())

    affected = by_items(
        shelf(food="7 workdays", road="7 workdays", gone="1 workday"), shelf(food="9 workdays", road="7 workdays")
    )

    assert [affected(judged("2018-10-15", None, None, item)) for item in ("food", "road", "gone")] == [
        True,
        False,
        True,
    ]


def test_a_rulebook_concerns_its_kinds() -> None:
    affected = by_kinds({"contact"})

    assert [affected(judged("2018-10-15", None, None, kind=kind)) for kind in ("contact", "application")] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("versions", "cause"),
    [
        (("law@1", "cn@a", "food@1"), Cause.FACTS),
        (("law@1", "cn@b", "food@1"), Cause.CALENDAR),
        (("law@2", "cn@a", "food@1"), Cause.RULEBOOK),
        (("law@1", "law@2", "cn@a", "food@1"), Cause.FACTS),
        (("law@1", "cn@a", "food@2"), Cause.ITEM),
        (("law@2", "cn@b", "food@2"), Cause.CALENDAR),
        ((), Cause.FACTS),
    ],
)
def test_the_cause_is_the_version_that_took_the_place_of_the_pinned_one(
    versions: tuple[str, ...], cause: Cause
) -> None:
    """A version that stands beside a later one changed nothing."""
    assert cause_of(Pin("law@1", "cn@a", "food@1"), versions) is cause
