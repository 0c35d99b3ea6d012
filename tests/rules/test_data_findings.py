"""Data that contradict themselves make a case grey and hold nothing against anybody, until they are corrected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest

from alerts.cards import decide
from alerts.model import Card, CardChange
from rules.calendarbook import open_calendars
from rules.catalogue import Catalogue
from rules.context import Context
from rules.engine.direct import DirectEngine
from rules.facts import CaseEvent, CaseId, ItemVersion, Value, fold
from rules.judgement import Judgement, Light, Truth
from rules.loader import load_books
from rules.review import review

CASE = CaseId("n", "application", "1")
ZONE = ZoneInfo("Asia/Shanghai")
LIMITS = {"promised": "5 workdays", "statutory": "10 workdays"}
ITEMS = Catalogue.of([
    ItemVersion(code="I-1", name="licence", limits=LIMITS),
    ItemVersion(code="nought", name="nought", limits={"promised": "0 workdays"}),
    ItemVersion(code="none", name="none"),
])  # fmt: skip


@pytest.fixture(scope="module")
def context() -> Context:
    return Context(load_books(), open_calendars([]), DirectEngine(), ITEMS)


def at(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


def event(number: int, name: str, when: str, *, version: int = 1, **data: Value) -> CaseEvent:
    return CaseEvent(
        source="s", event_id=str(number), version=version, **CASE._asdict(), name=name, occurred_at=at(when),
        data={"unit": "housing", "item": "I-1", **data},
    )  # fmt: skip


ACCEPTED = event(1, "accepted", "2024-09-24 09:00:00")
COMPLETED = event(2, "completed", "2024-10-30 09:00:00", result="granted")
"""Far beyond both limits: without the doubt it would be red."""

TROUBLED = {
    "D05": [ACCEPTED, event(3, "accepted", "2024-09-26 09:00:00"), COMPLETED],
    "D04": [event(3, "step_started", "2024-09-25 09:00:00", step="review"), COMPLETED],
    "D04S": [ACCEPTED, event(3, "suspension_ended", "2024-09-26 09:00:00"), COMPLETED],
    "D06": [event(1, "accepted", "1900-01-01 00:00:00"), COMPLETED],
    "D06O": [event(1, "accepted", "2024-11-05 09:00:00"), COMPLETED],
    "D08U": [event(1, "accepted", "2024-09-24 09:00:00", item="ghost")],
    "D08Z": [event(1, "accepted", "2024-09-24 09:00:00", item="nought")],
}


def judged(context: Context, events: list[CaseEvent], now: str = "2024-12-02 09:00:00") -> Judgement:
    outcome = review([fold(CASE, events)], context, 0, at(now))
    assert outcome.lost == ()
    return outcome.judgements[0]


def true_rules(judgement: Judgement) -> set[str]:
    return {span.rule for span in judgement.spans if span.truth is Truth.TRUE}


def test_without_trouble_the_late_case_is_red(context: Context) -> None:
    judgement = judged(context, [ACCEPTED, COMPLETED])
    assert judgement.light is Light.RED
    assert {"T04", "T05"} <= true_rules(judgement)


@pytest.mark.parametrize("rule", TROUBLED)
def test_a_contradiction_makes_the_case_grey_with_its_finding_and_nothing_else_holds(
    context: Context, rule: str
) -> None:
    judgement = judged(context, TROUBLED[rule])
    assert judgement.light is Light.GREY
    assert judgement.because == f"rule:{rule}"
    assert true_rules(judgement) == {rule}


def test_a_date_of_2200_is_found_long_before_it_comes(context: Context) -> None:
    judgement = judged(context, [ACCEPTED, event(2, "completed", "2200-01-01 00:00:00", result="granted")])
    assert judgement.light is Light.GREY
    assert true_rules(judgement) == {"D06"}


def test_a_case_of_which_everything_lies_in_2200_is_grey(context: Context) -> None:
    judgement = judged(context, [event(1, "accepted", "2200-01-01 00:00:00")])
    assert judgement.light is Light.GREY
    assert judgement.spans == ()


def test_an_item_without_any_limit_makes_the_case_grey(context: Context) -> None:
    assert judged(context, [event(1, "accepted", "2024-09-24 09:00:00", item="none")]).because == "rule:D08Z"


@pytest.mark.parametrize("rule", ["D05", "D06", "D06O", "D08U"])
def test_a_correction_of_the_acceptance_brings_the_light_back(context: Context, rule: str) -> None:
    corrected = event(1, "accepted", "2024-09-24 09:00:00", version=2)
    withdrawn = event(3, "accepted", "2024-09-26 09:00:00", version=2)
    retracted = CaseEvent(**{**{n: getattr(withdrawn, n) for n in withdrawn.__struct_fields__}, "retracted": True})
    judgement = judged(context, [*TROUBLED[rule], corrected, COMPLETED, retracted])
    assert judgement.light is Light.RED
    assert {"T04", "T05"} <= true_rules(judgement)


def test_an_acceptance_that_is_reported_after_all_brings_the_light_back(context: Context) -> None:
    judgement = judged(context, [*TROUBLED["D04"], ACCEPTED])
    assert {"T04", "T05"} <= true_rules(judgement)
    assert "D04" not in true_rules(judgement)


def test_a_suspension_whose_beginning_is_reported_after_all_brings_the_light_back(context: Context) -> None:
    begun = event(
        4, "suspension_started", "2024-09-25 09:00:00", reason="testing", approver="D-1", approved="5 workdays"
    )
    judgement = judged(context, [*TROUBLED["D04S"], begun])
    assert {"T04", "T05"} <= true_rules(judgement)
    assert "D04S" not in true_rules(judgement)


def test_a_catalogue_that_was_corrected_brings_the_light_back(context: Context) -> None:
    mended = ItemVersion(code="nought", name="n", limits={"promised": "7 workdays", "statutory": "20 workdays"})
    corrected = Context(context.books, context.calendars, context.engine, Catalogue.of([mended]))
    judgement = judged(
        corrected, [*TROUBLED["D08Z"], event(2, "completed", "2024-10-30 09:00:00", item="nought", result="granted")]
    )
    assert {"T04", "T05"} <= true_rules(judgement)
    assert "D08Z" not in true_rules(judgement)


def cards(context: Context, judgement: Judgement, standing: Sequence[Card] = ()) -> list[CardChange]:
    now = at("2024-12-02 09:00:00")
    return list(decide(judgement, standing, context.books.policies, now, lambda _, issued_at: issued_at))


@pytest.mark.parametrize("rule", TROUBLED)
def test_no_card_falls_on_a_case_that_contradicts_itself(context: Context, rule: str) -> None:
    assert [change.card.rule for change in cards(context, judged(context, [ACCEPTED, COMPLETED]))] == ["T05"]
    assert cards(context, judged(context, TROUBLED[rule])) == []


@pytest.mark.parametrize("rule", ["D05", "D04S"])
def test_a_card_that_stands_is_not_taken_back_by_a_mere_contradiction(context: Context, rule: str) -> None:
    standing = [change.card for change in cards(context, judged(context, [ACCEPTED, COMPLETED]))]
    assert cards(context, judged(context, TROUBLED[rule]), standing) == []


def test_a_mere_notice_about_the_data_casts_no_doubt_on_the_rest(context: Context) -> None:
    judgement = judged(context, [event(1, "accepted", "2024-09-24 09:00:00", uscc="91350100M000100Y44"), COMPLETED])
    assert judgement.light is Light.RED
    assert {"D03", "T04", "T05"} <= true_rules(judgement)


def test_an_ordinary_case_of_a_simple_source_is_green(context: Context) -> None:
    judgement = judged(context, [ACCEPTED, event(2, "completed", "2024-09-26 09:00:00", result="granted")])
    assert judgement.light is Light.GREEN
    assert judgement.spans == () or true_rules(judgement) == set()
