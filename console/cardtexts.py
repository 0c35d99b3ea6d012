"""What a card's rule says of the case, in the reader's language, its unit by name."""

from __future__ import annotations

from alerts.model import Card
from alerts.texts import say
from console.desk import Desk
from rules.problems import Language


def said_of(card: Card, desk: Desk, language: Language) -> str:
    """Return the sentence, "" where no rule in force says one."""
    policy = desk.policies.get(card.rule)
    if policy is None:
        return ""
    return say(policy, card.values, language, desk.units)
