"""``mingdeng items``: imports an item catalogue (事项目录), checks it, and shows what changed."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from daemon.cli.commands.rules import add_publishing
from daemon.cli.language import chosen, say
from rules.problems import Problem, UserError, refuse, render

if TYPE_CHECKING:
    from rules.itemdiff import ItemChange


class Form(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"


def add_to(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(help="The item catalogue.", no_args_is_help=True)
    app.add_typer(group, name="items")

    @group.command("import")
    def import_(
        file: Annotated[Path, typer.Argument(help="The department's table: CSV, XLSX, NDJSON or JSON.")],
        mapping: Annotated[Path, typer.Option(help="Which column says what.")],
        by: Annotated[str, typer.Option(help="Who enters it; somebody else has to approve it.")],
        out: Annotated[Path, typer.Option(help="Catalogue file to write.")],
        onto: Annotated[
            Path | None, typer.Option(help="Catalogue that stands; unchanged versions keep their approval.")
        ] = None,
    ) -> None:
        """Import a catalogue as drafts, which judge nothing until a second person approves them."""
        _import(file, mapping, by, out, onto)

    @group.command("check")
    def check(
        file: Annotated[Path, typer.Argument(help="Catalogue file.")],
        calendar: Annotated[str, typer.Option(help="Calendar by which days and working days are compared.")] = "cn",
        cut: Annotated[str, typer.Option(help="By how much a promise has to be below the statutory limit.")] = "30%",
    ) -> None:
        """Say what in a catalogue cannot be right; exit 1 if there is anything."""
        _check(file, calendar, cut)

    @group.command("diff")
    def diff(
        old: Annotated[Path, typer.Argument(help="Catalogue before.")],
        new: Annotated[Path, typer.Argument(help="Catalogue after.")],
        form: Annotated[Form, typer.Option("--format", help="For people or for programs.")] = Form.TEXT,
    ) -> None:
        """Say what changed from one catalogue to another, version by version."""
        _diff(old, new, form)

    add_publishing(group)


def _import(file: Path, mapping: Path, by: str, out: Path, standing: Path | None) -> None:
    from daemon.itemtables import read_table
    from rules.itementries import read_entries
    from rules.itemimport import import_items, load_mapping, onto
    from rules.itemwriting import as_yaml

    part = load_mapping(mapping)
    imported = import_items(part, read_table(file, part.read, part.columns()), str(file), by)
    before = read_entries(standing) if standing is not None else None
    if before is not None and before.problems:
        raise UserError(before.problems)
    made = onto(before.entries if before is not None else (), imported)
    try:
        out.write_text(as_yaml(made, part.catalogue), encoding="utf-8")
    except OSError as error:
        raise refuse(
            "cli/out", out, f"The file cannot be written: {error.strerror}.", f"无法写入文件：{error.strerror}。"
        ) from error
    waiting = sum(entry.draft for entry in made)
    print(
        say(
            f"{len(imported):,} versions read; {len(made):,} in {out}, of which {waiting:,} wait for approval.",
            f"读取 {len(imported):,} 个版本；{out} 共 {len(made):,} 个，其中 {waiting:,} 个待审核。",
        )
    )


def _check(file: Path, calendar: str, cut: str) -> None:
    from rules.calendarbook import open_calendars
    from rules.itementries import read_entries
    from rules.itemfindings import findings
    from rules.quantities import share

    try:
        least = share(cut)
    except ValueError as error:
        raise refuse("cli/cut", "--cut", f"{error}.", f"“{cut}”不是比例。", mend_en="Write it like 30%.",
                     mend_zh="请写成 30%。") from error  # fmt: skip
    folders = [Path(calendar)] if Path(calendar).suffix in {".yaml", ".yml"} else []
    name = Path(calendar).stem if folders else calendar
    read = read_entries(file)
    problems: list[Problem] = [*read.problems]
    problems += findings(read.entries, open_calendars(folders).get(name), least)
    drafts = sum(entry.draft for entry in read.entries)
    if problems:
        print(render(problems, chosen()))
    print(
        say(
            f"{len(read.entries) + len(read.problems):,} versions, {drafts:,} waiting for approval; {len(problems):,} findings.",
            f"{len(read.entries) + len(read.problems):,} 个版本，待审核 {drafts:,} 个；发现问题 {len(problems):,} 项。",
        )
    )
    if problems:
        raise typer.Exit(1)


def _diff(old: Path, new: Path, form: Form) -> None:
    from rules.itemdiff import diff
    from rules.itementries import read_entries

    before, after = read_entries(old), read_entries(new)
    if before.problems or after.problems:
        raise UserError([*before.problems, *after.problems])
    changes = diff(before.entries, after.entries)
    if form is Form.JSON:
        said = [
            {**change._asdict(), "from_on": str(change.from_on), "direction": change.direction} for change in changes
        ]
        print(json.dumps(said, ensure_ascii=False, indent=2))
        return
    for change in changes:
        print(_line(change))
    print(say(f"{len(changes):,} changes.", f"共 {len(changes):,} 处变化。"))


def _line(change: ItemChange) -> str:
    head = say(
        f"{change.code} {change.name}, from {change.from_on}", f"{change.code} {change.name}，自 {change.from_on} 起"
    )
    if change.kind != "changed":
        return f"{head}: " + {"added": say("added", "新增"), "removed": say("removed", "删除")}[change.kind]
    nothing = say("nothing", "无")
    before, after = (nothing if value is None else str(value) for value in (change.before, change.after))
    way = {"shorter": say(" (shorter)", "（缩短）"), "longer": say(" (longer)", "（延长）")}.get(change.direction, "")
    return f"{head}: {change.field} {before} → {after}{way}"
