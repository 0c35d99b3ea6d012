"""A card's file for its documents: the story that the ledger tells, with where each change stands in the chain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import text

from alerts.documents.cardfile import CardFile, Joint
from alerts.documents.model import Office, Said
from ledger.ledger import Ledger
from ledger.views.card import CardStory
from rules.explanation import Explanation
from rules.facts import Instant
from rules.policy import Colour, Policy

_JOINTS: Final = text("select serial, position, hash from card_changes where card_id = :card_id order by position")


def card_file(
    ledger: Ledger, story: CardStory, *, office: Office, zone: str, unit: Said, policy: Policy | None,
    explanation: Explanation | None,
) -> CardFile:  # fmt: skip
    """Return the file of a card; the law's part of it (policy, explanation) and names are the caller's to give."""
    card, about = story.card, story.about
    with ledger.store.reading() as connection:
        rows = connection.execute(_JOINTS, {"card_id": card.card_id}).all()
    return CardFile(
        card=card, changes=story.changes, office=office, zone=zone, unit=unit, explanation=explanation, policy=policy,
        deadlines=_deadlines(story),
        revision=about.judgement.revision if about is not None and about.judgement is not None else 0,
        joints=tuple(Joint(row.serial, row.position, bytes(row.hash).hex()) for row in rows),
    )  # fmt: skip


def _deadlines(story: CardStory) -> Mapping[str, Instant]:
    """Return until when the card has to be followed, by its own clocks; of each the latest start counts."""
    own = story.own.judgement if story.own is not None else None
    colour = "red" if story.card.colour is Colour.RED else "yellow"
    return {
        reading.clock.removesuffix(f"_{colour}"): reading.due_at
        for reading in sorted(own.clocks if own is not None else (), key=lambda each: each.started_at)
        if reading.due_at is not None
    }
