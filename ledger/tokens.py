"""Tokens of the API: shown once, kept hashed, held to some acts, ended by date or by hand."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import text

from ledger.access_tables import tokens
from ledger.engine import Store, insertion
from ledger.rows import encode
from rules.facts import Instant

MARK: Final = "mdt"
"""What every token begins with, so that one that leaked is recognised."""

TOUCH_SECONDS: Final = 60

_words: Final = msgspec.json.Decoder(tuple[str, ...]).decode
_INSERT: Final = insertion(tokens)


class Token(Struct, frozen=True, kw_only=True):
    """What is known of a token; ``token`` is its prefix, ``acts`` are those to which it is held."""

    token: str
    account: str
    label: str
    acts: tuple[str, ...]
    created_at: Instant
    expires_at: Instant
    used_at: Instant | None
    revoked_at: Instant | None


class Tokens:
    """The verbs of tokens."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, account: str, label: str, acts: Iterable[str], now: Instant, seconds: int) -> str:
        """Make a token that holds for ``seconds`` and return it whole, which is possible only now."""
        prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        row = {
            "token": prefix, "hash": sha256(secret.encode()).digest(), "account": account, "label": label[:100],
            "acts_json": encode(sorted(set(acts))), "created_at": now, "expires_at": now + seconds, "used_at": None,
            "revoked_at": None,
        }  # fmt: skip
        with self._store.writing() as connection:
            self._store.many(connection, _INSERT, [row])
        return f"{MARK}_{prefix}_{secret}"

    def find(self, whole: str, now: Instant) -> Token | None:
        """Return the token that was shown; None if it is unknown, wrong, over or revoked."""
        mark, _, rest = whole.partition("_")
        prefix, _, secret = rest.partition("_")
        if mark != MARK or not secret:
            return None
        with self._store.reading() as connection:
            row = connection.execute(text("select * from tokens where token = :token"), {"token": prefix}).first()
        if row is None or not compare_digest(bytes(row.hash), sha256(secret.encode("utf-8", "replace")).digest()):
            return None
        return _token(row) if row.expires_at > now and row.revoked_at is None else None

    def touch(self, token: Token, now: Instant) -> None:
        """Note that a token was used."""
        if token.used_at is not None and now - token.used_at < TOUCH_SECONDS:
            return
        with self._store.writing() as connection:
            query = text("update tokens set used_at = :now where token = :token")
            connection.execute(query, {"token": token.token, "now": now})

    def of(self, account: str) -> tuple[Token, ...]:
        """Return the tokens of an account, the latest first."""
        query = text("select * from tokens where account = :account order by created_at desc, token")
        with self._store.reading() as connection:
            return tuple(_token(row) for row in connection.execute(query, {"account": account}))

    def revoke(self, account: str, token: str, now: Instant) -> bool:
        """End a token of an account; False if it has none such that still works."""
        query = text(
            "update tokens set revoked_at = :now where token = :token and account = :account and revoked_at is null"
        )
        with self._store.writing() as connection:
            return bool(connection.execute(query, {"token": token, "account": account, "now": now}).rowcount)


def _token(row: Any) -> Token:
    return Token(
        token=row.token, account=row.account, label=row.label, acts=_words(row.acts_json), created_at=row.created_at,
        expires_at=row.expires_at, used_at=row.used_at, revoked_at=row.revoked_at,
    )  # fmt: skip
