"""What a calendar file may say, as a pydantic model: a whole calendar, a layer upon another, or one published year."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rules.calendars import DayName
from rules.civildays import FIRST_ON, LAST_ON
from rules.officehours import OfficeHours, parse_hours

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

_RANGE: Final = re.compile(r"(\d{4}-\d\d-\d\d)\s*\.\.\s*(\d{4}-\d\d-\d\d)")


class Stretch(BaseModel):
    """The days from ``first`` to ``last``, both included; written as a date or as ``2015-01-01..2015-01-03``."""

    first: dt.date
    last: dt.date

    def days(self) -> Iterator[dt.date]:
        """Yield each day."""
        for ordinal in range(self.first.toordinal(), self.last.toordinal() + 1):
            yield dt.date.fromordinal(ordinal)


def _stretch(written: object) -> Stretch:
    match = _RANGE.fullmatch(written.strip()) if isinstance(written, str) else None
    try:
        if match is not None:
            first, last = dt.date.fromisoformat(match[1]), dt.date.fromisoformat(match[2])
        else:
            first = last = written if isinstance(written, dt.date) else dt.date.fromisoformat(str(written))
    except ValueError:
        raise ValueError(
            f"'{written}' is neither a date such as 2015-01-01 nor a range 2015-01-01..2015-01-03"
        ) from None
    if last < first:
        raise ValueError(f"'{written}' ends before it begins")
    if first < FIRST_ON or last > LAST_ON:
        raise ValueError(f"'{written}' lies outside {FIRST_ON}..{LAST_ON}, the days that calendars know")
    return Stretch(first=first, last=last)


def _name(written: object) -> object:
    return {"zh": written, "en": written} if isinstance(written, str) else written


def _listed(written: object) -> object:
    return written if isinstance(written, list) else [written]


def _entry(written: object) -> object:
    return written if isinstance(written, dict) else {"on": [written]}


Days = Annotated[list[Annotated[Stretch, BeforeValidator(_stretch)]], BeforeValidator(_listed)]


class Texts(BaseModel):
    """A text in both languages."""

    model_config = ConfigDict(extra="forbid")

    zh: str
    en: str


class Entry(BaseModel):
    """Days off or on, with their name."""

    model_config = ConfigDict(extra="forbid")

    on: Days
    name: Annotated[Texts | None, BeforeValidator(_name)] = None
    notice: str = ""


Entries = list[Annotated[Entry, BeforeValidator(_entry)]]


def named_days(entries: Entries, zh: str, en: str, notice: str = "") -> dict[dt.date, DayName]:
    """Return the days of the entries by date; unnamed ones are called ``zh`` and ``en``."""
    return {
        on: DayName(entry.name.zh if entry.name else zh, entry.name.en if entry.name else en, entry.notice or notice)
        for entry in entries
        for stretch in entry.on
        for on in stretch.days()
    }


class Hours(BaseModel):
    """Office hours that hold from a date, until a date, or on some days of the week only."""

    model_config = ConfigDict(extra="forbid")

    hours: list[str]
    from_on: dt.date = Field(dt.date.min, alias="from")
    until_on: dt.date | None = Field(None, alias="until")
    days: list[Weekday] = list(WEEKDAYS)

    @model_validator(mode="after")
    def _readable(self) -> Hours:
        self.office()
        return self

    def office(self) -> OfficeHours:
        """Return the hours as the calendar takes them."""
        weekdays = frozenset(WEEKDAYS.index(day) for day in self.days)
        return OfficeHours(parse_hours(",".join(self.hours)), self.from_on, self.until_on, weekdays)


def _hours(written: object) -> object:
    if not isinstance(written, list) or not written:
        raise ValueError("office hours are a list such as [08:30-12:00, 13:30-17:30]")
    return [{"hours": written}] if all(isinstance(item, str) for item in written) else written


def _zone(written: object) -> object:
    try:
        ZoneInfo(str(written))
    except (ValueError, OSError, LookupError):
        raise ValueError(f"'{written}' is not a time zone such as Asia/Shanghai") from None
    return written


def _source(written: object) -> object:
    from rules.calendarsources import SOURCES

    if written not in SOURCES:
        raise ValueError(f"'{written}' is not a source of calendars; known are {', '.join(sorted(SOURCES))}")
    return written


class CalendarFile(BaseModel):
    """A whole calendar, or a layer that ``extends`` another: it adds days, takes some away, sets week or hours."""

    model_config = ConfigDict(extra="forbid")

    calendar: str = Field(min_length=1)
    title: Annotated[Texts | None, BeforeValidator(_name)] = None
    version: Annotated[str, BeforeValidator(str)] = ""
    extends: str | None = None
    zone: Annotated[str | None, BeforeValidator(_zone)] = None
    week: list[Weekday] | None = None
    hours: Annotated[list[Hours] | None, BeforeValidator(_hours)] = None
    source: Annotated[str | None, BeforeValidator(_source)] = None
    holidays: Entries = []
    makeup: Entries = []
    without: Days = []
    from_on: dt.date | None = Field(None, alias="from")
    until_on: dt.date | None = Field(None, alias="until")
    notices: dict[int, list[str]] = {}

    @model_validator(mode="before")
    @classmethod
    def _has_a_zone(cls, data: Any) -> Any:  # what stands in the file
        if isinstance(data, dict) and "zone" not in data and "extends" not in data:
            raise ValueError(
                "a calendar needs a 'zone' such as Asia/Shanghai, or 'extends' with the name of another one"
            )
        return data


class YearFile(BaseModel):
    """The holidays and make-up days of one year of a calendar, beside the notice that ordered them."""

    model_config = ConfigDict(extra="forbid")

    calendar: str = Field(min_length=1)
    year: int = Field(ge=FIRST_ON.year, le=LAST_ON.year)
    notice: str | list[str] = ""
    holidays: Entries
    makeup: Entries = []

    def notice_text(self) -> str:
        """Return the notices in one line."""
        return self.notice if isinstance(self.notice, str) else " ".join(self.notice)
