"""A document as plain text, for the command line."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.documents.model import (
    Block,
    Document,
    Fields,
    Heading,
    Listing,
    Paragraph,
    Room,
    Signatures,
    Slip,
    check_code,
    encode,
)  # fmt: skip
from alerts.documents.wording import versions
from rules.glossary import label
from rules.placeholders import neutral
from rules.problems import Language


def as_text(document: Document, language: Language) -> str:
    """Return the document in lines; its slips and rooms to write in are left out."""
    head = [document.office, document.title.of(language), document.reference.of(language)]
    if document.draft:
        head.append(label("documents", "draft", language))
    body = [line for block in _first_part(document) for line in _lines(block, language)]
    code = f"{label('documents', 'code', language)} {check_code(encode(document))}"
    return "\n".join([*head, document.made_on.of(language), "", *body, "", code, versions(document, language)])


def _first_part(document: Document) -> Iterator[Block]:
    for block in document.blocks:
        if isinstance(block, Slip):
            return
        yield block


def _lines(block: Block, language: Language) -> Iterator[str]:
    match block:
        case Heading(text) | Paragraph(text):
            yield text.of(language)
        case Fields(rows):
            colon = "：" if language == "zh" else ": "
            yield from (f"  {row.label.of(language)}{colon}{neutral(row.value.of(language))}" for row in rows)
        case Listing(head, rows, none):
            yield from (f"  {' | '.join(neutral(cell.of(language)) for cell in row)}" for row in (head, *rows) if rows)
            if not rows:
                yield f"  {none.of(language)}"
        case Room() | Signatures() | Slip():
            return
