"""The loop in virtual time, to the second: who hears of what, when, in office hours, on holidays and in an outage.

A case accepted on 2018-10-15 at 10:00 with seven workdays promised is near from 10-22 10:00 on and over from 10-24
10:00 on. Offices are open from 08:30 to 12:00 and from 13:30 to 17:30; digests go out at 09:00 and 15:00.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from alerts.directory import Address, Directory, Leave, Person, Post, Tenure, Unit
from alerts.model import Deed
from ledger import views
from rules.facts import CaseEvent, CaseId, Instant
from rules.judgement import Light
from rules.policy import Rank
from tests.stories.clock import at
from tests.stories.looped import LoopHouse
from tests.stories.virtual import Department, Letter, happened

ACCEPTED = "2018-10-15 10:00:00"
OVER_AT = at("2018-10-24 10:00:01")

Opened = Callable[..., LoopHouse]
Known = tuple[Instant, CaseEvent]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Return a function that opens a house over departments; it is closed at the end."""
    houses: list[LoopHouse] = []

    def open_house(*departments: Department, **more: object) -> LoopHouse:
        houses.append(LoopHouse(tmp_path, *departments, **more))  # type: ignore[arg-type]  # each test says what it gives
        return houses[-1]

    yield open_house
    for house in houses:
        house.ledger.close()


