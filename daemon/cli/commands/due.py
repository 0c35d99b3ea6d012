"""``mingdeng due``: the officer's calculator, when a limit ends and why each day counts or does not."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from daemon.cli.language import chosen, say
from daemon.cli.options import instant, iso
from rules.calendars import Calendar
from rules.problems import UserError, refuse


class Form(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"


class Way(StrEnum):
    """The three countings."""

    LEGAL = "legal"
    ROLLING = "rolling"
    SAME_TIME = "same_time"


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("due")
    def due(
        start: Annotated[str, typer.Argument(help="When the clock starts, such as 2024-09-24T10:00.")],
        limit: Annotated[str, typer.Argument(help='How long, such as "20 workdays".')],
        counting: Annotated[Way, typer.Option(help="How it counts.")] = Way.LEGAL,
        calendar: Annotated[str, typer.Option(help="Name of a calendar, or its file.")] = "cn",
        hours: Annotated[str | None, typer.Option(help="Office hours, such as 08:30-12:00,13:30-17:30.")] = None,
        pause: Annotated[list[str] | None, typer.Option(help="A suspension FROM/TO; may be repeated.")] = None,
        form: Annotated[Form, typer.Option("--format", help="For people or for programs.")] = Form.TEXT,
    ) -> None:
        """Say when a limit ends; the last line is the due instant (inclusive)."""
        answer(start, limit, counting, calendar, hours, pause or [], form)


def answer(
    start: str, limit: str, counting: Way, calendar: str, hours: str | None, pauses: list[str], form: Form
) -> None:
    """Calculate and print."""
    from rules.due import calculate
    from rules.limits import Counting
    from rules.problems import render
    from rules.quantities import Quantity

    chosen_calendar = _calendar(calendar, hours)
    zone = chosen_calendar.zone
    try:
        quantity = Quantity.parse(limit)
    except ValueError as error:
        raise refuse(
            "cli/limit", "LIMIT", f"{error}.", f"“{limit}”不是时限。",
            mend_en='Write it like "20 workdays", "7 days", "4 working hours", "1 month".',
            mend_zh="请写成“20个工作日”“7天”“4个工作小时”“1个月”。",
        ) from error  # fmt: skip
    found = calculate(
        instant(start, zone, "START"), quantity, Counting(counting.value), chosen_calendar,
        [_pause(text, zone) for text in pauses],
    )  # fmt: skip
    if form is Form.JSON:
        document = {
            "due_at": iso(found.due_at, zone),
            "provisional": found.provisional,
            "calendar": f"{chosen_calendar.name}@{chosen_calendar.version}",
            "days": [
                {"on": day.on.isoformat(), "counted": day.counted, "number": day.number, "kind": day.kind.value,
                 "why": day.why_en, "why_zh": day.why_zh}
                for day in found.days
            ],
            "problems": [problem.sentence("en") for problem in found.problems],
        }  # fmt: skip
        print(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for day in found.days:
        number = f"{day.number:>4}" if day.number is not None else "   –"
        print(f"{number}  {day.on.isoformat()}  {say(day.why_en, day.why_zh)}")
    if found.problems:
        print(render(found.problems, chosen()))
    if found.provisional:
        print(
            say("Provisional: no calendar is published for all of these days.", "暂定：其中有日期尚未公布工作日安排。")
        )
    print(iso(found.due_at, zone))


def _calendar(name: str, hours: str | None) -> Calendar:
    from rules.calendarbook import open_calendars
    from rules.calendars import with_hours
    from rules.officehours import parse_hours

    file = Path(name)
    if file.suffix in {".yaml", ".yml"}:
        before = set(open_calendars().names())
        book = open_calendars([file])
        added = [each for each in book.names() if each not in before]
        calendar = book.get(added[0] if added else file.stem)
    else:
        calendar = open_calendars().get(name)
    if hours is None:
        return calendar
    try:
        return with_hours(calendar, parse_hours(hours))
    except ValueError as error:
        raise refuse(
            "cli/hours", "--hours", f"{error}.", f"“{hours}”不是办公时间。",
            mend_en="Write them like 08:30-12:00,13:30-17:30.", mend_zh="请写成 08:30-12:00,13:30-17:30。",
        ) from error  # fmt: skip


def _pause(text: str, zone: str) -> tuple[int, int]:
    begin, slash, end = text.partition("/")
    if not slash:
        raise _no_pause(text)
    return instant(begin, zone, "--pause"), instant(end, zone, "--pause")


def _no_pause(text: str) -> UserError:
    return refuse(
        "cli/pause", "--pause", f"'{text}' is not a suspension.", f"“{text}”不是时段。",
        mend_en="Write it like 2024-09-25T09:00/2024-09-27T17:00.",
        mend_zh="请写成 2024-09-25T09:00/2024-09-27T17:00。",
    )  # fmt: skip
