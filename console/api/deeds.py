"""What people and programs do to cards: one address per deed, and issuing a card by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from typing import Annotated, Literal

from fastapi import APIRouter, Header
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from alerts.cards import BY_HAND
from alerts.model import CardChange, Deed, Done
from alerts.moves import BY_DEED
from console.access.acts import Act
from console.access.callers import who
from console.access.declared import needs
from console.api.cards import CardNumber, etag
from console.api.once import KEYED, Once, first_asked
from console.api.paging import PLAIN
from console.api.shapes import CardShape, KindShape, card_shape
from console.bearers import Bearer, bearers
from console.deeds import LONGEST, MOST_FILES, filed
from console.desk import Desk, desk_of
from console.followers import followers
from console.loop import ACT_OF, deal, hand_of, issue
from console.pages.card import target_of_card
from console.pages.case import unit_of_case
from ledger import views
from rules.facts import CaseId, Instant
from rules.glossary import glossary, label
from rules.policy import Colour
from rules.problems import refuse

router = APIRouter(prefix="/api/v1", tags=["deeds"], route_class=Once, dependencies=[KEYED])

Line = Annotated[str, Field(max_length=200, pattern=PLAIN)]
IfMatch = Annotated[str | None, Header(description="牌的 ETag，可代替 serial · the card's ETag, in place of `serial`")]


def _choices(group: str) -> str:
    return "；".join(f"`{key}` {entry.zh} {entry.en}" for key, entry in glossary()[group].items())


class PaperBody(BaseModel):
    """材料 · A paper to be attached; ``content`` in base64."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200)]
    media_type: Annotated[str, Field(max_length=100, pattern=r"^[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+$")] = (
        "application/octet-stream"
    )
    dated_on: Annotated[dt.date | None, Field(description="材料自身的日期 · the date that the paper bears")] = None
    content: Base64Bytes


