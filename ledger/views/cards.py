"""The cards that changed last, with the words in which they were told."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct
from sqlalchemy import text

from alerts.model import Card, Delivery
from ledger.ledger import Ledger
from ledger.rows import card_of, delivery_of
from ledger.views.within import ALL, Within
from rules.facts import Instant


class CardLine(Struct, frozen=True, kw_only=True):
    """A card and the text of its latest message, the supervision owner's where there is one; empty if none was sent."""

    card: Card
    changed_at: Instant
    subject: str = ""
    body: str = ""


_LATEST: Final = (
    "select card_id, changed_at, card_json from cards where {within} order by changed_at desc, card_id limit :limit"
)
_REDS: Final = (
    "select card_json from cards where colour = 'red' and stage not in ('proposed', 'revoked') and issued_at >= :since"
    " and {within} order by issued_at desc, card_id limit :limit"
)
_MESSAGES: Final = "select card_id, delivery_json from deliveries where card_id in {keys}"


def latest_cards(ledger: Ledger, limit: int = 20, within: Within = ALL) -> tuple[CardLine, ...]:
    """Return the cards that changed last among those that may be seen, the latest first."""
    latest = text(_LATEST.replace("{within}", within.sql("unit", sqlite=ledger.store.is_sqlite)))
    with ledger.store.reading() as connection:
        rows = connection.execute(latest, {"limit": limit, **within.values()}).all()
        told = _told(ledger.store.among(connection, _MESSAGES, [row.card_id for row in rows]))
    return tuple(
        CardLine(
            card=card_of(row.card_json),
            changed_at=row.changed_at,
            subject=told[row.card_id].subject if row.card_id in told else "",
            body=told[row.card_id].body if row.card_id in told else "",
        )
        for row in rows
    )


def latest_reds(ledger: Ledger, since: Instant, limit: int, within: Within = ALL) -> tuple[Card, ...]:
    """Return the red cards issued last, not before ``since``, the latest first; revoked ones and proposals are left out."""
    query = text(_REDS.replace("{within}", within.sql("unit", sqlite=ledger.store.is_sqlite)))
    with ledger.store.reading() as connection:
        rows = connection.execute(query, {"since": since, "limit": limit, **within.values()})
        return tuple(card_of(row.card_json) for row in rows)


def _told(rows: Any) -> dict[str, Delivery]:
    """Return for each card the message about its latest change, the owner's before all others."""
    told: dict[str, Delivery] = {}
    for message in sorted((delivery_of(row.delivery_json) for row in rows), key=_importance):
        told[message.card_id] = message
    return told


def _importance(message: Delivery) -> tuple[int, bool, str]:
    return (message.serial, message.rank == "owner", message.key)
