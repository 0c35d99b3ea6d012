"""Which supervision points have data, for programs."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request

from console.access.acts import Act
from console.access.callers import within
from console.access.declared import needs
from console.desk import Desk, desk_of
from ledger import views
from rules.facts import CaseEvent

router = APIRouter(prefix="/api/v1/coverage", tags=["coverage"])


class CoveredKind(BaseModel):
    """一类案件的监察点 · The points of one kind of case; ``silent`` are those without data, with the words they lack."""

    kind: str
    points: int
    spoken: int
    silent: dict[str, list[list[str]]]


class CoveredUnit(BaseModel):
    """一个单位 · What the sources of one unit let be supervised."""

    unit: str
    kinds: list[CoveredKind]


class Coverage(BaseModel):
    """监督覆盖 · By what came in of late; a point without data says nothing, which is not that nothing is wrong."""

    kinds: list[CoveredKind]
    units: list[CoveredUnit]


@router.get("", summary="监督覆盖 · which points have data")
@needs(Act.VIEW_BOARD)
def coverage(request: Request) -> Coverage:
    """Return the points that have data, as a whole and by unit, of the units that the caller may see."""
    desk = desk_of(request)
    reported = views.reported_of_late(desk.ledger, within(request, desk.access)).events
    every = [event for events in reported.values() for event in events]
    by_unit = [CoveredUnit(unit=unit, kinds=_kinds(desk, events)) for unit, events in sorted(reported.items())]
    return Coverage(kinds=_kinds(desk, every), units=by_unit)


def _kinds(desk: Desk, events: Iterable[CaseEvent]) -> list[CoveredKind]:
    return [
        CoveredKind(
            kind=each.kind, points=len(each.rules), spoken=each.spoken,
            silent={
                silent.rule.id: [[".".join(word) for word in need] for need in silent.lacks]
                for silent in each.silent
            },
        )
        for each in desk.covered(events)
    ]  # fmt: skip
