"""``mingdeng directory``: the organisation directory: import it, check it, see what changes, ask who would be told."""

from __future__ import annotations

import datetime as dt
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from daemon.cli.language import chosen, say
from daemon.cli.options import CONFIG, Config, instant, iso
from rules.policy import Rank
from rules.problems import Problem, UserError, refuse, render

if TYPE_CHECKING:
    from alerts.directory import Directory
    from daemon.settings import Settings

Source = Annotated[Path, typer.Argument(help="Workbook with one sheet for each table, or folder of CSV files.")]


def add_to(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(help="The organisation directory.", no_args_is_help=True)
    app.add_typer(group, name="directory")

    @group.command("import")
    def import_(
        source: Source, by: Annotated[str, typer.Option(help="Who imports it.")],
        note: Annotated[str, typer.Option(help="What is noted with it.")] = "", config: Config = CONFIG,
    ) -> None:  # fmt: skip
        """Put a directory in force, with everything that it says; former versions are kept."""
        settings = _settings(config)
        directory = _read(source, settings)
        _import(directory, settings, by, note)

    @group.command("check")
    def check(
        source: Annotated[Path | None, typer.Argument(help="Workbook or folder; without it the one in force.")] = None,
        config: Config = CONFIG,
    ) -> None:
        """Say what cannot be right and who is missing; exit 1 if there is anything."""
        settings = _settings(config)
        directory = _in_force(settings) if source is None else _read(source, settings, strict=False)
        found = _problems(directory, settings, str(source or "directory"))
        print(render(found, chosen()) if found else say("Nothing is wrong.", "未发现问题。"))
        raise typer.Exit(1 if found else 0)

    @group.command("diff")
    def diff(source: Source, config: Config = CONFIG) -> None:
        """Say what an import would change."""
        from alerts.directorydiff import directory_changes

        settings = _settings(config)
        for change in directory_changes(_in_force(settings), _read(source, settings)):
            print(f"{change.sign} {change.table}: {change.line}")

    @group.command("who")
    def who(
        unit: Annotated[str, typer.Argument(help="Unit.")],
        rank: Annotated[Rank, typer.Argument(help="Rank, R0 to R5.")],
        at: Annotated[str, typer.Option(help="When; now if not given.")] = "",
        config: Config = CONFIG,
    ) -> None:
        """Say who would be told for a unit and a rank, and why; exit 1 if nobody would."""
        raise typer.Exit(_who(_settings(config), unit, rank, at))


def _settings(config: Path) -> Settings:
    from daemon.settingsfile import load_settings

    return load_settings(config)


def _today(settings: Settings) -> dt.date:
    return dt.datetime.now(ZoneInfo(settings.rules.zone)).date()


def _read(source: Path, settings: Settings, *, strict: bool = True) -> Directory:
    """Return the directory of a source; raise ``UserError`` with its errors. Warnings go to standard error."""
    from alerts.directoryimport import read_directory
    from daemon.directorytables import read_tables

    directory = read_directory(read_tables(source))
    if strict:
        found = _problems(directory, settings, str(source))
        errors = [problem for problem in found if problem.severity == "error"]
        if errors:
            raise UserError(errors)
        if found:
            print(render(found, chosen()), file=sys.stderr)
    return directory


def _problems(directory: Directory, settings: Settings, file: str) -> tuple[Problem, ...]:
    from alerts.directorycheck import check_directory

    return check_directory(directory, _today(settings), tuple(settings.channels), file)


def _in_force(settings: Settings) -> Directory:
    from contextlib import closing

    from alerts.directory import Directory
    from daemon.bootstrap import open_ledger

    with closing(open_ledger(settings.ledger.url)) as ledger:
        return ledger.directory() or Directory()


def _import(directory: Directory, settings: Settings, by: str, note: str) -> None:
    from contextlib import closing

    from alerts.directory import Directory
    from alerts.directorydiff import directory_changes
    from daemon.bootstrap import open_ledger

    if not by.strip():
        raise refuse("directory/by", "--by", "Say who imports it.", "请写明导入人。")
    with closing(open_ledger(settings.ledger.url)) as ledger:
        changes = sum(1 for _ in directory_changes(ledger.directory() or Directory(), directory))
        before, now = ledger.directory_version(), int(time.time())
        version = ledger.import_directory(directory, by, now, note)
        if version == before:
            print(say(f"Nothing changed; version {version} stays in force.", f"无变化，第 {version} 版继续有效。"))
            return
        ledger.note_act(now, who=by, act="import_directory", target=str(version), detail=note)
    print(
        say(f"Version {version} is in force; {changes} lines changed.", f"第 {version} 版已生效，变动 {changes} 行。")
    )


def _who(settings: Settings, unit: str, rank: Rank, at: str) -> int:
    from alerts.routing import Routing
    from daemon.alerting import routes_of

    now = instant(at, settings.rules.zone, "--at") if at else int(time.time())
    routing = Routing(routes_of(settings, ""), _in_force(settings), settings.rules.zone)
    recipients = routing.recipients(unit, rank, now)
    held, colon = routing.asked(unit, rank, now), say(": ", "：")
    print(f"{unit} {rank.value} {iso(now, settings.rules.zone)}")
    for each in recipients:
        acting = say(f" (for {each.acting_for})", f"（代 {each.acting_for}）") if each.acting_for else ""
        print(f"  {each.name}{acting}{colon}{each.channel} {each.address}")
    if not recipients:
        print(say("  nobody: the owner is told that nobody holds this rank", "  无人：将告知监督机关该层级无接收人"))
    reasons = (
        [say(why.en, why.zh) for why in held.why]
        if held
        else [say("the route table of the settings", "按配置的路由表")]
    )
    for reason in reasons:
        print(f"  - {reason}")
    return 0 if recipients else 1
