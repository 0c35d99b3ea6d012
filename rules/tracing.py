"""Whose time the overdue time of a card is: a trace-back of each card that rests on a clock which ran over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from rules.attribution import attribute
from rules.context import Context
from rules.facts import Case, Instant
from rules.frames import Dossier
from rules.policy import Colour
from rules.windows import WINDOWS


class OnAClock(Protocol):
    """What a trace-back asks of a card."""

    @property
    def colour(self) -> Colour: ...
    @property
    def clock(self) -> str: ...
    @property
    def ordinal(self) -> int: ...


Shares: TypeAlias = Mapping[str, int]
Traced: TypeAlias = Callable[[OnAClock, Instant], Shares]
"""Return the shares of a card, in basis points by person, as of the instant at which it was issued."""


def is_traced(card: OnAClock) -> bool:
    """Say whether a card can be traced back: a reminder blames nobody, and a dated window is no clock of a case."""
    return card.colour is not Colour.REMINDER and bool(card.clock) and card.clock not in WINDOWS


def tracing(case: Case, context: Context) -> Traced:
    """Return what traces the cards of a case back; the case is taken apart at the first card that asks for it."""
    dossier: list[Dossier] = []

    def traced(card: OnAClock, at: Instant) -> Shares:
        if not is_traced(card):
            return {}
        if not dossier:
            dossier.append(Dossier.of(case, context))
        return shares_of(dossier[0], card, at)

    return traced


def shares_of(dossier: Dossier, card: OnAClock, at: Instant) -> Shares:
    """Return the shares of a card on this case."""
    found = attribute(dossier, card.clock, card.ordinal, at) if is_traced(card) else None
    return found.shares() if found is not None else {}
