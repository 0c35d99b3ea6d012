"""The documents of a card for programs: what was made, making one, and each as a file; and the evidence pack."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from alerts.documents.model import DocumentKind
from console.access.acts import Act
from console.access.callers import who
from console.access.declared import needs
from console.api.cards import CardNumber
from console.api.once import KEYED, Once, first_asked
from console.api.shapes import At, meanings
from console.desk import desk_of
from console.documents import MEDIA, Form, evidence_of, found, handed_out, make, seen_by
from console.pages.card import target_of_card
from ledger.documents import Kept

router = APIRouter(prefix="/api/v1/cards/{card_id}", tags=["documents"], route_class=Once, dependencies=[KEYED])

Code = Annotated[str, Path(max_length=40, description="校验码 · the check code", examples=["ABCD-EFGH-2345-67AB"])]
KindShape = Annotated[DocumentKind, Field(description=meanings("document_kinds", DocumentKind))]

_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}


class DocumentShape(BaseModel):
    """文书 · A document as it was made; ``reference`` is its number as it is quoted."""

    code: str
    kind: KindShape
    reference: str
    year: int
    number: int
    serial: int
    made_at: At
    draft: bool
    sha256: str
    rulebook: str
    calendar: str
    item: str
    revision: int


class DocumentList(BaseModel):
    """一张牌的文书 · The documents of a card in the order in which they were made."""

    documents: list[DocumentShape]


class DocumentBody(BaseModel):
    """制作文书 · Which document is to be made of the card as it was seen at ``serial``."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"kind": "card_notice", "serial": 1}]})

    kind: KindShape
    serial: Annotated[int, Field(ge=1, le=2**31)]


@router.get("/documents", summary="文书列表 · the documents of a card")
@needs(Act.VIEW_DOCUMENT, target=target_of_card)
def documents(request: Request, card_id: CardNumber) -> DocumentList:
    """Return the documents that the caller may see; units see no drafts."""
    return DocumentList(documents=[_shape(each) for each in seen_by(desk_of(request), who(request), card_id)])


@router.post("/documents", summary="制作文书 · make a document", status_code=201)
@needs(Act.MAKE_DOCUMENT, target=target_of_card)
def make_one(request: Request, card_id: CardNumber, body: DocumentBody) -> DocumentShape:
    """Number a document and keep it; a card that has changed since is refused (409)."""
    desk, person, asked_at = desk_of(request), who(request), first_asked(request)
    before = [
        each
        for each in seen_by(desk, person, card_id)
        if asked_at is not None and each.document.made_at >= asked_at
        and (each.made_by, each.document.kind, each.document.serial) == (person.account, body.kind, body.serial)
    ]  # fmt: skip
    return _shape(before[0] if before else make(desk, person, card_id, body.kind, body.serial))


@router.get(
    "/documents/{code}/{form}", summary="下载文书 · a document as a file", response_class=Response,
    responses={200: {"content": {media.partition(";")[0]: _BINARY for media in MEDIA.values()}}},
)  # fmt: skip
@needs(Act.VIEW_DOCUMENT, target=target_of_card)
def download(request: Request, card_id: CardNumber, code: Code, form: Form) -> Response:
    """Return a document as HTML, PDF/A or DOCX, always the same bytes."""
    desk = desk_of(request)
    return handed_out(found(desk, who(request), card_id, code).kept, form, desk.asked(request))


@router.get(
    "/evidence", summary="证据包 · the evidence pack", response_class=Response,
    responses={200: {"content": {"application/zip": _BINARY}}},
)  # fmt: skip
@needs(Act.VIEW_DOCUMENT, target=target_of_card)
def evidence(request: Request, card_id: CardNumber) -> Response:
    """Return everything about a card in one ZIP that verifies itself, to supervisors and auditors."""
    return evidence_of(desk_of(request), who(request), card_id)


def _shape(kept: Kept) -> DocumentShape:
    told = kept.document
    return DocumentShape(
        code=kept.code, kind=told.kind, reference=told.reference.zh, year=told.year, number=told.number,
        serial=told.serial, made_at=told.made_at, draft=told.draft, sha256=kept.sha256, rulebook=told.rulebook,
        calendar=told.calendar, item=told.item, revision=told.revision,
    )  # fmt: skip
