"""``mingdeng review``: reads a source once, judges it, writes one row for each case; no daemon and no ledger needed."""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from daemon.cli.judging import COLUMNS, Read, judge, law_of_files, read_source, row_of
from daemon.cli.language import chosen, say
from daemon.cli.options import instant
from daemon.cli.output import cell, writing
from daemon.cli.parquet import write_parquet
from daemon.cli.secrets import of_environment
from daemon.law import Law
from rules.facts import Instant, Value
from rules.glossary import label
from rules.judgement import Lost
from rules.problems import UserError, refuse

SHOWN_PROBLEMS: Final = 5


class Form(StrEnum):
    """How the rows are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("review")
    def review(
        source: Annotated[Path, typer.Option(help="Mapping of the source.")],
        rulebook: Annotated[
            list[Path] | None, typer.Option(help="Rulebook; may be repeated. Else the shipped ones.")
        ] = None,
        path: Annotated[Path | None, typer.Option(help="File or folder that the source reads.")] = None,
        at: Annotated[str | None, typer.Option(help="Judged as of this instant; now if not given.")] = None,
        form: Annotated[Form, typer.Option("--format", help="How rows are written.")] = Form.TABLE,
        out: Annotated[Path | None, typer.Option(help="File to write; else standard output.")] = None,
        items: Annotated[Path | None, typer.Option(help="Item catalogue.")] = None,
        calendar: Annotated[str | None, typer.Option(help="Calendar of clocks that name none.")] = None,
        profile: Annotated[str | None, typer.Option(help="Severity profile.")] = None,
    ) -> None:
        """Judge what a source holds, as of an instant: one row with its light for each case."""
        law = law_of_files(rulebook or [], calendar, items, profile)
        zone = law.default_calendar.zone
        now = instant(at, zone, "--at") if at is not None else int(time.time())
        rows, lost, read = _judged(source, path, law, now, zone)
        if form is Form.PARQUET:
            write_parquet(rows, columns_of(rows), out, zone)
        else:
            with writing(out) as stream:
                write(rows, form, stream)
        _say_what_is_missing(read, lost, len(rows), out)
        _say_what_is_mute(read, law)


def _judged(
    mapping: Path, path: Path | None, law: Law, now: Instant, zone: str
) -> tuple[list[dict[str, Value]], list[Lost], Read]:
    from connectors.base import SourceFailed, SourceRefused
    from connectors.registry import load_source, open_connector
    from rules.engine import ChildEngine

    connector = open_connector(load_source(mapping), of_environment(), Path.cwd(), path)
    rows: list[dict[str, Value]] = []
    lost: list[Lost] = []
    try:
        with _progress() as bar, ChildEngine() as engine:
            reading = bar.add_task(say("reading", "读取"), total=None)
            read = read_source(connector, now, lambda done: bar.update(reading, completed=done))
            bar.update(reading, total=read.rows)
            judging = bar.add_task(say("judging", "研判"), total=len(read.events))
            for judgements, missed in judge(read, law.context(engine), now):
                rows += [row_of(judgement, zone, now) for judgement in judgements]
                lost += missed
                bar.update(judging, completed=len(rows) + len(lost))
    except SourceRefused:
        raise  # a user's error, with a place for each of its problems
    except SourceFailed as failed:
        raise refuse("source/failed", mapping, str(failed), failed.zh) from failed
    finally:
        connector.close()
    return rows, lost, read


def _progress() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def columns_of(rows: Sequence[dict[str, Value]]) -> list[str]:
    """Return the common columns and, in the order of their names, those that any row has beyond them."""
    return [*COLUMNS, *sorted({name for row in rows for name in row} - set(COLUMNS))]


def write(rows: Sequence[dict[str, Value]], form: Form, stream: TextIO) -> None:
    """Write the rows as text."""
    columns = columns_of(rows)
    if form is Form.JSON:
        json.dump([{name: row.get(name, "") for name in columns} for row in rows], stream, ensure_ascii=False, indent=1)
        stream.write("\n")
    elif form is Form.CSV:
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: cell(value) for name, value in row.items()} for row in rows)
    else:
        _table(rows, columns, stream)


def _table(rows: Sequence[dict[str, Value]], columns: Sequence[str], stream: TextIO) -> None:
    from rich.table import Table
    from rich.text import Text

    styles = {"red": "bold red", "yellow": "yellow", "grey": "dim", "green": "green"}
    filled = [name for name in columns if any(row.get(name) not in (None, "") for row in rows)]
    table = Table(*filled, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        light = str(row["light"])
        cells = [
            Text(label("lights", light, chosen()), styles.get(light, "")) if name == "light"
            else Text("" if row.get(name) is None else str(row.get(name)))
            for name in filled
        ]  # fmt: skip
        table.add_row(*cells)
    console = Console(file=stream)
    if not console.is_terminal:
        console = Console(file=stream, width=240, soft_wrap=True)
    console.print(table)


def _say_what_is_missing(read: Read, lost: Sequence[Lost], cases: int, out: Path | None) -> None:
    """Tell on standard error what was left out, so that nothing is lost silently; raise if nothing could be judged."""
    for row in read.quarantined[:SHOWN_PROBLEMS]:
        place = f"{row.place}:{row.row}" + (f":{row.column}" if row.column else "")
        print(f"{place}: {say(row.en, row.zh)} [{row.code}]", file=sys.stderr)
    for each in lost[:SHOWN_PROBLEMS]:
        print(f"{each.case_id}: {each.reason}", file=sys.stderr)
    where = str(out) if out is not None else say("standard output", "标准输出")
    aside, gone = len(read.quarantined), len(lost)
    print(
        say(
            f"{cases:,} cases to {where}; {aside:,} rows put aside; {gone:,} cases could not be judged.",
            f"{cases:,} 件写入 {where}；隔离 {aside:,} 行；无法研判 {gone:,} 件。",
        ),
        file=sys.stderr,
    )
    if not cases and (aside or gone):
        raise _nothing(aside)


def _say_what_is_mute(read: Read, law: Law) -> None:
    """Tell how many rules about cases of these kinds have no data, so that no green light says more than it can."""
    from rules.needs import silent, told_by

    kinds = {case_id.kind for case_id in read.events}
    items = [version for found in law.catalogue.versions.values() for version in found]
    mute = sum(each.rule.part.of in kinds for each in
               silent(law.books, told_by((e for events in read.events.values() for e in events), items)))  # fmt: skip
    rules = sum(rule.part.of in kinds for book in law.books.books for rule in book.rules)
    if mute:
        print(
            say(
                f"{mute} of {rules} rules about such cases have no data here; 'mingdeng coverage' says what they lack.",
                f"针对此类案件的 {rules} 条规则中，{mute} 条没有数据；mingdeng coverage 列出所缺数据。",
            ),
            file=sys.stderr,
        )


def _nothing(aside: int) -> UserError:
    return refuse(
        "review/nothing", "--source", f"Nothing could be judged: {aside:,} rows do not fit the mapping.",
        f"没有可研判的案件：{aside:,} 行与映射不符。",
        mend_en="Compare the mapping's columns, codes and time formats with the file.",
        mend_zh="请核对映射中的列名、代码和时间格式。",
    )  # fmt: skip
