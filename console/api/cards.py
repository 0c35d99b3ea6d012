"""Cards for programs: the queue, a card's whole story, its papers, and who was told of it."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from alerts.model import Deed, Stage
from alerts.moves import Side
from console.access.acts import Act
from console.access.callers import who, within
from console.access.declared import needs
from console.api.paging import After, Limit, Next, Word, sealed, split
from console.api.shapes import (
    CardShape,
    ChangeShape,
    ClockShape,
    DeedShape,
    LightShape,
    MaybeAt,
    MessageShape,
    card_shape,
    change_shape,
    clock_shape,
    message_shape,
)
from console.desk import desk_of
from console.loop import offered
from console.pages.card import target_of_card
from ledger import views
from ledger.views import Wanted
from ledger.views.queue import FOLLOWED, OPEN
from rules.policy import Colour

router = APIRouter(prefix="/api/v1/cards", tags=["cards"])

CardNumber = Annotated[str, Path(max_length=80, description="牌编号 · the number of a card")]


class QueueLine(BaseModel):
    """队列中的一张牌 · A card, whose turn it is and until when."""

    card: CardShape
    turn: Side
    clock: str
    due_at: MaybeAt
    light: LightShape | None


class QueuePage(BaseModel):
    """按到期先后 · A page of the queue, the earliest due first."""

    cards: list[QueueLine]
    next: Next


class CardStory(BaseModel):
    """一张牌的全部经过 · A card, every change of it, its own deadlines, and the deeds that are open to the caller."""

    card: CardShape
    changes: list[ChangeShape]
    clocks: list[ClockShape]
    deeds: list[DeedShape]


class MessagePage(BaseModel):
    """通知与送达 · The messages about a card."""

    messages: list[MessageShape]


@router.get("", summary="牌队列 · the queue of cards")
@needs(Act.VIEW_CARDS)
def queue(
    request: Request,
    stage: Annotated[list[Stage], Query(max_length=20)] = list(OPEN),  # noqa: B006  # FastAPI copies it
    colour: Annotated[list[Colour], Query(max_length=5)] = list(FOLLOWED),  # noqa: B006  # as above
    unit: Word = "", rule: Word = "", assignee: Word = "", text: Word = "",
    lateness: Literal["", "late", "soon"] = "", limit: Limit = 50, after: After = "",
) -> QueuePage:  # fmt: skip
    """Return the cards that are followed, of the units that the caller may see. 只含本人范围内的单位。"""
    desk, place = desk_of(request), split(after)
    wanted = Wanted(
        stages=tuple(stage), colours=tuple(colour), unit=unit, rule=rule, assignee=assignee, text=text,
        lateness=lateness,
    )  # fmt: skip
    seen = within(request, desk.access)
    found = views.queue(desk.ledger, wanted, desk.now(), seen, limit, f"{place[0]}:{place[1]}" if place else "")
    lines = [
        QueueLine(
            card=card_shape(each.card), turn=each.turn, clock=each.clock, due_at=each.due_at, light=each.light
        )
        for each in found.lines
    ]  # fmt: skip
    return QueuePage(cards=lines, next=sealed(found.next))


@router.get("/{card_id}", summary="一张牌的全部经过 · one card's story")
@needs(Act.VIEW_CARD, target=target_of_card)
def card(request: Request, response: Response, card_id: CardNumber) -> CardStory:
    """Return a card with every change of it; the ETag is its serial, for the If-Match of a deed."""
    desk = desk_of(request)
    story = views.card_story(desk.ledger, card_id)
    if story is None:
        raise HTTPException(404)
    response.headers["etag"] = etag(story.card.serial)
    judged = story.own.judgement if story.own is not None else None
    region = desk.access.regions().get(story.card.unit, "")
    deeds: tuple[Deed, ...] = offered(who(request), story.card, region, desk.now(), desk.zone)
    return CardStory(
        card=card_shape(story.card), changes=[change_shape(each) for each in story.changes],
        clocks=[clock_shape(each) for each in judged.clocks] if judged is not None else [], deeds=list(deeds),
    )  # fmt: skip


@router.get("/{card_id}/deliveries", summary="通知与送达 · who was told, and how far that came")
@needs(Act.VIEW_DELIVERIES, target=target_of_card)
def deliveries(request: Request, card_id: CardNumber) -> MessagePage:
    """Return every message about a card, the earliest first."""
    story = views.card_story(desk_of(request).ledger, card_id)
    if story is None:
        raise HTTPException(404)
    told = story.about.deliveries if story.about is not None else ()
    own = sorted(
        (each for each in told if each.delivery.card_id == card_id),
        key=lambda each: (each.delivery.created_at, each.delivery.serial, each.delivery.key),
    )
    return MessagePage(messages=[message_shape(each) for each in own])


@router.get(
    "/{card_id}/papers/{sha256}", summary="下载材料 · a paper", response_class=Response,
    responses={200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}},
)  # fmt: skip
@needs(Act.VIEW_CARD, target=target_of_card)
def paper(request: Request, card_id: CardNumber, sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]) -> Response:
    """Return the bytes of a paper, to be saved and never to be opened in our name."""
    found = desk_of(request).ledger.paper(card_id, sha256)
    if found is None:
        raise HTTPException(404)
    named = f"attachment; filename=\"paper\"; filename*=UTF-8''{quote(found.name, safe='')}"
    return Response(found.content, media_type="application/octet-stream", headers={"content-disposition": named})


def etag(serial: int) -> str:
    """Return the entity tag of a card."""
    return f'"{serial}"'
