"""The outbox of digests: what waits for one address is carried by one message, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import text

from alerts.model import Delivery
from ledger import failpoints
from ledger.engine import Store
from ledger.recording import write_deliveries
from ledger.rows import delivery_of
from rules.facts import Instant


class DueDigest(Struct, frozen=True):
    """What waits for one address and is due, the longest waiting first."""

    channel: str
    address: str
    parts: tuple[Delivery, ...]


_ADDRESSES: Final = text(
    "select channel, address from deliveries where digest_at <= :now"
    " group by channel, address order by min(digest_at), channel, address limit :limit"
)
_PARTS: Final = text(
    "select delivery_json from deliveries where digest_at <= :now and channel = :channel and address = :address"
    " order by digest_at, key limit :limit"
)
_WAITING: Final = "select key from deliveries where key in {{keys}} and digest_at is not null order by key {locking}"
_BUNDLED: Final = text("update deliveries set state = 'bundled', digest_at = null, bundle = :bundle where key = :key")
_RELEASED: Final = text("update deliveries set state = 'waiting', digest_at = null, due_at = :now where key = :key")
_COUNTS: Final = "select channel, address, day, messages from told_counts where address in {keys} and day >= :day"


def due_digests(store: Store, now: Instant, most_parts: int, limit: int = 100) -> tuple[DueDigest, ...]:
    """Return what is due, at most ``most_parts`` messages for each of at most ``limit`` addresses."""
    with store.reading() as connection:
        found = []
        for row in connection.execute(_ADDRESSES, {"now": now, "limit": limit}).all():
            about = {"now": now, "channel": row.channel, "address": row.address, "limit": most_parts}
            parts = tuple(delivery_of(part.delivery_json) for part in connection.execute(_PARTS, about))
            found.append(DueDigest(row.channel, row.address, parts))
    return tuple(found)


def send_digest(store: Store, parts: Sequence[Delivery], bundle: Delivery | None, now: Instant) -> bool:
    """Put ``bundle`` into the outbox in place of its parts, or the parts themselves if it is None.

    Return False, with nothing done, if somebody else has taken one of them meanwhile.
    """
    keys = [part.key for part in parts]
    with store.writing() as connection:
        locking = "" if store.is_sqlite else "for update"
        if len(store.among(connection, _WAITING.format(locking=locking), keys)) != len(keys):
            return False
        if bundle is None:
            store.many(connection, _RELEASED, [{"key": key, "now": now} for key in keys])
        else:
            store.many(connection, _BUNDLED, [{"key": key, "bundle": bundle.key} for key in keys])
            write_deliveries(store, connection, [bundle])
        failpoints.hit("before-digest")
    return True


def next_digest_at(store: Store) -> Instant | None:
    """Return when the next digest is due; None if nothing waits for one."""
    with store.reading() as connection:
        return connection.execute(text("select min(digest_at) from deliveries where digest_at is not null")).scalar()


def told_counts(store: Store, addresses: Sequence[str], from_day: str) -> dict[tuple[str, str, str], int]:
    """Return how many single messages (channel, address, day) has on this day and on later ones."""
    with store.reading() as connection:
        rows = store.among(connection, _COUNTS, list(addresses), day=from_day)
    return {(row.channel, row.address, row.day): row.messages for row in rows}
