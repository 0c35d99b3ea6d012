"""A year of a calendar at a glance: twelve months of weeks, why each day counts or not, and the file that says so."""

from __future__ import annotations

import datetime as dt
import json
from calendar import Calendar as Weeks
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rules.calendars import Calendar, DayKind, DayName, DayReason
from rules.problems import Language


class Day(NamedTuple):
    """A day of a month; ``mark`` says without colour that it is off or made up."""

    on: dt.date
    kind: DayKind
    why: str
    mark: str


class Special(NamedTuple):
    """A stretch of holidays or make-up days under one name."""

    first: dt.date
    last: dt.date
    kind: DayKind
    why: str
    notice: str


MARKS = {DayKind.HOLIDAY: ("休", "H"), DayKind.MAKEUP: ("班", "W")}


def months(calendar: Calendar, year: int, language: Language) -> list[list[list[Day | None]]]:
    """Return for each month its weeks, Monday first, with None for days of other months."""
    weeks = Weeks(firstweekday=0)
    return [
        [
            [_day(calendar, on, language) if on.month == month else None for on in week]
            for week in weeks.monthdatescalendar(year, month)
        ]
        for month in range(1, 13)
    ]


def _day(calendar: Calendar, on: dt.date, language: Language) -> Day:
    reason = calendar.reason(on)
    zh, en = MARKS.get(reason.kind, ("", ""))
    return Day(on, reason.kind, _why(reason, language), zh if language == "zh" else en)


def _why(reason: DayReason, language: Language) -> str:
    return reason.zh if language == "zh" else reason.en


def tally(calendar: Calendar, year: int) -> Counter[DayKind]:
    """Return how many days of a year are of which kind."""
    return Counter(calendar.reason(on).kind for on in _days(year))


def specials(calendar: Calendar, year: int, language: Language) -> list[Special]:
    """Return the holidays and make-up days of a year as stretches, in their order."""
    found: list[Special] = []
    for on in _days(year):
        reason = calendar.reason(on)
        if reason.kind not in MARKS:
            continue
        this = Special(on, on, reason.kind, _why(reason, language), reason.notice)
        last = found[-1] if found else None
        if last is not None and last.last + dt.timedelta(days=1) == on and last[2:] == this[2:]:
            found[-1] = last._replace(last=on)
        else:
            found.append(this)
    return found


def _days(year: int) -> Iterator[dt.date]:
    for ordinal in range(dt.date(year, 1, 1).toordinal(), dt.date(year, 12, 31).toordinal() + 1):
        yield dt.date.fromordinal(ordinal)


def year_text(calendar: Calendar, year: int) -> str:
    """Return the file that says what a year of this calendar is, ready to be corrected."""
    definition = calendar.definition
    off = {on: name for on, name in definition.holidays.items() if on.year == year}
    made_up = {on: name for on, name in definition.makeups.items() if on.year == year}
    notices = dict.fromkeys(name.notice for name in (*off.values(), *made_up.values()) if name.notice)
    lines = [f"calendar: {json.dumps(calendar.name, ensure_ascii=False)}", f"year: {year}"]
    lines.append(f"notice: {json.dumps(list(notices), ensure_ascii=False)}" if notices else 'notice: ""')
    lines += _entries("holidays", off)
    lines += _entries("makeup", made_up)
    return "\n".join(lines) + "\n"


def _entries(key: str, days: dict[dt.date, DayName]) -> Iterable[str]:
    if not days:
        return [f"{key}: []"]
    stretches: list[tuple[dt.date, dt.date, DayName]] = []
    for on in sorted(days):
        if stretches and stretches[-1][1] + dt.timedelta(days=1) == on and stretches[-1][2] == days[on]:
            stretches[-1] = (stretches[-1][0], on, days[on])
        else:
            stretches.append((on, on, days[on]))
    return [f"{key}:", *map(_entry, stretches)]


def _entry(stretch: tuple[dt.date, dt.date, DayName]) -> str:
    first, last, name = stretch
    on = str(first) if first == last else f"{first}..{last}"
    zh, en = (json.dumps(each, ensure_ascii=False) for each in (name.zh, name.en))
    return f"  - {{on: {on}, name: {{zh: {zh}, en: {en}}}}}"
