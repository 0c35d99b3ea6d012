"""What people do to cards from the pages and the API: which deed is which act, on whose side, and how it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from alerts.cards import CountsFrom
from alerts.life import Hand, open_to
from alerts.model import Card, CardChange, Deed, Delivery, Done
from alerts.moves import BY_DEED, Side
from console.access.acts import Act
from console.access.roles import SUPERVISORS, Role, Target, Who, allowed
from ledger import Ledger
from ledger.cardlife import Paper
from ledger.idempotency import Sent
from rules.facts import CaseId, Instant
from rules.policy import Colour

ACT_OF: Final[Mapping[Deed, Act]] = {
    Deed.ISSUE: Act.ISSUE_CARD,
    Deed.CONFIRM: Act.CONFIRM_CARD,
    Deed.DISMISS: Act.CONFIRM_CARD,
    Deed.CONFIRM_RISE: Act.CONFIRM_CARD,
    Deed.DISMISS_RISE: Act.CONFIRM_CARD,
    Deed.SIGN: Act.SIGN_CARD,
    Deed.UNSIGN: Act.SIGN_CARD,
    Deed.EXPLAIN: Act.EXPLAIN_CARD,
    Deed.APPEAL: Act.APPEAL_CARD,
    Deed.UPHOLD: Act.DECIDE_APPEAL,
    Deed.REVOKE: Act.REVOKE_CARD,
    Deed.RETURN: Act.RETURN_CARD,
    Deed.ESCALATE: Act.ESCALATE_CARD,
    Deed.RECTIFY: Act.RECTIFY_CARD,
    Deed.SEND_BACK: Act.VERIFY_CARD,
    Deed.VERIFY: Act.VERIFY_CARD,
    Deed.CLOSE: Act.CLOSE_CARD,
    Deed.REOPEN: Act.REOPEN_CARD,
    Deed.RECORD_CONSEQUENCE: Act.RECORD_CONSEQUENCE,
    Deed.ASSIGN: Act.ASSIGN_CARD,
    Deed.UNASSIGN: Act.ASSIGN_CARD,
}
"""The act that a role has to be granted for a deed."""


@dataclass(frozen=True, slots=True)
class Loop:
    """What the daemon lends: when a card counts, and who is told of a change."""

    counts_from: CountsFrom = lambda _colour, at: at
    tell: Callable[[CardChange], Sequence[Delivery]] = lambda _change: ()


def hand_of(who: Who) -> Hand:
    """Return in which role and on whose side somebody acts on cards."""
    if who.roles & SUPERVISORS:
        role = Role.CHIEF_INSPECTOR if Role.CHIEF_INSPECTOR in who.roles else Role.INSPECTOR
        return Hand(who.account, role.value, Side.SUPERVISION)
    return Hand(who.account, Role.UNIT_USER.value, Side.UNIT)


def offered(who: Who, card: Card, region: str, now: Instant, zone: str) -> tuple[Deed, ...]:
    """Return what this person may do to the card now, in the order of the table."""
    target = Target(card.unit, region, card.card_id)
    return tuple(deed for deed in open_to(card, hand_of(who), now, zone) if allowed(who, ACT_OF[deed], target))


def deal(
    ledger: Ledger, loop: Loop, card_id: str, serial: int, done: Done, now: Instant, zone: str,
    attached: Sequence[Paper] = (),
) -> CardChange:  # fmt: skip
    """Do a deed; raise ``UserError`` with everything that stands against it. Who may, the route's guard has asked."""
    side = BY_DEED[done.deed].side
    return ledger.act(card_id, serial, done, side, now, zone, loop.counts_from, loop.tell, attached)


def issue(
    ledger: Ledger, loop: Loop, case_id: CaseId, colour: Colour, basis: str, done: Done, now: Instant,
    sent: Sent | None = None,
) -> CardChange:  # fmt: skip
    """Issue a card by hand (人工发牌), once for each form that was sent."""
    return ledger.issue_by_hand(case_id, colour, basis, done, now, loop.counts_from, loop.tell, sent)
