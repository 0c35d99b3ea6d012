"""Lists of running cases by the instant at which they are due: what comes next, what is late."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from sqlalchemy import text

from ledger.ledger import Ledger
from ledger.rows import judgement_of
from rules.facts import CaseId, Instant
from rules.judgement import Judgement


class CaseLine(Struct, frozen=True, kw_only=True):
    """A running case in a list: when it is due and its judgement (without spans)."""

    case_id: CaseId
    due_at: Instant
    judgement: Judgement


_LISTED: Final = (
    "select case_id, due_at, judgement_json from cases where state = 'running' and due_at > :after"
    " and due_at <= :until and (:unit = '' or unit = :unit) order by due_at {direction}, case_id limit :limit"
)


def due(ledger: Ledger, now: Instant, until: Instant, unit: str = "", limit: int = 100) -> tuple[CaseLine, ...]:
    """Return the running cases that are due after ``now`` and up to ``until``, the earliest first."""
    return _listed(ledger, now - 1, until, unit, limit, "asc")


def late(ledger: Ledger, now: Instant, unit: str = "", limit: int = 100) -> tuple[CaseLine, ...]:
    """Return the running cases that were due before ``now`` (their last second has passed), the latest first."""
    return _listed(ledger, -(2**60), now - 1, unit, limit, "desc")


def _listed(
    ledger: Ledger, after: Instant, until: Instant, unit: str, limit: int, direction: str
) -> tuple[CaseLine, ...]:
    values = {"after": after, "until": until, "unit": unit, "limit": limit}
    with ledger.store.reading() as connection:
        rows = connection.execute(text(_LISTED.format(direction=direction)), values).all()
    return tuple(
        CaseLine(case_id=CaseId.parse(row.case_id), due_at=row.due_at, judgement=judgement_of(row.judgement_json))
        for row in rows
    )
