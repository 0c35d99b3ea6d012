"""Calendars from files: layers, published years, and what is said when a file is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.calendarbook import open_calendars
from rules.calendars import DayKind
from rules.problems import UserError
from tests.rules.moments import at, book, cn, day, wall

YEAR_2027 = """\
calendar: cn
year: 2027
notice: https://www.gov.cn/example
holidays:
  - {on: 2027-01-01..2027-01-03, name: {zh: 元旦, en: New Year's Day}}
  - {on: 2027-02-05..2027-02-11, name: {zh: 春节, en: Spring Festival}}
makeup: [2027-01-30]
"""


def folder_with(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def problems_of(folder: Path) -> str:
    with pytest.raises(UserError) as refused:
        open_calendars([folder])
    return "\n".join(f"{p.place} {p.code} {p.en} {p.mend_en} {p.zh}" for p in refused.value.problems)


def test_the_shipped_calendars_are_china_with_and_without_hours() -> None:
    assert book().names() == ("cn", "cn-office")


def test_a_calendar_that_is_not_configured_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UserError) as refused:
        book().get("cn-offize")

    assert refused.value.problems[0].mend_en == "Did you mean 'cn-office'?"


def test_a_published_year_moves_the_horizon_and_reaches_every_layer(tmp_path: Path) -> None:
    calendars = open_calendars([folder_with(tmp_path, cn2027=YEAR_2027)])

    for name in ("cn", "cn-office"):
        later = calendars.get(name)
        assert later.horizon_on == day("2027-12-31")
        assert not later.provisional(at("2027-02-05"))
        assert later.reason(day("2027-02-05")).en == "Spring Festival"
        assert later.reason(day("2027-01-30")).kind is DayKind.MAKEUP
        assert later.reason(day("2027-01-30")).notice == "https://www.gov.cn/example"
    assert calendars.get("cn").version != cn().version
    assert calendars.get("cn").is_workday(day("2026-10-08"))


def test_a_corrected_year_replaces_only_its_own_days(tmp_path: Path) -> None:
    text = YEAR_2027.replace("2027", "2026")
    corrected = open_calendars([folder_with(tmp_path, cn2026=text)]).get("cn")

    assert corrected.is_workday(day("2026-10-01"))
    assert not corrected.is_workday(day("2025-10-01"))
    assert corrected.horizon_on == day("2026-12-31")


def test_a_year_that_leaves_a_gap_is_refused(tmp_path: Path) -> None:
    assert "Add the file for 2027 first." in problems_of(folder_with(tmp_path, y=YEAR_2027.replace("2027", "2028")))


def test_a_year_of_a_calendar_that_is_not_there_is_refused(tmp_path: Path) -> None:
    said = problems_of(folder_with(tmp_path, y=YEAR_2027.replace("calendar: cn", "calendar: cnn")))

    assert "Did you mean 'cn'?" in said


def test_a_layer_adds_days_takes_some_away_and_sets_hours(tmp_path: Path) -> None:
    folder_with(
        tmp_path,
        gx="calendar: cn-gx\nextends: cn\nholidays:\n  - {on: 2024-04-11..2024-04-12, name: 广西三月三}\n",
        window="calendar: window-3\nextends: cn-gx\nweek: [mon, tue, wed, thu, fri, sat]\nwithout: 2024-04-12\n"
        'hours:\n  - {hours: ["09:00-17:00"]}\n  - {hours: ["09:00-12:00"], days: [sat]}\n',
    )
    calendars = open_calendars([tmp_path])
    province, window = calendars.get("cn-gx"), calendars.get("window-3")

    assert province.reason(day("2024-04-11")).zh == "广西三月三"
    assert not province.is_workday(day("2024-04-12"))
    assert not window.is_workday(day("2024-04-11"))
    assert window.is_workday(day("2024-04-12"))
    assert not window.is_workday(day("2024-10-05"))
    assert wall(window.closing(day("2024-04-13"))) == "2024-04-13 12:00:00"


def test_a_later_folder_overrides_a_calendar_of_the_same_name(tmp_path: Path) -> None:
    folder_with(tmp_path, own='calendar: cn-office\nextends: cn\nhours: ["09:00-17:00"]\n')

    assert open_calendars([tmp_path]).get("cn-office").hours_text(day("2024-09-27")) == "09:00-17:00"


def test_a_plain_calendar_ends_with_the_last_year_that_lists_a_holiday(tmp_path: Path) -> None:
    folder_with(
        tmp_path,
        boston="calendar: boston\nzone: America/New_York\nhours: [08:30-17:00]\nholidays: [2015-01-01, 2015-12-25]\n",
        plain="calendar: plain\nzone: UTC\n",
    )
    calendars = open_calendars([tmp_path])

    assert calendars.get("boston").horizon_on == day("2015-12-31")
    assert not calendars.get("plain").provisional(at("2090-01-01"))


def test_other_files_of_a_folder_are_passed_over(tmp_path: Path) -> None:
    folder_with(tmp_path, rulebook="rulebook: x\ncalendar: nowhere\n", source=": not even yaml")

    assert open_calendars([tmp_path]).names() == book().names()


def test_the_version_follows_the_content_and_bears_what_was_declared(tmp_path: Path) -> None:
    text = "calendar: a\nzone: UTC\nversion: 7\nholidays: [2024-01-01]\n"
    one = open_calendars([folder_with(tmp_path, a=text)]).get("a").version
    same = open_calendars([folder_with(tmp_path, a=text + "title: {zh: 甲, en: A}\n")]).get("a").version
    other = open_calendars([folder_with(tmp_path, a=text.replace("01-01", "01-02"))]).get("a").version

    assert one.startswith("7-")
    assert one == same != other


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("calendar: a\nzone: Asia/Peking\n", "'Asia/Peking' is not a time zone"),
        ("calendar: a\n", "a calendar needs a 'zone'"),
        ("calendar: a\nzone: UTC\nhours: [8-5]\n", "'8' is not a time of day"),
        ("calendar: a\nzone: UTC\nhours: 08:30-17:00\n", "office hours are a list"),
        ("calendar: a\nzone: UTC\nholidays: [2024-13-01]\n", "There is no such date as 2024-13-01."),
        ("calendar: a\nzone: UTC\nholidays: [1949-10-01]\n", "lies outside 1992-01-01..2099-12-31"),
        ("calendar: a\nzone: UTC\nholidays: ['2024-10-07..2024-10-01']\n", "ends before it begins"),
        ("calendar: a\nzone: UTC\nholliday: []\n", "Did you mean 'holidays'?"),
        ("calendar: a\nzone: UTC\nsource: moon\n", "'moon' is not a source of calendars"),
        ("calendar: a\nextends: b\n", "The calendar 'b' that this one extends cannot be used."),
        ("calendar: a\nextends: a\n", "The calendar 'a' that this one extends cannot be used."),
        ("calendar: [a\n", "not well-formed YAML"),
    ],
)  # fmt: skip
def test_a_wrong_calendar_file_is_refused_with_a_sentence_and_its_place(tmp_path: Path, text: str, said: str) -> None:
    found = problems_of(folder_with(tmp_path, wrong=text))

    assert said in found
    assert "wrong.yaml" in found


def test_all_problems_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    found = problems_of(folder_with(tmp_path, a="calendar: a\nzone: X\n", b="calendar: b\nzone: UTC\nweek: [moon]\n"))

    assert "a.yaml" in found
    assert "b.yaml" in found


def test_a_calendar_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert "This calendar folder does not exist." in problems_of(tmp_path / "nowhere")
