"""What ``mingdeng account`` does: each change by whoever sits at this machine, and each in the audit chain."""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from console.access.acts import Act
from console.access.links import one_time_link
from console.access.roles import Role, clashing, granted_to, role_label
from console.access.signing import account_name, roles_of
from daemon.bootstrap import open_ledger
from daemon.settings import Settings
from daemon.settingsfile import load_settings
from ledger import Ledger
from ledger.accounts import Account
from rules.facts import Instant
from rules.problems import Language, UserError, refuse

DAY: Final = 86_400
_NAME: Final = re.compile(r"[\w.@+-]{1,64}")


@contextmanager
def keeping(config: Path, now: Instant) -> Iterator[Keeper]:
    """Open the ledger that the settings name, for one command."""
    settings = load_settings(config)
    ledger = open_ledger(settings.ledger.url)
    try:
        yield Keeper(settings, ledger, now)
    finally:
        ledger.close()


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps the accounts of one ledger."""

    settings: Settings
    ledger: Ledger
    now: Instant

    def add(
        self, account: str, name: str, roles: Sequence[Role], units: Sequence[str], regions: Sequence[str]
    ) -> Account:
        """Make an account; raise ``UserError`` if its name or its roles will not do."""
        account = account_name(account)
        if _NAME.fullmatch(account) is None:
            raise refuse(
                "accounts/name", account, f"'{account}' cannot be the name of an account.", f"“{account}”不能作为账号名。",
                mend_en="Use letters, digits and . @ + - _ only.", mend_zh="只用文字、数字和 . @ + - _。",
            )  # fmt: skip
        _compatible(account, roles)
        made = self.ledger.accounts.add(account, name or account, roles, self.now, units=units, regions=regions)
        self._note("account_added", account, _said(roles, units, regions))
        return made

    def grant(
        self, account: str, name: str, roles: Sequence[Role], units: Sequence[str], regions: Sequence[str]
    ) -> Account:
        """Change what an account is for."""
        found = self.known(account)
        _compatible(found.account, roles)
        self._note("account_changed", found.account, _said(roles, units, regions))
        return self.ledger.accounts.grant(found.account, name or found.name, roles, units=units, regions=regions)

    def lock(self, account: str, locked: bool) -> None:
        """Lock or unlock an account."""
        found = self.known(account)
        self._note("account_locked" if locked else "account_unlocked", found.account)
        self.ledger.accounts.set_locked(found.account, locked)

    def reset(self, account: str) -> str:
        """Take password and second factor away and return a link to choose a new password."""
        found = self.known(account)
        self._note("account_reset", found.account)
        self.ledger.accounts.set_password(found.account, "", self.now)
        self.ledger.accounts.set_totp(found.account, "", 0)
        return self.link(found)

    def link(self, account: Account) -> str:
        """Return a link by which the account signs in once."""
        self._note("link_made", account.account)
        seconds = self.settings.access.link
        return one_time_link(self.ledger, account.account, self._base_url(), self.now, seconds=seconds)

    def token(self, account: str, acts: Sequence[Act], label: str, days: int) -> str:
        """Return a new token, held to ``acts`` or to everything that its roles may."""
        found = self.known(account)
        may = granted_to(roles_of(found))
        if beyond := [act for act in acts if act not in may]:
            raise refuse(
                "accounts/token", found.account,
                f"The roles of '{found.account}' do not grant: {', '.join(beyond)}.",
                f"账号“{found.account}”的角色无此权限：{'、'.join(beyond)}。",
            )  # fmt: skip
        whole = self.ledger.accounts.tokens.create(found.account, label, acts or sorted(may), self.now, days * DAY)
        self._note("token_created", found.account, whole.split("_")[1])
        return whole

    def known(self, account: str) -> Account:
        """Return an account; raise ``UserError`` if there is none of that name."""
        found = self.ledger.accounts.find(account_name(account))
        if found is None:
            raise refuse(
                "accounts/unknown", account, f"There is no account '{account}'.", f"没有账号“{account}”。",
                mend_en="`mingdeng account list` shows them.", mend_zh="可用 mingdeng account list 查看。",
            )  # fmt: skip
        return found

    def _base_url(self) -> str:
        console = self.settings.console
        return console.public_url or f"http://{console.host}:{console.port}"

    def _note(self, act: str, target: str, detail: str = "") -> None:
        self.ledger.note_act(self.now, who=f"cli:{_user()}", act=act, target=target, detail=detail)


def lines(accounts: Iterable[Account], language: Language) -> Iterator[tuple[str, ...]]:
    """Yield what a list of accounts shows: name, person, roles, scope, state."""
    for each in accounts:
        roles = ",".join(role_label(role, language) for role in sorted(roles_of(each)))
        state = ("锁定" if language == "zh" else "locked") if each.locked else ""
        yield each.account, each.name, roles, ",".join([*each.units, *each.regions]), state


def _compatible(account: str, roles: Sequence[Role]) -> None:
    problems = [
        problem
        for one, other in clashing(roles)
        for problem in refuse(
            "accounts/roles", account,
            f"One account cannot be {role_label(one, 'en')} and {role_label(other, 'en')}.",
            f"同一账号不能兼任{role_label(one, 'zh')}与{role_label(other, 'zh')}。",
            mend_en="Make two accounts for two persons.", mend_zh="请由两人分设两个账号。",
        ).problems
    ]  # fmt: skip
    if problems:
        raise UserError(problems)


def _said(roles: Sequence[Role], units: Sequence[str], regions: Sequence[str]) -> str:
    return f"roles {' '.join(roles)}; units {' '.join(units)}; regions {' '.join(regions)}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user that has no name
        return "?"
