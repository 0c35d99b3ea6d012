"""Accounts, what they know (password, second factor) and how often somebody guessed wrong."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, text

from ledger.access_tables import recovery_codes
from ledger.engine import Store, insertion
from ledger.rows import encode
from ledger.sessions import Sessions
from ledger.tokens import Tokens
from rules.facts import Instant
from rules.problems import refuse


class Account(Struct, frozen=True, kw_only=True):
    """Somebody, or something, that may sign in; ``password_hash`` and ``totp_secret`` are empty where there is none."""

    account: str
    name: str
    roles: tuple[str, ...]
    regions: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    identity: str | None = None
    password_hash: str = ""
    password_at: Instant | None = None
    totp_secret: str = ""
    totp_step: int = 0
    locked: bool = False
    created_at: Instant = 0
    signed_in_at: Instant | None = None


class Failures(Struct, frozen=True, kw_only=True):
    """How often a name failed to sign in since it last succeeded, and until when it has to wait."""

    count: int = 0
    until_at: Instant = 0


FORGOTTEN_AFTER: Final = 86_400
"""Failures of a name that is not tried for so long no longer count."""

_words: Final = msgspec.json.Decoder(tuple[str, ...]).decode
_ADD: Final = text(
    "insert into accounts (account, name, roles_json, regions_json, units_json, identity, created_at)"
    " values (:account, :name, :roles, :regions, :units, :identity, :now) on conflict do nothing"
)
_GRANT: Final = text(
    "update accounts set name = :name, roles_json = :roles, regions_json = :regions, units_json = :units"
    " where account = :account"
)
_FAILURES: Final = text("select count, until_at from failures where name = :name")
_HOLD: Final = text(
    "insert into failures (name, count, until_at, last_at) values (:name, 0, 0, :now) on conflict (name)"
    " do update set last_at = failures.last_at"  # changes nothing, and lets one at a time have the row
)
_COUNT: Final = text("update failures set count = :count, until_at = :until, last_at = :now where name = :name")
_STEP: Final = text("update accounts set totp_step = :step where account = :account and totp_step < :step")
_SPEND: Final = text(
    "update recovery_codes set used_at = :now where account = :account and code = :code and used_at is null"
)
_CODE: Final = insertion(recovery_codes)


class Accounts:
    """The verbs of accounts; each is one transaction. ``sessions`` and ``tokens`` have their own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @cached_property
    def sessions(self) -> Sessions:
        """Who is signed in, and the links by which one signs in once."""
        return Sessions(self._store)

    @cached_property
    def tokens(self) -> Tokens:
        """Tokens of the API."""
        return Tokens(self._store)

    def add(
        self, account: str, name: str, roles: Iterable[str], now: Instant, *, regions: Iterable[str] = (),
        units: Iterable[str] = (), identity: str | None = None,
    ) -> Account:  # fmt: skip
        """Make an account that nobody can sign in to yet; raise ``UserError`` if the name is taken."""
        values = {**_granted(account, name, roles, regions, units), "identity": identity, "now": now}
        with self._store.writing() as connection:
            if not connection.execute(_ADD, values).rowcount:
                raise refuse(
                    "accounts/taken", account,
                    f"There is already an account '{account}'.", f"账号“{account}”已存在。",
                    mend_en="Choose another name.", mend_zh="请另选账号名。",
                )  # fmt: skip
            return _one(connection, account)

    def grant(
        self, account: str, name: str, roles: Iterable[str], *, regions: Iterable[str] = (), units: Iterable[str] = ()
    ) -> Account:
        """Change what an account is for; it holds from its next request on."""
        with self._store.writing() as connection:
            connection.execute(_GRANT, _granted(account, name, roles, regions, units))
            return _one(connection, account)

    def find(self, account: str) -> Account | None:
        """Return an account; None if there is none of that name."""
        return self._first("account", account)

    def of_identity(self, identity: str) -> Account | None:
        """Return the account that belongs to an identity of a provider."""
        return self._first("identity", identity)

    def all(self) -> tuple[Account, ...]:
        """Return every account, by name."""
        with self._store.reading() as connection:
            return tuple(_account(row) for row in connection.execute(text("select * from accounts order by account")))

    def set_password(self, account: str, password_hash: str, now: Instant) -> None:
        """Keep a new password; every session of the account ends."""
        self._update(account, "password_hash = :hash, password_at = :now", hash=password_hash, now=now)
        self.sessions.end_all(account)

    def renew_hash(self, account: str, password_hash: str) -> None:
        """Keep the same password under stronger parameters; nobody is signed out."""
        self._update(account, "password_hash = :hash", hash=password_hash)

    def set_locked(self, account: str, locked: bool) -> None:
        """Lock an account, which ends its sessions, or unlock it, which forgets its failures."""
        self._update(account, "locked = :locked", locked=locked)
        if locked:
            self.sessions.end_all(account)
        else:
            self.forgive(account)

    def set_totp(self, account: str, secret: str, step: int, codes: Iterable[str] = ()) -> None:
        """Keep a second factor and its recovery codes; an empty secret takes it away."""
        with self._store.writing() as connection:
            named = {"account": account, "secret": secret, "step": step}
            connection.execute(
                text("update accounts set totp_secret = :secret, totp_step = :step where account = :account"), named
            )
            connection.execute(text("delete from recovery_codes where account = :account"), named)
            rows = [{"account": account, "code": hashed(code), "used_at": None} for code in codes]
            self._store.many(connection, _CODE, rows)

    def use_step(self, account: str, step: int) -> bool:
        """Note that the code of a time step was used; False if it, or a later one, was used before."""
        with self._store.writing() as connection:
            return bool(connection.execute(_STEP, {"account": account, "step": step}).rowcount)

    def use_recovery_code(self, account: str, code: str, now: Instant) -> bool:
        """Use up a recovery code; False if there is none such left."""
        with self._store.writing() as connection:
            spent = connection.execute(_SPEND, {"account": account, "code": hashed(code), "now": now})
            return bool(spent.rowcount)

    def recovery_codes_left(self, account: str) -> int:
        """Return how many recovery codes were not used yet."""
        query = text("select count(*) from recovery_codes where account = :account and used_at is null")
        with self._store.reading() as connection:
            return int(connection.execute(query, {"account": account}).scalar_one())

    def failures(self, name: str, now: Instant) -> Failures:
        """Return how often a name failed of late."""
        query = text("select count, until_at from failures where name = :name and last_at >= :since")
        with self._store.reading() as connection:
            row = connection.execute(query, {"name": name, "since": now - FORGOTTEN_AFTER}).first()
        return Failures(count=int(row[0]), until_at=int(row[1])) if row is not None else Failures()

    def attempt(self, name: str, now: Instant, after: int, first: int, limit: int) -> int:
        """Count a try at signing in as failed, until ``forgive`` says otherwise; return how many seconds it has to wait.

        0: it may be tried. The ``after``-th try in a row begins a wait of ``first`` seconds, which doubles with each
        further one up to ``limit``. Counting first lets no two tries share one chance.
        """
        named = {"name": name, "now": now, "forgotten": now - FORGOTTEN_AFTER}
        with self._store.writing() as connection:
            connection.execute(text("delete from failures where last_at < :forgotten"), named)
            connection.execute(_HOLD, named)
            row = connection.execute(_FAILURES, named).one()
            if row.until_at > now:
                return int(row.until_at) - now
            count = int(row[0]) + 1
            wait = min(limit, first * 2 ** min(count - after, 30)) if count >= after else 0
            connection.execute(_COUNT, {**named, "count": count, "until": now + wait})
            return 0

    def forgive(self, name: str) -> None:
        """Forget the failures of a name."""
        with self._store.writing() as connection:
            connection.execute(text("delete from failures where name = :name"), {"name": name})

    def signed_in(self, account: str, now: Instant) -> None:
        """Note that an account signed in; its failures are forgotten."""
        self._update(account, "signed_in_at = :now", now=now)
        self.forgive(account)

    def _first(self, column: str, value: str) -> Account | None:
        query = text(f"select * from accounts where {column} = :value")  # noqa: S608 - own names
        with self._store.reading() as connection:
            row = connection.execute(query, {"value": value}).first()
        return _account(row) if row is not None else None

    def _update(self, account: str, change: str, **values: object) -> None:
        query = text(f"update accounts set {change} where account = :account")  # noqa: S608 - own names
        with self._store.writing() as connection:
            connection.execute(query, {"account": account, **values})


def hashed(secret: str) -> bytes:
    """Return what is kept of a random secret; it is long enough that one hash suffices."""
    return sha256(secret.encode()).digest()


def _granted(
    account: str, name: str, roles: Iterable[str], regions: Iterable[str], units: Iterable[str]
) -> dict[str, object]:
    return {
        "account": account, "name": name, "roles": encode(sorted(set(roles))),
        "regions": encode(sorted(set(regions))), "units": encode(sorted(set(units))),
    }  # fmt: skip


def _one(connection: Connection, account: str) -> Account:
    row = connection.execute(text("select * from accounts where account = :account"), {"account": account}).first()
    if row is None:
        raise refuse("accounts/unknown", account, f"There is no account '{account}'.", f"没有账号“{account}”。")
    return _account(row)


def _account(row: Any) -> Account:
    return Account(
        account=row.account, name=row.name, roles=_words(row.roles_json), regions=_words(row.regions_json),
        units=_words(row.units_json), identity=row.identity, password_hash=row.password_hash,
        password_at=row.password_at, totp_secret=row.totp_secret, totp_step=row.totp_step, locked=bool(row.locked),
        created_at=row.created_at, signed_in_at=row.signed_in_at,
    )  # fmt: skip
