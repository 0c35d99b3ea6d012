"""Lists of running cases by the instant at which they are due: what comes next, what is late."""

from __future__ import annotations

from typing import Final, TypeAlias

from msgspec import Struct
from sqlalchemy import text

from ledger.ledger import Ledger
from ledger.rows import judgement_of
from ledger.views.within import ALL, Within
from rules.facts import CaseId, Instant
from rules.judgement import Judgement


class CaseLine(Struct, frozen=True, kw_only=True):
    """A running case in a list: when it is due and its judgement (without spans)."""

    case_id: CaseId
    due_at: Instant
    judgement: Judgement


_LISTED: Final = (
    "select case_id, due_at, judgement_json from cases where state = 'running' and kind not in ('card', 'feed')"
    " and due_at > :after and due_at <= :until and {whose} and {within} and {beyond}"
    " order by due_at {direction}, case_id limit :limit"
)
_COUNTED: Final = (
    "select count(*) from cases where state = 'running' and kind not in ('card', 'feed') and due_at < :now and {within}"
)
_WHOSE: Final = {(False, False): "1 = 1", (True, False): "unit = :unit", (False, True): "person = :person",
                 (True, True): "unit = :unit and person = :person"}  # fmt: skip
"""Conditions by what is asked for (unit, person), each so that the database can use the index that fits it."""

_BEYOND: Final = {
    direction: f"(due_at {sign} :at or (due_at = :at and case_id > :case_id))"
    for direction, sign in (("asc", ">"), ("desc", "<"))
}

Beyond: TypeAlias = tuple[Instant, str] | None
"""Where the page before ended: the due instant and the case of its last line; None for the first page."""


def due(
    ledger: Ledger, now: Instant, until: Instant, unit: str = "", limit: int = 100, *, person: str = "",
    within: Within = ALL, beyond: Beyond = None,
) -> tuple[CaseLine, ...]:  # fmt: skip
    """Return the running cases that are due after ``now`` and up to ``until``, the earliest first."""
    return _listed(ledger, now - 1, until, unit, person, within, limit, "asc", beyond)


def late(
    ledger: Ledger, now: Instant, unit: str = "", limit: int = 100, *, person: str = "", within: Within = ALL,
    beyond: Beyond = None,
) -> tuple[CaseLine, ...]:  # fmt: skip
    """Return the running cases that were due before ``now`` (their last second has passed), the latest first."""
    return _listed(ledger, -(2**60), now - 1, unit, person, within, limit, "desc", beyond)


def late_count(ledger: Ledger, now: Instant, within: Within = ALL) -> int:
    """Return how many running cases were due before ``now``."""
    query = text(_COUNTED.format(within=within.sql("unit", sqlite=ledger.store.is_sqlite)))
    with ledger.store.reading() as connection:
        return int(connection.execute(query, {"now": now, **within.values()}).scalar_one())


def _listed(
    ledger: Ledger, after: Instant, until: Instant, unit: str, person: str, within: Within, limit: int, direction: str,
    beyond: Beyond,
) -> tuple[CaseLine, ...]:  # fmt: skip
    query = _LISTED.format(
        direction=direction, whose=_WHOSE[bool(unit), bool(person)],
        within=within.sql("unit", sqlite=ledger.store.is_sqlite), beyond=_BEYOND[direction] if beyond else "1 = 1",
    )  # fmt: skip
    at, case_id = beyond or (0, "")
    values = {
        "at": at,
        "case_id": case_id,
        "after": after,
        "until": until,
        "unit": unit,
        "person": person,
        "limit": limit,
        **within.values(),
    }
    with ledger.store.reading() as connection:
        rows = connection.execute(text(query), {k: v for k, v in values.items() if f":{k}" in query}).all()
    return tuple(
        CaseLine(case_id=CaseId.parse(row.case_id), due_at=row.due_at, judgement=judgement_of(row.judgement_json))
        for row in rows
    )
