"""``mingdeng account`` and the first start: one administrator, one link, no default password."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from console.access.roles import Role
from daemon.access import FIRST, first_link
from daemon.cli.commands.sample import _invite
from daemon.cli.entry import run
from ledger import Ledger, views
from samples.county.directory import furnish


@pytest.fixture
def config(deployment: Path) -> list[str]:
    """Return the option that names the settings."""
    return ["--config", str(deployment / "mingdeng.toml")]


def mingdeng(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Return exit code, output and errors of a command."""
    code = run(["--lang", "en", "account", *arguments])
    said = capsys.readouterr()
    return code, said.out.strip(), said.err


def test_accounts_are_added_listed_locked_and_reset(
    deployment: Path, config: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each change prints what there is to hand on, and stands in the audit chain."""
    code, link, _ = mingdeng(capsys, "add", "Clerk", "--role", "unit_user", "--unit", "market", *config)
    assert code == 0
    assert re.search(r"/sign-in/link/[\w-]{43}$", link)
    assert mingdeng(capsys, "list", *config)[1] == "clerk\tclerk\tunit user\tmarket"
    assert mingdeng(capsys, "lock", "clerk", *config)[0] == 0
    assert mingdeng(capsys, "list", *config)[1].endswith("locked")
    assert mingdeng(capsys, "unlock", "clerk", *config)[0] == 0
    assert mingdeng(capsys, "grant", "clerk", "--role", "leader", "--unit", "*", *config)[0] == 0
    assert mingdeng(capsys, "list", *config)[1] == "clerk\tclerk\tleader\t*"
    assert mingdeng(capsys, "reset", "clerk", *config)[1] != link
    assert re.fullmatch(
        r"mdt_[0-9a-f]{12}_[\w-]{43}", mingdeng(capsys, "token", "clerk", "--act", "view_board", *config)[1]
    )

    ledger = Ledger(f"sqlite:///{deployment / 'var' / 'mingdeng.sqlite3'}")
    noted = [line.act for line in reversed(views.acts(ledger, target="clerk"))]
    assert noted == [
        "account_added", "link_made", "account_locked", "account_unlocked", "account_changed", "account_reset",
        "link_made", "token_created",
    ]  # fmt: skip
    assert ledger.verify() == ()
    ledger.close()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "both", "--role", "administrator", "--role", "inspector"], "cannot be administrator and inspector"),
        (["add", "a b", "--role", "leader"], "cannot be the name of an account"),
        (["add", "there", "--role", "leader"], "already an account"),
        (["link", "nobody"], "no account 'nobody'"),
        (["token", "there", "--act", "edit_rule"], "do not grant: edit_rule"),
    ],
)
def test_what_will_not_do_is_refused_with_a_sentence(
    config: list[str], capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """And changes nothing."""
    mingdeng(capsys, "add", "there", "--role", "leader", *config)
    code, _, errors = mingdeng(capsys, *arguments, *config)

    assert (code, said in errors) == (1, True), errors


def test_a_first_start_makes_one_administrator_and_prints_one_link(ledger: Ledger) -> None:
    """No password is set; a second start makes nothing."""
    link = first_link(ledger, "http://x", 86_400, 100)
    account = ledger.accounts.find(FIRST)

    assert link is not None
    assert account is not None
    assert (account.roles, account.password_hash) == (("administrator",), "")
    assert first_link(ledger, "http://x", 86_400, 200) is None


def test_the_sample_county_invites_its_four_people_at_every_start(ledger: Ledger, tmp_path: Path) -> None:
    """With fresh links; the unit's user sees that unit only. The directory is imported at the first start alone."""
    furnish(tmp_path / "directory")
    first, second = (_invite("housing", tmp_path / "directory")(ledger, "http://x", at) for at in (100, 200))
    clerk = ledger.accounts.find("unit_user")

    assert [link for _, link in first] != [link for _, link in second]
    assert {account.account for account in ledger.accounts.all()} == {
        Role.INSPECTOR, Role.ADMINISTRATOR, Role.UNIT_USER, Role.LEADER,
    }  # fmt: skip
    assert clerk is not None
    assert clerk.units == ("housing",)
    assert ledger.directory_version() == 1
    assert first_link(ledger, "http://x", 86_400, 300) is None
