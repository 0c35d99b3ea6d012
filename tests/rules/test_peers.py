"""Comparison of units with their peers: shares of a dated window, the mean + 2 sigma of the others, given as facts."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Case, CaseId, fold
from rules.peers import LEAST_CASES, Share, comparisons, standings, suspension_shares
from tests.rules.moments import at, event

ODD_ONE = {"odd": Share(9, 20), **{f"u{n}": Share(n % 3, 20) for n in range(6)}}


def accepted_case(number: int, unit: str, on: str, *, suspended: bool = False) -> Case:
    events = [event("accepted", f"{on} 10:00:00", unit=unit)]
    if suspended:
        events.append(event("suspension_started", f"{on} 11:00:00"))
    return fold(CaseId("n", "application", str(number)), events)


def test_a_case_belongs_to_the_window_in_which_it_was_accepted() -> None:
    since, until = at("2024-07-01 10:00:00"), at("2024-10-01 10:00:00")
    cases = [
        accepted_case(1, "water", "2024-06-30", suspended=True),
        accepted_case(2, "water", "2024-07-01", suspended=True),
        accepted_case(3, "water", "2024-09-30"),
        accepted_case(4, "water", "2024-10-01", suspended=True),
        accepted_case(5, "roads", "2024-09-30"),
    ]

    assert suspension_shares(cases, since, until) == {"water": Share(1, 2), "roads": Share(0, 1)}


def test_a_unit_is_held_against_the_others_and_not_against_itself() -> None:
    found = standings(ODD_ONE)["odd"]

    shares = [n % 3 / 20 for n in range(6)]
    mean = sum(shares) / 6
    sigma = math.sqrt(sum((share - mean) ** 2 for share in shares) / 6)
    assert found.peers == 6
    assert math.isclose(found.limit, mean + 2 * sigma)
    assert found.value > found.limit


def test_too_few_peers_or_too_few_cases_say_nothing() -> None:
    few = {f"u{n}": Share(1, LEAST_CASES) for n in range(5)}
    small = {**{f"u{n}": Share(1, LEAST_CASES) for n in range(6)}, "small": Share(5, LEAST_CASES - 1)}

    assert standings(few) == {}
    assert set(standings(small)) == {f"u{n}" for n in range(6)}


def test_a_comparison_is_a_fact_of_each_unit_with_one_id_per_window() -> None:
    facts = comparisons("suspension_share", ODD_ONE, "2024Q3", at("2024-10-01"), "ours", "ours")

    assert [fact.case_no for fact in facts] == sorted(ODD_ONE)
    assert {fact.kind for fact in facts} == {"unit"}
    assert len({fact.event_id for fact in facts}) == len(facts)
    again = comparisons("suspension_share", ODD_ONE, "2024Q3", at("2024-10-02"), "ours", "ours")
    assert [fact.event_id for fact in again] == [fact.event_id for fact in facts]


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 40), min_size=6, max_size=12))
def test_no_unit_exceeds_peers_that_do_as_it_does(parts: dict[str, int]) -> None:
    highest = max(parts.values())
    same = {unit: Share(highest, 40) for unit in parts}

    assert all(math.isclose(each.value, each.limit, abs_tol=1e-12) for each in standings(same).values())
