"""What people change about their own account, each change in the audit chain."""

from __future__ import annotations

from console.access import factors, passwords
from console.access.roles import YES, Verdict
from console.desk import Desk
from ledger.accounts import Account


def choose_password(desk: Desk, account: Account, new: str, again: str, address: str) -> Verdict:
    """Keep a new password, which ends every session of the account; or say why it will not do."""
    if account.identity is not None:
        return Verdict(
            False,
            "此账号由统一身份认证管理，不设本地密码。",
            "The provider keeps this account; it has no password here.",
        )
    if new != again:
        return Verdict(False, "两次输入的新密码不一致。", "The two new passwords differ.")
    verdict = passwords.acceptable(new, account.account, account.name, desk.access.password_length)
    if not verdict:
        return verdict
    desk.ledger.accounts.set_password(account.account, passwords.kept(new), desk.now())
    _note(desk, account, "password_changed", address)
    return YES


def set_up_factor(desk: Desk, account: Account, secret: str, code: str, address: str) -> list[str] | None:
    """Keep a second factor that the person's app knows, and return its recovery codes; None if the code is wrong."""
    step = factors.step_of(secret, code, desk.now()) if factors.is_secret(secret) else None
    if step is None:
        return None
    codes = factors.new_codes()
    desk.ledger.accounts.set_totp(account.account, secret, step, codes)
    _note(desk, account, "second_factor_set", address)
    return codes


def remove_factor(desk: Desk, account: Account, address: str) -> None:
    """Take the second factor away."""
    desk.ledger.accounts.set_totp(account.account, "", 0)
    _note(desk, account, "second_factor_removed", address)


def _note(desk: Desk, account: Account, act: str, address: str) -> None:
    desk.ledger.note_act(desk.now(), who=account.account, act=act, target=account.account, address=address)
