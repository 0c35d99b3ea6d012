"""The second factor: time-based codes (TOTP, RFC 6238), each accepted once, and recovery codes for a lost telephone."""

from __future__ import annotations

import re
import secrets
from hmac import compare_digest
from typing import Final

import pyotp
import segno

from ledger import Ledger
from ledger.accounts import Account
from rules.facts import Instant

STEP: Final = 30
CODES: Final = 10
ISSUER: Final = "Mingdeng"

_SECRET: Final = re.compile(r"[A-Z2-7]{32}")


def new_secret() -> str:
    """Return the secret of a new second factor (base32)."""
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    """Say whether this is such a secret."""
    return _SECRET.fullmatch(text) is not None


def picture(secret: str, account: str) -> str:
    """Return the QR code that authenticator apps read, as inline SVG without a style of its own."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)
    return segno.make(uri, error="m").svg_inline(scale=5, border=2)


def step_of(secret: str, code: str, now: Instant) -> int | None:
    """Return the time step whose code this is, one to either side included; None if it is of none of them."""
    typed = re.sub(r"\s", "", code)
    for step in (now // STEP, now // STEP - 1, now // STEP + 1):
        if compare_digest(pyotp.TOTP(secret).at(step * STEP).encode(), typed.encode()):
            return step
    return None


def accepts(ledger: Ledger, account: Account, code: str, now: Instant) -> bool:
    """Say whether a code of the app, or a recovery code, proves the second factor; either counts once."""
    step = step_of(account.totp_secret, code, now) if account.totp_secret else None
    if step is not None:
        return ledger.accounts.use_step(account.account, step)
    return ledger.accounts.use_recovery_code(account.account, code.strip().lower(), now)


def new_codes() -> list[str]:
    """Return fresh recovery codes, to be shown once."""
    return ["-".join(secrets.token_hex(2) for _ in range(4)) for _ in range(CODES)]
