"""The documents of a card: made here, numbered once, and handed out as page, PDF, DOCX and HTML; and its evidence pack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts.documents.as_docx import as_docx
from alerts.documents.as_html import STYLE, article, as_html
from alerts.documents.as_pdf import as_pdf
from alerts.documents.composing import compose, title_of
from alerts.documents.model import DocumentKind, typed_code
from console.access.acts import Act
from console.access.callers import who
from console.access.declared import needs
from console.access.guard import Refused
from console.access.roles import SUPERVISORS, Role, Target, Verdict, Who
from console.cardfiles import file_of
from console.desk import desk_of
from console.document_words import DOCUMENT_WORDS
from console.evidence import evidence_pack
from ledger import views
from ledger.documents import Kept
from rules.problems import UserError

router = APIRouter(include_in_schema=False)

MEDIA: Final[Mapping[str, str]] = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
OFFICE: Final = SUPERVISORS | {Role.AUDITOR}
"""Who sees drafts and evidence packs, which name who did what within the office."""


def target_of_card(request: Request) -> Target:
    """Find the unit that the card of the address stands against."""
    desk, card_id = desk_of(request), request.path_params["card_id"]
    unit = views.unit_of_card(desk.ledger, card_id) or ""
    return Target(unit, desk.access.regions().get(unit, ""), card_id)


@router.get("/cards/{card_id}/documents")
@needs(Act.VIEW_DOCUMENT, target=target_of_card)
def documents(request: Request) -> Response:
    """Answer with the list of a card's documents, and with what may be made; 404 if there is no such card."""
    return _page(request)


@router.post("/cards/{card_id}/documents")
@needs(Act.MAKE_DOCUMENT, target=target_of_card)
def make(
    request: Request, kind: Annotated[DocumentKind, Form()], serial: Annotated[int, Form(ge=1, lt=2**31)]
) -> Response:
    """Number a document of the card as its page showed it, and keep it; then show it."""
    desk, card_id = desk_of(request), request.path_params["card_id"]
    story = views.card_story(desk.ledger, card_id)
    if story is None:
        raise HTTPException(404)
    file, by = file_of(desk, story), who(request).account
    try:
        kept = desk.ledger.make_document(
            card_id, serial, desk.office.code, by, desk.now(), desk.zone, lambda made: compose(kind, file, made)
        )
    except UserError as refused:
        return _page(request, 409, [each.sentence(desk.asked(request)) for each in refused.problems])
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(_address(request, f"/{kept.code}{query}"), 303)


@router.get("/cards/{card_id}/documents/style.css")
@needs(Act.VIEW_DOCUMENT, target=target_of_card)
def style() -> Response:
    """Answer with how documents look."""
    return Response(STYLE, media_type="text/css; charset=utf-8")


@router.get("/cards/{card_id}/documents/{code}")
@needs(Act.VIEW_DOCUMENT, target=target_of_card)
def document(request: Request, code: str) -> Response:
    """Answer with a document as people read it."""
    desk, found = desk_of(request), _found(request, code)
    return desk.render(
        request, "document.html", kept=found.kept, unaltered=found.unaltered, kind=title_of(found.kept.document.kind, desk.asked(request)),
        article=article(found.kept.document, desk.asked(request)), base=_address(request),
    )  # fmt: skip


@router.get("/cards/{card_id}/documents/{code}/{form}")
@needs(Act.VIEW_DOCUMENT, target=target_of_card)
def download(request: Request, code: str, form: Literal["html", "pdf", "docx"]) -> Response:
    """Hand out a document as a file, drawn from what the ledger keeps."""
    language, told = desk_of(request).asked(request), _found(request, code).kept.document
    draw = {"html": as_html, "pdf": as_pdf, "docx": as_docx}[form]
    name = f"{told.title.of(language)} {told.reference.of(language)}.{form}"
    return Response(draw(told, language), media_type=MEDIA[form], headers=_as_file(f"document.{form}", name))


@router.get("/cards/{card_id}/evidence")
@needs(Act.VIEW_DOCUMENT, target=target_of_card)
def evidence(request: Request) -> Response:
    """Hand out the evidence pack of a card, to supervisors and auditors."""
    desk, card_id = desk_of(request), request.path_params["card_id"]
    if not _of_the_office(who(request)):
        zh, en = DOCUMENT_WORDS["evidence_pack_refused"]
        raise Refused(Verdict(False, zh, en))
    story = views.card_story(desk.ledger, card_id)
    if story is None:
        raise HTTPException(404)
    name = f"evidence-{card_id}-{story.card.serial}.zip"
    return Response(evidence_pack(desk, story), media_type="application/zip", headers=_as_file(name, name))


def _page(request: Request, status: int = 200, problems: Sequence[str] = ()) -> Response:
    desk, card_id, person = desk_of(request), request.path_params["card_id"], who(request)
    story = views.card_story(desk.ledger, card_id)
    if story is None:
        raise HTTPException(404)
    language = desk.asked(request)
    return desk.render(
        request, "documents.html", status, card=story.card, problems=problems, base=_address(request),
        kept=[each for each in views.documents_of(desk.ledger, card_id) if _may_see(person, each)],
        kinds=[(kind.value, title_of(kind, language)) for kind in DocumentKind],
        may_make=Act.MAKE_DOCUMENT in person.acts, may_pack=_of_the_office(person),
        kind_named=lambda kind: title_of(kind, language),
    )  # fmt: skip


def _found(request: Request, code: str) -> views.Genuine:
    """Return the document of the address; 404 where there is none of this card, or none for these eyes."""
    typed = typed_code(code)
    found = views.genuine(desk_of(request).ledger, typed) if typed is not None else None
    if found is None or found.kept.document.card_id != request.path_params["card_id"]:
        raise HTTPException(404)
    if not _may_see(who(request), found.kept):
        raise HTTPException(404)
    return found


def _may_see(person: Who, kept: Kept) -> bool:
    """Say whether this person may see a document: a draft is addressed to nobody until somebody signs it."""
    return not kept.document.draft or _of_the_office(person)


def _of_the_office(person: Who) -> bool:
    return bool(person.roles & OFFICE)


def _address(request: Request, further: str = "") -> str:
    """Return the address of the card's documents, or of what lies beneath it."""
    card_id = quote(request.path_params["card_id"], safe="")
    return f"/cards/{card_id}/documents{further}"


def _as_file(plain: str, name: str) -> dict[str, str]:
    return {"content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}
