"""``mingdeng document``: the documents that were made, drawn again from what the ledger keeps."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from daemon.cli.language import chosen
from daemon.cli.options import CONFIG, Config, iso
from rules.problems import refuse

if TYPE_CHECKING:
    from alerts.documents.model import Document
    from daemon.settings import Settings
    from ledger import Ledger
    from rules.problems import Language


class Form(StrEnum):
    """How a document is drawn."""

    TEXT = "text"
    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"
    JSON = "json"


def add_to(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(help="The documents that were made.", no_args_is_help=True)
    app.add_typer(group, name="document")

    @group.command("list")
    def list_(
        limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many, the latest first.")] = 100,
        config: Config = CONFIG,
    ) -> None:
        """List documents, the latest first: number, kind, card, instant, check code."""
        from alerts.documents.composing import title_of
        from ledger import Ledger, views

        settings = _settings(config)
        ledger = Ledger(settings.ledger.url)
        try:
            ledger.check()
            for kept in views.latest_documents(ledger, limit=limit):
                told = kept.document
                kind = title_of(told.kind, chosen())
                made_at = iso(told.made_at, settings.rules.zone)
                print("\t".join((told.reference.of(chosen()), kind, told.card_id, made_at, kept.code)))
        finally:
            ledger.close()

    @group.command("show")
    def show(
        code: Annotated[str, typer.Argument(help="The check code that is printed on it.")],
        form: Annotated[Form, typer.Option("--format", help="How it is drawn.")] = Form.TEXT,
        output: Annotated[
            Path | None, typer.Option("--output", "-o", help="File to write; else standard output.")
        ] = None,
        config: Config = CONFIG,
    ) -> None:
        """Draw a document from what the ledger keeps; the same document always gives the same bytes."""
        from ledger import Ledger

        ledger = Ledger(_settings(config).ledger.url)
        try:
            ledger.check()
            content = _drawer(form)(_genuine(ledger, code), chosen())
        finally:
            ledger.close()
        if output is not None:
            output.write_bytes(content)
        else:
            sys.stdout.buffer.write(content)


def _drawer(form: Form) -> Callable[[Document, Language], bytes]:
    from alerts.documents.as_docx import as_docx
    from alerts.documents.as_html import as_html
    from alerts.documents.as_pdf import as_pdf
    from alerts.documents.as_text import as_text
    from alerts.documents.model import encode

    drawers: dict[Form, Callable[[Document, Language], bytes]] = {
        Form.TEXT: lambda told, language: f"{as_text(told, language)}\n".encode(),
        Form.HTML: as_html, Form.PDF: as_pdf, Form.DOCX: as_docx, Form.JSON: lambda told, _: encode(told),
    }  # fmt: skip
    return drawers[form]


def _genuine(ledger: Ledger, text: str) -> Document:
    """Return the document of a code; raise ``UserError`` if there is none, or if it was altered."""
    from alerts.documents.model import typed_code
    from ledger import views

    code = typed_code(text)
    found = views.genuine(ledger, code) if code is not None else None
    if found is None:
        raise refuse(
            "document/code", text, "No document bears this code.", "没有此校验码的文书。",
            mend_en="`mingdeng document list` names those that were made.", mend_zh="已制作的文书见 mingdeng document list。",
        )  # fmt: skip
    if not found.unaltered:
        raise refuse(
            "document/altered", text, "The ledger's copy of this document was altered.", "台账中的该文书已被改动。",
            mend_en="Run `mingdeng verify`.", mend_zh="请运行 mingdeng verify。",
        )  # fmt: skip
    return found.kept.document


def _settings(config: Path) -> Settings:
    from daemon.settingsfile import load_settings

    return load_settings(config)
