"""Words about fees (收费), in whole fen. The item's version in force when the first fee was charged is the standard.

The item publishes ``fee`` (fen per unit), ``free``, ``fee_basis_until`` (a date); a charge reports ``amount`` (fen) and
may report ``quantity``, ``receipt``, ``reduction_basis``, ``at_window``, ``purpose`` and ``basis``. What was refunded
(``fee_refunded``) is taken off.
"""

from __future__ import annotations

import datetime as dt

from rules.facts import CaseEvent, ItemVersion, Value
from rules.language import Type
from rules.view import View
from rules.vocabulary.base import word

SUSPENSION = "suspension"
"""Purpose of a charge for inspection, testing and the like while the case is suspended (特别程序收费)."""


def charges(view: View) -> list[CaseEvent]:
    """Return the charges for the item itself so far."""
    return [event for event in view.named("fee_charged") if event.data.get("purpose") != SUSPENSION]


def standard(view: View) -> ItemVersion | None:
    """Return the version of the item that was in force when the first fee was charged."""
    first = next(iter(charges(view)), None)
    return view.item_at(first.occurred_at) if first is not None and first.occurred_at is not None else None


def fen(value: Value) -> int:
    """Return an amount in fen, nought where it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


@word("fee.charged", Type.MONEY, hears="fee_charged or fee_refunded")
def charged(view: View) -> Value:
    """What was charged in all, less what was refunded."""
    back = sum(fen(event.data.get("amount")) for event in view.events if event.name == "fee_refunded")
    return sum(fen(event.data.get("amount")) for event in charges(view)) - back


@word("fee.standard", Type.MONEY, hears="fee_charged")
def fee_standard(view: View) -> Value:
    """What the catalogue allows for the quantity charged; missing where it publishes no standard."""
    item = standard(view)
    if item is None:
        return None
    if item.data.get("free") is True:
        return 0
    per_unit = item.data.get("fee")
    if not isinstance(per_unit, int) or isinstance(per_unit, bool):
        return None
    quantities = [fen(event.data.get("quantity")) for event in charges(view)]
    return per_unit * max(1, *quantities)


def yuan(amount: Value) -> str | None:
    """Return an amount of fen as yuan with two decimals."""
    return f"{amount // 100}.{amount % 100:02d}" if isinstance(amount, int) and amount >= 0 else None


@word("fee.charged_yuan", Type.TEXT, hears="fee_charged or fee_refunded")
def charged_yuan(view: View) -> Value:
    """What was charged in all, in yuan, for messages."""
    return yuan(charged(view))


@word("fee.standard_yuan", Type.TEXT, hears="fee_charged")
def standard_yuan(view: View) -> Value:
    """What the catalogue allows, in yuan, for messages."""
    return yuan(fee_standard(view))


@word("fee.free", Type.BOOL, hears="fee_charged")
def free(view: View) -> Value:
    """Whether the catalogue says that the item is free."""
    item = standard(view)
    return item is not None and (item.data.get("free") is True or item.data.get("fee") == 0)


@word("fee.basis_expired", Type.BOOL, hears="fee_charged")
def basis_expired(view: View) -> Value:
    """Whether a fee was charged after the last day of its legal basis (收费依据)."""
    item, calendar = standard(view), view.calendar
    until = str(item.data.get("fee_basis_until") or "") if item is not None else ""
    if calendar is None or not until:
        return False
    last_on = dt.date.fromisoformat(until)
    return any(calendar.on(event.occurred_at or 0) > last_on for event in charges(view))


@word("fee.unreceipted", Type.NUMBER, hears="fee_charged.receipt")
def unreceipted(view: View) -> Value:
    """How many charges report their receipt and leave it empty."""
    return sum("receipt" in event.data and not event.data["receipt"] for event in charges(view))


@word("fee.off_window", Type.NUMBER, hears="fee_charged.at_window")
def off_window(view: View) -> Value:
    """How many charges say that they were not made at the unified window."""
    return sum(event.data.get("at_window") is False for event in charges(view))


@word("fee.reduction_unfounded", Type.BOOL, hears="fee_charged")
def reduction_unfounded(view: View) -> Value:
    """Whether no charge names the basis of a reduction."""
    return all(not event.data.get("reduction_basis") for event in charges(view))


@word("fee.out_of_time", Type.BOOL, hears="fee_charged")
def out_of_time(view: View) -> Value:
    """Whether a fee was charged before acceptance or after a refusal."""
    accepted = refused = False
    for event in view.events:
        accepted = accepted or event.name == "accepted"
        refused = refused or event.name == "refused_accept" or event.data.get("result") == "refused"
        if event.name == "fee_charged" and event.data.get("purpose") != SUSPENSION and (refused or not accepted):
            return True
    return False


@word("fee.suspension_unfounded", Type.NUMBER, hears="fee_charged.purpose")
def suspension_unfounded(view: View) -> Value:
    """How many charges for services during a suspension report their basis and leave it empty."""
    return sum(
        event.data.get("purpose") == SUSPENSION and "basis" in event.data and not event.data["basis"]
        for event in view.events
        if event.name == "fee_charged"
    )
