"""``mingdeng coverage``: which supervision points have no data, and which word of a source would wake them."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from daemon.cli.language import chosen, say
from daemon.cli.options import CONFIG, Config
from daemon.cli.secrets import of_environment
from rules.glossary import label

if TYPE_CHECKING:
    from daemon.law import Law
    from rules.facts import CaseEvent
    from rules.needs import Silent


class Form(StrEnum):
    """How it is printed."""

    TABLE = "table"
    JSON = "json"


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("coverage")
    def coverage(
        source: Annotated[Path | None, typer.Option(help="Mapping of a source; else the ledger is looked at.")] = None,
        path: Annotated[Path | None, typer.Option(help="File or folder that the source reads.")] = None,
        rulebook: Annotated[
            list[Path] | None, typer.Option(help="With --source: rulebook; may be repeated. Else the shipped ones.")
        ] = None,
        items: Annotated[Path | None, typer.Option(help="With --source: item catalogue.")] = None,
        form: Annotated[Form, typer.Option("--format", help="How it is printed.")] = Form.TABLE,
        config: Config = CONFIG,
    ) -> None:
        """Say which supervision points have no data, and what would have to be reported for each."""
        from rules.needs import silent, told_by

        law, events = _of_source(source, path, rulebook or [], items) if source is not None else _of_ledger(config)
        versions = (version for found in law.catalogue.versions.values() for version in found)
        found = silent(law.books, told_by(events, versions))
        if form is Form.JSON:
            print(as_json(found))
        else:
            _print(found, law)


def _of_source(
    source: Path, path: Path | None, rulebooks: list[Path], items: Path | None
) -> tuple[Law, list[CaseEvent]]:
    from connectors.registry import load_source, open_connector
    from daemon.cli.judging import law_of_files, read_source

    law = law_of_files(rulebooks, None, items)
    connector = open_connector(load_source(source), of_environment(), Path.cwd(), path)
    try:
        read = read_source(connector, int(time.time()), lambda _: None)
    finally:
        connector.close()
    return law, [event for events in read.events.values() for event in events]


def _of_ledger(config: Path) -> tuple[Law, list[CaseEvent]]:
    from daemon.bootstrap import law_of
    from daemon.settingsfile import load_settings
    from ledger import Ledger, views

    settings = load_settings(config)
    ledger = Ledger(settings.ledger.url)
    try:
        ledger.check()
        found = views.reported_of_late(ledger).events
    finally:
        ledger.close()
    return law_of(settings), [event for events in found.values() for event in events]


def as_json(found: Sequence[Silent]) -> str:
    """Return the rules without data as JSON: each with its kind of case and what it lacks, as a mapping writes it."""
    return json.dumps(
        [
            {
                "rule": each.rule.id, "title": each.rule.policy.title, "of": each.rule.part.of,
                "lacks": [[".".join(need) for need in alternatives] for alternatives in each.lacks],
            }
            for each in found
        ],
        ensure_ascii=False, indent=1,
    )  # fmt: skip


def _print(found: Sequence[Silent], law: Law) -> None:
    rules = [rule for book in law.books.books for rule in book.rules]
    table = Table(box=None, pad_edge=False)
    for head in (say("rule", "规则"), say("title", "标题"), say("lacks", "缺少的数据")):
        table.add_column(head, overflow="fold")
    for each in found:
        table.add_row(each.rule.id, each.rule.policy.title[chosen()], lacking(each))
    if found:
        Console().print(table, markup=False)
    asked, mute = Counter(rule.part.of for rule in rules), Counter(each.rule.part.of for each in found)
    for kind, count in asked.items():
        name, spoken = label("case_kinds", kind, chosen()), count - mute[kind]
        print(say(f"{name}: {spoken} of {count} points supervised.", f"{name}：{count} 个监察点，有数据 {spoken} 个。"))
    print(say(f"{len(rules) - len(found)} of {len(rules)} supervision points have data; {len(found)} have none.",
              f"共 {len(rules)} 个监察点，有数据 {len(rules) - len(found)} 个，无数据 {len(found)} 个。"))  # fmt: skip


def lacking(each: Silent) -> str:
    """Return what a rule lacks, in words and as a mapping writes it."""
    from rules.pages import need_in_words

    if not each.lacks:
        kind = label("case_kinds", each.rule.part.of, chosen())
        return say(f"any case of the kind “{kind}” ({each.rule.part.of})", f"“{kind}”（{each.rule.part.of}）类案件")
    said = (
        say(" or ", "或").join(f"{need_in_words(need, chosen())} ({'.'.join(need)})" for need in alternatives)
        for alternatives in each.lacks
    )
    return say("; ", "；").join(said)
