"""The documents of a card: made here, numbered once, and handed out as page, PDF, DOCX and HTML; and its evidence pack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter
from fastapi import Form as Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts.documents.as_html import STYLE, article
from alerts.documents.composing import title_of
from alerts.documents.model import DocumentKind
from console.access.acts import Act
from console.access.callers import who
from console.access.declared import needs
from console.desk import desk_of
from console.documents import Form, evidence_of, found, handed_out, of_the_office, seen_by
from console.documents import make as make_document
from console.oncesent import new_key, sent
from console.pages.card import target_of_card
from ledger import views
from rules.problems import UserError

router = APIRouter(include_in_schema=False)


@router.get("/cards/{card_id}/documents")
@needs(Act.VIEW_DOCUMENT, target=target_of_card)
def documents(request: Request) -> Response:
    """Answer with the list of a card's documents, and with what may be made; 404 if there is no such card."""
    return _page(request)


@router.post("/cards/{card_id}/documents")
@needs(Act.MAKE_DOCUMENT, target=target_of_card)
def make(
    request: Request, kind: Annotated[DocumentKind, Field()], serial: Annotated[int, Field(ge=1, lt=2**31)],
    once: Annotated[str, Field()] = "",
) -> Response:  # fmt: skip
    """Number a document of the card as its page showed it, and keep it; then show it. A form sent again shows the same."""
    desk, form = desk_of(request), sent(request, once, {"kind": kind.value, "serial": str(serial)})
    try:
        kept = make_document(desk, who(request), request.path_params["card_id"], kind, serial, form)
    except UserError as refused:
        return _page(request, 409, [each.sentence(desk.asked(request)) for each in refused.problems])
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{_address(request)}/{kept.code}{query}", 303)


@router.get("/cards/{card_id}/documents/style.css")
@needs(Act.VIEW_DOCUMENT, target=target_of_card)
def style() -> Response:
    """Answer with how documents look."""
    return Response(STYLE, media_type="text/css; charset=utf-8")


@router.get("/cards/{card_id}/documents/{code}")
@needs(Act.VIEW_DOCUMENT, target=target_of_card)
def document(request: Request, code: str) -> Response:
    """Answer with a document as people read it."""
    desk = desk_of(request)
    genuine, language = found(desk, who(request), request.path_params["card_id"], code), desk.asked(request)
    told = genuine.kept.document
    return desk.render(
        request, "document.html", kept=genuine.kept, unaltered=genuine.unaltered, kind=title_of(told.kind, language),
        article=article(told, language), base=_address(request),
    )  # fmt: skip


@router.get("/cards/{card_id}/documents/{code}/{form}")
@needs(Act.VIEW_DOCUMENT, target=target_of_card)
def download(request: Request, code: str, form: Form) -> Response:
    """Hand out a document as a file."""
    desk = desk_of(request)
    kept = found(desk, who(request), request.path_params["card_id"], code).kept
    return handed_out(kept, form, desk.asked(request))


@router.get("/cards/{card_id}/evidence")
@needs(Act.VIEW_DOCUMENT, target=target_of_card)
def evidence(request: Request) -> Response:
    """Hand out the evidence pack of a card, to supervisors and auditors."""
    return evidence_of(desk_of(request), who(request), request.path_params["card_id"])


def _page(request: Request, status: int = 200, problems: Sequence[str] = ()) -> Response:
    desk, card_id, person = desk_of(request), request.path_params["card_id"], who(request)
    story = views.card_story(desk.ledger, card_id)
    if story is None:
        raise HTTPException(404)
    language = desk.asked(request)
    return desk.render(
        request, "documents.html", status, card=story.card, problems=problems, base=_address(request),
        kept=seen_by(desk, person, card_id), kinds=[(kind.value, title_of(kind, language)) for kind in DocumentKind],
        may_make=Act.MAKE_DOCUMENT in person.acts, may_pack=of_the_office(person),
        once=new_key(), kind_named=lambda kind: title_of(kind, language),
    )  # fmt: skip


def _address(request: Request) -> str:
    return f"/cards/{quote(request.path_params['card_id'], safe='')}/documents"
