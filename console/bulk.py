"""One deed for many cards: each is done on its own, so that what stands against one keeps no other from being done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from alerts.hindrances import Asked, hindrances
from alerts.model import Card, Deed, Done
from alerts.moves import BY_DEED
from console.access.roles import Who
from console.desk import Desk
from console.loop import deal, hand_of, offered
from ledger import views
from rules.problems import Language, UserError

MOST: Final = 200
"""How many cards are dealt with at once."""


class Chosen(NamedTuple):
    """A card that was chosen, as its page showed it, what to do to it, and to whom it goes if it is to be assigned."""

    deed: Deed
    card_id: str
    serial: int
    to: str = ""

    @property
    def written(self) -> str:
        """Return it as the value of a field."""
        return f"{self.deed.value}:{self.card_id}:{self.serial}:{self.to}"


class Dealt(NamedTuple):
    """What came of one: the card, what stood against it (none: it was done), and what would take it back."""

    card: Card | None
    card_id: str
    problems: tuple[str, ...]
    undo: Chosen | None


def read(values: Sequence[str], deed: Deed | None = None, to: str = "") -> list[Chosen]:
    """Return what fields of a form chose; ``deed`` and ``to`` say it for all. What cannot be read is left out."""
    found = []
    for value in values[:MOST]:
        name, _, rest = (f"{deed.value}:{value}:{to}" if deed is not None else value).partition(":")
        card_id, _, rest = rest.partition(":")
        serial, _, whom = rest.partition(":")
        if name in set(Deed) and serial.isdecimal() and len(serial) < 10:
            found.append(Chosen(Deed(name), card_id, int(serial), whom))
    return found


def deal_with(desk: Desk, who: Who, chosen: Sequence[Chosen], language: Language) -> list[Dealt]:
    """Do what was chosen, card by card."""
    cards = views.cards_named(desk.ledger, [each.card_id for each in chosen])
    return [_one(desk, who, each, cards.get(each.card_id), language) for each in chosen]


def _one(desk: Desk, who: Who, chosen: Chosen, card: Card | None, language: Language) -> Dealt:
    region = desk.access.regions().get(card.unit, "") if card is not None else ""
    if card is None or not who.scope.holds(card.unit, region):
        gone = {"zh": "不在您的范围内。", "en": "It lies outside your scope."}[language]
        return Dealt(None, chosen.card_id, (gone,), None)
    now, hand = desk.now(), hand_of(who)
    try:
        if card.serial == chosen.serial and chosen.deed not in offered(who, card, region, now, desk.zone):
            _explain_why_not(desk, who, chosen, card)
        done = Done(deed=chosen.deed, by=hand.by, role=hand.role, to=chosen.to)
        change = deal(desk.ledger, desk.loop, card.card_id, chosen.serial, done, now, desk.zone)
    except UserError as refused:
        return Dealt(card, card.card_id, tuple(each.sentence(language) for each in refused.problems), None)
    return Dealt(change.card, card.card_id, (), _undo(chosen, card, change.card))


def _explain_why_not(desk: Desk, who: Who, chosen: Chosen, card: Card) -> None:
    """Raise ``UserError`` with what stands against a deed that is not offered."""
    hand = hand_of(who)
    done = Done(deed=chosen.deed, by=hand.by, role=hand.role, to=chosen.to)
    raise UserError(hindrances(Asked(card, BY_DEED[chosen.deed], done, hand.side, desk.now(), desk.zone)))


def _undo(chosen: Chosen, before: Card, after: Card) -> Chosen | None:
    match chosen.deed:
        case Deed.SIGN:
            return Chosen(Deed.UNSIGN, after.card_id, after.serial)
        case Deed.ASSIGN if before.assignee:
            return Chosen(Deed.ASSIGN, after.card_id, after.serial, before.assignee)
        case Deed.ASSIGN:
            return Chosen(Deed.UNASSIGN, after.card_id, after.serial)
        case _:
            return None
