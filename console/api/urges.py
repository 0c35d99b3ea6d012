"""The steps of escalation of a card for programs: proof of who was urged, when, and what the channel answered."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request

from console.access.acts import Act
from console.access.declared import needs
from console.api.cards import CardNumber
from console.api.shapes import At, AttemptShape, LightShape, MessageShape, attempt_shape, message_shape
from console.desk import desk_of
from console.pages.card import target_of_card
from ledger import views
from ledger.views import UrgeStory
from rules.policy import Rank

router = APIRouter(prefix="/api/v1/cards", tags=["cards"])


class UrgedShape(MessageShape):
    """催办通知 · A message of a step with every try at it; ``stands_in_for`` is the message that failed before it."""

    stands_in_for: str
    attempts: list[AttemptShape]


class UrgeShape(BaseModel):
    """催办 · A step: the finding of which it tells, due and told when, up to which rank; ``nobody`` are ranks nobody holds."""

    key: str
    rule: str
    light: LightShape | None
    due_at: At
    told_at: At
    tell: Rank
    nobody: list[Rank]
    messages: list[UrgedShape]


class UrgeList(BaseModel):
    """一张牌的催办 · The steps of a card, the earliest due first."""

    urges: list[UrgeShape]


@router.get("/{card_id}/urges", summary="催办及送达 · the steps of escalation, and how far each came")
@needs(Act.VIEW_DELIVERIES, target=target_of_card)
def urges(request: Request, card_id: CardNumber) -> UrgeList:
    """Return every step of escalation on a card with its messages and the answers of their channels."""
    ledger = desk_of(request).ledger
    if views.unit_of_card(ledger, card_id) is None:
        raise HTTPException(404)
    return UrgeList(urges=[_shape(each) for each in views.urged(ledger, card_id)])


def _shape(story: UrgeStory) -> UrgeShape:
    urge = story.urge
    return UrgeShape(
        key=urge.key, rule=urge.rule, light=urge.light, due_at=urge.due_at, told_at=urge.told_at, tell=urge.tell,
        nobody=list(story.nobody),
        messages=[
            UrgedShape(
                **message_shape(each).model_dump(), stands_in_for=each.delivery.stands_in_for,
                attempts=[attempt_shape(one) for one in story.attempts if one.key == each.delivery.key],
            )
            for each in story.messages
        ],
    )  # fmt: skip
