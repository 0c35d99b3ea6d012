"""``mingdeng rules``: what administrators do with rulebooks beside checking and testing them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from daemon.cli.changes import print_changes
from daemon.cli.rulepages import add_pages

Books = Annotated[Path, typer.Argument(help="Rulebook file or folder.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    rules = typer.Typer(help="Compare rulebooks.", no_args_is_help=True)
    app.add_typer(rules, name="rules")
    add_pages(rules)

    @rules.callback()
    def of_rules() -> None:
        """Compare rulebooks."""

    @rules.command("diff")
    def diff(old: Books, new: Books) -> None:
        """Print which rules, conditions, consequences, parameters and clocks differ between two rulebooks."""
        from rules.differences import differences
        from rules.loader import load_books

        print_changes(differences(load_books([old]), load_books([new])))
