"""Passwords: kept as argon2id, and refused where they would be guessed first."""

from __future__ import annotations

from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from console.access.roles import YES, Verdict

LONGEST: Final = 256
WEAKEST: Final = 2
"""The least score of zxcvbn (0 to 4): below it, ten million guesses find the password."""

_HASHER: Final = PasswordHasher()
_COMMON: Final = frozenset(FREQUENCY_LISTS["passwords"])
_AT_ONCE: Final = BoundedSemaphore(2)  # each takes 64 MiB and four cores' worth of work
_NOBODY: Final = _HASHER.hash("nobody has this password")


def kept(password: str) -> str:
    """Return what is kept of a password."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def matches(password_hash: str, password: str) -> bool:
    """Say whether this is the password; without a hash it takes as long and is never."""
    if len(password) > LONGEST:
        return False
    with _AT_ONCE:
        try:
            _HASHER.verify(password_hash or _NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
    return bool(password_hash)


def is_outdated(password_hash: str) -> bool:
    """Say whether a hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def acceptable(password: str, account: str, name: str, least: int) -> Verdict:
    """Say whether a password may be chosen: long enough, not one of the common, not made of the account's own names."""
    if len(password) < least:
        return Verdict(False, f"密码至少 {least} 位。", f"A password has at least {least} characters.")
    if len(password) > LONGEST:
        return Verdict(False, f"密码至多 {LONGEST} 位。", f"A password has at most {LONGEST} characters.")
    plain = password.casefold()
    if account.casefold() in plain or (len(name) > 1 and name.casefold() in plain):
        return Verdict(
            False, "密码中不得含有账号或姓名。", "A password must not contain the name of the account or person."
        )
    if plain in _COMMON or zxcvbn(password[:72], user_inputs=[account, name, "mingdeng", "明灯"])["score"] < WEAKEST:
        return Verdict(
            False,
            "此密码常见或容易猜中，请换一个（例如几个不相干的词）。",
            "This password is common or easily guessed; choose another, such as a few unrelated words.",
        )
    return YES
