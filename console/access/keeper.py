"""Keeps the accounts: each change by somebody who is named, and each in the audit chain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from console.access.acts import Act
from console.access.links import one_time_link
from console.access.roles import SUPERVISORS, Role, clashing, granted_to, role_label
from console.access.signing import account_name, roles_of
from ledger import Ledger
from ledger.accounts import Account
from rules.facts import Instant
from rules.problems import UserError, refuse

DAY: Final = 86_400
_NAME: Final = re.compile(r"[\w.@+-]{1,64}")
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps the accounts of one ledger for ``by``; links lead to ``base_url`` and hold for ``link_seconds``."""

    ledger: Ledger
    now: Instant
    by: str
    base_url: str
    link_seconds: int = DAY
    address: str = ""

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
        name = _called(name) or account
        made = self.ledger.accounts.add(account, name, roles, self.now, units=units, regions=regions)
        self._note("account_added", account, _said(roles, units, regions))
        return made

    def grant(
        self, account: str, name: str, roles: Sequence[Role], units: Sequence[str], regions: Sequence[str]
    ) -> Account:
        """Change what an account is for."""
        found = self.known(account)
        _compatible(found.account, roles)
        self._note("account_changed", found.account, _said(roles, units, regions))
        name = _called(name) or found.name
        return self.ledger.accounts.grant(found.account, name, roles, units=units, regions=regions)

    def lock(self, account: str, locked: bool) -> None:
        """Lock or unlock an account."""
        found = self.known(account)
        self._note("account_locked" if locked else "account_unlocked", found.account)
        self.ledger.accounts.set_locked(found.account, locked)

    def sign_out(self, account: str) -> None:
        """End every session of an account."""
        found = self.known(account)
        self._note("sessions_ended", found.account)
        self.ledger.accounts.sessions.end_all(found.account)

    def reset(self, account: str) -> str:
        """Take password and second factor away and return a link to choose a new password."""
        found = self.known(account)
        if found.identity is not None:
            raise refuse(
                "accounts/identity", found.account, "A provider keeps this account; it has no password here.",
                "此账号由统一身份认证管理，不设本地密码。",
            )  # fmt: skip
        self._note("account_reset", found.account)
        self.ledger.accounts.set_password(found.account, "", self.now)
        self.ledger.accounts.set_totp(found.account, "", 0)
        return self.link(found)

    def link(self, account: Account) -> str:
        """Return a link by which the account signs in once."""
        self._note("link_made", account.account)
        return one_time_link(self.ledger, account.account, self.base_url, self.now, seconds=self.link_seconds)

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

    def revoke(self, account: str, token: str) -> None:
        """End a token of an account."""
        found = self.known(account)
        self._note("token_revoked", found.account, token)
        self.ledger.accounts.tokens.revoke(found.account, token, self.now)

    def known(self, account: str) -> Account:
        """Return an account; raise ``UserError`` if there is none of that name."""
        found = self.ledger.accounts.find(account_name(account))
        if found is None:
            raise refuse(
                "accounts/unknown", account, f"There is no account '{account}'.", f"没有账号“{account}”。",
                mend_en="`mingdeng account list` shows them.", mend_zh="可用 mingdeng account list 查看。",
            )  # fmt: skip
        return found

    def _note(self, act: str, target: str, detail: str = "") -> None:
        self.ledger.note_act(self.now, who=self.by, act=act, target=target, detail=detail, address=self.address)


def is_service(account: Account) -> bool:
    """Say whether an account is a program's, for which others make tokens; nobody makes one for a supervisor."""
    roles = roles_of(account)
    return Role.SERVICE in roles and not roles & SUPERVISORS


def _called(name: str) -> str:
    """Return a person's name in one line, without what cannot be printed."""
    return "".join(letter for letter in " ".join(name.split()) if letter.isprintable())[:_LONGEST]


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
