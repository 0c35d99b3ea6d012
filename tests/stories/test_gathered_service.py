"""Service, complaints, instant cases and windows of the hall: gathered by the daemon and by a back-test alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.routes import Recipient, Routes
from connectors.base import Batch
from daemon.backtesting import LawFiles
from daemon.duties.gather import Gather
from daemon.law import read_law
from ledger import Ledger, views
from rules.backtest import Plan, backtest
from rules.facts import CaseEvent, CaseId, Instant, Value
from rules.gathering import KINDS, terms_of, with_gathered
from rules.shards import ShardWriter
from tests.stories.clock import at
from tests.stories.reference import judging

ITEMS = """\
items:
  - {code: quick, name: 变更登记, data: {instant: true}}
"""
RULES = ("C02", "C05", "C06", "C07", "V04", "H06", "H05W")
OVER = at("2024-10-01 00:00:00")
DAY = 86_400


def event(case: str, name: str, when: Instant, kind: str = "application", **said: Value) -> CaseEvent:
    return CaseEvent(
        source="halls", event_id=f"{kind}/{case}/{name}/{when}", namespace="county", kind=kind, case_no=case, name=name,
        occurred_at=when, data=said,
    )  # fmt: skip


def served(unit: str, bad: int, complaints: int, called_back: int) -> Iterator[CaseEvent]:
    """Yield thirty rated cases of a unit in the third quarter, so many rated badly by name, and complaints."""
    for number in range(30):
        case, begun = f"{unit}-{number}", at("2024-07-08 10:00:00") + number * DAY
        yield event(case, "accepted", begun, unit=unit, item="quick")
        yield event(case, "rated", begun + 600, satisfaction=5 if number < bad else 1, named=True)
        if number < called_back:
            yield event(case, "called_back", begun + 1_200)
    for number in range(complaints):
        yield event(f"{unit}-c{number}", "complained", at("2024-08-01 09:00:00") + number, "complaint", unit=unit)


def about(person: str, complaints: int, unfounded: int = 0) -> Iterator[CaseEvent]:
    for number in range(complaints):
        case, made = f"{person}-{number}", at("2024-08-05 09:00:00") + number * DAY
        yield event(case, "complained", made, "complaint", target=person, unit="elsewhere")
        if number < unfounded:
            yield event(case, "investigated", made + DAY, "complaint", outcome="unfounded")


def finished(unit: str, before: int, after: int) -> Iterator[CaseEvent]:
    """Yield twenty cases of each of two quarters, so many of them finished on the day on which they began."""
    for quarter, instant in (("2024-05-06 10:00:00", before), ("2024-07-08 10:00:00", after)):
        for number in range(20):
            begun = at(quarter) + number * DAY
            yield event(f"{unit}-{quarter}-{number}", "accepted", begun, unit=unit, item="other")
            ended = begun + (3_600 if number < instant else 2 * DAY)
            yield event(f"{unit}-{quarter}-{number}", "completed", ended, result="granted")


def window(unit: str, no: str, decided: int) -> Iterator[CaseEvent]:
    """Yield twenty instant cases that a window took in September; so many it decided on the spot."""
    for number in range(20):
        begun = at("2024-09-02 10:00:00") + number * 3_600
        case = f"{unit}-{no}-{number}"
        yield event(case, "accepted", begun, unit=unit, item="quick", window=no, officer=f"{no}-{unit}")
        yield event(case, "completed", begun + (60 if number < decided else 2 * DAY), result="granted")


EVENTS = [
    *served("rude", bad=3, complaints=1, called_back=1),
    *served("fair", bad=1, complaints=0, called_back=1),
    *about("wang", 3), *about("li", 3, unfounded=1), *about("zhao", 2),
    *finished("sudden", 4, 10), *finished("steady", 4, 7),
    *window("licences", "7", 0), *window("licences", "8", 1),
    event("T1", "accepted", at("2024-09-03 10:00:00"), unit="tax", window="1", officer="twin"),
    event("T2", "accepted", at("2024-09-03 10:00:30"), unit="tax", window="2", officer="twin"),
    event("T3", "accepted", at("2024-09-03 10:00:00"), unit="tax", window="1", officer="walker"),
    event("T4", "accepted", at("2024-09-03 10:01:00"), unit="tax", window="2", officer="walker"),
]  # fmt: skip
FOUND = {
    ("mingdeng/unit/rude", "C02"), ("mingdeng/unit/rude", "C06"), ("mingdeng/unit/sudden", "V04"),
    ("mingdeng/person/wang", "C07"), ("mingdeng/window/licences/7", "H06"), ("mingdeng/person/twin", "H05W"),
}  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    made.upgrade()
    yield made
    made.close()


def test_the_daemon_and_a_back_test_find_whom_the_figures_are_held_against_and_nobody_else(
    ledger: Ledger, tmp_path: Path
) -> None:
    """At the last second of the quarter only what is counted as it arrives; one second later the closed windows, too."""
    (tmp_path / "items.yaml").write_text(ITEMS, encoding="utf-8")
    law = read_law(items=tmp_path / "items.yaml")
    review = judging(ledger, law, Routes(owner=(Recipient(name="监察", channel="hook", address="a"),)))
    terms = terms_of(law.calendars, law.default_calendar, law.catalogue)
    gather = Gather(ledger, lambda: terms)
    ledger.append(Batch(source="halls", events=tuple(EVENTS), rows=len(EVENTS)), OVER - 1)
    gather.run_once(OVER - 1)
    review.run_once(OVER - 1)
    at_once = {found for found in FOUND if found[1] in {"C07", "H05W"}}
    assert _cards(ledger) == at_once
    gather.run_once(OVER)
    review.run_once(OVER)
    assert _cards(ledger) == FOUND
    assert gather.run_once(OVER).events == 0
    rude = views.case(ledger, _unit("rude"))
    assert rude is not None
    assert rude.judgement is not None
    assert {span.rule for span in rude.judgement.spans if span.until_at is None} >= {"C05"}

    with ShardWriter(tmp_path / "cases") as writer:
        for told in EVENTS:
            writer.take(told)
        shards = with_gathered(writer.close(), tmp_path / "cases", KINDS, terms, OVER)
    plan = Plan((LawFiles.of(items=tmp_path / "items.yaml"),), 0, OVER)
    cards = backtest(plan, shards, tmp_path / "parts").halves[0].cards
    assert {(str(card.case_id), card.rule) for card in cards if card.rule in RULES} == FOUND


def test_a_new_quarter_begins_the_count_of_complaints_anew(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "items.yaml").write_text(ITEMS, encoding="utf-8")
    law = read_law(items=tmp_path / "items.yaml")
    review = judging(ledger, law, Routes(owner=(Recipient(name="监察", channel="hook", address="a"),)))
    gather = Gather(ledger, lambda: terms_of(law.calendars, law.default_calendar, law.catalogue))
    events = tuple(about("wang", 3))
    ledger.append(Batch(source="halls", events=events, rows=len(events)), OVER - 1)
    gather.run_once(OVER - 1)
    review.run_once(OVER - 1)
    (card,) = (line.card for line in views.latest_cards(ledger) if line.card.rule == "C07")
    assert card.ended_at is None
    review.run_once(OVER)
    (card,) = (line.card for line in views.latest_cards(ledger) if line.card.rule == "C07")
    assert card.ended_at == OVER


STEPS = """\
items:
  - {code: long, name: 长, version: "1", data: {unit: market}, limits: {promised: 5 workdays, step.1: 3 workdays, step.2: 3 workdays}}
  - {code: even, name: 齐, version: "1", data: {unit: market}, limits: {promised: 5 workdays, step.1: 3 workdays, step.2: 2 workdays}}
  - {code: bare, name: 无, version: "1", data: {unit: market}, limits: {promised: 5 workdays}}
