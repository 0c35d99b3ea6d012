"""The calendars that are configured: the shipped ones first, then those of each folder, layered and by name."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from rules.calendarfiles import WEEKDAYS, CalendarFile, YearFile, named_days
from rules.calendars import Calendar, CalendarDefinition, DayName, build_calendar
from rules.calendarsources import SOURCES
from rules.civildays import LAST_ON
from rules.documents import Document, load, nearest, validate
from rules.problems import Problem, UserError, refuse

SHIPPED: Final = Path(__file__).parent / "data" / "calendars"


@dataclass(slots=True)
class CalendarBook:
    """Calendars by name. Each is built when it is first asked for, and kept."""

    definitions: Mapping[str, CalendarDefinition]
    built: dict[str, Calendar] = field(default_factory=dict)

    def names(self) -> tuple[str, ...]:
        """Return the names of all calendars, sorted."""
        return tuple(sorted(self.definitions))

    def get(self, name: str) -> Calendar:
        """Return the calendar of that name; raise ``UserError`` with the nearest name if there is none."""
        if name not in self.definitions:
            near = nearest(name, self.definitions)
            known = ", ".join(self.names())
            raise refuse(
                "calendar/missing", name,
                f"There is no calendar '{name}'; configured are {known}.", f"没有名为“{name}”的日历；已配置：{known}。",
                mend_en=f"Did you mean '{near}'?" if near else "Add its file to a configured calendar folder.",
                mend_zh=f"是否应为“{near}”？" if near else "请把日历文件放入已配置的日历目录。",
            )  # fmt: skip
        if name not in self.built:
            self.built[name] = _built(self.definitions[name])
        return self.built[name]


_LATELY: Final[deque[Calendar]] = deque(maxlen=8)
"""Calendars as they were built last: whoever opens the same files again need not count their days again."""


def _built(definition: CalendarDefinition) -> Calendar:
    known = next((each for each in tuple(_LATELY) if each.definition == definition), None)
    if known is None:
        known = build_calendar(definition)
        _LATELY.append(known)
    return known


def open_calendars(folders: Sequence[Path] = ()) -> CalendarBook:
    """Return the shipped calendars and those of the folders (or single files); a later file overrides an earlier one.

    In a folder every ``*.yaml`` counts whose first key is ``calendar``. Raise ``UserError`` with every problem found.
    """
    shelf = _Shelf()
    for path in (SHIPPED, *folders):
        for file in _calendar_files(path, shelf):
            shelf.read(file)
    shelf.report_homeless_years()
    definitions = {name: found for name in shelf.calendars if (found := shelf.definition(name)) is not None}
    if shelf.problems:
        raise UserError(dict.fromkeys(shelf.problems))
    return CalendarBook(definitions)


def _calendar_files(path: Path, shelf: _Shelf) -> Iterator[Path]:
    if path.is_dir():
        yield from (file for file in sorted(path.glob("*.yaml")) if _begins_a_calendar(file))
    elif path.is_file():
        yield path
    else:
        found = refuse(
            "calendar/no-folder", path,
            "This calendar folder does not exist.", "日历目录不存在。",
            mend_en="Correct the path in the settings, or create the folder.",
            mend_zh="请更正配置中的路径，或创建该目录。",
        )  # fmt: skip
        shelf.problems.extend(found.problems)


def _begins_a_calendar(file: Path) -> bool:
    try:
        with file.open(encoding="utf-8-sig", errors="replace") as text:
            lines = (line.strip() for line in text)
            first = next((line for line in lines if line and not line.startswith(("#", "---"))), "")
    except OSError:
        return True  # what cannot be read is reported, not passed over
    return first.startswith("calendar:")


@dataclass(slots=True)
class _Shelf:
    """The files read so far, and the definitions that they make."""

    calendars: dict[str, tuple[CalendarFile, Document]] = field(default_factory=dict)
    years: dict[str, dict[int, tuple[YearFile, Document]]] = field(default_factory=dict)
    made: dict[str, CalendarDefinition | None] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def read(self, path: Path) -> None:
        try:
            document = load(path)
            if isinstance(document.data, dict) and "year" in document.data:
                year = validate(YearFile, document)
                self.years.setdefault(year.calendar, {})[year.year] = (year, document)
            else:
                calendar = validate(CalendarFile, document)
                self.calendars[calendar.calendar] = (calendar, document)
        except UserError as error:
            self.problems.extend(error.problems)

    def report_homeless_years(self) -> None:
        """Report the years of calendars that do not exist."""
        for name in sorted(set(self.years) - set(self.calendars)):
            for _, document in self.years[name].values():
                near = nearest(name, self.calendars)
                self.problems.append(
                    Problem(
                        "calendar/year-of-nothing", document.place(("calendar",)),
                        f"This year belongs to the calendar '{name}', which is not configured.",
                        f"此年份所属的日历“{name}”未配置。",
                        f"Did you mean '{near}'?" if near else "Name a configured calendar.",
                        f"是否应为“{near}”？" if near else "请填写已配置的日历名。",
                    )
                )  # fmt: skip

    def definition(self, name: str) -> CalendarDefinition | None:
        """Return the definition of a calendar with its layers and years, None if something below it is wrong."""
        if name not in self.made:
            self.made[name] = None  # a calendar that comes back to itself through its layers finds nothing
            file, document = self.calendars[name]
            below = self._below(file, document)
            if below is not None:
                self.made[name] = self._with_years(_layer(file, below))
        return self.made[name]

    def _below(self, file: CalendarFile, document: Document) -> CalendarDefinition | None:
        if file.extends is None:
            return CalendarDefinition(file.calendar, file.zone or "", until_on=dt.date.min)
        below = self.definition(file.extends) if file.extends in self.calendars else None
        if below is None:
            near = nearest(file.extends, set(self.calendars) - {file.calendar})
            self.problems.append(
                Problem(
                    "calendar/extends", document.place(("extends",)),
                    f"The calendar '{file.extends}' that this one extends cannot be used.",
                    f"所继承的日历“{file.extends}”不可用。",
                    f"Did you mean '{near}'?" if near else "Name a configured calendar that does not extend this one.",
                    f"是否应为“{near}”？" if near else "请填写已配置且不继承本日历的日历名。",
                )
            )  # fmt: skip
        return below

    def _with_years(self, below: CalendarDefinition) -> CalendarDefinition:
        for number, (year, document) in sorted(self.years.get(below.name, {}).items()):
            if number > below.until_on.year + 1:
                self.problems.append(
                    Problem(
                        "calendar/gap", document.place(("year",)),
                        f"The year {number} does not follow {below.until_on.year}, the last year of '{below.name}'.",
                        f"{number} 年与日历“{below.name}”已有的最后一年 {below.until_on.year} 不相连。",
                        f"Add the file for {below.until_on.year + 1} first.",
                        f"请先添加 {below.until_on.year + 1} 年的文件。",
                    )
                )  # fmt: skip
                continue
            below = _publish(below, year)
        return below


def _publish(below: CalendarDefinition, year: YearFile) -> CalendarDefinition:
    """Return the calendar in which the days of one year are what its notice says."""
    notice = year.notice_text()
    off = named_days(year.holidays, "节假日", "holiday", notice)
    on = named_days(year.makeup, "调休上班", "make-up day", notice)

    def revised(days: Mapping[dt.date, DayName], new: Mapping[dt.date, DayName]) -> dict[dt.date, DayName]:
        kept = {day: name for day, name in days.items() if day.year != year.year and day not in off and day not in on}
        return kept | dict(new)

    until = max(below.until_on, dt.date(year.year, 12, 31))
    return replace(below, holidays=revised(below.holidays, off), makeups=revised(below.makeups, on), until_on=until)


def _layer(file: CalendarFile, below: CalendarDefinition) -> CalendarDefinition:
    """Return the calendar that a file makes of the one below it."""
    holidays, makeups = dict(below.holidays), dict(below.makeups)
    from_on, until_on = below.from_on, below.until_on
    if file.source is not None:
        published = SOURCES[file.source]()
        holidays |= _noticed(published.holidays, file.notices)
        makeups |= _noticed(published.makeups, file.notices)
        from_on, until_on = published.from_on, published.until_on
    for stretch in file.without:
        for on in stretch.days():
            holidays.pop(on, None)
            makeups.pop(on, None)
    own_off, own_on = named_days(file.holidays, "节假日", "holiday"), named_days(file.makeup, "调休上班", "make-up day")
    holidays = {on: name for on, name in holidays.items() if on not in own_on} | own_off
    makeups = {on: name for on, name in makeups.items() if on not in own_off} | own_on
    return CalendarDefinition(
        name=file.calendar,
        zone=file.zone or below.zone,
        week=below.week if file.week is None else frozenset(WEEKDAYS.index(day) for day in file.week),
        hours=below.hours if file.hours is None else tuple(hours.office() for hours in file.hours),
        holidays=holidays,
        makeups=makeups,
        from_on=file.from_on or from_on,
        until_on=file.until_on or _horizon(until_on, holidays),
        declared=file.version or (below.declared if file.extends else ""),
    )


def _noticed(days: Mapping[dt.date, DayName], notices: Mapping[int, list[str]]) -> dict[dt.date, DayName]:
    return {on: replace(name, notice=" ".join(notices.get(on.year, ()))) for on, name in days.items()}


def _horizon(until_on: dt.date, holidays: Mapping[dt.date, DayName]) -> dt.date:
    """Return the last published day: the end of the last year with a holiday; a plain week without any never ends."""
    if until_on != dt.date.min:
        return until_on
    return dt.date(max(holidays).year, 12, 31) if holidays else LAST_ON
