"""``mingdeng db upgrade``: brings the ledger to the schema of this version."""

from __future__ import annotations

import typer

from daemon.cli.language import say
from daemon.cli.options import CONFIG, Config


def add_to(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(help="The ledger's database.", no_args_is_help=True)
    app.add_typer(group, name="db")

    @group.command("upgrade")
    def upgrade(config: Config = CONFIG) -> None:
        """Bring the ledger to the schema of this version; nothing is lost, and twice is the same as once."""
        from pathlib import Path

        from daemon.settingsfile import load_settings
        from ledger import Ledger

        url = load_settings(config).ledger.url
        if url.startswith("sqlite:///"):
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        ledger = Ledger(url)
        try:
            ledger.upgrade()
            ledger.check()
        finally:
            ledger.close()
        print(say("The ledger is at the schema of this version.", "台账已是本版本的结构。"))
