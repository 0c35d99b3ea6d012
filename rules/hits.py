"""A card as a back-test finds it: when it would have been issued or proposed, and how it counts in tallies."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from rules.facts import CaseEvent, CaseId, Instant
from rules.policy import Colour

OURS = "mingdeng"
"""The namespace of everything that the product itself makes: units and persons as subjects."""


class Carded(Struct, frozen=True, kw_only=True):
    """A card as it would have been issued (or, ``proposed``, laid before a person) at ``at`` by the rule.

    ``counts_at`` is when it begins to count in tallies, None if it never does. ``serial`` numbers the changes of a card.
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
    shares: Mapping[str, int] = {}

    @property
    def place(self) -> tuple[Instant, CaseId, str, str, int]:
        """Where the card stands in the order of a back-test: instant, case, rule, and which change of which card."""
        return (self.at, self.case_id, self.rule, self.card_id, self.serial)

    @property
    def known_by(self) -> tuple[CaseId, str, str, str, Instant, bool]:
        """What makes this card the same under another law."""
        return (self.case_id, self.rule, self.colour.value, self.unit, self.at, self.proposed)


def counted(card: Carded, subject: CaseId) -> CaseEvent:
    """Return the event that a card is to the tallies of a subject: it counts from ``counts_at`` on."""
    return CaseEvent(
        source=OURS,
        event_id=card.card_id,
        version=card.serial,
        **subject._asdict(),
        name="card_counted",
        occurred_at=card.counts_at,
        data={"unit": card.unit, "colour": card.colour.value, "rule": card.rule, "card_id": card.card_id},
    )


def attributed(card: Carded) -> list[CaseEvent]:
    """Return the event that a card is to each person who holds a part of it by trace-back; nobody else is counted."""
    return [
        CaseEvent(
            source=OURS,
            event_id=f"{card.card_id}/{person}",
            version=card.serial,
            namespace=OURS,
            kind="person",
            case_no=person,
            name="card_counted",
            occurred_at=card.counts_at,
            data={
                "unit": card.unit, "colour": card.colour.value, "rule": card.rule, "card_id": card.card_id,
                "officer": person, "share": share,
            },
        )
        for person, share in sorted(card.shares.items())
    ]  # fmt: skip
