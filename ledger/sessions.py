"""Who is signed in, the links by which one signs in once, and sign-ins under way at a provider."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import text

from ledger.access_tables import handshakes, links, sessions
from ledger.engine import Store, insertion
from rules.facts import Instant

WHOLE: Final = "whole"
SECOND_FACTOR: Final = "second_factor"
NEW_PASSWORD: Final = "new_password"  # noqa: S105  # a stage, not a secret
NEW_FACTOR: Final = "new_factor"

TOUCH_SECONDS: Final = 30
"""A session that was seen so recently is not written again."""


class Session(Struct, frozen=True, kw_only=True):
    """A sign-in: ``stage`` says what is owed before it counts, ``form_token`` goes with every form of it."""

    key: bytes
    account: str
    stage: str
    form_token: str
    address: str
    agent: str
    created_at: Instant
    seen_at: Instant


class Handshake(Struct, frozen=True, kw_only=True):
    """A sign-in under way at a provider: what has to come back, and where the person wanted to go."""

    nonce: str
    verifier: str
    goal: str


_BEGIN: Final = insertion(sessions)
_LINK: Final = insertion(links)
_SHAKE: Final = insertion(handshakes)
_USE: Final = text("update links set used_at = :now where link = :key and used_at is null and expires_at > :now")


class Sessions:
    """The verbs of sessions; what identifies one is only ever kept hashed."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, account: str, now: Instant, *, stage: str = WHOLE, address: str = "", agent: str = "") -> str:
        """Begin a session and return its secret, which is kept nowhere else."""
        secret = secrets.token_urlsafe(32)
        row = {
            "session": _key(secret), "account": account, "stage": stage, "form_token": secrets.token_urlsafe(24),
            "address": address[:100], "agent": agent[:200], "created_at": now, "seen_at": now,
        }  # fmt: skip
        with self._store.writing() as connection:
            self._store.many(connection, _BEGIN, [row])
        return secret

    def find(self, secret: str, now: Instant, idle: int, absolute: int) -> Session | None:
        """Return the session of a secret; None if it is unknown, was idle or is too old (both in seconds)."""
        with self._store.reading() as connection:
            row = connection.execute(text("select * from sessions where session = :key"), {"key": _key(secret)}).first()
        if row is None or now - row.seen_at >= idle or now - row.created_at >= absolute:
            return None
        return _session(row)

    def touch(self, session: Session, now: Instant) -> None:
        """Note that a session was used."""
        if now - session.seen_at < TOUCH_SECONDS:
            return
        with self._store.writing() as connection:
            query = text("update sessions set seen_at = :now where session = :key and seen_at < :now")
            connection.execute(query, {"key": session.key, "now": now})

    def of(self, account: str) -> tuple[Session, ...]:
        """Return the sessions of an account, the latest first."""
        query = text("select * from sessions where account = :account order by seen_at desc")
        with self._store.reading() as connection:
            return tuple(_session(row) for row in connection.execute(query, {"account": account}))

    def end(self, session: Session) -> None:
        """End a session."""
        with self._store.writing() as connection:
            connection.execute(text("delete from sessions where session = :key"), {"key": session.key})

    def end_all(self, account: str) -> None:
        """End every session of an account."""
        with self._store.writing() as connection:
            connection.execute(text("delete from sessions where account = :account"), {"account": account})

    def sweep(self, now: Instant, absolute: int) -> None:
        """Forget sessions, links and handshakes whose time is long over."""
        with self._store.writing() as connection:
            connection.execute(text("delete from sessions where created_at < :then"), {"then": now - absolute})
            connection.execute(text("delete from links where expires_at < :then"), {"then": now - 30 * 86_400})
            connection.execute(text("delete from handshakes where created_at < :then"), {"then": now - 3_600})

    def new_link(self, account: str, now: Instant, purpose: str, seconds: int) -> str:
        """Make a link that signs in once within ``seconds`` and return its secret; earlier ones no longer work."""
        secret = secrets.token_urlsafe(32)
        row = {
            "link": _key(secret), "account": account, "purpose": purpose, "created_at": now,
            "expires_at": now + seconds, "used_at": None,
        }  # fmt: skip
        with self._store.writing() as connection:
            query = text("delete from links where account = :account and used_at is null")
            connection.execute(query, {"account": account})
            self._store.many(connection, _LINK, [row])
        return secret

    def use_link(self, secret: str, now: Instant) -> tuple[str, str] | None:
        """Use up a link and return its account and purpose; None if it is unknown, used or over."""
        named = {"key": _key(secret), "now": now}
        with self._store.writing() as connection:
            if not connection.execute(_USE, named).rowcount:
                return None
            row = connection.execute(text("select account, purpose from links where link = :key"), named).one()
            return row.account, row.purpose

    def shake(self, state: str, handshake: Handshake, now: Instant) -> None:
        """Remember a sign-in that goes to a provider."""
        row = {
            "state": _key(state), "nonce": handshake.nonce, "verifier": handshake.verifier, "goal": handshake.goal,
            "created_at": now,
        }  # fmt: skip
        with self._store.writing() as connection:
            self._store.many(connection, _SHAKE, [row])

    def shaken(self, state: str, now: Instant, seconds: int = 600) -> Handshake | None:
        """Use up what was remembered under a state; None if it is unknown or too old."""
        named = {"key": _key(state), "since": now - seconds}
        with self._store.writing() as connection:
            row = connection.execute(
                text("delete from handshakes where state = :key and created_at >= :since returning *"), named
            ).first()
        return Handshake(nonce=row.nonce, verifier=row.verifier, goal=row.goal) if row is not None else None


def _key(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "replace")).digest()


def _session(row: Any) -> Session:
    return Session(
        key=bytes(row.session), account=row.account, stage=row.stage, form_token=row.form_token, address=row.address,
        agent=row.agent, created_at=row.created_at, seen_at=row.seen_at,
    )  # fmt: skip
