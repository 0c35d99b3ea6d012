"""``mingdeng account``: who may sign in, with which roles, and the links and tokens by which they do."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.access.acts import Act
from console.access.roles import Role
from daemon.cli.language import chosen, say
from daemon.cli.options import CONFIG, Config

if TYPE_CHECKING:
    from console.access.keeper import Keeper

Name = Annotated[str, typer.Argument(help="Name of the account.")]
Roles = Annotated[list[Role], typer.Option("--role", help="What the account is for; may be given several times.")]
Units = Annotated[list[str], typer.Option("--unit", help="Unit that it sees; '*' is all; may be given several times.")]
Regions = Annotated[list[str], typer.Option("--region", help="Region that it sees; may be given several times.")]
Called = Annotated[str, typer.Option("--name", help="How the person is called.")]
Acts = Annotated[list[Act], typer.Option("--act", help="What the token may do; all that its roles may if not given.")]
Label = Annotated[str, typer.Option(help="What the token is for.")]
Days = Annotated[int, typer.Option(min=1, max=365, help="How long the token holds.")]


def add_to(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(help="Who may sign in.", no_args_is_help=True)
    app.add_typer(group, name="account")
    _add_grants(group)
    _add_locks(group)
    _add_keys(group)


def _add_grants(group: typer.Typer) -> None:
    @group.command("add")
    def add(
        account: Name, role: Roles, name: Called = "", unit: Units = [], region: Regions = [], config: Config = CONFIG,  # noqa: B006  # typer copies it
    ) -> None:  # fmt: skip
        """Make an account and print the link by which its person chooses a password."""
        with _house(config) as house:
            made = house.add(account, name, role, unit, region)
            print(house.link(made))

    @group.command("grant")
    def grant(
        account: Name, role: Roles, name: Called = "", unit: Units = [], region: Regions = [], config: Config = CONFIG,  # noqa: B006  # as above
    ) -> None:  # fmt: skip
        """Change what an account is for; it holds from its next request on."""
        with _house(config) as house:
            house.grant(account, name, role, unit, region)
            print(say(f"The account '{account}' was changed.", f"账号“{account}”已修改。"))

    @group.command("list")
    def listed(config: Config = CONFIG) -> None:
        """List the accounts."""
        from daemon.accountkeeping import lines

        with _house(config) as house:
            for line in lines(house.ledger.accounts.all(), chosen()):
                print("\t".join(line))


def _add_locks(group: typer.Typer) -> None:
    @group.command("lock")
    def lock(account: Name, config: Config = CONFIG) -> None:
        """Let nobody in under this name, and end its sessions."""
        with _house(config) as house:
            house.lock(account, True)
            print(say(f"The account '{account}' is locked.", f"账号“{account}”已锁定。"))

    @group.command("unlock")
    def unlock(account: Name, config: Config = CONFIG) -> None:
        """Let the account in again, and forget its failures."""
        with _house(config) as house:
            house.lock(account, False)
            print(say(f"The account '{account}' is unlocked.", f"账号“{account}”已解锁。"))

    @group.command("reset")
    def reset(account: Name, config: Config = CONFIG) -> None:
        """Take password and second factor away, end all sessions, and print a link to choose a new password."""
        with _house(config) as house:
            print(house.reset(account))


def _add_keys(group: typer.Typer) -> None:
    @group.command("link")
    def link(account: Name, config: Config = CONFIG) -> None:
        """Print a link by which the account signs in once and chooses a password."""
        with _house(config) as house:
            print(house.link(house.known(account)))

    @group.command("token")
    def token(
        account: Name, act: Acts = [], label: Label = "cli", days: Days = 90, config: Config = CONFIG  # noqa: B006  # as above
    ) -> None:  # fmt: skip
        """Print a new token of the API; it is shown only now."""
        with _house(config) as house:
            print(house.token(account, act, label, days))


def _house(config: Path) -> AbstractContextManager[Keeper]:
    from daemon.accountkeeping import keeping

    return keeping(config, int(time.time()))
