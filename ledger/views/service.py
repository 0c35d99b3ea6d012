"""How people were served in a stretch of time: ratings, complaints and their answers, what was done at once and on line.

Each figure is a ratio of what sources reported. Of what nobody reports there is none: a nought would be a claim.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, text

from ledger.ledger import Ledger
from ledger.tables import ASKED, FLOW, RATED
from ledger.views.flow import STANDING, clocks_of
from ledger.views.within import ALL, Within
from rules.facts import Instant
from rules.judgement import ClockReading
from rules.statistics import COMPLETED, Handled, Period, Ratio

BAD: Final = 4
"""Levels from this one on are bad ratings: 1 is very satisfied, 5 very dissatisfied (domain.md, annex B)."""

ONLINE: Final = frozenset({"web", "mobile"})
NOTHING: Final = Ratio(0, 0)


class Service(Struct, frozen=True, kw_only=True):
    """The ratios of a period (domain.md 7.2); 0 of 0 is what no source reported.

    ``rated`` are the completed cases with a rating, ``mended`` the bad ratings followed up in time of those followed up
    or overdue, ``called_back`` of the named bad ones. ``complaints`` are beside what was accepted, ``substantiated`` of
    the complaints, ``complaints_replied`` and ``enquiries_replied`` in time of what was due. ``instant`` and ``same_day``
    are declared and real, of what was completed, ``instant_kept`` of the instant ones. ``online`` and ``one_visit`` are
    of the cases that say how they came, or how often somebody had to come.
    """

    satisfied: Ratio = NOTHING
    rated: Ratio = NOTHING
    mended: Ratio = NOTHING
    called_back: Ratio = NOTHING
    complaints: Ratio = NOTHING
    substantiated: Ratio = NOTHING
    complaints_replied: Ratio = NOTHING
    enquiries_replied: Ratio = NOTHING
    instant: Ratio = NOTHING
    instant_kept: Ratio = NOTHING
    same_day: Ratio = NOTHING
    online: Ratio = NOTHING
    one_visit: Ratio = NOTHING


class _Asking(Struct, frozen=True):
    """A ledger that is being read for one period and for the units that may be seen."""

    ledger: Ledger
    connection: Connection
    period: Period
    within: Within

    def rows(self, query: str, **more: object) -> Sequence[Any]:
        """Return the rows of a query in which ``{within}`` stands for the condition on the unit."""
        sqlite = self.ledger.store.is_sqlite
        built = query.replace("{within}", self.within.sql("c.unit", sqlite=sqlite))
        values = {"from_at": self.period.from_at, "until_at": self.period.cut_off_at, **self.within.values(), **more}
        return self.connection.execute(text(built), {k: v for k, v in values.items() if f":{k}" in built}).all()

    def among(self, query: str, keys: Iterable[str]) -> Sequence[Any]:
        """Return the rows of a query of these cases."""
        return self.ledger.store.among(self.connection, query, sorted(set(keys)))


class _Said(Struct, frozen=True):
    """What is read of an event here; everything else is passed over."""

    satisfaction: object = None
    named: object = None
    outcome: object = None


Ratios: TypeAlias = dict[str, Ratio]

_said_of: Final = msgspec.json.Decoder(_Said).decode

_RATINGS: Final = (
    "select e.case_id, e.occurred_at, e.data_json, c.judgement_json from events e join cases c on c.case_id = e.case_id"  # noqa: S608  # own names, here and below
    f" where e.{RATED} and e.occurred_at >= :from_at and e.occurred_at < :until_at and {STANDING} and {{within}}"
)
_CALLS: Final = (
    "select case_id, occurred_at from events where name = 'called_back' and not retracted and case_id in {keys}"
)
_DONE: Final = (
    f" from events e join cases c on c.case_id = e.case_id where e.{FLOW} and e.name = :name"
    " and e.occurred_at >= :from_at and e.occurred_at < :until_at and c.kind = 'application'"
    f" and {STANDING} and {{within}}"
)
_COVERED: Final = (
    "select count(*) as completed, sum(rated) as rated from (select distinct e.case_id, case when exists (select 1"  # noqa: S608
    " from events r where r.case_id = e.case_id and r.name = 'rated' and not r.retracted) then 1 else 0 end as rated"
    f"{_DONE}) as covered"
)
_ASKED: Final = f"select c.case_id, c.kind, c.judgement_json from cases c where c.{ASKED} and {{within}}"  # noqa: S608
_OUTCOMES: Final = "select case_id, data_json from events where not retracted and case_id in {keys} order by arrival"
_CAME: Final = (
    "select e.case_id, max(coalesce({own}, (select max({theirs}) from events r where r.case_id = e.case_id"  # noqa: S608
    f" and r.name = 'received' and not r.retracted))) as channel{_DONE} group by e.case_id"
)
_VISITS: Final = f"select e.case_id, max({{own}}) as visits{_DONE} group by e.case_id"
_FIELD: Final = {
    True: "json_extract(cast({row}.data_json as text), '$.{name}')",
    False: "convert_from({row}.data_json, 'UTF8')::json ->> '{name}'",
}
"""How SQLite (True) and PostgreSQL (False) look into what is kept as JSON."""


def service(ledger: Ledger, cases: Sequence[Handled], period: Period, zone: str, within: Within = ALL) -> Service:
    """Return the figures of a period; ``cases`` are the applications that came or went in it (``handled``)."""
    accepted = sum(period.holds(case.accepted_at) for case in cases)
    with ledger.store.reading() as connection:
        asking = _Asking(ledger, connection, period, within)
        found = {**_rated(asking), **_asked(asking, accepted), **_stated(asking), **_at_once(cases, period, zone)}
    return Service(**found)


def _rated(asking: _Asking) -> Ratios:
    ratings = [(row, _said_of(row.data_json)) for row in asking.rows(_RATINGS)]
    rated = [(row, said) for row, said in ratings if isinstance(said.satisfaction, int | float)]
    bad = [(row, said) for row, said in rated if float(str(said.satisfaction)) >= BAD]
    calls: dict[str, Instant] = {}
    for call in asking.among(_CALLS, (row.case_id for row, _ in bad)):
        calls[call.case_id] = max(calls.get(call.case_id, 0), call.occurred_at or 0)
    named = [row for row, said in bad if said.named is True]
    follow_ups = [
        clock
        for judged in {row.case_id: row.judgement_json for row, _ in bad}.values()
        for clock in _clocks(judged, "bad_rating")
        if asking.period.holds(clock.started_at)
    ]
    (covered,) = asking.rows(_COVERED, name=COMPLETED)
    return {
        "satisfied": Ratio(len(rated) - len(bad), len(rated)),
        "rated": Ratio(int(covered.rated or 0), int(covered.completed)) if covered.rated else NOTHING,
        "mended": _kept(follow_ups),
        "called_back": Ratio(sum(calls.get(row.case_id, -1) >= row.occurred_at for row in named), len(named)),
    }


def _asked(asking: _Asking, accepted: int) -> Ratios:
    """Return the figures of complaints and enquiries; where there never was a complaint nobody reports them."""
    kinds: dict[str, list[tuple[str, ClockReading]]] = {"complaint": [], "enquiry": []}
    for row in asking.rows(_ASKED):
        kinds[row.kind] += [(row.case_id, clock) for clock in _clocks(row.judgement_json, row.kind)]
    made = {case_id for case_id, clock in kinds["complaint"] if asking.period.holds(clock.started_at)}
    outcomes = {row.case_id: said for row in asking.among(_OUTCOMES, made) if (said := _said_of(row.data_json).outcome)}
    due = {kind: [clock for _, clock in clocks if asking.period.holds(clock.due_at)] for kind, clocks in kinds.items()}
    return {
        "complaints": Ratio(len(made), accepted) if kinds["complaint"] else NOTHING,
        "substantiated": Ratio(sum(said == "substantiated" for said in outcomes.values()), len(made)),
        "complaints_replied": _kept(due["complaint"]),
        "enquiries_replied": _kept(due["enquiry"]),
    }


def _stated(asking: _Asking) -> Ratios:
    """Return what cases state of themselves: how they came, and how often somebody had to come."""
    field = _FIELD[asking.ledger.store.is_sqlite]
    channel = {"{own}": field.format(row="e", name="channel"), "{theirs}": field.format(row="r", name="channel")}
    came = asking.rows(_put(_CAME, channel), name="accepted")
    visits = asking.rows(_put(_VISITS, {"{own}": field.format(row="e", name="visits")}), name=COMPLETED)
    return {
        "online": _of(row.channel in ONLINE for row in came if row.channel),
        "one_visit": _of(float(row.visits) <= 1 for row in visits if _is_number(row.visits)),
    }


def _at_once(cases: Sequence[Handled], period: Period, zone: str) -> Ratios:
    """Return 即办: what is declared as instant and what was really done on the day of its acceptance."""
    completed = [case for case in cases if case.ended_by == COMPLETED and period.holds(case.ended_at)]
    instant = [case.instant_kept for case in completed if case.instant_kept is not None]
    known = ZoneInfo(zone)

    def day(at: Instant | None) -> dt.date | None:
        return dt.datetime.fromtimestamp(at, known).date() if at is not None else None

    same = sum(case.accepted_at is not None and day(case.accepted_at) == day(case.ended_at) for case in completed)
    return {
        "instant": Ratio(len(instant), len(completed)) if instant else NOTHING,
        "instant_kept": _of(instant),
        "same_day": Ratio(same, len(completed)),
    }


def _clocks(judgement: bytes | None, name: str) -> list[ClockReading]:
    return [clock for clock in clocks_of(judgement) if clock.clock == name]


def _kept(clocks: Iterable[ClockReading]) -> Ratio:
    """Return how many were in time, of those that are stopped or over; what still runs in time says nothing yet."""
    settled = [clock for clock in clocks if clock.over is not None and (clock.over or clock.stopped_at is not None)]
    return _of(not clock.over for clock in settled)


def _of(holds: Iterable[bool]) -> Ratio:
    each = list(holds)
    return Ratio(sum(each), len(each))


def _put(query: str, parts: dict[str, str]) -> str:
    for name, part in parts.items():
        query = query.replace(name, part)
    return query


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return value is not None
