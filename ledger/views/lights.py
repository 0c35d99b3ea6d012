"""The changes of lights as they were recorded, from any link of their chain on."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from sqlalchemy import text

from ledger.ledger import Ledger
from ledger.views.within import ALL, Within
from rules.facts import CaseId, Instant
from rules.judgement import CaseState, Light


class LightChange(Struct, frozen=True, kw_only=True):
    """One change of a case's light: ``position`` in the chain, ``at`` its true instant, ``recorded_at`` when it was seen."""

    position: int
    case_id: CaseId
    unit: str
    from_light: Light | None
    light: Light
    state: CaseState
    clock: str
    at: Instant
    recorded_at: Instant


_SINCE: Final = "select * from judgements where position > :position and position <= :end and {within} order by position limit :limit"
_END: Final = text("select coalesce(max(position), 0) from judgements")


def last_light(ledger: Ledger) -> int:
    """Return the position of the last change, 0 if there is none."""
    with ledger.store.reading() as connection:
        return int(connection.execute(_END).scalar_one())


def light_changes(
    ledger: Ledger, position: int, within: Within = ALL, limit: int = 500
) -> tuple[tuple[LightChange, ...], int]:
    """Return the changes after a position that may be seen, and the position up to which was looked.

    Positions grow without a gap and are given under one lock, so nothing appears behind the one that was returned.
    """
    query = text(_SINCE.replace("{within}", within.sql("unit", sqlite=ledger.store.is_sqlite)))
    with ledger.store.reading() as connection:
        end = int(connection.execute(_END).scalar_one())
        asked = {"position": position, "end": end, "limit": limit, **within.values()}
        rows = connection.execute(query, asked).all() if end > position else []
    found = tuple(
        LightChange(
            position=row.position, case_id=CaseId.parse(row.case_id), unit=row.unit,
            from_light=Light(row.from_light) if row.from_light is not None else None, light=Light(row.light),
            state=CaseState(row.state), clock=row.clock, at=row.at, recorded_at=row.recorded_at,
        )
        for row in rows
    )  # fmt: skip
    return found, found[-1].position if len(found) == limit else max(end, position)
