"""Publishing in virtual time: the law changes between two rounds of judging, and exactly what it concerns is judged anew."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerts.model import Card, CardState
from alerts.routes import Recipient, Routes
from connectors.base import Batch
from daemon.appeals import counts_from
from daemon.duties.marking import LawfulReview
from daemon.duties.review import Review
from daemon.law import Law, read_law
from daemon.lawinforce import LawInForce, policies
from daemon.settings import RulesSettings
from ledger import LawKind, LawText, Ledger, views
from rules.calendarbook import SHIPPED
from rules.causes import Cause
from rules.engine import DirectEngine
from rules.explaining import explained
from rules.explanation import Known
from rules.facts import CaseEvent, CaseId, Instant, Value
from rules.judgement import Light
from rules.review import review
from tests.lawtexts import overdue

CN = SHIPPED / "cn.yaml"
BOOK = overdue()
UNITS = """\
rulebook: units
title: {zh: 单位, en: Units}
version: 1
in_force: {from: 2018-01-01}
basis: {count: {text: 本中心责任追究制度}}
rules:
  - id: U01
    title: {zh: 一季度一张黄牌, en: one yellow card in a quarter}
    of: unit
    when: tally(yellow_cards, quarter) >= 1
    card: red
    issue: confirm
    tell: R3
    basis: count
"""
ENQUIRIES = (
    overdue("enquiries", "5 workdays", of="enquiry")
    .replace("accepted", "enquired")
    .replace("completed", "answered")
    .replace("L02", "E02")
)
ITEMS = """\
items:
  - {code: food, name: 食品经营许可, version: "1", limits: {promised: 5 workdays}}
  - {code: road, name: 占道许可, version: "1", limits: {promised: 5 workdays}}
"""
CORRECTED = BOOK.replace("version: 1\n", "version: 1\nrevision: 2\n").replace("item.promised", "15 workdays")


def at(text: str) -> Instant:
    """Return an instant written in Shanghai's time."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


def case_id(number: str) -> CaseId:
    """Return the identity of an application, of an enquiry if its number begins with E."""
    return CaseId("licences", "enquiry" if number.startswith("E") else "application", number)


