"""How cases come and go: what was accepted and completed in a stretch of time, and what is open at its end."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import text

from ledger.ledger import Ledger
from ledger.tables import FLOW
from ledger.views.within import ALL, Within
from rules.facts import Instant
from rules.judgement import ClockReading
from rules.statistics import COMPLETED, ENDINGS, Handled, Limit

ACCEPTED: Final = "accepted"
PROMISE: Final = "promise"
STATUTORY: Final = "statutory"
INSTANT: Final = "instant"

STANDING: Final = (
    "not e.retracted and not exists (select 1 from events later where later.source = e.source"
    " and later.event_id = e.event_id and later.version > e.version)"
)
_HAPPENED: Final = (
    f"select e.case_id, e.name, e.occurred_at, c.unit,"  # noqa: S608  # own names, here and below
    " case when e.name = 'completed' then c.judgement_json end as judgement_json"
    f" from events e join cases c on c.case_id = e.case_id where e.{FLOW}"
    " and e.occurred_at >= :from_at and e.occurred_at < :until_at and c.kind = 'application'"
    f" and {STANDING} and {{within}} order by e.occurred_at, e.arrival"
)
_COUNTED: Final = (
    f"select e.name, count(distinct e.case_id) as cases from events e join cases c on c.case_id = e.case_id"  # noqa: S608
    f" where e.{FLOW} and e.occurred_at >= :from_at and e.occurred_at < :until_at and c.kind = 'application'"
    f" and {STANDING} and {{within}} group by e.name"
)
_BY_HOUR: Final = (
    f"select e.name, (e.occurred_at - :from_at) / 3600 as hour, count(distinct e.case_id) as cases"  # noqa: S608
    f" from events e join cases c on c.case_id = e.case_id where e.{FLOW} and e.occurred_at >= :from_at"
    f" and e.occurred_at < :until_at and c.kind = 'application' and {STANDING} and {{within}} group by e.name, hour"
)
_OPEN: Final = (
    "select c.unit, count(*) as cases, sum(case when c.due_at < :at and c.state <> 'suspended' then 1 else 0 end) as late"  # noqa: S608
    f" from (select e.case_id from events e where e.{FLOW} and e.name = 'accepted' and e.occurred_at < :at and {STANDING}"
    f" except select e.case_id from events e where e.{FLOW} and e.name <> 'accepted'"
    f" and e.occurred_at < :at and {STANDING} and not exists (select 1 from events r where r.case_id = e.case_id"
    " and r.name = 'reopened' and r.occurred_at >= e.occurred_at and r.occurred_at < :at)) o"
    " join cases c on c.case_id = o.case_id where c.kind = 'application' and {within} group by c.unit"
)


class _Clocks(Struct, frozen=True):
    """What is read of a judgement here; everything else is passed over."""

    clocks: tuple[ClockReading, ...] = ()


_clocks: Final = msgspec.json.Decoder(_Clocks).decode


def handled(ledger: Ledger, from_at: Instant, until_at: Instant, within: Within = ALL) -> tuple[Handled, ...]:
    """Return the applications that were accepted or ended in [``from_at``, ``until_at``), as the figures see them.

    The limits are read for those that were completed; a case that was re-opened and ended again ended last.
    """
    found: dict[str, Handled] = {}
    for row in _rows(ledger, _HAPPENED, within, from_at=from_at, until_at=until_at):
        case = found.get(row.case_id)
        if row.name == ACCEPTED and (case is None or case.accepted_at is None):
            begun = Handled(unit=row.unit, accepted_at=row.occurred_at)
            case = begun if case is None else msgspec.structs.replace(case, accepted_at=row.occurred_at)
        elif row.name in ENDINGS:
            case = _ended(case or Handled(unit=row.unit), row)
        found[row.case_id] = case or Handled(unit=row.unit)
    return tuple(found.values())


def counted(ledger: Ledger, from_at: Instant, until_at: Instant, within: Within = ALL) -> Mapping[str, int]:
    """Return how many applications came and went in [``from_at``, ``until_at``), by the event that says so."""
    return {row.name: int(row.cases) for row in _rows(ledger, _COUNTED, within, from_at=from_at, until_at=until_at)}


def by_hour(ledger: Ledger, from_at: Instant, until_at: Instant, within: Within = ALL) -> Mapping[tuple[str, int], int]:
    """Return how many applications came and went in each hour since ``from_at``, by the event and the hour (0 the first)."""
    rows = _rows(ledger, _BY_HOUR, within, from_at=from_at, until_at=until_at)
    return {(row.name, int(row.hour)): int(row.cases) for row in rows}


def open_at(ledger: Ledger, at: Instant, within: Within = ALL) -> Mapping[str, tuple[int, int]]:
    """Return by unit how many accepted applications are open at an instant, and how many of them are overdue then."""
    return {row.unit: (int(row.cases), int(row.late or 0)) for row in _rows(ledger, _OPEN, within, at=at)}


def _rows(ledger: Ledger, query: str, within: Within, **values: Instant) -> list[Any]:
    condition = within.sql("c.unit", sqlite=ledger.store.is_sqlite)
    with ledger.store.reading() as connection:
        return list(connection.execute(text(query.replace("{within}", condition)), {**values, **within.values()}).all())


def _ended(case: Handled, row: Any) -> Handled:
    clocks = clocks_of(row.judgement_json) if row.name == COMPLETED else ()
    return msgspec.structs.replace(
        case,
        ended_at=row.occurred_at,
        ended_by=row.name,
        promise=_limit(clocks, PROMISE),
        law=_limit(clocks, STATUTORY),
        instant_kept=_kept(clocks, INSTANT),
    )


def _kept(clocks: tuple[ClockReading, ...], name: str) -> bool | None:
    """Return whether the last run of a clock was in time, None if there is none or it is not known."""
    over = _limit(clocks, name).over
    return None if over is None else not over


def clocks_of(judgement: bytes | None) -> tuple[ClockReading, ...]:
    """Return the clocks of a judgement as it is kept, none of a case that was not judged."""
    return _clocks(judgement).clocks if judgement else ()


def _limit(clocks: tuple[ClockReading, ...], name: str) -> Limit:
    """Return the last run of a clock as a limit."""
    for clock in reversed(clocks):
        if clock.clock == name:
            used, left = clock.used, clock.left
            return Limit(
                over=clock.over,
                used=Decimal(used.units) if used is not None else None,
                left=Decimal(left.units) if left is not None else None,
                measure=used.unit if used is not None else "",
            )
    return Limit()
