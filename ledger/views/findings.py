"""Cards in the order in which they were issued, a page at a time, for those who take them over into other systems."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from alerts.model import Card
from ledger.ledger import Ledger
from ledger.rows import card_of
from ledger.views.within import ALL, Within
from rules.facts import Instant

_ISSUED: Final = (
    "select card_json from cards where stage <> 'proposed' and issued_at >= :since and issued_at < :until"
    " and (issued_at > :at or (issued_at = :at and card_id > :card_id)) and {within}"
    " order by issued_at, card_id limit :limit"
)


def findings(
    ledger: Ledger, since: Instant, until: Instant, within: Within = ALL, limit: int = 100,
    beyond: tuple[Instant, str] | None = None,
) -> tuple[Card, ...]:  # fmt: skip
    """Return the cards issued in [since, until) as they stand now, the earliest first, also those revoked since."""
    at, card_id = beyond or (-1, "")
    query = text(_ISSUED.replace("{within}", within.sql("unit", sqlite=ledger.store.is_sqlite)))
    values = {"since": since, "until": until, "at": at, "card_id": card_id, "limit": limit, **within.values()}
    with ledger.store.reading() as connection:
        return tuple(card_of(row.card_json) for row in connection.execute(query, values))
