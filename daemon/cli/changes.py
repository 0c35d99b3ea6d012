"""Prints what differs between two sets of rulebooks, as a table in the language of this run."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from daemon.cli.language import chosen, say
from rules.differences import Difference


def print_changes(changes: Sequence[Difference]) -> None:
    """Print one row for each change, or a sentence if there is none."""
    if not changes:
        print(say("There is no difference.", "没有差异。"))
        return
    table = Table()
    for head in (
        say("kind", "种类"),
        say("name", "名称"),
        say("what", "内容"),
        say("was", "原为"),
        say("becomes", "改为"),
    ):
        table.add_column(head, overflow="fold")
    for change in changes:
        table.add_row(*change.words(chosen()))
    Console().print(table, markup=False)
