"""Re-judgement in virtual time on a real ledger: what becomes known later corrects lights, cards and counts, and
rewrites nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerts.model import Card, CardState
from alerts.routes import Recipient, Routes
from connectors.base import Batch
from daemon.appeals import counts_from
from daemon.duties.review import Review
from ledger import Ledger, views
from rules.affected import Affected, by_calendar, by_items, by_kinds
from rules.calendarbook import CalendarBook, open_calendars
from rules.calendars import DayName
from rules.catalogue import Catalogue
from rules.causes import Cause
from rules.context import Context
from rules.engine import DirectEngine
from rules.explaining import explained
from rules.explanation import Known
from rules.facts import CaseEvent, CaseId, Instant, ItemVersion, Value
from rules.judgement import Light
from rules.loader import BOOKS, load_books
from rules.review import review
from rules.rulebook import Rulebooks
from tests.lawtexts import overdue

SHIPPED = (BOOKS / "time-limits.yaml", BOOKS / "accountability.yaml")


def at(text: str) -> Instant:
    """Return an instant written in Shanghai's time."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


def case_id(number: str) -> CaseId:
    """Return the identity of a licence."""
    return CaseId("licences", "application", number)


@dataclass
class Office:
    """A ledger, the law of the day, and the duty of judging; time is what the story says."""

    ledger: Ledger
    books: Rulebooks
    calendars: CalendarBook
    catalogue: Catalogue

    @property
    def context(self) -> Context:
        """What judges today."""
        return Context(self.books, self.calendars, DirectEngine(), self.catalogue)

    def hears(self, now: str, number: str, name: str, occurred: str, **data: Value) -> None:
        """Take in one event that a source reports at ``now``."""
        event = CaseEvent(
            source="licences", event_id=f"{number}:{name}", version=1, **case_id(number)._asdict(), name=name,
            occurred_at=at(occurred), data=data,
        )  # fmt: skip
        self.ledger.append(Batch(source="licences", events=(event,), rows=1), at(now))

    def judges(self, now: str) -> None:
        """Run the duty of judging once."""
        context, calendar = self.context, self.calendars.get("cn")
        routes = Routes(owner=(Recipient(name="纪检监察室", channel="inbox", address="discipline"),))
        judging = Review(
            self.ledger, lambda cases, then: review(cases, context, 0, then), self.books.policies, routes,
            counts_from(calendar), "Asia/Shanghai",
        )  # fmt: skip
        judging.run_once(at(now))

    def publishes(self, now: str, affected: Affected) -> set[str]:
        """Mark due what a publication concerns; return the numbers of those licences."""
        before = self._revisions()
        after: str | None = ""
        while after is not None:
            after = self.ledger.mark_due("application", at(now), after, batch=2, affected=affected)
        return {number for number, revision in self._revisions().items() if revision != before[number]}

    def light(self, number: str) -> Light | None:
        """Return the light as recorded."""
        view = views.case(self.ledger, case_id(number))
        return view.judgement.light if view is not None and view.judgement is not None else None

    def cards(self, of: CaseId) -> dict[str, Card]:
        """Return the cards of a case or subject by rule."""
        view = views.case(self.ledger, of)
        return {card.rule: card for card in view.cards} if view is not None else {}

    def told(self, of: CaseId) -> list[str]:
        """Return the texts that were sent about a case, the earliest first."""
        view = views.case(self.ledger, of)
        stories = sorted(view.deliveries, key=lambda story: story.delivery.serial) if view is not None else []
        return [story.delivery.body for story in stories]

    def _revisions(self) -> Mapping[str, int]:
        numbers = {event.case_no for _, events in views.standing_events(self.ledger) for event in events}
        found = {number: views.case(self.ledger, case_id(number)) for number in numbers}
        return {number: view.case.revision for number, view in found.items() if view is not None}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Return an office with two items of seven working days under the shipped law."""
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    ledger.upgrade()
    yield Office(ledger, load_books(SHIPPED), open_calendars(), catalogue(food="7 workdays", road="7 workdays"))
    ledger.close()


def catalogue(**promised: str) -> Catalogue:
    """Return the catalogue of items with these promised limits; the version's name says its limit."""
    return Catalogue.of(
        ItemVersion(code=code, name=code, version=limit, limits={"promised": limit, "statutory": "60 workdays"})
        for code, limit in promised.items()
    )


def holiday(calendars: CalendarBook, *days: str) -> CalendarBook:
    """Return the calendars after these days were declared off."""
    former = calendars.definitions["cn"]
    named = {dt.date.fromisoformat(day): DayName("临时放假", "extra holiday", "国办发明电") for day in days}
    return CalendarBook({**calendars.definitions, "cn": replace(former, holidays={**former.holidays, **named})})


