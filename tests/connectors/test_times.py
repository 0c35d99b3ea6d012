"""From written times to instants."""

from __future__ import annotations

import contextlib
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.times import EARLIEST, LATEST, BadFormat, BadTime, compile_times

WALL_CLOCK = st.datetimes(dt.datetime(1900, 1, 2), dt.datetime(2199, 12, 30))  # noqa: DTZ001  # zones are drawn apart


def read(written: str, text: str, zone: str | None = "Asia/Shanghai") -> str:
    """Return the instant of a text as ISO 8601 in UTC."""
    return dt.datetime.fromtimestamp(compile_times([written], zone)(text), dt.UTC).isoformat()[:19]


@pytest.mark.parametrize(
    ("written", "text", "expected"),
    [
        ("%Y-%m-%d %H:%M:%S", "2024-03-05 10:00:01", "2024-03-05T02:00:01"),
        ("%m/%d/%Y %I:%M:%S %p", "01/02/2015 12:20:09 AM", "2015-01-01T16:20:09"),
        ("%m/%d/%Y %I:%M:%S %p", "01/02/2015 12:20:09 PM", "2015-01-02T04:20:09"),
        ("%Y%m%dT%H%M%S", "20240305T100001", "2024-03-05T02:00:01"),
        ("%Y%m%d%H%M%S", "20240305100001", "2024-03-05T02:00:01"),
        ("%d-%b-%Y", "05-Mar-2024", "2024-03-04T16:00:00"),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-03-05T10:00:00-05:00", "2024-03-05T15:00:00"),
        ("d/m/yyyy hh:mm", "5/3/2024 9:07", "2024-03-05T01:07:00"),
        ("d/m/yyyy hh:mm", "29/2/2016 01:16", "2016-02-28T17:16:00"),
        ("yyyy-mm-dd hh:mm:ss", "2024-03-05 10:11:12", "2024-03-05T02:11:12"),
        ("yyyy/MM/dd HH:mm", "2024/03/05 10:11", "2024-03-05T02:11:00"),
        ("%Y年%m月%d日 %H时%M分", "2024年3月5日 9时7分", "2024-03-05T01:07:00"),
        ("iso", "2024-03-05", "2024-03-04T16:00:00"),
        ("iso", "2024-03-05 10:00", "2024-03-05T02:00:00"),
        ("iso", "2024-03-05T10:00:00.999999", "2024-03-05T02:00:00"),
        ("iso", "2024-03-05T10:00:00Z", "2024-03-05T10:00:00"),
        ("iso", "2024-03-05 10:00:00+08", "2024-03-05T02:00:00"),
        ("iso", "20240305T100000", "2024-03-05T02:00:00"),
        ("epoch", "1709604000", "2024-03-05T02:00:00"),
        ("epoch_ms", "1709604000999", "2024-03-05T02:00:00"),
        ("epoch_ms", "-1000", "1969-12-31T23:59:59"),
    ],
)
def test_a_time_is_read_as_it_is_written(written: str, text: str, expected: str) -> None:
    assert read(written, text) == expected


@pytest.mark.parametrize(
    ("written", "text", "code"),
    [
        ("%Y-%m-%d %H:%M:%S", "2024-02-30 10:00:00", "time/format"),
        ("%Y-%m-%d %H:%M:%S", "2024-03-05 24:00:00", "time/format"),
        ("%Y-%m-%d %H:%M:%S", "2024-03-05 10:00:00 ", "time/format"),
        ("%Y-%m-%d %H:%M:%S", "２０２４-03-05 10:00:00", "time/format"),
        ("%m/%d/%Y %I:%M:%S %p", "01/02/2015 13:20:09 PM", "time/format"),
        ("%m/%d/%Y %I:%M:%S %p", "01/02/2015 00:20:09 AM", "time/format"),
        ("iso", "2024-W10-2", "time/format"),
        ("iso", "tomorrow", "time/format"),
        ("iso", "", "time/format"),
        ("epoch", "1e9", "time/format"),
        ("iso", "1899-12-31", "time/range"),
        ("iso", "2200-01-01", "time/range"),
        ("iso", "9999-12-31 00:00:00", "time/range"),
        ("iso", "0001-01-01T00:00:00Z", "time/range"),
        ("epoch", "99999999999", "time/range"),
    ],
)
def test_what_is_no_usable_time_is_refused_with_its_reason(written: str, text: str, code: str) -> None:
    with pytest.raises(BadTime) as refused:
        compile_times([written], "Asia/Shanghai")(text)
    assert refused.value.code == code
    assert refused.value.zh.endswith("。")


def test_a_time_without_zone_is_refused_where_none_is_declared() -> None:
    with pytest.raises(BadTime, match="names no zone") as refused:
        compile_times(["iso"], None)("2024-03-05 10:00:00")
    assert refused.value.code == "time/zone"


def test_several_formats_are_tried_in_their_order() -> None:
    times = compile_times(["%Y-%m-%d %H:%M:%S", "%Y-%m-%d"], "UTC")
    assert times("2024-03-05") == times("2024-03-05 00:00:00")
    with pytest.raises(BadTime, match=r"written as %Y-%m-%d %H:%M:%S \| %Y-%m-%d"):
        times("05.03.2024")


def test_a_local_time_that_happens_twice_is_the_first() -> None:
    assert read("iso", "2015-11-01 01:30:00", "America/New_York") == "2015-11-01T05:30:00"


def test_a_local_time_that_never_happens_is_read_as_if_the_clocks_had_not_changed() -> None:
    assert read("iso", "2015-03-08 02:30:00", "America/New_York") == "2015-03-08T07:30:00"
    assert read("iso", "2015-03-08 03:30:00", "America/New_York") == "2015-03-08T07:30:00"


def test_summer_time_of_shanghai_before_1992_is_known() -> None:
    assert read("iso", "1990-07-01 12:00:00") == "1990-07-01T03:00:00"


@pytest.mark.parametrize("written", ["%Y-%m-%d %q", "%H:%M", "%y-%m-%d", "%Y-%m-%d %I:%M", "tomorrow", "%Y-%Y-%d", ""])
def test_a_format_that_cannot_be_used_is_refused_with_a_sentence(written: str) -> None:
    with pytest.raises(BadFormat) as refused:
        compile_times([written], "UTC")
    assert refused.value.zh


@given(
    WALL_CLOCK,
    st.sampled_from(["Asia/Shanghai", "America/New_York", "UTC", "Australia/Lord_Howe", "Pacific/Apia"]),
)
def test_reading_agrees_with_the_standard_library(moment: dt.datetime, zone: str) -> None:
    expected = int(moment.replace(tzinfo=ZoneInfo(zone), microsecond=0).timestamp())
    times = compile_times(["%Y-%m-%d %H:%M:%S"], zone)
    text = moment.strftime("%Y-%m-%d %H:%M:%S")
    assert times(text) == times(text) == expected


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    for written in ("iso", "%m/%d/%Y %I:%M:%S %p", "epoch", "d/m/yyyy hh:mm"):
        with contextlib.suppress(BadTime):
            assert EARLIEST <= compile_times([written], "Asia/Shanghai")(text) < LATEST
