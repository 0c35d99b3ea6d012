"""Feeds that come twice, backwards, with a clock in UTC, or not at all."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from samples.county.scenarios import ordinary
from samples.county.scenarios.application import accepted
from samples.county.scenarios.desk import Desk
from samples.county.scenarios.dossier import Dossier
from samples.county.scenarios.scenario import LOOK_ALIKES, Scenario
from samples.county.scenarios.script import Script
from samples.county.scenarios.worktime import advance
from samples.county.workdays import DAY, ZONE, instant, is_workday, later, shift

HOUR = 3_600
EIGHT_HOURS = 8 * HOUR
READ_AFTER = 120
"""Seconds after which the house reads what a feed has written."""
HOURS = ((30_600, 43_200), (48_600, 63_000))
"""Office hours at the service centre: 08:30-12:00, 13:30-17:30."""

TWICE, BACKWARDS, UTC, SILENT = (
    "duplicated delivery of a whole day's feed", "rows in reverse order", "connector clock in UTC",
    "feed silent 5 h on a working day and 5 h on a holiday",
)  # fmt: skip


def delivered_twice(desk: Desk) -> list[Script]:
    """A whole delivery comes a second time under another name: nothing may change.

    The look-alikes are twins: cases that agree in everything but their number, and are nobody's duplicates.
    """
    script = Script(TWICE, "twice", same=("once", "twice"))
    for _ in range(LOOK_ALIKES // 2):
        script.dossiers += _twins(desk)
    script.dossiers += ordinary.late(desk) + ordinary.late(desk)
    end = _end(script.dossiers)
    script.act(end, "read")
    script.act(end + 60, "remember", "once")
    script.act(end + 120, "again")
    script.act(end + 180, "remember", "twice")
    return [_named(script, TWICE)]


def delivered_backwards(desk: Desk) -> list[Script]:
    """The same rows from the first to the last and from the last to the first: the same judgements."""
    dossiers = ordinary.day_in_day_out(desk, LOOK_ALIKES) + ordinary.late(desk)
    scripts = []
    for name in ("forward", "backward"):
        script = Script(BACKWARDS, name, list(dossiers), same=("forward", "backward"), backward=name == "backward")
        end = _end(dossiers)
        script.act(end, "read")
        script.act(end + 60, "remember", name)
        scripts.append(_named(script, BACKWARDS))
    return scripts


def clock_in_utc(desk: Desk) -> list[Dossier]:
    """The exchange machine's clock runs in UTC: everything seems to be written eight hours before it happened."""
    case = accepted(desk, desk.product())
    case.lawful(0.4)
    acts = case.dossier.acts
    case.dossier.acts = [act._replace(written_at=act.entered_at - EIGHT_HOURS) for act in acts]
    case.dossier.owe("D06F", case.received_at)
    return [case.dossier]


def times_with_their_zone(desk: Desk) -> list[Dossier]:
    """Times in UTC that say so: the same instants as ever, down to the second of the limit."""
    case = accepted(desk, desk.product(lambda product: product.promised >= 5))
    end = advance(case.accepted_at, case.product.promised * 86_400 - desk.rng.choice((0, 1)))
    case.handle(end)
    case.complete(end)
    case.dossier.zoned = True
    return [case.finish(end)]


def written_a_little_early(desk: Desk) -> list[Dossier]:
    """A clerk's clock runs some minutes behind."""
    case = accepted(desk, desk.product(lambda product: product.promised >= 5))
    end = case.lawful(0.4)
    acts = case.dossier.acts
    case.dossier.acts = [act._replace(written_at=act.at - desk.rng.randint(1, 900)) for act in acts]
    return [case.finish(end)]


def silent(desk: Desk) -> list[Script]:
    """A feed that speaks every other hour is silent for five working hours; so it is at night, on weekends and holidays.

    Each pause of the county is a look-alike: nights, days off, and one silence of exactly four working hours.
    """
    script = Script(SILENT, "silence", feeds=True)
    first = shift(desk.holiday_eve(), -8)
    days = [day for n in range(60) if is_workday(day := first + DAY * n)][:13]
    longest, shorter = desk.rng.sample(range(6, len(days) - 1), 2)
    feed = Dossier("contacts", "contacts", "")
    for number, day in enumerate(days):
        quiet = 5 * HOUR if number == longest else 4 * HOUR if number == shorter else 0
        for at in _news_of(day, quiet):
            script.dossiers.append(_news(desk, at))
            script.act(at + READ_AFTER, "read")
        if number == longest:
            feed.owe("D01", _working(_times(day)[0] + READ_AFTER, 4 * HOUR) + 1)
    for n in range((days[-1] - first).days):
        if not is_workday(first + DAY * n):
            script.act(instant(first + DAY * n, 36_000), "read")
    for dossier in script.dossiers:
        dossier.scenario, dossier.variant = SILENT, "news"
    feed.scenario, feed.role, feed.variant = SILENT, "violation", "silent for five working hours"
    pauses = [Dossier("contacts", f"pause-{n:02d}", "", scenario=SILENT, role="look-alike") for n in range(LOOK_ALIKES)]
    script.dossiers += [feed, *pauses]
    return [script]


def _times(day: dt.date) -> list[int]:
    return [instant(day, seconds) for seconds in (32_400, 39_600, 50_400, 57_600, 62_400)]


def _news_of(day: dt.date, quiet: int) -> list[int]:
    """Return when the feed has news on a day: every other hour, or after the first silence for so much working time."""
    times = _times(day)
    if not quiet:
        return times
    return [times[0], _working(times[0] + READ_AFTER, quiet) - READ_AFTER]


def _working(at: int, seconds: int) -> int:
    """Return the instant by which so many seconds of office hours have passed on the day of ``at``."""
    day = dt.datetime.fromtimestamp(at, ZONE).date()
    for opens, closes in HOURS:
        begin, end = max(at, instant(day, opens)), instant(day, closes)
        if end <= begin:
            continue
        if end - begin >= seconds:
            return begin + seconds
        seconds -= end - begin
    raise ValueError("the day has fewer working hours")


def _news(desk: Desk, at: int) -> Dossier:
    (unit,) = desk.units(1)
    contact, officer = desk.contact(unit), desk.officers(unit, 1)[0]
    contact.note(at - 30, "arrived", unit=unit, officer=officer, channel="电话", matter=desk.matter())
    for seconds, what in ((20, "answered"), (15, "feedback_given"), (10, "closed")):
        contact.note(at - seconds, what, unit=unit, officer=officer)
    contact.acts = [act._replace(written_at=at) for act in contact.acts]
    return contact


def _twins(desk: Desk) -> list[Dossier]:
    (first,) = ordinary.punctual(desk)
    second = replace(first, case_no=f"SP{desk.number()}", acts=list(first.acts), owed=list(first.owed))
    return [first, second]


def _end(dossiers: list[Dossier]) -> int:
    return later(max(act.entered_at for dossier in dossiers for act in dossier.acts), 1)


def _named(script: Script, scenario: str) -> Script:
    for dossier in script.dossiers:
        dossier.scenario, dossier.variant, dossier.role = scenario, script.name, "look-alike"
    return script


IN_UTC = Scenario(UTC, "连接器时钟为 UTC", ("D06F",), (clock_in_utc,), (times_with_their_zone, written_a_little_early))
