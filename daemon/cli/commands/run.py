"""``mingdeng run``: the daemon, until it is told to stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import typer

from daemon.cli.language import say
from daemon.cli.options import CONFIG, Config

if TYPE_CHECKING:
    from ledger import Ledger

Invite: TypeAlias = "Callable[[Ledger, str, int], Sequence[tuple[str, str]]]"
"""Given the ledger, the address of the pages and the instant: pairs of a person and a link."""


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("run")
    def run(config: Config = CONFIG) -> None:
        """Supervise with these settings until Ctrl-C or SIGTERM."""
        serve(config)


def serve(config: Path, *inboxes: Path, invite: Invite | None = None) -> None:
    """Assemble, start, say where to look, wait for a signal, stop.

    ``invite`` returns who may sign in by which link, to be shown once; by itself it is the first administrator.
    """
    from daemon.access import first_link
    from daemon.bootstrap import assemble
    from daemon.cli.waiting import until_told
    from daemon.log import configure
    from daemon.settingsfile import load_settings

    settings = load_settings(config)
    configure(settings.log.level, settings.log.format)
    house = assemble(settings, str(config))
    try:
        base_url, now = settings.console.public_url or house.url, int(time.time())
        links = invite(house.ledger, base_url, now) if invite is not None else []
        first = first_link(house.ledger, base_url, settings.access.link, now)
        if first is not None:
            links = [*links, (say("administrator", "系统管理员"), first)]
        until_told(house, inboxes, links)
    finally:
        house.stop()
