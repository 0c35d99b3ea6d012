"""``mingdeng sample``: a county of simulated departments, scenarios planted in one, and how well it is judged."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import typer

from console.access.roles import Role, role_label
from daemon.cli.commands.run import Invite, serve
from daemon.cli.language import chosen, say
from daemon.cli.options import instant
from rules.problems import refuse

if TYPE_CHECKING:
    from daemon.cli.scored import Scored
    from ledger import Ledger

HOME: Final = Path("var/county")

NOT_YET: Final[frozenset[str]] = frozenset()
"""Codes of planted violations for which the product has no mechanism: listed by name, never counted as found."""

Found = TypeVar("Found")

Home = Annotated[Path, typer.Option(help="Folder of the sample county.")]


def add_to(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(help="The sample county.", no_args_is_help=True)
    app.add_typer(group, name="sample")

    @group.command("up")
    def up(home: Home = HOME, seed: int = 2010, size: int = 400) -> None:
        """Make the county (or go on with it), let its departments work, and supervise them until Ctrl-C."""
        print(say("The sample county is being set up ...", "正在准备样例县……"), flush=True)
        county = _samples("run").prepare(home, seed, size)
        county.serve()
        try:
            serve(county.config, county.inbox, invite=_invite(_first_unit(county.config), home / "directory"))
        finally:
            county.stop()

    @group.command("make")
    def make(
        folder: Annotated[Path, typer.Argument(help="Empty folder for the county's feeds and its truth file.")],
        seed: Annotated[int, typer.Option(help="The same seed deals the same county.")] = 2010,
        cases: Annotated[int, typer.Option(help="Cases at least; ordinary ones fill up the scenarios.")] = 1_000,
        instances: Annotated[int, typer.Option(help="Violations of each planted scenario, with 20 look-alikes.")] = 1,
    ) -> None:
        """Deal a county with the 24 detection scenarios planted in it: feeds, catalogue, mappings, truth."""
        if folder.exists() and any(folder.iterdir()):
            raise refuse(
                "sample/taken", folder, "This folder is not empty.", "此文件夹不是空的。",
                mend_en="Name a folder that does not exist yet.", mend_zh="请指定一个尚不存在的文件夹。",
            )  # fmt: skip
        dealt = _samples("scenarios.deal").make(folder, seed, cases, max(1, instances))
        print(say(f"{len(dealt.dossiers):,} cases in {folder}.", f"{folder} 中有 {len(dealt.dossiers):,} 件。"))

    @group.command("score")
    def score(
        folder: Annotated[Path, typer.Argument(help="Folder of a county that `sample make` dealt.")],
        wrong: Annotated[int, typer.Option(help="So many wrong findings are named per scenario.")] = 5,
    ) -> None:
        """Judge a dealt county by the shipped law and hold the findings against its truth; exit 1 unless all is right."""
        from daemon.cli.scored import shown

        result = _scored(folder)
        shown(result, wrong)
        if not result.perfect:
            raise typer.Exit(1)

    @group.command("compare")
    def compare(
        findings: Annotated[Path, typer.Argument(help="CSV or JSON with case_no and rules.")],
        home: Home = HOME,
        at: Annotated[str | None, typer.Option(help="The instant of the findings; now if not given.")] = None,
    ) -> None:
        """Hold findings on the running county (`sample up`) against what it planted: precision and recall by rule."""
        scoring, truth = _samples("score"), _samples("truth")
        when = instant(at, "Asia/Shanghai", "--at") if at is not None else int(time.time())
        for each in scoring.score(_read(truth.read, home), _read(scoring.read_findings, findings), when):
            wrong = " ".join(each.wrong[:8])
            print(f"{each.rule}  precision {each.precision:.3f}  recall {each.recall:.3f}  {wrong}".rstrip())


def _scored(folder: Path) -> Scored:
    """Judge a county and return how well that went; what could not be read or judged is told on standard error."""
    from daemon.rehearsal.county import rehearse

    deal, scoring = _samples("scenarios.deal"), _samples("scenarios.score")
    truth = _read(deal.read_truth, folder)
    rehearsed = rehearse(folder, deal.judged_at(folder), lambda what: print(f"... {what}", file=sys.stderr, flush=True))
    for fault in rehearsed.faults:
        print(fault, file=sys.stderr)
    found = [tuple(each) for each in rehearsed.found]
    result: Scored = scoring.score(truth, found, rehearsed.unchanged(), frozenset(NOT_YET))
    return result


def _read(read: Callable[[Path], Found], path: Path) -> Found:
    """Read a file of a sample county; one that is not there or is none is told in a sentence."""
    try:
        return read(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise refuse(
            "sample/unreadable", path, f"This cannot be read as a file of the sample county: {error}.",
            f"无法作为样例县的文件读取：{error}。", mend_en="Deal a county with `mingdeng sample make FOLDER`.",
            mend_zh="请先用 mingdeng sample make 文件夹 生成样例县。",
        ) from error  # fmt: skip


def _first_unit(config: Path) -> str:
    """Return the unit whose user is invited."""
    from daemon.settingsfile import load_settings

    return next(iter(load_settings(config).units), "")


def _invite(unit: str, directory: Path) -> Invite:
    """Return what invites the county's four people anew at every start; none of them has a password.

    At the first start the county's directory is imported, so that ranks are held by somebody.
    """
    from alerts.directoryimport import read_directory
    from console.access.links import JUST_SIGN_IN, one_time_link
    from daemon.directorytables import read_tables

    people = (
        (Role.INSPECTOR, "监察员", ("*",)),
        (Role.ADMINISTRATOR, "系统管理员", ("*",)),
        (Role.UNIT_USER, "单位用户", (unit,)),
        (Role.LEADER, "领导", ("*",)),
    )

    def invite(ledger: Ledger, base_url: str, now: int) -> list[tuple[str, str]]:
        if ledger.directory() is None:
            ledger.import_directory(read_directory(read_tables(directory)), Role.ADMINISTRATOR, now)
        for role, name, units in people:
            if ledger.accounts.find(role) is None:
                ledger.accounts.add(role, name, [role], now, units=units)
        return [
            (role_label(role, chosen()), one_time_link(ledger, role, base_url, now, purpose=JUST_SIGN_IN))
            for role, _, _ in people
        ]

    return invite


def _samples(name: str) -> ModuleType:
    """Return a part of the sample county, which is not shipped: it is found beside the product or not at all."""
    try:
        return importlib.import_module(f"samples.county.{name}")
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("samples"):
            raise
        raise refuse(
            "sample/absent", "samples", "The sample county is not part of an installed Mingdeng.",
            "安装版不含样例县。", mend_en="Run `make run` in a checkout of the source.",
            mend_zh="请在源码目录运行 make run。",
        ) from error  # fmt: skip
