"""Cases for programs: what is due, what is late, and one case's whole story."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request

from console.access.acts import Act
from console.access.callers import within
from console.access.declared import needs
from console.api.paging import After, Limit, Next, Word, sealed, split
from console.api.shapes import (
    At,
    Because,
    CardShape,
    ClockShape,
    EventShape,
    FindingShape,
    LightShape,
    MaybeAt,
    StateShape,
    card_shape,
    clock_shape,
    event_shape,
    finding_shape,
)
from console.desk import desk_of
from console.pages.case import unit_of_case
from ledger import views
from ledger.views import CaseLine
from rules.facts import CaseId

router = APIRouter(prefix="/api/v1/cases", tags=["cases"])


class CaseLineShape(BaseModel):
    """列表中的办件 · A running case in a list."""

    case_id: str
    unit: str
    item: str
    item_name: str
    person: str
    light: LightShape
    clock: str
    due_at: At


class CasePage(BaseModel):
    """办件列表 · A page of cases."""

    cases: list[CaseLineShape]
    next: Next


class TransitionShape(BaseModel):
    """灯的变化 · One change of a light; ``recorded_at`` is when it was seen."""

    from_light: LightShape | None
    light: LightShape
    state: StateShape
    clock: str
    because: Because
    at: At
    recorded_at: At


class CaseStory(BaseModel):
    """一件办件 · A case as it stands and what led there; ``light`` is null while it was not judged."""

    case_id: str
    revision: int
    unit: str
    item: str
    item_name: str
    person: str
    state: StateShape | None
    light: LightShape | None
    because: Because
    clock: str
    next_review_at: MaybeAt
    versions: list[str]
    clocks: list[ClockShape]
    findings: list[FindingShape]
    events: list[EventShape]
    lights: list[TransitionShape]
    cards: list[CardShape]


@router.get("/due", summary="将到期办件 · what is due next")
@needs(Act.VIEW_WILL_BREACH)
def due(
    request: Request, unit: Word = "", limit: Limit = 100, after: After = "",
    seconds: Annotated[int, Query(ge=0, le=366 * 86_400, description="未来多少秒内 · due within so many seconds")] = 86_400,
) -> CasePage:  # fmt: skip
    """Return the running cases that are due soonest, of the units that the caller may see."""
    desk = desk_of(request)
    now, seen = desk.now(), within(request, desk.access)
    found = views.due(desk.ledger, now, now + seconds, unit, limit + 1, within=seen, beyond=split(after))
    return _page(found, limit)


@router.get("/late", summary="已超时在办件 · what is late")
@needs(Act.VIEW_CASE)
def late(request: Request, unit: Word = "", limit: Limit = 100, after: After = "") -> CasePage:
    """Return the running cases that are late, the latest due first, of the units that the caller may see."""
    desk = desk_of(request)
    seen = within(request, desk.access)
    return _page(views.late(desk.ledger, desk.now(), unit, limit + 1, within=seen, beyond=split(after)), limit)


@router.get("/{namespace}/{kind}/{case_no:path}", summary="一件办件 · one case")
@needs(Act.VIEW_CASE, target=unit_of_case)
def case(request: Request, namespace: str, kind: str, case_no: str) -> CaseStory:
    """Return a case with its clocks, findings, events, lights and cards."""
    view = views.case(desk_of(request).ledger, CaseId(namespace, kind, case_no))
    if view is None:
        raise HTTPException(404)
    judged = view.judgement
    return CaseStory(
        case_id=str(view.case.case_id), revision=view.case.revision,
        unit=judged.unit if judged else "", item=judged.item if judged else "",
        item_name=judged.item_name if judged else "", person=judged.person if judged else "",
        state=judged.state if judged else None, light=judged.light if judged else None,
        because=judged.because if judged else "", clock=judged.clock if judged else "",
        next_review_at=judged.next_review_at if judged else None, versions=list(judged.versions) if judged else [],
        clocks=[clock_shape(each) for each in judged.clocks] if judged else [],
        findings=[finding_shape(each) for each in judged.spans] if judged else [],
        events=[event_shape(each) for each in view.received],
        lights=[
            TransitionShape(**{name: getattr(each, name) for name in TransitionShape.model_fields})
            for each in view.transitions
        ],
        cards=[card_shape(each) for each in view.cards],
    )  # fmt: skip


def _page(found: Sequence[CaseLine], limit: int) -> CasePage:
    """Return a page of lines, of which one more was asked for than it holds."""
    shown = found[:limit]
    lines = [
        CaseLineShape(
            case_id=str(each.case_id), unit=each.judgement.unit, item=each.judgement.item,
            item_name=each.judgement.item_name, person=each.judgement.person, light=each.judgement.light,
            clock=each.judgement.clock, due_at=each.due_at,
        )
        for each in shown
    ]  # fmt: skip
    more = len(found) > limit
    return CasePage(cases=lines, next=sealed(f"{shown[-1].due_at}:{shown[-1].case_id}") if more else None)
