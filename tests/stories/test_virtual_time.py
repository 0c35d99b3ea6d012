"""Weeks in a second: outages, broken feeds, rising cards and late facts, each thing at its true instant.

A case accepted on 2018-10-15 at 10:00 with seven workdays promised and nine by statute is near from 10-22 10:00 on (two
workdays left), due on 10-24 at 10:00, and over its statutory limit when 10-26 has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby, pairwise
from pathlib import Path

import pytest

from ledger import views
from rules.facts import CaseId, Instant
from rules.judgement import Light
from tests.stories.clock import at
from tests.stories.virtual import Department, House, Letter, happened

ACCEPTED = "2018-10-15 10:00:00"
NEAR_AT = at("2018-10-22 10:00:01")
OVER_AT = at("2018-10-24 10:00:01")
GRAVE_AT = at("2018-10-27 00:00:00")

Opened = Callable[..., House]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Return a function that opens a house over departments; it is closed at the end."""
    houses: list[House] = []

    def open_house(*departments: Department) -> House:
        houses.append(House(tmp_path, *departments))
        return houses[-1]

    yield open_house
    for house in houses:
        house.ledger.close()


def story(house: House, case: str) -> views.CaseView:
    """Return the whole story of an application."""
    found = views.case(house.ledger, CaseId("county", "application", case))
    assert found is not None
    return found


def lights(house: House, case: str) -> list[tuple[Light, Instant, Instant]]:
    """Return the lights that a case had, one after the other: since when in truth, and when that was seen."""
    alike = groupby(story(house, case).transitions, key=lambda each: each.light)
    firsts = [next(group) for _, group in alike]
    return [(each.light, each.at, each.recorded_at) for each in firsts]


def to_the_owner(house: House) -> list[tuple[Instant, str, str]]:
    """Return what the supervision owner was told of cards: when, what happened, the colour of the card."""
    return [(each.arrived_at, each.kind, each.colour) for each in of_cards(house) if each.address == "owner"]


def of_cards(house: House) -> list[Letter]:
    """Return the letters that tell of cards; whom the loop urges to act is another story."""
    return [letter for letter in house.post.letters if letter.kind != "urged"]


def test_after_an_outage_of_three_days_lights_bear_their_true_instants(opened: Opened) -> None:
    """The card says when the limit was broken, not when the daemon was back; what was in time meanwhile is green."""
    back_at = at("2018-10-26 12:00:00")
    house = opened(
        Department(
            "licences",
            [
                happened("L1", "accepted", ACCEPTED),
                happened("L2", "accepted", ACCEPTED),
                happened("L2", "completed", "2018-10-24 09:59:59"),
                happened("L3", "accepted", ACCEPTED),
                happened("L3", "completed", "2018-10-24 10:00:01"),
            ],
        )
    )
    house.work("2018-10-15 10:00:00", "2018-10-23 12:00:00")
    house.start()
    house.work("2018-10-26 12:00:00", "2018-10-26 13:00:00")

    assert lights(house, "L1")[-1] == (Light.RED, OVER_AT, back_at)
    assert lights(house, "L2")[-1][0] is Light.GREEN
    assert lights(house, "L3")[-1] == (Light.RED, OVER_AT, back_at)
    cards = {case: [(c.rule, c.raised_at, c.issued_at) for c in story(house, case).cards] for case in ("L1", "L3")}
    assert cards == {"L1": [("T04", OVER_AT, back_at)], "L3": [("T04", OVER_AT, back_at)]}
    assert [card.rule for card in story(house, "L2").cards] == ["T03A"]


def test_an_outage_leaves_the_same_lights_and_cards_as_none(opened: Opened, tmp_path: Path) -> None:
    """Only when they were seen, issued and told differs."""
    known = [
        happened("L1", "accepted", ACCEPTED),
        happened("L2", "accepted", ACCEPTED),
        happened("L2", "completed", "2018-10-25 09:00:00"),
        happened("L3", "accepted", "2018-10-18 11:00:00"),
    ]
    (tmp_path / "whole").mkdir()
    undisturbed = House(tmp_path / "whole", Department("licences", known))
    undisturbed.work("2018-10-15 10:00:00", "2018-10-31 12:00:00")
    house = opened(Department("licences", known))
    house.work("2018-10-15 10:00:00", "2018-10-23 12:00:00")
    house.start()
    house.work("2018-10-26 12:00:00", "2018-10-31 12:00:00")

    for case in ("L1", "L2", "L3"):
        with_outage, without = story(house, case), story(undisturbed, case)
        assert lights(house, case)[-1][:2] == lights(undisturbed, case)[-1][:2]
        assert [(c.card_id, c.rule, c.colour, c.raised_at, c.ended_at) for c in with_outage.cards] == [
            (c.card_id, c.rule, c.colour, c.raised_at, c.ended_at) for c in without.cards
        ]
    undisturbed.ledger.close()


