"""Who bears a card (责任倒查): its changes with the shares that a trace-back finds, and corrections where these moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from alerts.model import Card, CardChange, CardState, ChangeKind
from rules.facts import Instant

Bearers: TypeAlias = Callable[[Card, Instant], Mapping[str, int]]
"""The part of the overdue time that each person held when a card was issued, in basis points (``rules.tracing``)."""

MOVED = "blame_moved"
"""The reason of a correction that only says anew who bears the card; nobody is written to about it."""


def borne(changes: Sequence[CardChange], bearers: Bearers) -> tuple[CardChange, ...]:
    """Return the changes with the shares of each card that stands."""
    return tuple(
        replace(change, card=replace(change.card, shares=bearers(change.card, change.card.issued_at)))
        if change.card.state is CardState.ISSUED
        else change
        for change in changes
    )


def reborne(
    standing: Sequence[Card], changes: Sequence[CardChange], bearers: Bearers, now: Instant
) -> tuple[CardChange, ...]:
    """Return a correction of each standing card that nothing else changed and that others bear by what is known now."""
    changed = {change.card.card_id for change in changes}
    found = []
    for card in standing:
        if card.state is CardState.ISSUED and card.card_id not in changed:
            shares = bearers(card, card.issued_at)
            if shares != card.shares:
                after = replace(card, serial=card.serial + 1, shares=shares, reason=MOVED)
                found.append(CardChange(ChangeKind.CORRECTED, now, after, card.colour))
    return tuple(found)
