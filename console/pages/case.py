"""One case's whole story, the same page for the inspector and for the unit that is inspected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts.model import Deed, Done
from console.access.acts import Act
from console.access.callers import who
from console.access.declared import needs
from console.access.roles import Target
from console.bearers import called
from console.deeds import Form, said
from console.desk import Desk, desk_of
from console.explained import fragment
from console.loop import hand_of, issue
from console.oncesent import FIELD, new_key, sent
from console.timeline import timeline
from ledger import views
from ledger.views import CaseView
from rules.explanation import Explanation
from rules.facts import CaseEvent, CaseId, Instant
from rules.policy import Colour
from rules.problems import Language, Problem, UserError, refuse

LATEST_EVENTS: Final = 200
BY_HAND_COLOURS: Final = (Colour.YELLOW.value, Colour.RED.value)
NO_CARD: Final = frozenset({"card", "feed"})
"""Kinds on which no card is issued, so that nothing recurses."""

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
    return _page(request)


@router.post("/case/{namespace}/{kind}/{case_no:path}")
@needs(Act.ISSUE_CARD, target=unit_of_case)
def issue_by_hand(request: Request, form: Form) -> Response:
    """Issue a card on the case because a person found something (人工发牌); lead to the card."""
    desk, hand = desk_of(request), hand_of(who(request))
    kept = {name: said(form, name) for name in ("colour", "basis", "text")}
    done = Done(deed=Deed.ISSUE, by=hand.by, role=hand.role, text=kept["text"])
    try:
        if kept["colour"] not in BY_HAND_COLOURS:
            raise refuse("card/colour", "card", "Choose yellow or red.", "请选择黄牌或红牌。")
        change = issue(
            desk.ledger, desk.loop, _case_id(request), Colour(kept["colour"]), kept["basis"], done, desk.now(),
            sent(request, said(form, FIELD), kept),
        )  # fmt: skip
    except UserError as refused:
        again = any(each.code == "once/form" for each in refused.problems)
        return _page(request, 409 if again else 422, refused.problems, kept)
    lang = request.query_params.get("lang", "")
    return RedirectResponse(f"/cards/{change.card.card_id}?done=issue{f'&lang={lang}' if lang else ''}", 303)


def _page(
    request: Request, status: int = 200, problems: Sequence[Problem] = (), kept: Mapping[str, str] | None = None
) -> Response:
    desk, case_id = desk_of(request), _case_id(request)
    view = views.case(desk.ledger, case_id)
    if view is None:
        raise HTTPException(404)
    told = told_of(desk, view)
    standing = {(event.source, event.event_id, event.version) for event in view.case.events}
    attempts: dict[str, list[views.AttemptStory]] = {}
    for attempt in view.attempts:
        attempts.setdefault(attempt.key, []).append(attempt)
    return desk.render(
        request,
        "case.html",
        status,
        view=view,
        judgement=view.judgement,
        received=_worth_telling(view)[-LATEST_EVENTS:],
        standing=standing,
        attempts=attempts,
        explanation=fragment(told, desk.asked(request)) if told is not None else "",
        picture=timeline(view, told, desk.now()),
        acts=who(request).acts,
        handler=called(desk, view.judgement.unit, view.judgement.person) if view.judgement is not None else "",
        issues=Act.ISSUE_CARD in who(request).acts and view.judgement is not None and case_id.kind not in NO_CARD,
        problems=[each.sentence(desk.asked(request)) for each in problems],
        kept=kept or {},
        colours=BY_HAND_COLOURS,
        once=new_key(),
    )


def told_of(desk: Desk, view: CaseView) -> Explanation | None:
    """Return the explanation, None where the case cannot be explained just now: the rest of the story is shown anyway."""
    if view.judgement is None:
        return None
    try:
        return desk.explain(view.case)
    except (UserError, ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError):
        return None


def explanation_of(desk: Desk, view: CaseView, language: Language) -> str:
    """Return the explanation as a fragment, "" where there is none."""
    told = told_of(desk, view)
    return fragment(told, language) if told is not None else ""


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
