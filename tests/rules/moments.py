"""Short words for tests of time: calendars, instants by their wall time, events of a case."""

from __future__ import annotations

import datetime as dt
import os
from functools import cache
from pathlib import Path

import pytest

from rules.calendarbook import CalendarBook, open_calendars
from rules.calendars import Calendar
from rules.clocks import ClockRun, ClockSpec, Extends, Lawful, Pauses, Terms, Trigger, run_clock
from rules.facts import CaseEvent, Instant, Value, fold
from rules.limits import Counting
from rules.quantities import Quantity

DATA = Path(os.environ.get("MINGDENG_DATA") or Path(__file__).parents[3] / "shared" / "data")


def data_folder(name: str) -> Path:
    """Return a folder of published data, or skip the test where it is not there."""
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"the published data '{name}' is not on this machine (set MINGDENG_DATA)")
    return folder


@cache
def book() -> CalendarBook:
    return open_calendars()


def cn() -> Calendar:
    return book().get("cn")


def office() -> Calendar:
    return book().get("cn-office")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def at(text: str, calendar: Calendar | None = None) -> Instant:
    """Return the instant of a wall time written as ``2018-10-15 10:00:00``; midnight if only a date is given."""
    on, _, wall = text.partition(" ")
    return (calendar or cn()).at(day(on), dt.time.fromisoformat(wall or "00:00:00"))


def wall(instant: Instant | None, calendar: Calendar | None = None) -> str:
    """Return the wall time of an instant, written as ``at`` reads it."""
    return "" if instant is None else (calendar or cn()).local(instant).strftime("%Y-%m-%d %H:%M:%S")


def quantity(text: str) -> Quantity:
    return Quantity.parse(text)


def event(name: str, when: str, calendar: Calendar | None = None, /, **data: Value) -> CaseEvent:
    return CaseEvent(
        source="window", event_id=f"{name}@{when}", namespace="county", kind="application", case_no="1",
        name=name, occurred_at=at(when, calendar), data=data,
    )  # fmt: skip


def promise(
    counting: Counting = Counting.ROLLING, *, cap: bool = True, lawful: Lawful | None = None,
    extension: Lawful | None = None, by: str | None = None,
) -> ClockSpec:  # fmt: skip
    starts, stops = ("step_started", "step_finished") if by else ("accepted", "completed")
    return ClockSpec(
        "promise", "application", (Trigger(starts),), (Trigger(stops), Trigger("voided")), counting, by,
        Pauses(Trigger("suspension_started"), Trigger("suspension_ended"), cap, lawful),
        Extends(Trigger("extended"), extension),
    )  # fmt: skip


def runs(
    spec: ClockSpec, *events: CaseEvent, limit: str | None = "7 workdays", calendar: Calendar | None = None,
    stated: str | None = None,
) -> tuple[ClockRun, ...]:  # fmt: skip
    terms = Terms(quantity(limit) if limit else None, calendar or cn(), stated)
    return run_clock(spec, fold(events[0].case_id, events).events, lambda _: terms)
