"""The one-time key of a form: whoever sends a form again, not knowing whether it arrived, is led to what it made."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import msgspec
from starlette.requests import Request

from console.access.callers import who
from ledger.idempotency import Sent

FIELD: Final = "once"
LONGEST: Final = 64


def new_key() -> str:
    """Return a key for a form that is about to be shown."""
    return secrets.token_urlsafe(18)


def sent(request: Request, key: str, said: Mapping[str, str]) -> Sent | None:
    """Return what tells this form from any other: its key and what it says; None for a form without a key."""
    if not key or len(key) > LONGEST or not key.isprintable():
        return None
    return Sent(who(request).account, key, sha256(msgspec.json.encode([request.url.path, dict(said)])).digest())
