"""Makes a document: the template of its kind, filled with the words of a card's file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from alerts.documents.cardfile import CardFile, Numbered
from alerts.documents.facts import labelled, words
from alerts.documents.listings import listing
from alerts.documents.model import (
    Block,
    Document,
    DocumentKind,
    Fields,
    Heading,
    Paragraph,
    Room,
    Row,
    Said,
    Signatures,
    Slip,
)  # fmt: skip
from alerts.documents.template import Blank, BlockText, Texts, template
from rules.placeholders import fill
from rules.problems import Language


def compose(kind: DocumentKind, file: CardFile, made: Numbered) -> Document:
    """Return the document of this kind about a card, as it is numbered and dated."""
    text, known, card = template(kind), words(file, made), file.card
    return Document(
        kind=kind, template=text.version, title=_filled(text.title, known), office=known["office"].zh,
        organ=file.office.code, year=made.year, number=made.number, card_id=card.card_id, serial=card.serial,
        unit=card.unit, made_at=made.at, made_on=known["made_on"], rulebook=card.pin.rulebook,
        calendar=card.pin.calendar, item=card.pin.item, revision=file.revision, draft=text.draft,
        blocks=tuple(block for each in text.blocks for block in _blocks(each, file, known)),
    )  # fmt: skip


def title_of(kind: DocumentKind, language: Language) -> str:
    """Return how a kind of document is called in a list."""
    return labelled("document_kinds", kind).of(language)


def _blocks(text: BlockText, file: CardFile, known: Mapping[str, Said]) -> Iterator[Block]:
    if text.when and known[text.when] == Said():
        return
    if text.heading is not None:
        yield Heading(_filled(text.heading, known))
    if text.paragraph is not None:
        yield Paragraph(_filled(text.paragraph, known))
    if text.fields:
        yield Fields(tuple(_rows(text.fields, known)))
    if text.listing:
        yield listing(text.listing, file)
    if text.room is not None:
        yield Room(_filled(text.room, known), text.lines)
    if text.signatures is not None:
        seal = _filled(text.seal, known) if text.seal is not None else Said()
        yield Signatures(tuple(_filled(each, known) for each in text.signatures), seal)
    if text.slip is not None:
        yield Slip(_filled(text.slip, known))


def _rows(fields: Iterable[str | Blank], known: Mapping[str, Said]) -> Iterator[Row]:
    for each in fields:
        if isinstance(each, Blank):
            yield Row(_filled(each, known), Said())
            continue
        name = each.removesuffix("*")
        if name == each or known[name] != Said():
            yield Row(labelled("document_fields", name), known[name])


def _filled(text: Texts, known: Mapping[str, Said]) -> Said:
    """Return the text with its words; one that is not known leaves room to write it in."""
    return Said(
        fill(text.zh, {name: said.zh for name, said in known.items()}, "＿＿＿＿"),
        fill(text.en, {name: said.en for name, said in known.items()}, "________"),
    )
