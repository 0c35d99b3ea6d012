"""Gathers a card's file for its documents from what the desk knows: the ledger's story and the law's explanation."""

from __future__ import annotations

from alerts.documents.cardfile import CardFile
from alerts.documents.model import Said
from console.desk import Desk
from ledger import views
from ledger.views import CardStory
from ledger.views.cardfile import card_file
from rules.explanation import Explanation
from rules.problems import UserError


def file_of(desk: Desk, story: CardStory) -> CardFile:
    """Return the file of a card; where the case cannot be explained just now, without its arithmetic."""
    card = story.card
    named = desk.titles.get(("unit", card.unit), {})
    unit = Said(named.get("zh") or card.unit, named.get("en") or named.get("zh") or card.unit)
    return card_file(
        desk.ledger, story, office=desk.office, zone=desk.zone, unit=unit, policy=desk.policies.get(card.rule),
        explanation=explanation_of(desk, story.about),
    )  # fmt: skip


def explanation_of(desk: Desk, about: views.CaseView | None) -> Explanation | None:
    """Return why the case has its light, None where that cannot be told just now."""
    if about is None or about.judgement is None:
        return None
    try:
        return desk.explain(about.case)
    except (UserError, ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError):
        return None