def test_a_completion_that_is_reported_late_revokes_the_card_and_tells_who_was_told(office: Office) -> None:
    """The card was right by what was known; explain answers for then and for now."""
    office.hears("2018-10-15 10:00:05", "A", "accepted", "2018-10-15 10:00:00", item="food", unit="market")
    office.judges("2018-10-15 10:01:00")
    assert office.light("A") is Light.GREEN
    office.judges("2018-10-24 10:00:01")
    assert (office.light("A"), office.cards(case_id("A"))["T04"].state) == (Light.RED, CardState.ISSUED)

    office.hears("2018-10-26 09:00:00", "A", "completed", "2018-10-23 16:00:00")
    office.judges("2018-10-26 09:00:01")

    card = office.cards(case_id("A"))["T04"]
    assert office.light("A") is Light.GREEN
    assert (card.state, card.reason, card.counts_at) == (CardState.REVOKED, "facts_changed", None)
    assert "按更正后的数据" in office.told(case_id("A"))[-1]
    rejudged = [each for each in views.rejudged(office.ledger, case_id("A")) if each.before.rule == "T04"]
    assert [(each.after, each.cause) for each in rejudged] == [(None, Cause.FACTS)]
    assert office.ledger.verify() == ()


def test_explain_as_known_at_answers_what_was_known_then(office: Office) -> None:
    """Rows by when they were received, findings by when they were recorded."""
    office.hears("2018-10-15 10:00:05", "A", "accepted", "2018-10-15 10:00:00", item="food", unit="market")
    office.judges("2018-10-24 10:00:01")
    office.hears("2018-10-26 09:00:00", "A", "completed", "2018-10-23 16:00:00")
    office.judges("2018-10-26 09:00:01")
    then = at("2018-10-25 12:00:00")

    known = views.known_at(office.ledger, case_id("A"), then)
    assert known is not None
    told = explained(
        known.case, office.context, then, Known(then, known.light, known.state, known.because, known.spans)
    )
    view = views.case(office.ledger, case_id("A"))
    assert view is not None
    now = explained(view.case, office.context, at("2018-10-27 12:00:00"))

    assert (told.light, [row.name for row in told.rows]) == (Light.RED, ["accepted"])
    assert "T04" in {finding.rule for finding in told.findings}
    assert (now.light, [row.name for row in now.rows]) == (Light.GREEN, ["accepted", "completed"])
    assert "T04" not in {finding.rule for finding in now.findings}
    assert views.known_at(office.ledger, case_id("A"), at("2018-10-15 10:00:00")) is None


def test_a_corrected_calendar_revokes_three_cards_and_recounts_what_they_touched(office: Office) -> None:
    """Three yellow cards of a quarter had proposed a red one; with them the proposal goes."""
    unit = CaseId("mingdeng", "unit", "market")
    for number in ("A", "B", "C"):
        office.hears("2018-10-15 10:00:05", number, "accepted", "2018-10-15 10:00:00", item="food", unit="market")
        office.hears("2018-10-24 17:00:05", number, "completed", "2018-10-24 17:00:00")
    office.hears("2018-11-15 10:00:05", "D", "accepted", "2018-11-15 10:00:00", item="food", unit="market")
    office.judges("2018-10-24 17:01:00")
    office.judges("2018-11-15 10:01:00")
    assert {office.cards(case_id(number))["T04"].state for number in "ABC"} == {CardState.ISSUED}
    assert office.cards(unit)["K03"].state is CardState.PENDING

    before, office.calendars = office.calendars.get("cn"), holiday(office.calendars, "2018-10-22")
    marked = office.publishes("2018-11-16 09:00:00", by_calendar(before, office.calendars.get("cn")))
    office.judges("2018-11-16 09:00:01")

    assert marked == {"A", "B", "C"}
    revoked = [office.cards(case_id(number))["T04"] for number in "ABC"]
    assert {(card.state, card.reason) for card in revoked} == {(CardState.REVOKED, "calendar_corrected")}
    assert office.cards(unit)["K03"].state is CardState.REVOKED
    assert "日历已更正" in office.told(case_id("A"))[-1]
    causes = {each.cause for each in views.rejudged(office.ledger, case_id("A")) if each.before.rule == "T04"}
    assert causes == {Cause.CALENDAR}
    assert views.recount(office.ledger) == ()
    assert office.ledger.verify() == ()


