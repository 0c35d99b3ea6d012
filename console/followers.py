"""Who may follow a card: the inspectors in whose scope its unit lies, and how accounts are called."""

from __future__ import annotations

from collections.abc import Mapping

from console.access.callers import who_is
from console.access.roles import SUPERVISORS
from console.desk import Desk
from ledger.accounts import Account


def followers(desk: Desk, unit: str) -> dict[str, Account]:
    """Return the accounts to which a card of this unit may be assigned, by name of account."""
    region = desk.access.regions().get(unit, "")
    return {
        each.account: each
        for each in desk.ledger.accounts.all()
        if not each.locked
        for person in (who_is(each, "session"),)
        if person.roles & SUPERVISORS and person.scope.holds(unit, region)
    }


def names(desk: Desk) -> Mapping[str, str]:
    """Return how the person behind each account is called."""
    return {each.account: each.name for each in desk.ledger.accounts.all()}
