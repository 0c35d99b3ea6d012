"""Words about first contact (首问): the chain of hand-overs. A hand-over counts when it was signed for (domain.md 5.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rules.facts import CaseEvent, Value
from rules.language import Type
from rules.view import View
from rules.vocabulary.base import collection, word


@dataclass(slots=True)
class HandOver:
    """One transfer of a contact: who passed it to whom, whether it was signed for or objected to."""

    from_unit: Value
    to_unit: Value
    signed: bool = False
    objected: bool = False


def hand_overs(events: Sequence[CaseEvent]) -> list[HandOver]:
    """Return the hand-overs in order; a sign-for or objection belongs to the latest open one to its unit.

    A transfer that itself says ``signed: true`` took effect at once, as in systems that only know assignment.
    """
    chain: list[HandOver] = []
    for event in events:
        if event.name == "transferred":
            data = event.data
            chain.append(HandOver(data.get("from_unit"), data.get("to_unit"), signed=bool(data.get("signed"))))
        elif event.name in {"signed", "objected"}:
            unit = event.data.get("unit")
            for link in reversed(chain):
                if not link.signed and not link.objected and (unit is None or unit == link.to_unit):
                    link.signed, link.objected = event.name == "signed", event.name == "objected"
                    break
    return chain


def units_in_charge(events: Sequence[CaseEvent]) -> list[Value]:
    """Return the units that were in charge, one after the other, beginning with the first contact."""
    first = next((e.data.get("unit") for e in events if e.data.get("unit") is not None), None)
    return [first, *(link.to_unit for link in hand_overs(events) if link.signed)]


@word("contact.hops", Type.NUMBER)
def hops(view: View) -> Value:
    """How many hand-overs were signed for."""
    return sum(link.signed for link in hand_overs(view.events))


@word("contact.unit_repeats", Type.BOOL)
def unit_repeats(view: View) -> Value:
    """Whether a unit got the matter back that it had passed on (踢皮球)."""
    chain = [unit for unit in units_in_charge(view.events) if unit is not None]
    return len(set(chain)) < len(chain)


@word("contact.matter", Type.CODE)
def matter(view: View) -> Value:
    """What the person asked about."""
    return view.attributes.get("matter")


@word("contact.unit", Type.CODE)
def contact_unit(view: View) -> Value:
    """The unit that is in charge now: the last that signed, else the first contact."""
    return units_in_charge(view.events)[-1]


@word("contact.answered", Type.BOOL)
def answered(view: View) -> Value:
    """Whether the person has been told the outcome."""
    return any(event.name in {"answered", "feedback_given", "closed"} for event in view.events)


@collection(
    "contact.handovers",
    {"from_unit": Type.CODE, "to_unit": Type.CODE, "signed": Type.BOOL, "objected": Type.BOOL},
)
def contact_handovers(view: View) -> Sequence[Mapping[str, Value]]:
    """The chain of hand-overs."""
    return [
        {"from_unit": h.from_unit, "to_unit": h.to_unit, "signed": h.signed, "objected": h.objected}
        for h in hand_overs(view.events)
    ]