def test_a_feed_that_fails_for_hours_turns_grey_and_the_others_go_on(opened: Opened) -> None:
    """It is asked again at growing rests; a light of another source changes meanwhile, at its second."""
    broken = (at("2018-10-24 02:00:00"), at("2018-10-24 14:00:00"))
    water = Department(
        "water",
        [
            happened("W1", "accepted", ACCEPTED, source="water"),
            happened("W2", "accepted", ACCEPTED, known="2018-10-24 03:00:00", source="water"),
        ],
        every=600,
        broken=broken,
    )
    licences = Department("licences", [happened("L1", "accepted", ACCEPTED)], every=600)
    house = opened(licences, water)
    house.work("2018-10-24 00:00:00", "2018-10-24 13:00:00")
    health = {each.source: each for each in views.sources(house.ledger)}

    assert health["water"].failing_since == broken[0]
    assert health["water"].reason_zh == "线路中断。"
    assert health["water"].last_success_at == broken[0] - 600
    assert (health["licences"].failing_since, health["licences"].last_success_at) == (None, licences.asked[-1])
    assert lights(house, "L1")[-1] == (Light.RED, OVER_AT, OVER_AT)
    assert lights(house, "W1")[-1] == (Light.RED, OVER_AT, OVER_AT)
    assert views.case(house.ledger, CaseId("county", "application", "W2")) is None

    tries = [asked for asked in water.asked if asked >= broken[0]]
    rests = [later - earlier for earlier, later in pairwise(tries)]
    assert rests[:8] == [5, 10, 20, 40, 80, 160, 320, 640]
    assert set(rests[8:]) == {900}

    house.work("2018-10-24 13:00:01", "2018-10-24 15:00:00")
    assert [each.failing_since for each in views.sources(house.ledger)] == [None, None]
    light, truly_at, seen_at = lights(house, "W2")[-1]
    assert (light, truly_at) == (Light.RED, OVER_AT)
    assert broken[1] <= seen_at <= broken[1] + 900


def test_a_card_rises_from_reminder_over_yellow_to_red_and_each_is_told_once(opened: Opened) -> None:
    """The owner hears of each in the second in which it becomes true; it is one card all the time."""
    house = opened(Department("licences", [happened("L1", "accepted", ACCEPTED)]))
    house.work("2018-10-15 10:00:00", "2018-11-05 12:00:00")

    assert to_the_owner(house) == [
        (NEAR_AT, "issued", "reminder"),
        (OVER_AT, "risen", "yellow"),
        (GRAVE_AT, "risen", "red"),
    ]
    (card,) = story(house, "L1").cards
    assert (card.rule, card.colour, card.serial, card.raised_at) == ("T05", "red", 3, GRAVE_AT)
    told = {address: sum(letter.address == address for letter in of_cards(house)) for address in ranks(house)}
    assert told == {"owner": 3, "R0": 3, "R1": 2, "R2": 2, "R3": 1}
    assert views.recount(house.ledger) == ()
    assert house.ledger.verify() == ()


def test_a_late_fact_revokes_a_card_and_those_who_were_told_are_told(opened: Opened) -> None:
    """A completion that was in time arrives two days late: whoever heard of the card hears that it is revoked."""
    late = happened("L1", "completed", "2018-10-24 09:00:00", known="2018-10-26 09:00:00")
    licences = Department("licences", [happened("L1", "accepted", ACCEPTED), late])
    house = opened(licences)
    house.work("2018-10-15 10:00:00", "2018-10-26 08:59:59")
    before = of_cards(house)
    house.work("2018-10-26 09:00:00", "2018-10-26 12:00:00")
    after = of_cards(house)[len(before) :]

    def addresses(letters: list[Letter], kind: str) -> set[str]:
        return {letter.address for letter in letters if letter.kind == kind}

    assert lights(house, "L1")[-2][0] is Light.RED
    assert lights(house, "L1")[-1][0] is Light.GREEN
    assert [card.state for card in story(house, "L1").cards] == ["revoked"]
    assert addresses(before, "risen") == {"owner", "R0", "R1", "R2"}
    assert addresses(after, "revoked") == addresses(before, "risen")
    assert len(after) == 4
    assert {letter.arrived_at for letter in after} == {min(read for read in licences.asked if read >= late[0])}


def ranks(house: House) -> list[str]:
    """Return everybody who was told, each once."""
    return list(dict.fromkeys(letter.address for letter in of_cards(house)))
