"""``mingdeng backtest``: who would have been carded by a rulebook, and how another rulebook or profile would differ."""

from __future__ import annotations

import csv
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from connectors.base import SourceFailed
from connectors.registry import load_source, open_connector, read_all
from daemon.backtesting import LawFiles
from daemon.cli.language import say
from daemon.cli.options import CONFIG, Config, instant, iso
from daemon.cli.output import cell, writing
from daemon.cli.secrets import of_environment
from daemon.published import in_use
from daemon.settings import RulesSettings
from daemon.settingsfile import load_settings
from ledger import Ledger, views
from rules.backtest import Outcome, Plan, backtest
from rules.calendars import Calendar
from rules.facts import Value
from rules.gathering import KINDS, is_gathered, terms_of, with_gathered
from rules.problems import refuse
from rules.shards import Shard, ShardWriter
from rules.tabulated import COLUMNS, COMPARED, card_rows, rows_of

SHOWN_LOST: Final = 5

Files = Annotated[list[Path] | None, typer.Option(help="Other rulebooks for the same cases; may be repeated.")]


class Form(StrEnum):
    """How the counts are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("backtest")
    def command(
        begin: Annotated[str, typer.Option("--from", help="What begins from this instant on is counted.")],
        end: Annotated[str, typer.Option("--to", help="Cases are judged as of this instant.")],
        rulebook: Annotated[list[Path] | None, typer.Argument(help="Rulebooks; else those in use.")] = None,
        against: Files = None,
        profile: Annotated[str | None, typer.Option(help="Severity profile.")] = None,
        against_profile: Annotated[str | None, typer.Option(help="Severity profile of the other side.")] = None,
        source: Annotated[Path | None, typer.Option(help="Mapping of a source; else the ledger is judged.")] = None,
        path: Annotated[Path | None, typer.Option(help="File or folder that the source reads.")] = None,
        items: Annotated[Path | None, typer.Option(help="Item catalogue.")] = None,
        calendar: Annotated[str | None, typer.Option(help="Calendar of clocks that name none.")] = None,
        workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = os.cpu_count() or 1,
        work: Annotated[Path | None, typer.Option(help="Folder of finished parts, from which it goes on.")] = None,
        form: Annotated[Form, typer.Option("--format", help="How counts are written.")] = Form.TABLE,
        out: Annotated[Path | None, typer.Option(help="File for the counts; else standard output.")] = None,
        cards: Annotated[Path | None, typer.Option(help="File for every single card, as CSV.")] = None,
        config: Config = CONFIG,
    ) -> None:
        """Judge past cases: lights and cards by unit, rule and month; with --against also what would be different."""
        settings = load_settings(config) if source is None else None
        with in_use(settings) if settings is not None else nullcontext(RulesSettings()) as used:
            base = _Base(used, items, calendar or (used.calendar if settings is not None else None))
            laws = [base.law(rulebook, profile)]
            if against or against_profile is not None:
                laws.append(base.law(against or rulebook, against_profile or profile))
            read = [law.read() for law in laws]  # both, so that what is wrong is told of both
            first = read[0].default_calendar
            plan = Plan(tuple(laws), instant(begin, first.zone, "--from"), instant(end, first.zone, "--to"))
            with _folder(work) as folder, _progress() as bar:
                with ShardWriter(folder / "cases") as writer:
                    if settings is None and source is not None:
                        _read_source(source, path, writer, bar)
                    elif settings is not None:
                        _read_ledger(settings.ledger.url, writer, bar)
                    sorted_cases = writer.close()
                terms = terms_of(read[0].calendars, first, read[0].catalogue)
                shards = with_gathered(sorted_cases, folder / "cases", KINDS, terms, plan.to_at)
                outcome = _judged(plan, shards, folder / "parts", workers, bar)
            _write(outcome, form, out, first)
            _write_cards(outcome, cards, first)
            _say(outcome, plan)


class _Base:
    """What both sides of a comparison share: calendars, catalogue, and the rulebooks in use where none are named."""

    def __init__(self, used: RulesSettings, items: Path | None, calendar: str | None) -> None:
        self.used, self.items, self.calendar = used, items or used.items, calendar

    def law(self, rulebooks: list[Path] | None, profile: str | None) -> LawFiles:
        """Return the law of these rulebooks; calendars beside them, and a calendar's own file, are known too."""
        books = rulebooks or list(self.used.books)
        folders = [*self.used.calendars, *(book if book.is_dir() else book.parent for book in books)]
        name = self.calendar
        if name is not None and Path(name).suffix in {".yaml", ".yml"}:
            folders.append(Path(name))
            name = Path(name).stem
        chosen = profile if profile is not None else self.used.profile
        return LawFiles.of(books, chosen, name, list(dict.fromkeys(folders)), self.items)


