"""The steps of escalation (催办) of a card: when each was due and told, to whom, and what the channel answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct
from sqlalchemy import text

from alerts.model import delivery_key
from alerts.urging import Urge
from ledger.ledger import Ledger
from ledger.rows import urge_of
from ledger.views.case import AttemptStory, DeliveryStory, attempt_stories, delivery_stories
from rules.facts import CaseId
from rules.policy import Rank


class UrgeStory(Struct, frozen=True, kw_only=True):
    """A step, its messages in the order of ranks with every try at them, and the ranks on which nobody was found."""

    urge: Urge
    messages: tuple[DeliveryStory, ...]
    attempts: tuple[AttemptStory, ...]
    nobody: tuple[Rank, ...] = ()


_URGES: Final = text("select urge_json from urges where case_id = :case_id order by due_at, told_at, key")
_TOLD: Final = text(
    "select key, state, coalesce(due_at, digest_at) as due_at, bundle, delivery_json from deliveries"
    " where card_id = :card_id order by key"
)


def urged(ledger: Ledger, card_id: str) -> tuple[UrgeStory, ...]:
    """Return the steps of a card, the earliest due first."""
    own = str(CaseId("mingdeng", "card", card_id))
    with ledger.store.reading() as connection:
        steps = [urge_of(row.urge_json) for row in connection.execute(_URGES, {"case_id": own})]
        rows = connection.execute(_TOLD, {"card_id": card_id}).all() if steps else []
        tries = attempt_stories(ledger.store, connection, rows)
    told = delivery_stories(rows)
    return tuple(_story(urge, _of(urge, told), tries) for urge in steps)


def _of(urge: Urge, told: Iterable[DeliveryStory]) -> list[DeliveryStory]:
    """Return the messages of a step: those under its own keys, and those that stand in for one that failed."""
    mine = [
        each
        for each in told
        if each.delivery.key == delivery_key(urge.key, 0, each.delivery.channel, each.delivery.address)
    ]
    first = {each.delivery.key for each in mine}
    mine += [each for each in told if each.delivery.stands_in_for in first]
    return sorted(mine, key=lambda each: (each.delivery.rank, each.delivery.created_at, each.delivery.key))


def _story(urge: Urge, messages: list[DeliveryStory], tries: Iterable[AttemptStory]) -> UrgeStory:
    keys = {each.delivery.key for each in messages}
    missing = {rank for each in messages for rank in each.delivery.facts.get("no_recipient", "").split(",") if rank}
    return UrgeStory(
        urge=urge, messages=tuple(messages), attempts=tuple(each for each in tries if each.key in keys),
        nobody=tuple(Rank(each) for each in sorted(missing)),
    )  # fmt: skip
