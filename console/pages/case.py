"""One case's whole story, the same page for the inspector and for the unit that is inspected."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.access.acts import Act
from console.access.declared import needs
from console.access.roles import Target
from console.desk import Desk, desk_of
from console.explained import fragment
from ledger import views
from ledger.views import CaseView
from rules.facts import CaseEvent, CaseId, Instant
from rules.problems import Language, UserError

LATEST_EVENTS: Final = 200


router = APIRouter(include_in_schema=False)


def unit_of_case(request: Request) -> Target:
    """Find the case that the address names, and the unit that it stands with."""
    desk, case_id = desk_of(request), _case_id(request)
    unit = views.unit_of(desk.ledger, case_id)
    return Target(unit, desk.access.regions().get(unit, ""), str(case_id))


@router.get("/case/{namespace}/{kind}/{case_no:path}")
@router.get("/cases/{namespace}/{kind}/{case_no:path}")
@needs(Act.VIEW_CASE, target=unit_of_case)
def case(request: Request) -> Response:
    """Answer with the case that the address names; 404 if the ledger knows none."""
    desk = desk_of(request)
    view = views.case(desk.ledger, _case_id(request))
    if view is None:
        raise HTTPException(404)
    standing = {(event.source, event.event_id, event.version) for event in view.case.events}
    attempts: dict[str, list[views.AttemptStory]] = {}
    for attempt in view.attempts:
        attempts.setdefault(attempt.key, []).append(attempt)
    return desk.render(
        request,
        "case.html",
        view=view,
        judgement=view.judgement,
        received=_worth_telling(view)[-LATEST_EVENTS:],
        standing=standing,
        attempts=attempts,
        explanation=explanation_of(desk, view, desk.asked(request)),
    )


def _case_id(request: Request) -> CaseId:
    parts = request.path_params
    return CaseId(parts["namespace"], parts["kind"], parts["case_no"])


def _worth_telling(view: CaseView) -> list[CaseEvent]:
    """Return what was received in the order in which it happened, without withdrawals of what was never said.

    A version that withdraws an event bears no instant; it stands where the version before it stood.
    """
    said_at: dict[tuple[str, str], Instant] = {}
    told: list[tuple[Instant, Instant, CaseEvent]] = []
    for event in view.received:
        key = (event.source, event.event_id)
        if event.occurred_at is not None:
            said_at[key] = event.occurred_at
        if key in said_at:
            told.append((said_at[key], event.received_at or 0, event))
    return [event for *_, event in sorted(told, key=lambda entry: entry[:2])]


def explanation_of(desk: Desk, view: CaseView, language: Language) -> str:
    """Return the explanation, "" where the case cannot be explained just now: the rest of the story is shown anyway."""
    if view.judgement is None:
        return ""
    try:
        return fragment(desk.explain(view.case), language)
    except (UserError, ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError):
        return ""
