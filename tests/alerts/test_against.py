"""Whom a card is against: the unit that the rule names as being at fault, else the unit of the case."""

from __future__ import annotations

import msgspec

from alerts.cards import decide
from alerts.model import Card
from tests.alerts.builders import POLICIES, counts_from, judgement, span


def card_against(unit: str | None) -> Card:
    found = msgspec.structs.replace(judgement(span("T04", 20)), person="officer-7")
    found = msgspec.structs.replace(found, spans=(msgspec.structs.replace(found.spans[0], unit=unit),))
    (change,) = decide(found, (), POLICIES, 25, counts_from)
    return change.card


def test_a_card_is_against_the_unit_of_the_case_where_the_rule_names_none() -> None:
    card = card_against(None)
    assert (card.unit, card.person) == ("住建局", "officer-7")


def test_a_card_is_against_the_unit_at_fault_and_not_against_the_officer_of_another() -> None:
    card = card_against("消防救援大队")
    assert (card.unit, card.person) == ("消防救援大队", "")


def test_where_the_facts_do_not_name_the_unit_at_fault_the_card_accuses_nobody_else() -> None:
    card = card_against("")
    assert (card.unit, card.person) == ("", "")
