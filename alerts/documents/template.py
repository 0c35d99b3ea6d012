"""The text of each kind of document, one YAML file a kind: blocks with words between braces and nothing else."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from alerts.documents.model import DocumentKind
from rules.documents import load, validate

FOLDER: Final = Path(__file__).parent / "templates"


class Part(BaseModel):
    """A piece of a template; what it does not know is a problem."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Texts(Part):
    """A text in both languages, in which ``{word}`` stands for a word of the card's file."""

    zh: str
    en: str


class Blank(Texts):
    """A labelled line to be filled in by hand."""


class BlockText(Part):
    """One block: exactly one of its kinds. ``when`` names a word without which the block is left out; a field that ends
    in ``*`` is left out where its word is not known, any other then leaves room to write.
    """

    heading: Texts | None = None
    paragraph: Texts | None = None
    fields: tuple[str | Blank, ...] = ()
    listing: str = ""
    room: Texts | None = None
    lines: int = 3
    signatures: tuple[Texts, ...] | None = None
    seal: Texts | None = None
    slip: Texts | None = None
    when: str = ""


class Template(Part):
    """A kind of document; ``version`` grows whenever its text changes."""

    version: int
    draft: bool = False
    title: Texts
    blocks: tuple[BlockText, ...]


@cache
def template(kind: DocumentKind) -> Template:
    """Return the text of a kind of document."""
    return validate(Template, load(FOLDER / f"{kind.value}.yaml"))
