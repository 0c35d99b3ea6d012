"""Words about who handled a case: authority for the item, separation of duties, accounts, rank."""

from __future__ import annotations

from rules.facts import Value
from rules.language import Type
from rules.lawful import Rank
from rules.view import View
from rules.vocabulary.base import word
from rules.vocabulary.steps import finished_steps, published


@word("people.unauthorised", Type.NUMBER, hears="case.officer")
def unauthorised(view: View) -> Value:
    """How many officers handled the case whom the item's version does not list (``officers``)."""
    listed = set(published(view, "officers"))
    acted = {str(event.data["officer"]) for event in view.events if event.data.get("officer")}
    return len(acted - listed) if listed else 0


@word("people.out_of_area", Type.BOOL, hears="case.unit")
def out_of_area(view: View) -> Value:
    """Whether the unit is none of those that may handle the item (``units``)."""
    unit, units = view.attributes.get("unit"), published(view, "units")
    return bool(units) and unit is not None and str(unit) not in units


@word("people.one_hand", Type.BOOL, hears="accepted.officer")
def one_hand(view: View) -> Value:
    """Whether one person accepted the case and finished every one of its decisive steps (三职分设)."""
    accepting = {e.data["officer"] for e in view.events if e.name == "accepted" and e.data.get("officer")}
    decisive = published(view, "decisive_steps")
    deciding = {e.data.get("officer") for e in finished_steps(view) if e.data["step"] in decisive}
    return len(accepting) == 1 and deciding == accepting


@word("people.foreign_account", Type.NUMBER, hears="case.account")
def foreign_account(view: View) -> Value:
    """How many acts were done with an account that is not the officer's own."""
    return sum(
        bool(event.data.get("account")) and event.data["account"] != event.data.get("officer")
        for event in view.events
        if event.data.get("officer")
    )


@word("people.extension_rank_low", Type.BOOL, hears="extended.approver_rank")
def extension_rank_low(view: View) -> Value:
    """Whether an extension was approved below the head of the agency, a joint one below the head of government."""
    for event in view.events:
        rank = str(event.data.get("approver_rank") or "").strip().upper()
        if event.name == "extended" and rank in Rank.__members__:
            joint = event.data.get("joint", view.attributes.get("joint")) is True
            if Rank[rank] < (Rank.GOVERNMENT_HEAD if joint else Rank.AGENCY_HEAD):
                return True
    return False
