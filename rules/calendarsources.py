"""Calendars that come with an installed distribution, as published days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from rules.calendars import DayName


class PublishedDays(NamedTuple):
    """Holidays and make-up days by date, complete from ``from_on`` to ``until_on``."""

    holidays: Mapping[dt.date, DayName]
    makeups: Mapping[dt.date, DayName]
    from_on: dt.date
    until_on: dt.date


def chinesecalendar() -> PublishedDays:
    """Return the days off and the make-up days of mainland China from the distribution ``chinesecalendar``."""
    from chinese_calendar import constants

    chinese = {holiday.value: holiday.chinese for holiday in constants.Holiday}
    years = {on.year for on in constants.holidays}
    return PublishedDays(
        {on: DayName(_zh(chinese[en]), en) for on, en in constants.holidays.items()},
        {on: DayName(f"{_zh(chinese[en])}调休上班", f"make-up day for {en}") for on, en in constants.workdays.items()},
        dt.date(min(years), 1, 1),
        dt.date(max(years), 12, 31),
    )


def _zh(name: str) -> str:
    return f"{name}节" if name in {"清明", "端午", "中秋"} else name


SOURCES: Final[Mapping[str, Callable[[], PublishedDays]]] = {"chinesecalendar": chinesecalendar}
