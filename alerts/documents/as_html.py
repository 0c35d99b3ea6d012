"""A document as HTML: an article for a page of the console, or a whole page that needs nothing beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from alerts.documents.model import Block, Document, check_code, encode
from alerts.documents.wording import dated, versions
from rules.glossary import label
from rules.problems import Language

LAYOUT: Final = Path(__file__).parent / "layout"
STYLE: Final = (LAYOUT / "document.css").read_text(encoding="utf-8")

_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(LAYOUT),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def article(document: Document, language: Language) -> str:
    """Return the document as one element; whatever people and departments wrote is text in it, never markup."""
    return _TEMPLATES.get_template("document.html").render(
        document=document,
        language=language,
        said=lambda text: text.of(language),
        word=lambda key: label("documents", key, language),
        tag=_tag,
        code=check_code(encode(document)),
        versions=versions(document, language),
        dated=dated(document),
    )


def as_html(document: Document, language: Language) -> bytes:
    """Return the document as a page of its own, always the same bytes for the same document."""
    return (
        _TEMPLATES.get_template("page.html")
        .render(
            document=document,
            language=language,
            said=lambda text: text.of(language),
            style=Markup(STYLE),  # noqa: S704  # our own file
            article=Markup(article(document, language)),  # noqa: S704  # escaped where it was made
        )
        .encode()
    )


def _tag(block: Block) -> str:
    return str(block.__struct_config__.tag)