def test_a_revoked_card_leaves_the_others_in_the_count(office: Office) -> None:
    """Of four yellow cards one falls: three still propose; the next that falls takes the proposal with it."""
    unit = CaseId("mingdeng", "unit", "market")
    for number in ("A", "B", "C", "D"):
        office.hears("2018-10-15 10:00:05", number, "accepted", "2018-10-15 10:00:00", item="food", unit="market")
    office.judges("2018-10-24 10:00:01")
    office.judges("2018-11-15 10:00:00")
    assert office.cards(unit)["K03"].state is CardState.PENDING

    office.hears("2018-11-16 09:00:00", "A", "completed", "2018-10-23 16:00:00")
    office.judges("2018-11-16 09:00:01")
    assert office.cards(unit)["K03"].state is CardState.PENDING

    office.hears("2018-11-17 09:00:00", "B", "completed", "2018-10-23 16:00:00")
    office.judges("2018-11-17 09:00:01")
    assert office.cards(unit)["K03"].state is CardState.REVOKED


def test_a_corrected_item_concerns_its_own_cases_only(office: Office) -> None:
    """Twenty working days had been promised, not seven."""
    office.hears("2018-10-15 10:00:05", "A", "accepted", "2018-10-15 10:00:00", item="food", unit="market")
    office.hears("2018-10-15 10:00:05", "B", "accepted", "2018-10-15 10:00:00", item="road", unit="works")
    office.judges("2018-10-24 10:00:01")

    before, office.catalogue = office.catalogue, catalogue(food="20 workdays", road="7 workdays")
    marked = office.publishes("2018-10-25 09:00:00", by_items(before, office.catalogue))
    office.judges("2018-10-25 09:00:01")

    assert marked == {"A"}
    assert office.cards(case_id("A"))["T04"].reason == "item_corrected"
    assert office.cards(case_id("A"))["T04"].state is CardState.REVOKED
    assert office.cards(case_id("B"))["T04"].state is CardState.ISSUED


def own(folder: Path, version: int, limit: str, begins: str = "2018-01-01") -> Path:
    """Write one version of the office's own rulebook."""
    path = folder / f"own-{version}.yaml"
    text = overdue(limit=limit, version=version, begins=begins)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_correction_of_a_rulebook_judges_anew_with_its_cause(office: Office, tmp_path: Path) -> None:
    """The same dates, the next revision."""
    office.books = load_books([own(tmp_path, 1, "5 workdays")])
    office.hears("2018-10-15 10:00:05", "A", "accepted", "2018-10-15 10:00:00", unit="market")
    office.judges("2018-10-23 10:00:00")
    assert office.cards(case_id("A"))["L02"].state is CardState.ISSUED

    office.books = load_books([own(tmp_path, 2, "15 workdays")])
    assert office.publishes("2018-10-23 11:00:00", by_kinds(office.books.kinds())) == {"A"}
    office.judges("2018-10-23 11:00:01")

    card = office.cards(case_id("A"))["L02"]
    assert (card.state, card.reason) == (CardState.REVOKED, "rulebook_corrected")
    assert [each.cause for each in views.rejudged(office.ledger, case_id("A"))] == [Cause.RULEBOOK]
    assert office.light("A") is Light.GREEN


def test_a_new_version_of_a_rulebook_never_touches_clocks_that_run(office: Office, tmp_path: Path) -> None:
    """It judges what starts from its first date on."""
    first = own(tmp_path, 1, "5 workdays")
    office.books = load_books([first])
    office.hears("2018-10-15 10:00:05", "A", "accepted", "2018-10-15 10:00:00", unit="market")
    office.judges("2018-10-23 10:00:00")

    text = first.read_text(encoding="utf-8").replace("{from: 2018-01-01}", "{from: 2018-01-01, until: 2018-10-20}")
    first.write_text(text, encoding="utf-8")
    office.books = load_books([first, own(tmp_path, 2, "15 workdays", "2018-10-20")])
    office.hears("2018-10-23 10:30:00", "B", "accepted", "2018-10-22 10:00:00", unit="market")
    office.publishes("2018-10-23 11:00:00", by_kinds(office.books.kinds()))
    office.judges("2018-11-01 10:00:00")

    assert office.cards(case_id("A"))["L02"].state is CardState.ISSUED
    assert office.light("B") is Light.GREEN
    assert views.rejudged(office.ledger, case_id("A")) == ()


def test_publishing_the_same_again_marks_nothing(office: Office) -> None:
    """Neither calendar nor catalogue has changed."""
    office.hears("2018-10-15 10:00:05", "A", "accepted", "2018-10-15 10:00:00", item="food", unit="market")
    office.judges("2018-10-24 10:00:01")
    calendar = office.calendars.get("cn")

    assert office.publishes("2018-10-25 09:00:00", by_calendar(calendar, calendar)) == set()
    assert office.publishes("2018-10-25 09:00:00", by_items(office.catalogue, office.catalogue)) == set()
