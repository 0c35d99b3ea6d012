"""The life of a card in people's hands: what a deed makes of it, and what may be done to it now.

``follow`` is pure: it answers with the change that a deed brings, or says in sentences everything that stands against it.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from alerts.cards import BY_HAND, CountsFrom
from alerts.hindrances import Asked, hindrances
from alerts.model import Card, CardChange, CardState, ChangeKind, Deed, Done, Stage, card_id
from alerts.moves import BY_DEED, FIELDS, MOVES, Move, Side
from rules.facts import CaseId, Instant
from rules.glossary import label
from rules.judgement import Judgement, Pin
from rules.policy import Colour, IssueMode, Rank
from rules.problems import Place, Problem, UserError


class Hand(NamedTuple):
    """Who is about to act: the account, the role in which it acts, and on which side that role stands."""

    by: str
    role: str
    side: Side


def open_to(card: Card, hand: Hand, now: Instant, zone: str) -> tuple[Deed, ...]:
    """Return what this hand may do to the card now, in the order of the table; fields are not asked for yet."""
    asked = (
        Asked(card, move, Done(deed=move.deed, by=hand.by, role=hand.role), hand.side, now, zone) for move in MOVES
    )
    return tuple(each.move.deed for each in asked if not hindrances(each, FIELDS))


def follow(card: Card, done: Done, side: Side, now: Instant, zone: str, counts_from: CountsFrom) -> CardChange:
    """Return the change that a deed brings; raise ``UserError`` with everything that stands against it."""
    move = BY_DEED[done.deed]
    problems = hindrances(Asked(card, move, done, side, now, zone))
    if problems:
        raise UserError(problems)
    return CardChange(move.kind, now, _after(card, move, done, now, counts_from), card.colour, done)


def issue_by_hand(
    about: Judgement, colour: Colour, basis: str, done: Done, ordinal: int, now: Instant, counts_from: CountsFrom
) -> CardChange:
    """Return the card that a person issues on a case (人工发牌); it needs the text of its basis and of what was found.

    ``ordinal`` numbers the cards of this kind on the case; no condition carries the card, so none takes it back.
    """
    problems = [problem for name, said in (("text", done.text), ("basis", basis)) if not said.strip()
                for problem in (_unsaid(about.case_id, name),)]  # fmt: skip
    if problems:
        raise UserError(problems)
    card = Card(
        card_id=card_id(about.case_id, BY_HAND, "", ordinal), case_id=about.case_id, family=BY_HAND, clock="",
        ordinal=ordinal, rule=BY_HAND, colour=colour, state=CardState.ISSUED, issue=IssueMode.MANUAL, unit=about.unit,
        person=about.person, item=about.item, tell=Rank.R2 if colour is Colour.YELLOW else Rank.R3, raised_at=now,
        issued_at=now, counts_at=counts_from(colour, now), pin=Pin(rulebook="", calendar="", item=""),
        values={"item.name": about.item_name, "basis": basis, "found": done.text}, stage=Stage.ISSUED, stage_at=now,
        hands={Deed.ISSUE.value: done.by},
    )  # fmt: skip
    return CardChange(ChangeKind.ISSUED, now, card, None, done)


def _unsaid(case_id: CaseId, name: str) -> Problem:
    return Problem(
        f"card/needs-{name}", Place(str(case_id)),
        f"A card by hand needs {label('deed_fields', name, 'en')}.", f"人工发牌须填写{label('deed_fields', name, 'zh')}。",
    )  # fmt: skip


def _after(card: Card, move: Move, done: Done, now: Instant, counts_from: CountsFrom) -> Card:
    """Return the card as it stands after the deed."""
    hands = {**card.hands, done.deed.value: done.by}
    after = msgspec.structs.replace(card, serial=card.serial + 1, hands=hands, reason="")
    if move.to is not None:
        after = msgspec.structs.replace(after, stage=move.to, stage_at=now)
    match done.deed:
        case Deed.CONFIRM:
            counts_at = counts_from(card.colour, now)
            return msgspec.structs.replace(
                after, state=CardState.ISSUED, issued_at=now, counts_at=counts_at, confirmed={card.rule: now}
            )
        case Deed.CONFIRM_RISE:
            return msgspec.structs.replace(after, confirmed={**card.confirmed, card.awaits: now})
        case Deed.DISMISS_RISE:
            dismissed = {**card.dismissed, card.awaits: now}
            return msgspec.structs.replace(after, awaits="", dismissed=dismissed, reason=done.text)
        case Deed.REVOKE | Deed.DISMISS:
            return msgspec.structs.replace(
                after, state=CardState.REVOKED, revoked_at=now, revoked_by=done.by, counts_at=None, awaits="",
                confirmed={}, reason=done.text,
            )  # fmt: skip
        case Deed.APPEAL:
            return msgspec.structs.replace(after, counts_at=None)
        case Deed.UPHOLD if card.counts_at is None:
            return msgspec.structs.replace(after, counts_at=now)
        case Deed.RECORD_CONSEQUENCE:
            return msgspec.structs.replace(after, consequence=done.measure)
        case Deed.ASSIGN | Deed.UNASSIGN:
            return msgspec.structs.replace(after, assignee=done.to)
    return after
