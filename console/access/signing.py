"""Signing in: what is checked, in which order, and what is said; a stranger learns nothing about which accounts exist."""

from __future__ import annotations

from typing import Final

from console.access import factors, passwords
from console.access.access import Access
from console.access.links import CHOOSE_PASSWORD
from console.access.roles import Role, Verdict
from ledger import Ledger
from ledger.accounts import Account
from ledger.sessions import NEW_FACTOR, NEW_PASSWORD, SECOND_FACTOR, WHOLE
from rules.facts import Instant

WRONG: Final = Verdict(False, "账号或密码不正确。", "The account or the password is not right.")
WRONG_CODE: Final = Verdict(False, "验证码不正确或已用过。", "The code is not right, or was used before.")
NO_LINK: Final = Verdict(
    False, "此链接已用过、已过期或有误。请向系统管理员另取一个。",
    "This link was used before, is over, or is wrong. Ask an administrator for another.",
)  # fmt: skip


def account_name(typed: str) -> str:
    """Return the account that was meant: without spaces around, in small letters."""
    return typed.strip().casefold()[:64]


def with_password(ledger: Ledger, access: Access, typed: str, password: str, now: Instant) -> Account | Verdict:
    """Return the account whose password this is, or what to say to whoever typed it."""
    name = account_name(typed)
    wait = ledger.accounts.attempt(name, now, access.lock_after, access.lock_seconds, access.lock_limit)
    if wait:
        return waiting(wait)
    account = ledger.accounts.find(name)
    right = passwords.matches(account.password_hash if account is not None else "", password)
    if account is None or not right or account.locked:
        if account is not None:
            ledger.note_act(now, who=name, act="sign_in_failed", target=name)
        return WRONG
    ledger.accounts.forgive(name)
    if passwords.is_outdated(account.password_hash):
        ledger.accounts.renew_hash(name, passwords.kept(password))
    return account


def second_factor(ledger: Ledger, access: Access, account: Account, code: str, now: Instant) -> Verdict:
    """Say whether a code proves the second factor; wrong ones wait like wrong passwords do."""
    key = f"{account.account} second factor"
    wait = ledger.accounts.attempt(key, now, access.lock_after, access.lock_seconds, access.lock_limit)
    if wait:
        return waiting(wait)
    if not factors.accepts(ledger, account, code, now):
        ledger.note_act(now, who=account.account, act="second_factor_failed", target=account.account)
        return WRONG_CODE
    ledger.accounts.forgive(key)
    return Verdict(True)


def with_link(ledger: Ledger, secret: str, now: Instant) -> tuple[Account, bool] | Verdict:
    """Use up a link; return its account and whether a password has to be chosen, or what to say."""
    used = ledger.accounts.sessions.use_link(secret, now)
    account = ledger.accounts.find(used[0]) if used is not None else None
    if used is None or account is None or account.locked:
        return NO_LINK
    ledger.accounts.forgive(account.account)
    return account, used[1] == CHOOSE_PASSWORD


def stage_after(account: Account, access: Access, *, owes_password: bool = False, proved: bool = False) -> str:
    """Return what a session still owes: the second factor first, then a new password, then a factor of its own."""
    if account.totp_secret and not proved:
        return SECOND_FACTOR
    if owes_password:
        return NEW_PASSWORD
    required = {str(role) for role in access.second_factor_for}
    if required & set(account.roles) and not account.totp_secret:
        return NEW_FACTOR
    return WHOLE


def waiting(seconds: int) -> Verdict:
    """Return what is said to somebody who has to wait."""
    return Verdict(
        False, f"失败次数过多，请于 {seconds} 秒后再试。", f"Too many failures; try again in {seconds} seconds."
    )


def roles_of(account: Account) -> frozenset[Role]:
    """Return the roles of an account that this version knows."""
    return frozenset(Role(each) for each in account.roles if each in set(Role))
