"""One case's whole story, the same page for the inspector and for the unit that is inspected."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.desk import Desk, desk_of
from ledger import views
from ledger.views import CaseView
from rules.facts import CaseId
from rules.problems import Language, UserError

LATEST_EVENTS: Final = 200


def case(request: Request) -> Response:
    """Answer with the case that the address names; 404 if the ledger knows none."""
    desk = desk_of(request)
    parts = request.path_params
    view = views.case(desk.ledger, CaseId(parts["namespace"], parts["kind"], parts["case_no"]))
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
        received=sorted(view.received, key=lambda event: (event.occurred_at or 0, event.received_at or 0))[
            -LATEST_EVENTS:
        ],
        standing=standing,
        attempts=attempts,
        explanation=_explanation(desk, view, desk.asked(request)),
    )


def _explanation(desk: Desk, view: CaseView, language: Language) -> str:
    """Return the explanation, "" where the case cannot be explained just now: the rest of the story is shown anyway."""
    if view.judgement is None:
        return ""
    try:
        return desk.explain(view.case, language)
    except (UserError, ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError):
        return ""
