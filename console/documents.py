"""What pages and API do with documents alike: make one, find one that these eyes may see, draw it as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import Response

from alerts.documents.as_docx import as_docx
from alerts.documents.as_html import as_html
from alerts.documents.as_pdf import as_pdf
from alerts.documents.composing import compose
from alerts.documents.model import DocumentKind, typed_code
from console.access.guard import Refused
from console.access.roles import SUPERVISORS, Role, Verdict, Who
from console.cardfiles import file_of
from console.desk import Desk
from console.document_words import DOCUMENT_WORDS
from console.evidence import evidence_pack
from ledger import views
from ledger.documents import Kept
from ledger.idempotency import Sent
from rules.problems import Language

Form: TypeAlias = Literal["html", "pdf", "docx"]

MEDIA: Final[Mapping[Form, str]] = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
OFFICE: Final = SUPERVISORS | {Role.AUDITOR}
"""Who sees drafts and evidence packs, which name who did what within the office."""


def of_the_office(person: Who) -> bool:
    """Say whether this person sees what stays within the office."""
    return bool(person.roles & OFFICE)


def seen_by(desk: Desk, person: Who, card_id: str) -> list[Kept]:
    """Return the documents of a card; a draft is addressed to nobody until somebody signs it, and units do not see it."""
    return [each for each in views.documents_of(desk.ledger, card_id) if _may_see(person, each)]


def found(desk: Desk, person: Who, card_id: str, code: str) -> views.Genuine:
    """Return a document of a card; 404 where there is none of this code, or none for these eyes."""
    typed = typed_code(code)
    genuine = views.genuine(desk.ledger, typed) if typed is not None else None
    if genuine is None or genuine.kept.document.card_id != card_id or not _may_see(person, genuine.kept):
        raise HTTPException(404)
    return genuine


def make(desk: Desk, person: Who, card_id: str, kind: DocumentKind, serial: int, sent: Sent | None = None) -> Kept:
    """Number a document of a card as it was seen (``serial``) and keep it; 404 if there is no such card.

    Raises ``UserError`` if the card has changed since.
    """
    story = views.card_story(desk.ledger, card_id)
    if story is None:
        raise HTTPException(404)
    file = file_of(desk, story)
    return desk.ledger.make_document(
        card_id, serial, desk.office.code, person.account, desk.now(), desk.zone,
        lambda numbered: compose(kind, file, numbered), sent,
    )  # fmt: skip


def handed_out(kept: Kept, form: Form, language: Language) -> Response:
    """Return a document as a file to be saved, drawn from what the ledger keeps."""
    told = kept.document
    draw = {"html": as_html, "pdf": as_pdf, "docx": as_docx}[form]
    name = f"{told.title.of(language)} {told.reference.of(language)}.{form}"
    return Response(draw(told, language), media_type=MEDIA[form], headers=_as_file(f"document.{form}", name))


def evidence_of(desk: Desk, person: Who, card_id: str) -> Response:
    """Return the evidence pack of a card as a file; 404 if there is no such card. Units are refused."""
    if not of_the_office(person):
        raise Refused(Verdict(False, *DOCUMENT_WORDS["evidence_pack_refused"]))
    story = views.card_story(desk.ledger, card_id)
    if story is None:
        raise HTTPException(404)
    name = f"evidence-{story.card.card_id}-{story.card.serial}.zip"
    return Response(evidence_pack(desk, story), media_type="application/zip", headers=_as_file(name, name))


def _may_see(person: Who, kept: Kept) -> bool:
    return not kept.document.draft or of_the_office(person)


def _as_file(plain: str, name: str) -> dict[str, str]:
    return {"content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}