@dataclass
class Office:
    """A ledger and the duty of judging by the law in force; time is what the story says."""

    ledger: Ledger
    rules: RulesSettings
    law: LawInForce = field(init=False)
    duty: LawfulReview = field(init=False)

    def __post_init__(self) -> None:
        self.opens()

    def opens(self) -> None:
        """Begin a life of the daemon."""
        own = read_law(self.rules.books, calendar=self.rules.calendar, items=self.rules.items)
        self.law = LawInForce(self.rules, self.ledger, own)
        self.duty = LawfulReview(self.ledger, self.law, self.judging, batch=2)

    def judging(self, law: Law) -> Review:
        """Return the review of one law."""
        context = law.context(DirectEngine())
        routes = Routes(owner=(Recipient(name="纪检监察室", channel="inbox", address="discipline"),))
        return Review(
            self.ledger, lambda cases, then: review(cases, context, 0, then), law.books.policies, routes,
            counts_from(law.default_calendar), "Asia/Shanghai",
        )  # fmt: skip

    def hears(self, number: str, name: str, occurred: str, **data: Value) -> None:
        """Take in one event at the moment at which it happens."""
        event = CaseEvent(
            source="licences", event_id=f"{number}:{name}", version=1, **case_id(number)._asdict(), name=name,
            occurred_at=at(occurred), data=data,
        )  # fmt: skip
        self.ledger.append(Batch(source="licences", events=(event,), rows=1), at(occurred))

    def judges(self, now: str) -> None:
        """Let the duty run until nothing is due at this moment."""
        for _ in range(20):
            self.duty.run_once(at(now))
            due = self.duty.next_at(at(now))
            if due is None or due > at(now):
                return
        raise AssertionError("the duty finds no rest")

    def publishes(self, now: str, text: str, kind: LawKind = "rulebook") -> int:
        """Publish a text by two persons."""
        found = re.search(rf"^{kind}: (\S+)", text, re.MULTILINE)
        revision = re.search(r"^revision: (\d+)", text, re.MULTILINE)
        version = re.search(r"^version: (\d+)", text, re.MULTILINE)
        law = LawText(
            kind=kind, name=found[1] if found else "items", version=int(version[1]) if version else 1,
            revision=int(revision[1]) if revision else 1, text=text,
        )  # fmt: skip
        number = self.ledger.propose_law(law, "法规员", at(now))
        return self.ledger.approve_law(number, "科长", at(now))

    def card(self, of: CaseId, rule: str = "L02") -> Card | None:
        """Return the card of a case by a rule."""
        view = views.case(self.ledger, of)
        return next((card for card in view.cards if card.rule == rule), None) if view is not None else None

    def light(self, number: str) -> Light | None:
        """Return the light as recorded."""
        view = views.case(self.ledger, case_id(number))
        return view.judgement.light if view is not None and view.judgement is not None else None

    def revision(self, number: str) -> int:
        """Return how often a case was touched."""
        view = views.case(self.ledger, case_id(number))
        assert view is not None
        return view.case.revision


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Return an office whose cases A and B are overdue by the files of its settings, and E not."""
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    ledger.upgrade()
    for name, text in {"licences": BOOK, "units": UNITS, "enquiries": ENQUIRIES, "items": ITEMS}.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    books = tuple(tmp_path / f"{name}.yaml" for name in ("licences", "units", "enquiries"))
    office = Office(ledger, RulesSettings(books=books, items=tmp_path / "items.yaml"))
    office.hears("A", "accepted", "2018-10-15 10:00:00", unit="market", item="food")
    office.hears("B", "accepted", "2018-10-15 10:00:00", unit="works", item="road")
    office.hears("E1", "enquired", "2018-10-19 10:00:00", unit="market")
    office.judges("2018-10-19 11:00:00")
    office.judges("2018-10-23 10:00:00")
    yield office
    office.law.close()
    ledger.close()


def test_a_published_correction_revokes_the_card_with_its_reason_and_recounts(office: Office) -> None:
    """What rested on the corrected version is judged anew, and nothing else."""
    unit = CaseId("mingdeng", "unit", "market")
    office.judges("2018-11-20 10:00:00")
    before = {number: office.revision(number) for number in ("A", "B", "E1")}
    card, proposal = office.card(case_id("A")), office.card(unit, "U01")
    assert card is not None
    assert proposal is not None
    assert (card.state, proposal.state) == (CardState.ISSUED, CardState.PENDING)
    office.hears("A", "completed", "2018-10-24 09:00:00")
    office.hears("B", "completed", "2018-10-24 09:00:00")
    office.judges("2018-11-20 10:30:00")

    office.publishes("2018-11-20 11:00:00", CORRECTED)
    office.judges("2018-11-20 11:00:01")

    for number in ("A", "B"):
        card = office.card(case_id(number))
        assert card is not None
        assert (card.state, card.reason) == (CardState.REVOKED, "rulebook_corrected")
        causes = {each.cause for each in views.rejudged(office.ledger, case_id(number))}
        assert Cause.RULEBOOK in causes
        assert office.light(number) is Light.GREEN
    assert office.revision("E1") == before["E1"]
    proposal = office.card(unit, "U01")
    assert proposal is not None
    assert proposal.ended_at is not None or proposal.state is CardState.REVOKED
    assert office.ledger.unmarked_laws() == ()
    assert views.recount(office.ledger) == ()
    assert office.ledger.verify() == ()


def test_cards_are_told_that_their_rule_was_changed_and_those_of_other_rules_are_not(office: Office) -> None:
    """A new version of the rulebook with the same words changes nothing; one that judges otherwise does, once."""
    again = BOOK.replace("version: 1", "version: 2").replace("2018-01-01", "2018-10-24")
    office.publishes("2018-10-23 11:00:00", again)
    office.judges("2018-10-23 11:00:01")
    assert _told_of_change(office, "A") == []

    office.publishes(
        "2018-10-23 12:00:00",
        again.replace("item.promised", "15 workdays").replace("version: 2", "version: 3").replace("10-24", "10-25"),
    )
    office.judges("2018-10-23 12:00:01")
    assert _told_of_change(office, "A") == [{"unit": "market", "rule": "L02", "law": 2}]
    office.opens()
    office.judges("2018-10-23 12:00:02")
    assert len(_told_of_change(office, "A")) == 1


def _told_of_change(office: Office, number: str) -> list[dict[str, Value]]:
    card = office.card(case_id(number))
    assert card is not None
    own = views.case(office.ledger, CaseId("mingdeng", "card", card.card_id))
    assert own is not None
    return [dict(event.data) for event in own.case.events if event.name == "rule_changed"]


def test_explain_as_known_at_answers_for_before_and_after_a_correction(office: Office) -> None:
    """Then the case was overdue by the law of then; now it is not."""
    office.publishes("2018-10-23 11:00:00", CORRECTED)
    office.judges("2018-10-23 11:00:01")
    then = at("2018-10-23 10:30:00")

    known = views.known_at(office.ledger, case_id("A"), then)
    view = views.case(office.ledger, case_id("A"))
    assert known is not None
    assert view is not None
    context = office.law.law.context(DirectEngine())
    told = explained(known.case, context, then, Known(then, known.light, known.state, known.because, known.spans))
    now = explained(view.case, context, at("2018-10-23 12:00:00"))

    assert (told.light, {finding.rule for finding in told.findings}) == (Light.RED, {"L02"})
    assert (now.light, {finding.rule for finding in now.findings}) == (Light.GREEN, set())


def test_a_new_version_leaves_running_clocks_alone_and_judges_what_begins_later(office: Office) -> None:
    """The version in force needs no 'until': the new one ends it."""
    before = {number: office.revision(number) for number in ("A", "B", "E1")}
    second = BOOK.replace("version: 1", "version: 2").replace("2018-01-01", "2018-10-24")

    office.publishes("2018-10-23 11:00:00", second.replace("item.promised", "15 workdays"))
    office.judges("2018-10-23 11:00:01")
    office.hears("C", "accepted", "2018-10-24 10:00:00", unit="market", item="food")
    office.judges("2018-11-05 10:00:00")

    assert {number: office.revision(number) for number in before} == before
    card = office.card(case_id("A"))
    assert card is not None
    assert card.state is CardState.ISSUED
    assert office.card(case_id("C")) is None
    assert office.light("C") is Light.GREEN
    assert views.rejudged(office.ledger, case_id("A")) == ()


def test_a_published_catalogue_concerns_the_cases_of_the_changed_item_only(office: Office) -> None:
    """Its drafts judge once two persons published it."""
    before = office.revision("B")
    text = "approval: required\n" + ITEMS.replace(
        'version: "1", limits: {promised: 5 workdays}', 'version: "1.2", limits: {promised: 15 workdays}', 1
    )

    office.publishes("2018-10-23 11:00:00", text, "catalogue")
    office.judges("2018-10-23 11:00:01")

    card, other = office.card(case_id("A")), office.card(case_id("B"))
    assert card is not None
    assert other is not None
    assert (card.state, card.reason) == (CardState.REVOKED, "item_corrected")
    assert (other.state, office.revision("B")) == (CardState.ISSUED, before)


def test_a_published_holiday_concerns_the_cases_whose_clocks_run_over_it(office: Office) -> None:
    """Case C had ended before."""
    office.hears("C", "accepted", "2018-10-08 10:00:00", unit="market", item="food")
    office.hears("C", "completed", "2018-10-09 10:00:00")
    office.judges("2018-10-23 10:30:00")
    before = office.revision("C")
    text = CN.read_text(encoding="utf-8") + "\nholidays:\n  - {on: 2018-10-22..2018-10-23, notice: 临时放假通知}\n"

    office.publishes("2018-10-23 11:00:00", text, "calendar")
    office.judges("2018-10-23 11:00:01")

    card = office.card(case_id("A"))
    assert card is not None
    assert (card.state, card.reason) == (CardState.REVOKED, "calendar_corrected")
    assert office.revision("C") == before


def test_a_law_that_cannot_be_loaded_never_replaces_one_that_works(office: Office) -> None:
    """The old one goes on judging, the watch turns red, and the next good publication mends it."""
    office.publishes("2018-10-23 11:00:00", BOOK.replace("clock.promise.over", "clock.promise.ovre"))
    office.judges("2018-10-23 11:00:01")

    concern = office.law.concern()(at("2018-10-23 11:00:01"))
    assert concern.light is Light.RED
    assert "clock.promise.ovre" in concern.en
    assert office.law.revision == 0
    office.opens()
    assert (office.law.revision, office.law.concern()(0).light) == (0, Light.RED)

    office.publishes("2018-10-23 12:00:00", CORRECTED)
    office.judges("2018-10-23 12:00:01")
    assert (office.law.revision, office.law.concern()(0).light) == (2, Light.GREEN)
    assert office.light("A") is Light.GREEN


def test_a_marking_that_a_stop_cut_off_is_finished_by_the_next_life(office: Office) -> None:
    """Published while nobody ran: the next start takes the law up and marks what it concerns."""
    office.publishes("2018-10-23 11:00:00", CORRECTED)
    office.opens()
    office.judges("2018-10-23 12:00:00")

    assert [office.light(number) for number in ("A", "B")] == [Light.GREEN, Light.GREEN]
    assert office.ledger.unmarked_laws() == ()


def test_pages_follow_the_law_in_force(office: Office) -> None:
    """What was lent before a publication shows what is in force after it."""
    shown = policies(office.law)
    assert shown["L02"].title["en"] == "overdue"

    office.publishes("2018-10-23 11:00:00", CORRECTED.replace("en: overdue", "en: late"))
    office.judges("2018-10-23 11:00:01")

    assert shown["L02"].title["en"] == "late"
    assert office.law.books() == (("enquiries", "1"), ("licences", "1.2"), ("units", "1"))


def test_a_correction_of_a_rule_about_units_judges_the_units_anew(office: Office) -> None:
    """Two cards of a quarter had been meant, not one; no case is touched."""
    unit = CaseId("mingdeng", "unit", "market")
    office.judges("2018-11-20 10:00:00")
    before = office.revision("A")
    proposal = office.card(unit, "U01")
    assert proposal is not None
    assert proposal.state is CardState.PENDING

    office.publishes(
        "2018-11-20 11:00:00",
        UNITS.replace("version: 1\n", "version: 1\nrevision: 2\n").replace(">= 1", ">= 2"),
    )
    office.judges("2018-11-20 11:00:01")

    proposal = office.card(unit, "U01")
    assert proposal is not None
    assert (proposal.state, proposal.reason) == (CardState.REVOKED, "rulebook_corrected")
    assert office.revision("A") == before