class DeedBody(BaseModel):
    """办理内容 · What is said with a deed; which fields it needs stands at the deed."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"serial": 1, "text": "已阅，将于三日内说明。"}]}
    )

    serial: Annotated[
        int | None, Field(ge=1, le=2**31, description="所见牌的变动序号；也可用 If-Match · of the card as it was seen")
    ] = None
    text: Annotated[str, Field(max_length=LONGEST, description=label("deed_fields", "text", "zh"))] = ""
    ground: Annotated[Line, Field(description=_choices("grounds"))] = ""
    measure: Annotated[Line, Field(description=_choices("measures"))] = ""
    document: Annotated[Line, Field(description=label("deed_fields", "document", "zh"))] = ""
    decided_on: dt.date | None = None
    to: Annotated[
        Line,
        Field(
            description="跟办人账号；登记问责结果时为受处理人的账号或姓名 · the account that is to follow the card; of a consequence"
            " the person against whom it was decided, by account or name"
        ),
    ] = ""
    to_name: Annotated[Line, Field(description=label("deed_fields", "to_name", "zh"))] = ""
    to_post: Annotated[Line, Field(description=label("deed_fields", "to_post", "zh"))] = ""
    papers: Annotated[list[PaperBody], Field(max_length=MOST_FILES)] = []


class IssueBody(BaseModel):
    """人工发牌 · A card by hand: its colour, the text of its basis, and what was found."""

    model_config = ConfigDict(extra="forbid")

    colour: Literal[Colour.YELLOW, Colour.RED]
    basis: Annotated[str, Field(max_length=LONGEST, description=label("deed_fields", "basis", "zh"))]
    text: Annotated[str, Field(max_length=LONGEST, description=label("deed_fields", "text", "zh"))]


class DoneShape(BaseModel):
    """办理结果 · What was done, and the card as it stands."""

    kind: KindShape
    card: CardShape


def _doing(deed: Deed) -> Callable[..., DoneShape]:
    def do(
        request: Request, response: Response, card_id: CardNumber, body: DeedBody, if_match: IfMatch = None
    ) -> DoneShape:
        desk = desk_of(request)
        unit = views.unit_of_card(desk.ledger, card_id)
        if unit is None:
            raise HTTPException(404)
        brought = filed(
            _as_form(body), deed, hand_of(who(request)), card_id, followers(desk, unit), _may_name(desk, card_id, deed)
        )
        serial = _serial(card_id, body, if_match)
        change = _done_before(desk, card_id, serial, brought.done, first_asked(request))
        if change is None:
            change = deal(desk.ledger, desk.loop, card_id, serial, brought.done, desk.now(), desk.zone, brought.papers)
        response.headers["etag"] = etag(change.card.serial)
        return DoneShape(kind=change.kind, card=card_shape(change.card))

    do.__doc__ = _described(deed)
    return do


def _may_name(desk: Desk, card_id: str, deed: Deed) -> dict[str, Bearer]:
    story = views.card_story(desk.ledger, card_id) if deed is Deed.RECORD_CONSEQUENCE else None
    return bearers(desk, story.card) if story is not None else {}


def _described(deed: Deed) -> str:
    move = BY_DEED[deed]
    asked = {
        language: ("、" if language == "zh" else ", ").join(label("deed_fields", each, language) for each in move.needs)
        for language in ("zh", "en")
    }
    needed = f" 须填写：{asked['zh']}。 Needs {asked['en']}." if move.needs else ""
    at = "、".join(label("stages", stage.value, "zh") for stage in sorted(move.stages))
    return f"{label('sides', move.side, 'zh')}办理；可办环节：{at}。{needed}"


for _deed in BY_DEED:
    router.add_api_route(
        f"/cards/{{card_id}}/deeds/{_deed.value}", needs(ACT_OF[_deed], target=target_of_card)(_doing(_deed)),
        methods=["POST"], name=f"{_deed.value} a card", operation_id=f"card_{_deed.value}",
        summary=f"{label('deeds', _deed.value, 'zh')} · {label('deeds', _deed.value, 'en')}",
    )  # fmt: skip


@router.post(
    "/cases/{namespace}/{kind}/{case_no:path}/cards", status_code=201, summary="人工发牌 · issue a card by hand"
)
@needs(Act.ISSUE_CARD, target=unit_of_case)
def issue_by_hand(
    request: Request, response: Response, namespace: str, kind: str, case_no: str, body: IssueBody
) -> DoneShape:
    """Issue a card on a case because a person found something."""
    desk, hand, case_id = desk_of(request), hand_of(who(request)), CaseId(namespace, kind, case_no)
    done = Done(deed=Deed.ISSUE, by=hand.by, role=hand.role, text=body.text.strip())
    change = _issued_before(desk, case_id, done, body, first_asked(request))
    if change is None:
        change = issue(desk.ledger, desk.loop, case_id, body.colour, body.basis.strip(), done, desk.now())
    response.headers["etag"] = etag(change.card.serial)
    response.headers["location"] = f"/api/v1/cards/{change.card.card_id}"
    return DoneShape(kind=change.kind, card=card_shape(change.card))


def _done_before(desk: Desk, card_id: str, serial: int, done: Done, first: Instant | None) -> CardChange | None:
    """Return the change that this very deed brought before a crash kept its answer; None if it was not done.

    The serial names the change that the deed would make: if that one is there and says the same, the deed is done.
    """
    story = views.card_story(desk.ledger, card_id) if first is not None else None
    changes = story.changes if story is not None else ()
    return next((each for each in changes if each.card.serial == serial + 1 and each.done == done), None)


def _issued_before(
    desk: Desk, case_id: CaseId, done: Done, body: IssueBody, first: Instant | None
) -> CardChange | None:
    """Return the card that this request issued before a crash kept its answer; None if it did not."""
    view = views.case(desk.ledger, case_id) if first is not None else None
    return next(
        (
            each for each in (view.changes if view is not None else ())
            if each.card.family == BY_HAND and each.done == done and each.at >= (first or 0)
            and each.card.colour is body.colour and each.card.values.get("basis") == body.basis.strip()
        ),
        None,
    )  # fmt: skip


def _serial(card_id: str, body: DeedBody, if_match: str | None) -> int:
    """Return the serial that the caller saw, from the body or the header."""
    tag = (if_match or "").strip().strip('"')
    said = {body.serial} if body.serial is not None else set()
    if if_match is not None:
        said.add(int(tag) if tag.isascii() and tag.isdecimal() and len(tag) < 10 else 0)
    if len(said) != 1:
        raise refuse(
            "card/serial", card_id,
            "Say once, by 'serial' or If-Match, which state of the card was seen.", "请用 serial 或 If-Match 注明所见牌的变动序号（两者须一致）。",
            mend_en="It stands in the card and in its ETag.", mend_zh="见牌的 serial 或 ETag。",
        )  # fmt: skip
    return said.pop()


def _as_form(body: DeedBody) -> FormData:
    """Return what was said as the form of the page would bring it, so that both are read by the same rules."""
    fields: list[tuple[str, str | UploadFile]] = [
        (name, str(value))
        for name in ("text", "ground", "measure", "document", "decided_on", "to", "to_name", "to_post")
        if (value := getattr(body, name))
    ]
    for paper in body.papers:
        typed = Headers({"content-type": paper.media_type})
        fields.append(("paper", UploadFile(BytesIO(paper.content), filename=paper.name, headers=typed)))
        fields.append(("dated_on", str(paper.dated_on or "")))
    return FormData(fields)
