"""Persons by trace-back (责任倒查) and the measures taken against them, in the daemon as in a back-test."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from alerts.model import Card, CardState, Deed, Done
from alerts.moves import BY_DEED
from alerts.routes import Recipient, Routes
from connectors.base import Batch
from daemon.appeals import counts_from
from daemon.backtesting import LawFiles
from daemon.law import Law, read_law
from ledger import Ledger, views
from rules.backtest import Plan, backtest
from rules.facts import CaseEvent, CaseId, Instant
from rules.policy import Colour
from rules.shards import ShardWriter
from tests.stories.clock import at
from tests.stories.reference import judging

ITEMS = """\
items:
  - {code: food, name: 食品, limits: {promised: 5 workdays, step.1: 2 workdays, step.2: 2 workdays, step.3: 1 workday}}
"""
FAR = at("2019-02-01 10:00:00")
PERSONS = {"K11", "K12", "K13"}


def late(case: str) -> list[CaseEvent]:
    """Return a case of which the handler wang and the approver zhao kept their limits, and the reviewer li did not."""
    happened = [
        ("10-15 10:00", "accepted", {"officer": "wang"}),
        ("10-15 10:00", "step_started", {"step": "1", "officer": "wang"}),
        ("10-16 10:00", "step_finished", {"step": "1", "officer": "wang"}),
        ("10-16 10:00", "step_started", {"step": "2", "officer": "li"}),
        ("10-24 10:00", "step_finished", {"step": "2", "officer": "li"}),
        ("10-24 10:00", "step_started", {"step": "3", "officer": "zhao"}),
        ("10-24 16:00", "completed", {"result": "granted"}),
    ]
    return [
        CaseEvent(
            source="halls", event_id=f"{case}/{number}", namespace="county", kind="application", case_no=case, name=name,
            occurred_at=at(f"2018-{when}:00"), sequence=number, data={"item": "food", "unit": "market", **said},
        )
        for number, (when, name, said) in enumerate(happened)
    ]  # fmt: skip


class Office:
    """A ledger with its review, and people who deal with cards."""

    def __init__(self, folder: Path) -> None:
        (folder / "items.yaml").write_text(ITEMS, encoding="utf-8")
        self.items = folder / "items.yaml"
        self.law: Law = read_law(items=self.items)
        self.ledger = Ledger(f"sqlite:///{folder / 'ledger.sqlite3'}")
        self.ledger.upgrade()
        self.review = judging(
            self.ledger, self.law, Routes(owner=(Recipient(name="监察", channel="hook", address="a"),))
        )
        self._papers = count(1)

    def take(self, events: list[CaseEvent], now: Instant) -> None:
        self.ledger.append(Batch(source="halls", events=tuple(events), rows=len(events)), now)
        self.review.run_once(now)

    def cards(self, *rules: str) -> list[Card]:
        found = (line.card for line in views.latest_cards(self.ledger, limit=1_000))
        return [card for card in found if card.rule in rules and card.state is not CardState.REVOKED]

    def persons(self) -> set[tuple[str, str]]:
        """Return whom a measure is proposed against, and by which rule."""
        return {(card.case_id.case_no, card.rule) for card in self.cards(*PERSONS)} | {
            (card.case_id.case_no, card.awaits) for card in self.cards(*PERSONS) if card.awaits
        }

    def does(self, card: Card, deed: Deed, now: Instant, **said: object) -> Card:
        """Let a person do a deed to a card as it stands, then judge."""
        stands = next(
            line.card for line in views.latest_cards(self.ledger, limit=1_000) if line.card.card_id == card.card_id
        )
        number = next(self._papers)
        told = {"text": "说明", "ground": "wrong_data", "document": f"{number} 号", "decided_on": dt.date(2018, 12, 1)}
        done = Done(deed=deed, by=f"person {number}", role="inspector", **{**told, **said})  # type: ignore[arg-type]  # by the test
        side = BY_DEED[deed].side
        change = self.ledger.act(
            stands.card_id, stands.serial, done, side, now, "Asia/Shanghai", counts_from(self.law.default_calendar),
            lambda _: (),
        )  # fmt: skip
        self.review.run_once(now)
        return change.card

    def by_hand(self, case: str, now: Instant) -> Card:
        """Issue a red card by hand."""
        done = Done(deed=Deed.ISSUE, by="inspector", role="inspector", text="查实")
        change = self.ledger.issue_by_hand(
            CaseId("county", "application", case), Colour.RED, "本中心规定第五条", done, now,
            counts_from(self.law.default_calendar), lambda _: (),
        )  # fmt: skip
        self.review.run_once(now)
        return change.card


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.ledger.close()


def test_who_held_the_overdue_time_bears_the_card_once_it_counts_and_the_handler_does_not(office: Office) -> None:
    """The card falls on the unit at once; against the reviewer it counts when the time to appeal is over."""
    office.take(late("L1"), at("2018-10-25 10:00:00"))
    (card,) = office.cards("T04")
    assert (card.person, dict(card.shares)) == ("zhao", {"li": 10_000})
    assert office.persons() == set()
    assert card.counts_at is not None
    office.review.run_once(card.counts_at - 1)
    assert office.persons() == set()
    office.review.run_once(card.counts_at)
    assert office.persons() == {("li", "K11")}


def test_three_cases_make_three_faults_and_a_card_that_is_appealed_against_or_revoked_none(office: Office) -> None:
    for case in ("L1", "L2", "L3"):
        office.take(late(case), at("2018-10-25 10:00:00"))
    first, second, _ = cards = office.cards("T04")
    office.does(first, Deed.SIGN, at("2018-10-25 11:00:00"))
    office.does(first, Deed.APPEAL, at("2018-10-25 12:00:00"))
    office.review.run_once(FAR)
    assert len(cards) == 3
    assert {rule for _, rule in office.persons()} <= {"K11", "K12"}
    assert ("li", "K12") in office.persons()

    office.does(first, Deed.UPHOLD, FAR + 1)
    assert ("li", "K13") in office.persons()
    office.does(second, Deed.REVOKE, FAR + 2)
    assert ("li", "K13") not in office.persons()


def test_facts_that_are_corrected_move_the_blame_and_write_to_nobody(office: Office) -> None:
    """It turns out that zhou, not li, held the second step; the card stands as it was."""
    office.take(late("L1"), at("2018-10-25 10:00:00"))
    office.review.run_once(FAR)
    assert office.persons() == {("li", "K11")}
    told = office.ledger.next_delivery_at()

    corrected = [event for event in late("L1") if event.data.get("officer") == "li"]
    office.take([_by(event, "zhou") for event in corrected], FAR + 60)
    (card,) = office.cards("T04")
    assert (dict(card.shares), card.reason) == ({"zhou": 10_000}, "blame_moved")
    assert office.persons() == {("zhou", "K11")}
    assert office.ledger.next_delivery_at() == told


def test_a_back_test_finds_the_same_persons(office: Office, tmp_path: Path) -> None:
    events = [event for case in ("L1", "L2", "L3") for event in late(case)]
    office.take(events, at("2018-10-25 10:00:00"))
    office.review.run_once(FAR)
    with ShardWriter(tmp_path / "cases") as writer:
        for event in events:
            writer.take(event)
        shards = writer.close()
    outcome = backtest(Plan((LawFiles.of(items=office.items),), 0, FAR), shards, tmp_path / "parts")
    found = {(card.case_id.case_no, card.rule) for card in outcome.halves[0].cards if card.rule in PERSONS}
    assert found == {("li", "K11"), ("li", "K12"), ("li", "K13")}
    assert {no for no, _ in office.persons()} == {"li"}
    assert ("li", "K13") in office.persons()


def test_admonitions_and_inquiries_are_counted_on_whom_the_decision_names_and_on_the_unit(office: Office) -> None:
    """The second admonition of a year proposes a talk with the person, the third of a unit a criticism of it."""
    office.take(late("L1"), at("2018-10-25 10:00:00"))
    cards = [office.by_hand("L1", at(f"2018-11-0{day} 10:00:00")) for day in (1, 2, 3)]
    named = [("li", "admonition_oral"), ("li", "admonition_written"), ("zhao", "admonition")]
    for card, (person, measure) in zip(cards, named, strict=True):
        assert office.cards("K08") == []
        office.does(
            card, Deed.RECORD_CONSEQUENCE, at("2018-11-20 10:00:00"), measure=measure, to=person, to_post="窗口"
        )
    assert [card.case_id.case_no for card in office.cards("K15")] == ["li"]
    assert [card.case_id.case_no for card in office.cards("K08")] == ["market"]

    office.does(cards[0], Deed.REVOKE, at("2018-11-21 10:00:00"))
    assert office.cards("K15") == office.cards("K08") == []
    for day, card in enumerate(cards[1:], 22):
        office.does(card, Deed.RECORD_CONSEQUENCE, at(f"2018-11-{day} 10:00:00"), measure="inquiry", to="wu")
    assert office.cards("K14") == []
    office.does(cards[2], Deed.RECORD_CONSEQUENCE, at("2018-11-24 10:00:00"), measure="inquiry", to="wu")
    assert [card.case_id.case_no for card in office.cards("K14")] == ["wu"]


def _by(event: CaseEvent, officer: str) -> CaseEvent:
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    return CaseEvent(**{**fields, "data": {**event.data, "officer": officer}})
