"""Words about first contact (首问): the chain of hand-overs (domain.md 5.3, 5.4).

A hand-over counts when it was signed for. One that was objected to in time never happened; one that was objected to too
late stands, for the unit that slept on it owns the matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rules.calendars import Calendar
from rules.facts import CaseEvent, Instant, Value
from rules.language import Type
from rules.limits import Counting, due
from rules.quantities import Quantity
from rules.view import View
from rules.vocabulary.base import collection, word

OBJECTION_LIMIT: Final = Quantity.parse("2 workdays")
"""So long a unit may object to a matter that was handed to it (domain.md 5.2); the clock ``objection`` says the same."""

NOT_OURS: Final = frozenset({"not_ours", "不归我管", "不属本单位职责"})
"""How a refusal says that the matter belongs to somebody else."""


@dataclass(slots=True)
class HandOver:
    """One transfer of a contact: who passed it to whom, whether it was signed for or objected to."""

    from_unit: Value
    to_unit: Value
    at: Instant = 0
    signed: bool = False
    objected: bool = False


def hand_overs(events: Sequence[CaseEvent], calendar: Calendar | None = None) -> list[HandOver]:
    """Return the hand-overs in order; a sign-for or objection belongs to the latest open one to its unit.

    A transfer that itself says ``signed: true`` took effect at once, as in systems that only know assignment. Without a
    calendar every objection counts as in time.
    """
    chain: list[HandOver] = []
    for event in events:
        if event.name == "transferred":
            data = event.data
            signed, at = bool(data.get("signed")), event.occurred_at or 0
            chain.append(HandOver(data.get("from_unit"), data.get("to_unit"), at, signed))
        elif event.name in {"signed", "objected"}:
            unit = event.data.get("unit")
            for link in reversed(chain):
                if not link.signed and not link.objected and (unit is None or unit == link.to_unit):
                    stands = event.name == "signed" or _too_late(link, event, calendar)
                    link.signed, link.objected = stands, not stands
                    break
    return chain


def _too_late(link: HandOver, objection: CaseEvent, calendar: Calendar | None) -> bool:
    if calendar is None or objection.occurred_at is None:
        return False
    return objection.occurred_at > due(calendar, link.at, OBJECTION_LIMIT, Counting.LEGAL).at


def units_in_charge(events: Sequence[CaseEvent], calendar: Calendar | None = None) -> list[Value]:
    """Return the units that were in charge, one after the other, beginning with the first contact."""
    first = next((e.data.get("unit") for e in events if e.data.get("unit") is not None), None)
    return [first, *(link.to_unit for link in hand_overs(events, calendar) if link.signed)]


@word("contact.hops", Type.NUMBER, hears="transferred")
def hops(view: View) -> Value:
    """How many hand-overs were signed for, or objected to too late."""
    return sum(link.signed for link in hand_overs(view.events, view.calendar))


@word("contact.unit_repeats", Type.BOOL, hears="transferred")
def unit_repeats(view: View) -> Value:
    """Whether a unit got the matter back that it had passed on (踢皮球)."""
    chain = [unit for unit in units_in_charge(view.events, view.calendar) if unit is not None]
    return len(set(chain)) < len(chain)


@word("contact.matter", Type.CODE, hears="case.matter")
def matter(view: View) -> Value:
    """What the person asked about."""
    return view.attributes.get("matter")


@word("contact.unit", Type.CODE)
def contact_unit(view: View) -> Value:
    """The unit that is in charge now: the last that signed, else the first contact."""
    return units_in_charge(view.events, view.calendar)[-1]


@word("contact.answered", Type.BOOL, hears="answered or feedback_given or closed")
def answered(view: View) -> Value:
    """Whether the person has been told the outcome."""
    return any(event.name in {"answered", "feedback_given", "closed"} for event in view.events)


@collection(
    "contact.handovers",
    {"from_unit": Type.CODE, "to_unit": Type.CODE, "signed": Type.BOOL, "objected": Type.BOOL},
    hears="transferred",
)
def contact_handovers(view: View) -> Sequence[Mapping[str, Value]]:
    """The chain of hand-overs."""
    return [
        {"from_unit": h.from_unit, "to_unit": h.to_unit, "signed": h.signed, "objected": h.objected}
        for h in hand_overs(view.events, view.calendar)
    ]


@word("contact.arrived_at", Type.INSTANT)
def arrived_at(view: View) -> Value:
    """When the person came, called or wrote."""
    return view.history.instants[0]


@word("contact.objection_without_reason", Type.BOOL, hears="objected")
def objection_without_reason(view: View) -> Value:
    """Whether a hand-over was objected to with an empty reason; None if one was objected to and reasons are not reported."""
    truths = [_empty(event, "reason") for event in view.events if event.name == "objected"]
    return True if True in truths else None if None in truths else False


@word("contact.refusal_unapproved", Type.BOOL, hears="refused")
def refusal_unapproved(view: View) -> Value:
    """Whether somebody was refused without an approver; None if somebody was and approvers are not reported."""
    truths = [_empty(event, "approver") for event in view.events if event.name == "refused"]
    return True if True in truths else None if None in truths else False


@word("contact.disowned_by", Type.CODE, hears="objected.reason or refused.reason")
def disowned_by(view: View) -> Value:
    """The unit that said last that the matter is not its own (不归我管); "" while nobody did."""
    said = (event.data for event in reversed(view.events) if event.name in {"objected", "refused"})
    return next((data.get("unit") for data in said if data.get("reason") in NOT_OURS), "")


@collection("contact.refusals", {"unit": Type.CODE, "reason": Type.TEXT}, hears="objected.reason or refused.reason")
def contact_refusals(view: View) -> Sequence[Mapping[str, Value]]:
    """Every time that a unit said the matter is not its own."""
    said = (event.data for event in view.events if event.name in {"objected", "refused"})
    return [{"unit": d.get("unit"), "reason": d.get("reason")} for d in said if d.get("reason") in NOT_OURS]


def _empty(event: CaseEvent, name: str) -> bool | None:
    if name not in event.data:
        return None
    return str(event.data[name] or "").strip() == ""