"""


def test_items_whose_steps_add_up_to_more_than_the_promise_are_found_once_their_catalogue_is_taken_up(
    ledger: Ledger, tmp_path: Path
) -> None:
    """In the daemon as in a back-test; an item without step limits is no case at all."""
    (tmp_path / "items.yaml").write_text(STEPS, encoding="utf-8")
    law = read_law(items=tmp_path / "items.yaml")
    review = judging(ledger, law, Routes(owner=(Recipient(name="监察", channel="hook", address="a"),)))
    terms = terms_of(law.calendars, law.default_calendar, law.catalogue)
    gather = Gather(ledger, lambda: terms)
    assert gather.run_once(OVER).events == 2
    assert gather.run_once(OVER).events == Gather(ledger, lambda: terms).run_once(OVER).events == 0
    review.run_once(OVER)
    found = {(str(line.card.case_id), line.card.unit, line.card.rule) for line in views.latest_cards(ledger)}
    assert found == {("mingdeng/item/long", "market", "T07")}

    with ShardWriter(tmp_path / "cases") as writer:
        shards = with_gathered(writer.close(), tmp_path / "cases", KINDS, terms, OVER)
    plan = Plan((LawFiles.of(items=tmp_path / "items.yaml"),), 0, OVER)
    cards = backtest(plan, shards, tmp_path / "parts").halves[0].cards
    assert {(str(card.case_id), card.unit, card.rule) for card in cards} == found


def _unit(code: str) -> CaseId:
    return CaseId("mingdeng", "unit", code)


def _cards(ledger: Ledger) -> set[tuple[str, str]]:
    found = (line.card for line in views.latest_cards(ledger, limit=5_000))
    return {(str(card.case_id), card.rule) for card in found if card.rule in RULES and card.state.value != "revoked"}
