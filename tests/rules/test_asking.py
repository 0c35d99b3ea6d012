"""A rule is asked of a case only where its source reports what the rule asks for; what is lacking is said once."""

from __future__ import annotations

import pytest

from rules.asking import asked_from, parse_asks, reported, unanswered
from rules.facts import CaseEvent, ItemVersion, Value
from rules.loader import load_books


def event(name: str, at: int, **data: Value) -> CaseEvent:
    return CaseEvent(
        source="s",
        event_id=f"{at}",
        namespace="n",
        kind="application",
        case_no="1",
        name=name,
        occurred_at=at,
        data=data,
    )


TOLD = reported([event("accepted", 10, officer="zhang"), event("completed", 20, reason=None)])
ITEM = ItemVersion(code="I", name="I", data={"fee": 5}, limits={"promised": "5 workdays"})


@pytest.mark.parametrize(
    ("asks", "expected"),
    [
        ([], 5),
        (["accepted"], 10),
        (["completed.reason"], 20),
        (["case.officer"], 10),
        (["item.fee", "item.promised"], 5),
        (["accepted.officer", "completed"], 20),
        (["refused_accept.reason or completed.reason"], 20),
        (["completed or accepted"], 10),
        (["completed.approver"], None),
        (["item.fee_basis_until"], None),
        (["accepted", "extended"], None),
    ],
    ids=str,
)
def test_a_rule_is_asked_from_the_instant_at_which_all_it_asks_for_is_reported(
    asks: list[str], expected: int | None
) -> None:
    assert asked_from(tuple(map(parse_asks, asks)), TOLD, ITEM, 5) == expected


def test_an_attribute_that_is_reported_empty_is_reported() -> None:
    assert ("completed", "reason") in TOLD
    assert ("completed", "approver") not in TOLD


def test_without_an_item_nothing_of_the_item_is_known() -> None:
    assert asked_from((parse_asks("item.fee"),), TOLD, None, 5) is None


@pytest.mark.parametrize("text", ["", "Completed", "completed.reason.code", "a or", "a.b c"])
def test_what_is_neither_event_nor_attribute_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an event or an attribute"):
        parse_asks(text)


def test_what_a_source_cannot_answer_is_said_once_with_what_it_lacks() -> None:
    rules = [rule for book in load_books().books for rule in book.rules if rule.id in {"P15", "F02", "T04"}]
    found = {one.rule: one.lacks for one in unanswered(rules, TOLD)}
    assert found == {"P15": ("accepted.accept_doc_no",), "F02": ("fee_charged.amount", "item.fee")}
