"""What ``mingdeng account`` does: the keeper of accounts, for whoever sits at this machine."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from console.access.keeper import Keeper
from console.access.roles import role_label
from console.access.signing import roles_of
from daemon.bootstrap import open_ledger
from daemon.settingsfile import load_settings
from ledger.accounts import Account
from rules.facts import Instant
from rules.problems import Language


@contextmanager
def keeping(config: Path, now: Instant) -> Iterator[Keeper]:
    """Open the ledger that the settings name, for one command."""
    settings = load_settings(config)
    console = settings.console
    base_url = console.public_url or f"http://{console.host}:{console.port}"
    ledger = open_ledger(settings.ledger.url)
    try:
        yield Keeper(ledger, now, f"cli:{_user()}", base_url, settings.access.link)
    finally:
        ledger.close()


def lines(accounts: Iterable[Account], language: Language) -> Iterator[tuple[str, ...]]:
    """Yield what a list of accounts shows: name, person, roles, scope, state."""
    for each in accounts:
        roles = ",".join(role_label(role, language) for role in sorted(roles_of(each)))
        state = ("锁定" if language == "zh" else "locked") if each.locked else ""
        yield each.account, each.name, roles, ",".join([*each.units, *each.regions]), state


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user that has no name
        return "?"
