"""``mingdeng run``: the daemon, until it is told to stop."""

from __future__ import annotations

from pathlib import Path

import typer

from daemon.cli.options import CONFIG, Config


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("run")
    def run(config: Config = CONFIG) -> None:
        """Supervise with these settings until Ctrl-C or SIGTERM."""
        serve(config)


def serve(config: Path, *inboxes: Path) -> None:
    """Assemble, start, say where to look, wait for a signal, stop."""
    from daemon.bootstrap import assemble
    from daemon.cli.waiting import until_told
    from daemon.log import configure
    from daemon.settingsfile import load_settings

    settings = load_settings(config)
    configure(settings.log.level, settings.log.format)
    house = assemble(settings, str(config))
    try:
        until_told(house, inboxes)
    finally:
        house.stop()
