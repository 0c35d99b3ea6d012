"""The lists that somebody keeps at hand: a name and the address with its filters, for each account on its own."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from sqlalchemy import Column, Table, Text, text

from ledger.engine import Store
from ledger.tables import KEY, WHOLE, metadata
from rules.facts import Instant

MOST: Final = 100
"""How many views an account may keep."""

saved_views: Final = Table(
    "saved_views",
    metadata,
    Column("account", KEY, primary_key=True),
    Column("name", KEY, primary_key=True),
    Column("address", Text, nullable=False),
    Column("saved_at", WHOLE, nullable=False),
)
"""One row per view of an account; saving under the same name replaces it."""

_SAVE: Final = text(
    "insert into saved_views (account, name, address, saved_at)"
    " select :account, :name, :address, :now where (select count(*) from saved_views where account = :account) < :most"
    " or exists (select 1 from saved_views where account = :account and name = :name)"
    " on conflict (account, name) do update set address = excluded.address, saved_at = excluded.saved_at"
)
_OF: Final = text("select name, address, saved_at from saved_views where account = :account order by name")
_DELETE: Final = text("delete from saved_views where account = :account and name = :name")


class SavedView(Struct, frozen=True):
    """A view: ``address`` is a path of the console with its filters."""

    name: str
    address: str
    saved_at: Instant


class SavedViews:
    """The verbs of saved views; each is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, account: str, name: str, address: str, now: Instant) -> bool:
        """Keep a view under a name, in place of the one before; False if the account keeps as many as it may."""
        with self._store.writing() as connection:
            values = {"account": account, "name": name, "address": address, "now": now, "most": MOST}
            return bool(connection.execute(_SAVE, values).rowcount)

    def of(self, account: str) -> tuple[SavedView, ...]:
        """Return the views of an account, by name."""
        with self._store.reading() as connection:
            rows = connection.execute(_OF, {"account": account}).all()
        return tuple(SavedView(row.name, row.address, row.saved_at) for row in rows)

    def delete(self, account: str, name: str) -> None:
        """Forget a view; nothing happens if there is none of that name."""
        with self._store.writing() as connection:
            connection.execute(_DELETE, {"account": account, "name": name})
