"""One card: its whole story, its deadlines, why it was issued, who was told, and the deeds that are open to the reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts.hindrances import UNDO_SECONDS
from alerts.model import Deed
from alerts.moves import BY_DEED
from console.access.acts import Act
from console.access.callers import who
from console.access.declared import needs
from console.access.roles import Role, Target, role_label
from console.bearers import bearers, called, own_bearer
from console.cardtexts import said_of
from console.deeds import LONGEST, PAPERS, WORDLESS, Form, filed, said
from console.desk import desk_of
from console.followers import followers, names
from console.lifepicture import life
from console.loop import ACT_OF, deal, hand_of, offered
from console.pages.case import explanation_of
from ledger import views
from ledger.views import AttemptStory, CardStory
from rules.glossary import glossary, label
from rules.judgement import ClockReading
from rules.problems import Problem, UserError

router = APIRouter(include_in_schema=False)

STATUS: Final[Mapping[str, int]] = {"card/overtaken": 409, "card/unknown": 404}
"""With which status a refusal is answered; anything else is 422."""

FIELDS: Final = ("text", "ground", "measure", "document", "decided_on", "to", "to_name", "to_post")


def target_of_card(request: Request) -> Target:
    """Find the unit that the card of the address stands against."""
    desk, card_id = desk_of(request), request.path_params["card_id"]
    unit = views.unit_of_card(desk.ledger, card_id) or ""
    return Target(unit, desk.access.regions().get(unit, ""), card_id)


@router.get("/cards/{card_id}")
@needs(Act.VIEW_CARD, target=target_of_card)
def card(request: Request) -> Response:
    """Answer with the card that the address names; 404 if there is none."""
    return _page(request)


@router.get("/cards/{card_id}/papers/{digest}")
@needs(Act.VIEW_CARD, target=target_of_card)
def paper(request: Request) -> Response:
    """Hand out a paper, to be kept and never to be opened by the browser in our name."""
    found = desk_of(request).ledger.paper(request.path_params["card_id"], request.path_params["digest"])
    if found is None:
        raise HTTPException(404)
    disposition = f"attachment; filename=\"paper\"; filename*=UTF-8''{quote(found.name, safe='')}"
    return Response(found.content, media_type="application/octet-stream", headers={"content-disposition": disposition})


def _doing(deed: Deed) -> Callable[[Request, FormData], Response]:
    """Return the page that does a deed: back to the card if it is done, else the card with what stands against it."""

    def do(request: Request, form: Form) -> Response:
        desk, card_id = desk_of(request), request.path_params["card_id"]
        story = views.card_story(desk.ledger, card_id)
        if story is None:
            raise HTTPException(404)
        serial, may_name = said(form, "serial"), bearers(desk, story.card) if deed is Deed.RECORD_CONSEQUENCE else {}
        try:
            brought = filed(form, deed, hand_of(who(request)), card_id, followers(desk, story.card.unit), may_name)
            deal(
                desk.ledger, desk.loop, card_id, int(serial) if serial.isdecimal() else 0, brought.done, desk.now(),
                desk.zone, brought.papers,
            )  # fmt: skip
        except UserError as refused:
            kept = {"deed": deed.value, **{name: said(form, name) for name in FIELDS}}
            status = next((STATUS[each.code] for each in refused.problems if each.code in STATUS), 422)
            return _page(request, status, refused.problems, kept)
        language = request.query_params.get("lang", "")
        return RedirectResponse(f"/cards/{card_id}?done={deed.value}{f'&lang={language}' if language else ''}", 303)

    return do


for _deed in BY_DEED:
    router.add_api_route(
        f"/cards/{{card_id}}/{_deed.value}", needs(ACT_OF[_deed], target=target_of_card)(_doing(_deed)),
        methods=["POST"],
    )  # fmt: skip


def _page(
    request: Request, status: int = 200, problems: Sequence[Problem] = (), kept: Mapping[str, str] | None = None
) -> Response:
    desk, now = desk_of(request), desk_of(request).now()
    story = views.card_story(desk.ledger, request.path_params["card_id"])
    if story is None:
        raise HTTPException(404)
    language, card, person = desk.asked(request), story.card, who(request)
    deeds = offered(person, card, desk.access.regions().get(card.unit, ""), now, desk.zone)
    done = request.query_params.get("done", "")
    return desk.render(
        request, "card.html", status, story=story, card=card, deeds=deeds, moves=BY_DEED, picture=life(card, story.changes),
        problems=[each.sentence(language) for each in problems], kept=kept or {},
        done=done if done in set(Deed) and not problems else "",
        told=said_of(card, desk, language),
        clocks=_running_clocks(story), clocks_stale=_stale(story), deliveries=_deliveries(story), attempts=_attempts(story),
        explanation=explanation_of(desk, story.about, language) if story.about is not None else "",
        names=names(desk), followers=followers(desk, card.unit) if Deed.ASSIGN in deeds else {},
        bearers=[(each.account, each.shown) for each in bearers(desk, card).values()]
        if Deed.RECORD_CONSEQUENCE in deeds else [], bearer=own_bearer(card), handler=called(desk, card.unit, card.person),
        labelled=lambda group: [(key, label(group, key, language)) for key in glossary()[group]],
        named=lambda accounts: [(each.account, each.name) for each in accounts.values()],
        role_of=lambda role: role_label(Role(role), language) if role in set(Role) else role, with_papers=PAPERS, wordless=WORDLESS,
        longest=LONGEST, undo_until=card.stage_at + UNDO_SECONDS,
        sees=person.acts,
        has_documents=any(getattr(route, "path", "") == "/cards/{card_id}/documents" for route in request.app.routes),
    )  # fmt: skip


def _running_clocks(story: CardStory) -> list[ClockReading]:
    """Return the deadlines that run, the earliest due first."""
    judgement = story.own.judgement if story.own is not None else None
    running = [clock for clock in judgement.clocks if clock.stopped_at is None] if judgement is not None else []
    return sorted(running, key=lambda clock: (clock.due_at is None, clock.due_at))


def _stale(story: CardStory) -> bool:
    """Say whether the card changed since its deadlines were judged; that lasts no longer than the next review."""
    own = story.own
    return own is not None and (own.judgement is None or own.judgement.revision < own.case.revision)


def _deliveries(story: CardStory) -> list[views.DeliveryStory]:
    told = story.about.deliveries if story.about is not None else ()
    own = [each for each in told if each.delivery.card_id == story.card.card_id]
    return sorted(own, key=lambda each: (each.delivery.created_at, each.delivery.serial, each.delivery.rank))


def _attempts(story: CardStory) -> dict[str, list[AttemptStory]]:
    found: dict[str, list[AttemptStory]] = {}
    for attempt in story.about.attempts if story.about is not None else ():
        found.setdefault(attempt.key, []).append(attempt)
    return found
