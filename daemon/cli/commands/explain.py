"""``mingdeng explain``: why a case has its light."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from daemon.cli.language import chosen
from daemon.cli.options import CONFIG, Config, instant
from rules.problems import UserError, refuse


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("explain")
    def explain(
        case: Annotated[str, typer.Argument(help="The case, as namespace/kind/number.")],
        at: Annotated[str | None, typer.Option(help="As of this instant; now if not given.")] = None,
        config: Config = CONFIG,
    ) -> None:
        """Say why a case has its light: clocks day by day, findings with values, articles and source rows."""
        from daemon.bootstrap import law_of
        from daemon.settingsfile import load_settings
        from ledger import Ledger, views
        from rules.engine import ChildEngine
        from rules.explain import explain as explained
        from rules.facts import CaseId

        settings = load_settings(config)
        law = law_of(settings)
        now = instant(at, settings.rules.zone, "--at") if at is not None else int(time.time())
        if case.count("/") < 2:
            raise _unknown(case)
        ledger = Ledger(settings.ledger.url)
        try:
            ledger.check()
            view = views.case(ledger, CaseId.parse(case))
        finally:
            ledger.close()
        if view is None:
            raise _unknown(case)
        with ChildEngine() as engine:
            print(explained(view.case, law.context(engine), now, chosen()))


def _unknown(case: str) -> UserError:
    return refuse(
        "cli/case", case, "The ledger knows no such case.", "台账中没有这个案件。",
        mend_en="Name it as namespace/kind/number, such as licensing/application/2024-00017.",
        mend_zh="请写成 命名空间/类别/编号，如 licensing/application/2024-00017。",
    )  # fmt: skip
