"""``mingdeng sample``: a county of three simulated departments, and how well it was judged."""

from __future__ import annotations

import importlib
import time
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Final

import typer

from console.access.roles import Role, role_label
from daemon.cli.commands.run import Invite, serve
from daemon.cli.language import chosen, say
from daemon.cli.options import instant
from rules.problems import refuse

if TYPE_CHECKING:
    from ledger import Ledger

HOME: Final = Path("var/county")

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
            serve(county.config, county.inbox, invite=_invite(_first_unit(county.config)))
        finally:
            county.stop()

    @group.command("score")
    def score(
        findings: Annotated[Path, typer.Argument(help="CSV or JSON with case_no and rules.")],
        home: Home = HOME,
        at: Annotated[str | None, typer.Option(help="The instant of the findings; now if not given.")] = None,
    ) -> None:
        """Hold findings against what the county planted: precision and recall of each rule."""
        scoring, truth = _samples("score"), _samples("truth")
        when = instant(at, "Asia/Shanghai", "--at") if at is not None else int(time.time())
        for each in scoring.score(truth.read(home), scoring.read_findings(findings), when):
            wrong = " ".join(each.wrong[:8])
            print(f"{each.rule}  precision {each.precision:.3f}  recall {each.recall:.3f}  {wrong}".rstrip())


def _first_unit(config: Path) -> str:
    """Return the unit whose user is invited."""
    from daemon.settingsfile import load_settings

    return next(iter(load_settings(config).units), "")


def _invite(unit: str) -> Invite:
    """Return what invites the county's four people anew at every start; none of them has a password."""
    from console.access.links import JUST_SIGN_IN, one_time_link

    people = (
        (Role.INSPECTOR, "监察员", ("*",)),
        (Role.ADMINISTRATOR, "系统管理员", ("*",)),
        (Role.UNIT_USER, "单位用户", (unit,)),
        (Role.LEADER, "领导", ("*",)),
    )

    def invite(ledger: Ledger, base_url: str, now: int) -> list[tuple[str, str]]:
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