@contextmanager
def _folder(work: Path | None) -> Iterator[Path]:
    """Give the folder of the work: the one named, which stays, else one that goes when the work is done."""
    if work is not None:
        work.mkdir(parents=True, exist_ok=True)
        yield work
        return
    with tempfile.TemporaryDirectory(prefix="mingdeng-backtest-") as made:
        yield Path(made)


def _progress() -> Progress:
    """Return the bar with an estimate of what is left."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn(say("left", "剩余")), TimeRemainingColumn(),
    )  # fmt: skip
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _read_source(mapping: Path, path: Path | None, writer: ShardWriter, bar: Progress) -> None:
    connector = open_connector(load_source(mapping), of_environment(), mapping.parent, path)
    task = bar.add_task(say("reading rows", "读取"), total=None)
    aside = 0
    try:
        for batch in read_all(connector, int(time.time())):
            for event in batch.events:
                writer.take(event)
            aside += len(batch.quarantined)
            bar.advance(task, batch.rows)
    except SourceFailed as failed:
        raise refuse("source/failed", mapping, str(failed), failed.zh) from failed
    finally:
        connector.close()
    if aside:
        print(say(f"{aside:,} rows do not fit the mapping.", f"{aside:,} 行与映射不符。"), file=sys.stderr)


def _read_ledger(url: str, writer: ShardWriter, bar: Progress) -> None:
    ledger = Ledger(url)
    try:
        ledger.check()
        task = bar.add_task(say("reading cases", "读取"), total=views.case_count(ledger))
        for cases, events in views.standing_events(ledger):
            for event in events:
                if not is_gathered(event):  # it is gathered anew, from what is judged here
                    writer.take(event)
            bar.advance(task, cases)
    finally:
        ledger.close()


def _judged(plan: Plan, shards: tuple[Shard, ...], kept: Path, workers: int, bar: Progress) -> Outcome:
    task = bar.add_task(say("judging parts", "研判"), total=len(shards))
    return backtest(plan, shards, kept, workers, lambda done: bar.update(task, completed=done))


def _write(outcome: Outcome, form: Form, out: Path | None, calendar: Calendar) -> None:
    rows = rows_of(outcome, lambda at: calendar.on(at).isoformat()[:7])
    columns = COLUMNS if len(outcome.halves) == 1 else (*COLUMNS, *COMPARED)
    with writing(out) as stream:
        if form is Form.JSON:
            differing = [
                {"case": str(case_id), "light": light.value, "against": other.value}
                for case_id, light, other in outcome.differing
            ]
            told = {"cases": outcome.cases, "events": outcome.events, "rows": rows, "differing": differing}
            json.dump(told, stream, ensure_ascii=False, indent=1)
            stream.write("\n")
        elif form is Form.CSV:
            _csv(rows, columns, stream)
        else:
            _table(rows, columns, stream)


def _csv(rows: Iterable[dict[str, Value]], columns: Iterable[str], stream: TextIO) -> None:
    writer = csv.DictWriter(stream, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: cell(value) for name, value in row.items()} for row in rows)


def _table(rows: Iterable[dict[str, Value]], columns: Iterable[str], stream: TextIO) -> None:
    from rich.table import Table

    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*(str(row[name]) for name in columns))
    console = Console(file=stream)
    if not console.is_terminal:
        console = Console(file=stream, width=240, soft_wrap=True)
    console.print(table, markup=False)


def _write_cards(outcome: Outcome, cards: Path | None, calendar: Calendar) -> None:
    """Write every card; with two laws each side under its own number."""
    if cards is None:
        return
    shown: Callable[[int], str] = lambda at: iso(at, calendar.zone)  # noqa: E731
    with writing(cards) as stream:
        rows = (
            {"law": number, **row}
            for number, half in enumerate(outcome.halves, start=1)
            for row in card_rows(half.cards, shown)
        )
        names = ("law", "at", "case", "rule", "colour", "unit", "what", "proposes", "counts_at", "held_by")
        _csv(rows, names, stream)


def _say(outcome: Outcome, plan: Plan) -> None:
    """Tell on standard error what was judged and what could not be."""
    lost = outcome.halves[0].lost
    for each in lost[:SHOWN_LOST]:
        print(f"{each.case_id}: {each.reason}", file=sys.stderr)
    cards = [sum(not card.proposed for card in half.cards) for half in outcome.halves]
    print(
        say(
            f"{outcome.cases:,} cases, {outcome.events:,} events; {cards[0]:,} cards; {len(lost):,} cases could not be judged.",
            f"{outcome.cases:,} 件，{outcome.events:,} 个事件；{cards[0]:,} 张牌；无法研判 {len(lost):,} 件。",
        ),
        file=sys.stderr,
    )
    if len(plan.laws) > 1:
        differing = len(outcome.differing)
        print(
            say(
                f"The other side: {cards[1]:,} cards; {differing:,} cases have another light.",
                f"对比方：{cards[1]:,} 张牌；{differing:,} 件的灯不同。",
            ),
            file=sys.stderr,
        )
