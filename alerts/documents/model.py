"""The nouns of documents: a document is numbered, dated, made of blocks, and says everything in both languages.

The JSON of a ``Document`` is what the ledger keeps and what its check code stands for; every form is drawn from it alone.
"""

from __future__ import annotations

import base64
import re
from enum import StrEnum
from hashlib import sha256
from typing import Final, TypeAlias

import msgspec
from msgspec import Struct

from rules.facts import Instant
from rules.problems import Language


class DocumentKind(StrEnum):
    """The documents of the loop (domain.md 8.3); each has its template in the folder ``templates``."""

    CARD_NOTICE = "card_notice"
    SUPERVISION_ORDER = "supervision_order"
    RECOMMENDATION = "recommendation"
    FEEDBACK_FORM = "feedback_form"
    APPEAL_FORM = "appeal_form"
    RECTIFICATION_REPORT = "rectification_report"
    LEAD_TRANSFER = "lead_transfer"


class Said(Struct, frozen=True):
    """The same thing in both languages; line breaks are part of it."""

    zh: str = ""
    en: str = ""

    def of(self, language: Language) -> str:
        """Return it in one language."""
        return self.zh if language == "zh" else self.en


class Row(Struct, frozen=True):
    """A labelled value; an empty one is room to write by hand."""

    label: Said
    value: Said


class Heading(Struct, frozen=True, tag="heading"):
    """The heading of what follows."""

    text: Said


class Paragraph(Struct, frozen=True, tag="paragraph"):
    """A paragraph of running text."""

    text: Said


class Fields(Struct, frozen=True, tag="fields"):
    """Labelled values, one under the other."""

    rows: tuple[Row, ...]


class Listing(Struct, frozen=True, tag="listing"):
    """A table: ``head`` names its columns; with no rows ``none`` stands in its place."""

    head: tuple[Said, ...]
    rows: tuple[tuple[Said, ...], ...]
    none: Said


class Room(Struct, frozen=True, tag="room"):
    """Room to write in by hand, so many lines high, under its label."""

    label: Said
    lines: int


class Signatures(Struct, frozen=True, tag="signatures"):
    """Slots to sign, with date; ``seal`` names the slot of an official seal, empty where there is none."""

    slots: tuple[Said, ...]
    seal: Said


class Slip(Struct, frozen=True, tag="slip"):
    """A cut line; what follows is a slip that is returned (回执)."""

    title: Said


Block: TypeAlias = Heading | Paragraph | Fields | Listing | Room | Signatures | Slip


class Office(Struct, frozen=True):
    """The supervision owner as it stands on documents: its name, its word in numbers (监督〔2026〕第 12 号), its contact."""

    name: str = "监督机关"
    code: str = "监督"
    contact: str = ""


class Document(Struct, frozen=True, kw_only=True):
    """One document as it was made. ``number`` runs without a gap for each ``organ`` and ``year``.

    ``template`` is the version of the text it was made from; ``rulebook``, ``calendar``, ``item`` and ``revision`` (of the
    case's data) say by what its facts can be worked out again. A ``draft`` takes effect only when a person signs it.
    """

    kind: DocumentKind
    template: int
    title: Said
    office: str
    organ: str
    year: int
    number: int
    card_id: str
    serial: int
    unit: str
    made_at: Instant
    made_on: Said
    rulebook: str
    calendar: str
    item: str
    revision: int
    draft: bool
    blocks: tuple[Block, ...]

    @property
    def reference(self) -> Said:
        """The number as it is quoted."""
        return Said(f"{self.organ}〔{self.year}〕第 {self.number} 号", f"{self.organ}〔{self.year}〕 No. {self.number}")


encode: Final = msgspec.json.Encoder(order="deterministic").encode
document_of: Final = msgspec.json.Decoder(Document).decode


def digest(content: bytes) -> str:
    """Return the SHA-256 of a document's canonical content, in hexadecimal."""
    return sha256(content).hexdigest()


def check_code(content: bytes) -> str:
    """Return the code that is printed on a document: eighty bits of its digest, which a person can read out."""
    letters = base64.b32encode(sha256(content).digest()[:10]).decode()
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def typed_code(text: str) -> str | None:
    """Return a check code as a person typed it in its printed form; None if it is none."""
    letters = re.sub(r"[\s\-－—]", "", text).upper()
    if re.fullmatch(r"[A-Z2-7]{16}", letters) is None:
        return None
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))
