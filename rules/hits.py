"""A card as a back-test finds it: when it would have been issued or proposed, and how it counts in tallies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from rules.facts import CaseEvent, CaseId, Instant, Value
from rules.policy import Colour, Rank

OURS = "mingdeng"
"""The namespace of everything that the product itself makes: units and persons as subjects."""


class Former(Struct, frozen=True, kw_only=True):
    """What a card was before it rose or was issued anew, from when on it counted (None: never), and until when.

    ``left_at`` is when the condition began that took the card over, however late it was acted on. ``tell`` is the rank
    to which it was told.
    """

    colour: Colour
    rule: str
    counts_at: Instant | None
    left_at: Instant
    tell: Rank | None = None


class Carded(Struct, frozen=True, kw_only=True):
    """A card as it would have been issued (or, ``proposed``, laid before a person) at ``at`` by the rule.

    ``counts_at`` is when it begins to count in tallies, None if it never does. ``serial`` numbers the changes of a card.
    ``tell`` is the rank to which it is told. ``formerly`` holds what it was before.
    ``shares`` says by trace-back which part of the overdue time each person held, in basis points.
    """

    at: Instant
    case_id: CaseId
    rule: str
    family: str
    clock: str = ""
    ordinal: int = 0
    card_id: str
    serial: int
    colour: Colour
    unit: str
    person: str = ""
    proposed: bool = False
    proposes: str = ""
    counts_at: Instant | None = None
    tell: Rank | None = None
    shares: Mapping[str, int] = {}
    formerly: tuple[Former, ...] = ()

    @property
    def place(self) -> tuple[Instant, CaseId, str, str, int]:
        """Where the card stands in the order of a back-test: instant, case, rule, and which change of which card."""
        return (self.at, self.case_id, self.rule, self.card_id, self.serial)

    @property
    def known_by(self) -> tuple[CaseId, str, str, str, Instant, bool]:
        """What makes this card the same under another law."""
        return (self.case_id, self.rule, self.colour.value, self.unit, self.at, self.proposed)


class Counting(Protocol):
    """What tallies ask of a card, live or in a back-test."""

    @property
    def card_id(self) -> str: ...
    @property
    def serial(self) -> int: ...
    @property
    def colour(self) -> Colour: ...
    @property
    def rule(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def counts_at(self) -> Instant | None: ...
    @property
    def tell(self) -> Rank | None: ...
    @property
    def shares(self) -> Mapping[str, int]: ...
    @property
    def formerly(self) -> tuple[Former, ...]: ...


def counted(card: Counting, subject: CaseId, share: int | None = None) -> list[CaseEvent]:
    """Return the events that a card is to the tallies of a subject: when it began to count, and left, in each colour.

    ``share`` is the part in basis points that a person bears by trace-back, None for a unit. What a card was formerly
    counted until it rose, so that a finding which rested on it ends then, and was not wrong.
    """
    borne: dict[str, Value] = {} if share is None else {"officer": subject.case_no, "share": share}
    told = {"unit": card.unit, "card_id": card.card_id, **borne}
    known = {"colour": card.colour.value, "rule": card.rule, "rank": card.tell}
    own = card.card_id if share is None else f"{card.card_id}/borne/{subject.case_no}"
    events = [_event(subject, own, card.serial, "card_counted", card.counts_at, {**told, **known})]
    for number, former in enumerate(card.formerly, 1):
        if former.counts_at is not None and former.counts_at < former.left_at:
            known = {"colour": former.colour.value, "rule": former.rule, "rank": former.tell}
            name = f"{own}/formerly-{number}"
            events += [
                _event(subject, name, card.serial, "card_counted", former.counts_at, {**told, **known}),
                _event(subject, f"{name}-left", card.serial, "card_left", former.left_at, {**told, **known}),
            ]
    return events


def attributed(card: Counting) -> list[CaseEvent]:
    """Return the events that a card is to each person who holds a part of it by trace-back; nobody else is counted."""
    return [
        event
        for person, share in sorted(card.shares.items())
        for event in counted(card, CaseId(OURS, "person", person), share)
    ]


def _event(
    subject: CaseId, event_id: str, version: int, name: str, at: Instant | None, data: Mapping[str, Value]
) -> CaseEvent:
    return CaseEvent(
        source=OURS, event_id=event_id, version=version, **subject._asdict(), name=name, occurred_at=at, data=data
    )
