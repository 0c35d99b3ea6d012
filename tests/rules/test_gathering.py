"""Facts over many cases: batches, peers, notices of the last day, a new number for an old case."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendarbook import open_calendars
from rules.facts import CaseId, Instant, fold
from rules.gathering import KINDS, Gist, Terms, gathered, gist_of, terms_of
from rules.gathering.batches import LEAST, batches
from rules.gathering.gists import Rating
from tests.rules.moments import at, event

FAR = at("2030-01-01")


@pytest.fixture(scope="module")
def terms() -> Terms:
    calendars = open_calendars([])
    return terms_of(calendars, calendars.get("cn"))


def gist(number: int, unit: str = "a", **said: object) -> Gist:
    return Gist(case_id=CaseId("n", "application", str(number)), unit=unit, **said)  # type: ignore[arg-type]  # by the test


def told(gists: list[Gist], terms: Terms, until: Instant = FAR) -> list[tuple[str, str, dict[str, object]]]:
    """Return what is told, without the measures of service that every unit with cases has."""
    found = gathered(gists, KINDS, terms, until)
    return [(fact.case_no, fact.name, dict(fact.data)) for fact in found if fact.name != "service_measured"]


def entered(number: int, at_: Instant, unit: str = "a", **said: object) -> Gist:
    return gist(number, unit, ended_at=at_ - 9, ending="completed", entered_from_at=at_ - 5, entered_at=at_, **said)


def test_the_densest_stretch_is_a_batch_and_what_is_left_may_be_more() -> None:
    """Whether somebody types a few cases before a rush does not hide the rush."""
    rush, drizzle = [1000 + n for n in range(20)], [n * 50 for n in range(20)]
    assert batches([*drizzle, *rush], 30) == [(1000, 1019, 20)]
    assert batches([*range(0, 50, 10), *range(500, 550, 10)], 60) == [(0, 40, 5), (500, 540, 5)]
    assert batches(range(LEAST - 1), 60) == []


@given(st.lists(st.integers(0, 3000), max_size=60), st.integers(0, 400))
def test_batches_are_apart_short_and_count_what_lies_in_them(instants: list[int], within: int) -> None:
    found = batches(instants, within)
    assert all(last - first <= within and count >= LEAST for first, last, count in found)
    assert all(before[1] <= after[0] for before, after in pairwise(found))
    assert sum(count for _, _, count in found) <= len(instants)
    assert batches(reversed(instants), within) == found
    if not found:
        ordered = sorted(instants)
        assert all(b - a > within for a, b in zip(ordered, ordered[LEAST - 1 :], strict=False))


def test_finished_cases_that_were_written_within_minutes_are_one_batch_of_their_unit(terms: Terms) -> None:
    begin = at("2024-09-24 15:00:00")
    cases = [entered(number, begin + number * 3) for number in range(40)]
    other = [entered(100 + number, begin + number * 3, unit="b") for number in range(LEAST - 1)]
    assert told([*cases, *other], terms) == [
        (
            "entered_together/2024-09-24/a/1",
            "entered_together",
            {"unit": "a", "cases": 40, "minutes": 2, "began_at": begin},
        )
    ]


def test_a_case_that_is_open_or_was_entered_as_it_went_is_in_no_batch(terms: Terms) -> None:
    begin = at("2024-09-24 15:00:00")
    running = [gist(number, entered_from_at=begin, entered_at=begin) for number in range(20)]
    lived = [
        gist(n, ended_at=begin, ending="completed", entered_from_at=begin - 9999, entered_at=begin) for n in range(20)
    ]
    assert told(running, terms) == told(lived, terms) == []


def test_ratings_from_one_terminal_within_two_minutes_are_a_batch_of_their_window(terms: Terms) -> None:
    begin = at("2024-09-24 09:00:00")
    one = [gist(number, ratings=(Rating(begin + number * 10, "3", "T1"),)) for number in range(10)]
    two = [gist(20 + number, ratings=(Rating(begin + number * 10, "3", f"T{number}"),)) for number in range(2, 12)]
    assert told([*one, *two], terms) == [
        (
            "rated_together/2024-09-24/a/3/T1/1",
            "rated_together",
            {"unit": "a", "window": "3", "terminal": "T1", "ratings": 10, "seconds": 90},
        )
    ]


def test_completions_at_night_at_the_end_of_a_month_are_counted_those_in_its_middle_are_not(terms: Terms) -> None:
    nights = {"2024-12-31 23:00:00": 20, "2024-12-16 23:00:00": 20, "2024-12-31 15:00:00": 20}
    cases = [
        gist(number, ended_at=at(night) + number, ending="completed")
        for start, (night, count) in enumerate(nights.items())
        for number in range(start * 100, start * 100 + count)
    ]
    assert told(cases, terms) == [
        ("completed_together/2024-12-31/a/1", "completed_together", {"unit": "a", "completions": 20})
    ]


def test_who_notifies_on_the_fifth_working_day_is_counted_when_the_month_is_over(terms: Terms) -> None:
    received = at("2024-09-02 10:00:00")
    last, early = at("2024-09-09 16:00:00"), at("2024-09-06 16:00:00")
    cases = [
        gist(number, received_at=received, notified_at=last if number < 6 else early, notifier="x")
        for number in range(8)
    ]
    assert told(cases, terms, at("2024-09-30 23:59:59")) == []
    assert told(cases, terms, at("2024-10-01")) == [
        ("x", "notices_counted", {"last_day_notices": 6, "last_day_share": 0.75, "unit": "a"})
    ]


def test_a_new_number_says_how_many_days_before_the_old_one_was_returned(terms: Terms) -> None:
    said = {"applicant": "p", "item": "food"}
    old = gist(1, begun_at=at("2024-09-02"), ended_at=at("2024-09-04 23:59:59"), ending="returned", **said)
    new = gist(2, begun_at=at("2024-09-14 00:00:01"), **said)
    elsewhere = gist(3, begun_at=at("2024-09-14"), applicant="q", item="food")
    assert told([old, new, elsewhere], terms) == [
        ("2", "renumbered", {"days_since_return": 10, "former_case": "n/application/1"})
    ]


def test_a_gist_holds_what_the_source_said_and_nothing_that_was_gathered() -> None:
    own = event("renumbered", "2024-09-02 10:00:00", unit="wrong")
    case = fold(
        CaseId("n", "application", "1"),
        [
            event("accepted", "2024-09-02 10:00:00", unit="a", item="food"),
            event("suspension_started", "2024-09-03 10:00:00"),
            event("returned", "2024-09-04 10:00:00"),
            type(own)(**{**{f: getattr(own, f) for f in own.__struct_fields__}, "source": "mingdeng"}),
        ],
    )
    found = gist_of(case)
    assert (found.unit, found.item, found.suspended, found.ending) == ("a", "food", True, "returned")
    assert (found.begun_at, found.ended_at) == (at("2024-09-02 10:00:00"), at("2024-09-04 10:00:00"))
    assert found.entered_at is None


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32))
def test_neither_order_nor_repetition_of_cases_changes_what_is_gathered(seed: int, terms: Terms) -> None:
    dice = random.Random(seed)
    begin = at("2024-09-24 15:00:00")
    cases = [
        entered(
            number,
            begin + dice.randrange(900),
            unit=dice.choice("ab"),
            applicant=dice.choice("pq"),
            item="food",
            begun_at=begin + dice.randrange(9) * 86_400,
            ratings=(Rating(begin + dice.randrange(300), "1", "T"),),
        )
        for number in range(60)
    ]
    shuffled = [*cases, *dice.sample(cases, 20)]
    dice.shuffle(shuffled)
    assert gathered(shuffled, KINDS, terms, FAR) == gathered(cases, KINDS, terms, FAR)
