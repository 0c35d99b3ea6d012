"""Plans deliveries: who is told of each change of a card, over which channel, in which words. Nothing is sent here.

The supervision owner hears of every change. The supervised side hears by rank, cumulatively, of what concerns it:
neither of a card that waits for a person nor of a proposal of accountability, which is addressed to nobody until a
person signs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from alerts.model import CardChange, CardState, ChangeKind, Deed, Delivery, Fallback, delivery_key
from alerts.moves import MOVES, Side
from alerts.routes import Addressees, Recipient
from alerts.texts import Notice, Wording, notice
from rules.facts import Instant
from rules.glossary import label
from rules.policy import Policy, Rank
from rules.problems import Language

OWNER = "owner"

_TOLD_TO_UNITS: Final = frozenset(
    move.deed for move in MOVES if move.side is Side.SUPERVISION and move.deed is not Deed.ASSIGN
) | {Deed.ISSUE}

SILENT: Final = frozenset({Deed.SIGN, Deed.UNSIGN, Deed.ASSIGN})
"""Deeds that stand in the queues of those whom they concern, and are told to nobody else."""


def plan(
    changes: Sequence[CardChange], routes: Addressees, policies: Mapping[str, Policy], now: Instant, zone: str
) -> tuple[Delivery, ...]:
    """Return the deliveries of these changes; planning the same changes again gives the same keys.

    A rank without a recipient is not passed over: the owner's delivery says so, and its facts name the ranks.
    """
    return tuple(each_once(d for change in changes for d in _deliveries(change, routes, policies, now, zone)))


def told_ranks(change: CardChange) -> tuple[Rank, ...]:
    """Return the ranks that hear of this change, the lowest first; none of what is undecided."""
    card = change.card
    if change.done is not None and change.done.deed not in _TOLD_TO_UNITS:
        return ()
    undecided = card.state is CardState.PENDING or change.kind is ChangeKind.PROPOSED or bool(card.proposes)
    never_heard = change.kind is ChangeKind.REVOKED and change.was is None
    if undecided or never_heard or card.tell is None:
        return ()
    return card.tell.and_below()


def _deliveries(
    change: CardChange, routes: Addressees, policies: Mapping[str, Policy], now: Instant, zone: str
) -> Iterator[Delivery]:
    if change.done is not None and change.done.deed in SILENT:
        return
    told = {rank: routes.recipients(change.card.unit, rank, now) for rank in told_ranks(change)}
    not_told = tuple(rank for rank, recipients in told.items() if not recipients)

    @cache
    def words(language: Language, missing: tuple[Rank, ...] = ()) -> Notice:
        return notice(change, policies, Wording(language, zone, routes.base_url, routes.names, routes.contact), missing)

    for owner in routes.owner:
        yield _delivery(change, owner, OWNER, words(owner.language, not_told), now)
    for rank, recipients in told.items():
        for recipient in recipients:
            yield _delivery(change, recipient, rank.value, addressed(words(recipient.language), recipient), now)


def _delivery(change: CardChange, recipient: Recipient, rank: str, said: Notice, now: Instant) -> Delivery:
    card = change.card
    return Delivery(
        key=delivery_key(card.card_id, card.serial, recipient.channel, recipient.address),
        card_id=card.card_id,
        serial=card.serial,
        channel=recipient.channel,
        address=recipient.address,
        recipient=recipient.name,
        rank=rank,
        subject=said.subject,
        body=said.body,
        facts=said.facts,
        created_at=now,
        not_before_at=now,
        fallback=fallback_of(recipient),
    )


def addressed(said: Notice, recipient: Recipient) -> Notice:
    """Return the notice as this recipient reads it: a deputy is told for whom he acts."""
    if not recipient.acting_for:
        return said
    colon = "：" if recipient.language == "zh" else ": "
    line = f"{label('fields', 'acting_for', recipient.language)}{colon}{recipient.acting_for}\n"
    return said._replace(body=said.body + line, facts={**said.facts, "acting_for": recipient.acting_for})


def fallback_of(recipient: Recipient) -> Fallback | None:
    """Return where the recipient is told if his channel fails for good."""
    other = recipient.fallback
    return Fallback(other.channel, other.address) if other is not None else None


def each_once(deliveries: Iterable[Delivery]) -> Iterator[Delivery]:
    """Yield one delivery for each key: who holds two ranks, or supervises too, is told once, as the first of them."""
    seen: set[str] = set()
    for delivery in deliveries:
        if delivery.key not in seen:
            seen.add(delivery.key)
            yield delivery