def busy() -> list[Known]:
    """Return small news every hour of two days, so that their source is not silent."""
    return [
        happened(f"B{day}-{hour}", "accepted", f"2018-10-{day:02} {hour:02}:31:00", item="slow")
        for day in (22, 23)
        for hour in (8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
    ]


def steps(letters: list[Letter]) -> list[tuple[Instant, str, str]]:
    """Return when something arrived, what it was, and by which rule."""
    return [(each.arrived_at, each.kind, each.rule) for each in letters]


def test_a_yellow_card_that_everybody_ignores_climbs_to_the_end_of_the_ladder(opened: Opened) -> None:
    """What falls due at midnight is told when offices open; red is told the duty officer in the same second."""
    house = opened(Department("licences", [happened("L1", "accepted", ACCEPTED, item="slow")]))
    house.work("2018-10-15 10:00:00", "2018-10-31 23:00:00")
    house.work("2018-10-31 23:00:01", "2018-11-06 12:00:00")
    ladder = [
        (at("2018-10-22 15:00:00"), "issued", "T03A"),
        (at("2018-10-24 10:00:01"), "risen", "T04"),
        (at("2018-10-26 08:30:00"), "urged", "A01"),
        (at("2018-10-26 15:00:00"), "urged", "A02W"),
        (at("2018-10-30 08:30:00"), "urged", "A01S"),
        (at("2018-10-30 08:30:00"), "urged", "A02"),
        (at("2018-11-01 08:30:00"), "urged", "A02S"),
        (at("2018-11-01 08:30:00"), "urged", "A05R"),
        (at("2018-11-02 08:30:00"), "urged", "A01T"),
        (at("2018-11-06 08:30:00"), "urged", "A02T"),
    ]
    assert sorted(steps(house.told("owner"))) == ladder
    assert sorted(steps(house.told("R4"))) == ladder[-2:]
    assert sorted(steps(house.told("R3"))) == [ladder[4], ladder[6], *ladder[-2:]]
    assert sorted(steps(house.told("R2"))) == [each for each in ladder if each[2] not in {"T03A", "A02W"}]
    assert house.told("R5") == []
    assert steps(house.told("duty")) == [
        (at("2018-11-02 00:00:00"), "urged", "A01T"),
        (at("2018-11-06 00:00:00"), "urged", "A02T"),
    ]
    house.sweep.run_once(house.now)
    assert (house.sweep.counts["missed"], house.sweep.counts["unjudged"]) == (0, 0)
    with house.ledger.store.writing() as connection:
        connection.execute(text("delete from urges where rule = 'A02S'"))
    assert house.sweep.run_once(house.now).missed == 1
    assert (house.sweep.look(house.now).light, "A02S" in house.sweep.look(house.now).en) == (Light.GREEN, True)
    house.sweep.run_once(house.now + 60)
    assert house.sweep.look(house.now + 60).light is Light.RED
    assert house.ledger.verify() == ()


def test_an_appeal_that_is_decided_late_is_upheld_and_the_time_to_rectify_goes_on(opened: Opened) -> None:
    """While it is pending the card's clocks rest; who has to decide is urged; what is decided is told at once."""
    house = opened(Department("licences", [happened("L1", "accepted", ACCEPTED, item="slow")]))
    house.work("2018-10-15 10:00:00", "2018-10-25 08:59:59")
    house.do("L1", Deed.SIGN, "market.user", at("2018-10-25 08:59:59"))
    house.do("L1", Deed.APPEAL, "market.user", at("2018-10-25 09:00:00"), "因系统故障延误")
    house.work("2018-10-25 09:00:00", "2018-11-02 09:59:59")
    house.do("L1", Deed.UPHOLD, "chief", at("2018-11-02 10:00:00"))
    house.work("2018-11-02 10:00:00", "2018-11-09 12:00:00")

    story = [each for each in steps(house.told("owner")) if each[0] > OVER_AT]
    assert story == [
        (at("2018-10-25 09:00:00"), "appealed", "T04"),
        (at("2018-11-02 08:30:00"), "urged", "A03"),
        (at("2018-11-02 10:00:00"), "decided", "T04"),
        (at("2018-11-09 08:30:00"), "urged", "A05R"),
    ]
    assert steps(house.told("duty")) == [(at("2018-11-02 00:00:00"), "urged", "A03")]
    assert [each for each in steps(house.told("R2")) if each[0] > OVER_AT] == story[1:]
    assert [each for each in steps(house.told("R3")) if each[0] > OVER_AT] == [story[1]]


def test_a_feed_that_is_dead_for_a_day_is_one_message_and_what_is_still_true_comes_by_itself(opened: Opened) -> None:
    """Eight cases would be overdue; five of them were completed in time, as is heard when the feed is back."""
    cases = [happened(f"L{n}", "accepted", ACCEPTED, item="slow") for n in range(8)]
    completed = [happened(f"L{n}", "completed", "2018-10-24 09:00:00", item="slow") for n in range(5)]
    broken = at("2018-10-23 10:00:00"), at("2018-10-24 14:00:00")
    feed = Department("licences", [*cases, *completed, *busy()], every=3600, broken=broken)
    house = opened(feed, inhibiting=True)
    house.work("2018-10-22 08:00:00", "2018-10-23 09:59:59")
    before = len(house.post.letters)
    house.work("2018-10-23 10:00:00", "2018-10-24 13:59:59")
    during = house.post.letters[before:]
    held = views.routing_figures(house.ledger).held
    page = views.case(house.ledger, CaseId("county", "application", "L6"))
    assert page is not None
    assert page.held is not None
    assert [(each.address, each.kind, each.rule, each.case) for each in during] == [
        ("owner", "urged", "D01", "licences")
    ]
    assert (held, page.held.source, page.held.since_at) == ({"licences": 8}, "licences", OVER_AT)
    assert [card.colour for card in page.cards] == ["reminder"]

    house.work("2018-10-24 14:00:00", "2018-10-24 15:30:00")
    back_at = next(asked for asked in feed.asked if asked >= feed.broken[1])
    risen = [each for each in house.told("owner") if each.kind == "risen"]
    assert sorted(each.case for each in risen) == sorted(f"L{n}" for n in range(5, 8))
    assert {each.arrived_at for each in risen} == {back_at}
    assert {each.facts["raised_at"] for each in risen} == {str(OVER_AT)}
    assert views.routing_figures(house.ledger).held == {}
    after = views.case(house.ledger, CaseId("county", "application", "L6"))
    assert after is not None
    assert after.held is None


def test_in_a_holiday_week_nobody_is_disturbed_but_the_duty_officer_by_red(opened: Opened) -> None:
    """A statutory limit ends with 30 September, a Sunday on which people work; then all rest until 8 October."""
    accepted = happened("L1", "accepted", "2018-09-18 10:00:00")
    house = opened(Department("licences", [accepted]))
    house.work("2018-09-18 10:00:00", "2018-10-08 12:00:00")

    risen_at = at("2018-10-01 00:00:00")
    rest = [each for each in house.post.letters if risen_at <= each.arrived_at < at("2018-10-08 08:30:00")]
    assert [(each.arrived_at, each.address, each.kind, each.colour, each.rule) for each in rest] == [
        (risen_at, "duty", "risen", "red", "T05")
    ]
    opening = [
        each for each in house.post.letters if each.arrived_at == at("2018-10-08 08:30:00") and each.case == "L1"
    ]
    assert sorted((each.address, each.kind, each.rule) for each in opening) == [
        (address, "risen", "T05") for address in ("R0", "R1", "R2", "R3", "owner")
    ]
    assert [each for each in steps(house.told("owner")) if each[0] < risen_at][-2:] == [
        (at("2018-09-30 08:30:00"), "urged", "A01"),
        (at("2018-09-30 15:00:00"), "urged", "A02W"),
    ]


def person(account: str) -> Person:
    """Return somebody who is reached under his account."""
    return Person(account, account, (Address("hook", account),))


AB = Directory(
    units=(Unit("market", "市场监管局", "Market Bureau", "county"), Unit("county", "县政府", "County")),
    posts=(Post("market", "window", Rank.R0, "窗口"), Post("market", "section", Rank.R1, "科长"),
           Post("market", "deputy", Rank.R2, "分管副局长", "deputy director"), Post("county", "office", Rank.R3, "主任")),
    people=tuple(map(person, ("window", "section", "a", "b", "office"))),
    holders_of=(Tenure("market", "window", "window"), Tenure("market", "section", "section"),
                Tenure("market", "deputy", "a"), Tenure("county", "office", "office")),
    deputies=(Tenure("market", "deputy", "b"),),
    leave=(Leave("a", dt.date(2018, 10, 22), dt.date(2018, 10, 24)),
           Leave("b", dt.date(2018, 10, 24), dt.date(2018, 10, 24))),
)  # fmt: skip


def test_while_a_deputy_director_is_on_leave_his_b_is_told_and_when_both_are_the_owner_hears_of_it(
    opened: Opened,
) -> None:
    """B is told for whom he acts; on the day on which both are away nobody holds the rank, and the owner reads that."""
    known = [
        happened("L1", "accepted", "2018-10-12 10:00:00", item="slow"),
        happened("L2", "accepted", "2018-10-15 10:00:00", item="slow"),
        happened("L3", "accepted", "2018-10-16 10:00:00", item="slow"),
    ]
    house = opened(Department("licences", known), directory=AB)
    house.work("2018-10-12 10:00:00", "2018-10-25 12:00:00")
    yellow = {each.case: each.arrived_at for each in house.told("owner") if each.kind == "risen"}
    assert yellow == {"L1": at("2018-10-23 10:00:01"), "L2": OVER_AT, "L3": at("2018-10-25 10:00:01")}

    to_b = [each for each in house.told("b") if each.kind == "risen"]
    assert [(each.case, each.arrived_at, each.facts["acting_for"]) for each in to_b] == [
        ("L1", yellow["L1"], "分管副局长（a）")
    ]
    to_a = [each for each in house.told("a") if each.kind == "risen"]
    assert [(each.case, each.arrived_at, each.facts.get("acting_for")) for each in to_a] == [("L3", yellow["L3"], None)]
    missing = {each.case: each.facts.get("no_recipient") for each in house.told("owner") if each.kind == "risen"}
    assert missing == {"L1": None, "L2": "R2", "L3": None}
    assert Counter(each.case for each in house.told("section") if each.kind == "risen") == {"L1": 1, "L2": 1, "L3": 1}
