"""A document as PDF/A: drawn by Typst from data alone, with Chinese fonts embedded, always the same bytes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Final, Literal

import pylopdf_fonts_zh_cn
import typst

from alerts.documents.model import Document, Listing, check_code, encode
from alerts.documents.wording import dated, shares, versions
from rules.glossary import label
from rules.problems import Language

LAYOUT: Final = Path(__file__).parent / "layout" / "document.typ"
FONTS: Final = pylopdf_fonts_zh_cn.serif_path().parent
WORDS: Final = ("code", "verify", "draft", "cut", "page", "sign_date")


def as_pdf(document: Document, language: Language) -> bytes:
    """Return the document as PDF/A-2b; where the fonts lack a character (a rare name), as plain PDF that shows a box."""
    try:
        return _drawn(document, language, "a-2b")
    except typst.TypstError:
        return _drawn(document, language, "1.7")


def _drawn(document: Document, language: Language, standard: Literal["a-2b", "1.7"]) -> bytes:
    return typst.compile(
        LAYOUT,
        format="pdf",
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"told": _told(document, language)},
        timestamp=dt.datetime.fromtimestamp(document.made_at, dt.UTC),
        pdf_standards=standard,
    )


def _told(document: Document, language: Language) -> str:
    content = encode(document)
    return json.dumps(
        {
            "document": json.loads(content),
            "language": language,
            "reference": document.reference.of(language),
            "code": check_code(content),
            "versions": versions(document, language),
            "words": {word: label("documents", word, language) for word in WORDS},
            "columns": {
                str(place): shares(block)
                for place, block in enumerate(document.blocks, start=1)
                if isinstance(block, Listing)
            },
            "dated": dated(document),
        }
    )
