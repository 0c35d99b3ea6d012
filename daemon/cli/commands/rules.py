"""``mingdeng rules``: what administrators do with rulebooks beside checking and testing them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from daemon.cli.changes import print_changes
from daemon.cli.options import CONFIG, Config
from daemon.cli.rulepages import add_pages


class Form(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"


Books = Annotated[Path, typer.Argument(help="Rulebook file or folder.")]
By = Annotated[str, typer.Option("--by", help="Who acts; recorded as said.")]
As = Annotated[Form, typer.Option("--format", help="For people or for programs.")]
Number = Annotated[int, typer.Argument(help="Number of the proposal.")]
Law = Annotated[Path, typer.Argument(help="Rulebook, profile, calendar or catalogue as YAML.")]
Reason = Annotated[str, typer.Option(help="Why.")]
Judge = Annotated[bool, typer.Option("--backtest/--no-backtest", help="Try it over the cases of the ledger first.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    rules = typer.Typer(help="Compare, publish and explain rulebooks.", no_args_is_help=True)
    app.add_typer(rules, name="rules")

    @rules.command("diff")
    def diff(old: Books, new: Books) -> None:
        """Print which rules, conditions, consequences, parameters and clocks differ between two rulebooks."""
        from rules.differences import differences
        from rules.loader import load_books

        print_changes(differences(load_books([old]), load_books([new])))

    add_publishing(rules)
    add_pages(rules)

    @rules.command("history")
    def history(
        name: Annotated[str | None, typer.Argument(help="Of this rulebook only.")] = None,
        form: As = Form.TEXT,
        config: Config = CONFIG,
    ) -> None:
        """List what was proposed, published, rejected and withdrawn, by whom and when."""
        from daemon.cli import publish

        publish.history(name, publish.Form(form.value), config)

    @rules.command("show")
    def show(
        law: Annotated[str, typer.Argument(help="As name@version, or the number of a proposal.")],
        config: Config = CONFIG,
    ) -> None:
        """Print the text of a published or proposed law."""
        from daemon.cli import publish

        publish.show(law, config)


def add_publishing(group: typer.Typer) -> None:
    """Add publish, approve and reject: the same for every kind of law."""

    @group.command("publish")
    def propose(
        file: Law, by: By, reason: Reason = "", backtest: Judge = True, form: As = Form.TEXT, config: Config = CONFIG
    ) -> None:
        """Check and test a file, print what it would change, and lay it before a second person."""
        from daemon.cli import publish

        publish.propose(file, by, reason, publish.Form(form.value), config, judge=backtest)

    @group.command("approve")
    def approve(number: Number, by: By, form: As = Form.TEXT, config: Config = CONFIG) -> None:
        """Publish what somebody else proposed; a running daemon takes it up by itself."""
        from daemon.cli import publish

        publish.approve(number, by, publish.Form(form.value), config)

    @group.command("reject")
    def reject(number: Number, by: By, reason: Reason, form: As = Form.TEXT, config: Config = CONFIG) -> None:
        """Turn a proposal down with a reason; who proposed it withdraws it so."""
        from daemon.cli import publish

        publish.reject(number, by, reason, publish.Form(form.value), config)
