"""One card's whole story: every change with who did it, who was told and when, and the clocks of the card itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import text

from alerts.model import Card, CardChange
from ledger.ledger import Ledger
from ledger.rows import card_of
from ledger.views.case import CaseView, case
from rules.facts import CaseId

OWN: Final = "mingdeng"


class CardStory(Struct, frozen=True, kw_only=True):
    """A card as it stands, its changes in their order, and two stories: of the case that it is about, and its own.

    ``own`` is the card as a case (kind ``card``): its judgement holds the clocks that people answer to.
    """

    card: Card
    changes: tuple[CardChange, ...]
    about: CaseView | None
    own: CaseView | None


_CARD: Final = text("select card_json from cards where card_id = :card_id")
_UNIT: Final = text("select unit from cards where card_id = :card_id")


def card_story(ledger: Ledger, card_id: str) -> CardStory | None:
    """Return the story of a card; None if there is none of this number."""
    with ledger.store.reading() as connection:
        row = connection.execute(_CARD, {"card_id": card_id}).first()
    if row is None:
        return None
    card = card_of(row.card_json)
    about = case(ledger, card.case_id)
    changes = tuple(c for c in about.changes if c.card.card_id == card_id) if about is not None else ()
    return CardStory(card=card, changes=changes, about=about, own=case(ledger, CaseId(OWN, "card", card_id)))


def cards_named(ledger: Ledger, card_ids: Sequence[str]) -> Mapping[str, Card]:
    """Return the cards of these numbers as they stand; those that do not exist are left out."""
    query = "select card_id, card_json from cards where card_id in {keys}"
    with ledger.store.reading() as connection:
        return {row.card_id: card_of(row.card_json) for row in ledger.store.among(connection, query, card_ids)}


def unit_of_card(ledger: Ledger, card_id: str) -> str | None:
    """Return the unit that a card addresses, None if there is no such card."""
    with ledger.store.reading() as connection:
        row = connection.execute(_UNIT, {"card_id": card_id}).first()
    return str(row.unit) if row is not None else None
