"""The figures of bulletins: the seeds' own numbers come out as they were printed, and nothing is made to look whole."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.statistics import Handled, Limit, Period, Ratio, tallied, together

MAY = Period(1_493_568_000, 1_496_246_400, 1_496_246_400)
IN_MAY = MAY.from_at + 86_400
IN_TIME = Limit(over=False)


def promised(used: str, left: str, measure: str = "workday") -> Limit:
    """Return how a case fared that used and left so much of its promise."""
    return Limit(over=Decimal(left) < 0, used=Decimal(used), left=Decimal(left), measure=measure)


def done(unit: str = "市监局", promise: Limit = IN_TIME, **changed: object) -> Handled:
    """Return a case that was accepted and completed in May."""
    case = {"accepted_at": IN_MAY, "ended_at": IN_MAY + 1, "ended_by": "completed", "promise": promise, **changed}
    return Handled(unit=unit, **case)  # type: ignore[arg-type]  # fields of several types in one dictionary


@pytest.mark.parametrize(
    ("count", "of", "places", "printed"),
    [
        (1_411_300, 1_418_700, 2, "99.48%"),  # S001, Guangxi 2008
        (10_705, 10_904, 3, "98.175%"),  # S002, on line
        (38_816, 39_731, 2, "97.70%"),  # S002, the hall
        (55_013, 55_018, 2, "99.99%"),  # S003, Weining
        (539, 613, 2, "87.93%"),  # S003, items present in the hall
        (130, 170, 2, "76.47%"),  # S004, the project chain's promise against the statute
        (79, 125, 1, "63.2%"),  # S002, items cut
    ],
)
def test_the_seeds_figures_come_out_as_they_were_printed(count: int, of: int, places: int, printed: str) -> None:
    assert Ratio(count, of).text(places) == printed


def test_ninety_nine_point_nine_nine_and_five_open_stand_side_by_side() -> None:
    """Weining, May 2017: 55 018 accepted, 55 013 completed."""
    cases = [done()] * 55_013 + [Handled(unit="市监局", accepted_at=IN_MAY)] * 5
    tally = tallied(cases, MAY)["市监局"]

    assert (tally.accepted, tally.completed, tally.open) == (55_018, 55_013, 5)
    assert tally.completion.text() == tally.completion_of_accepted.text() == "99.99%"


def test_the_speed_up_of_the_region_follows_from_its_mean_times() -> None:
    """Guangxi 2008: 3.22 days of work against a promise of 14.80 days are 78.24 % faster."""
    tally = tallied([done(promise=promised("3.22", "11.58"))] * 3, MAY)["市监局"]

    assert tally.mean("workday") == Decimal("3.22")
    assert tally.mean_promise("workday") == Decimal("14.80")
    assert tally.speed_up("workday").text() == "78.24%"


def test_minutes_and_days_are_never_mixed() -> None:
    """An instant item's mean is 0.46 of a minute, whatever the others take."""
    cases = [done(promise=promised("0.46", "479.54", "minute")), done(promise=promised("3.22", "1", "workday"))]
    tally = tallied(cases, MAY)["市监局"]

    assert tally.measures == ("minute", "workday")
    assert tally.mean("minute") == Decimal("0.46")
    assert tally.mean("hour") is tally.middle("hour") is tally.ninetieth("hour") is None


def test_flow_may_exceed_a_hundred_and_the_cohort_never_does() -> None:
    """What was completed in May need not have been accepted in May."""
    before = MAY.from_at - 86_400
    cases = [done(), done(accepted_at=before), done(accepted_at=before), Handled(unit="市监局", accepted_at=IN_MAY)]
    tally = tallied(cases, MAY)["市监局"]

    assert tally.completion.text() == "150.00%"
    assert tally.completion_of_accepted.text() == "50.00%"


def test_of_nothing_there_is_no_figure() -> None:
    """Neither 0 % nor 100 %, also where something was completed and nothing accepted."""
    tally = tallied([done(accepted_at=None)], MAY)["市监局"]

    assert tally.completion.text() == "—"
    assert Ratio(0, 0).text() == "—"
    assert together([]).overdue.text() == "—"


def test_what_was_returned_or_voided_raises_no_rate() -> None:
    cases = [done(), done(promise=promised("8", "-1")), done(ended_by="returned"), done(ended_by="voided")]
    tally = tallied(cases, MAY)["市监局"]

    assert tally.completed == 2
    assert tally.set_aside == {"returned": 1, "voided": 1}
    assert tally.punctual == Ratio(1, 2)
    assert tally.completion == Ratio(2, 4)


def test_early_is_a_working_day_or_more() -> None:
    lefts = ["0.99", "1", "3"]
    tally = tallied([done(promise=promised("1", left)) for left in lefts], MAY)["市监局"]

    assert tally.ahead == Ratio(2, 3)


def test_a_case_of_which_nothing_is_known_is_not_counted_as_on_time() -> None:
    tally = tallied([done(promise=Limit()), done()], MAY)["市监局"]

    assert tally.punctual == Ratio(1, 1)
    assert tally.completed == 2


def test_what_is_overdue_and_open_counts_in_the_overdue_rate() -> None:
    late = Handled(unit="市监局", accepted_at=MAY.from_at - 1, promise=Limit(over=True))
    tally = tallied([done(), done(promise=promised("8", "-1")), late], MAY)["市监局"]

    assert (tally.open, tally.overdue_open) == (1, 1)
    assert tally.overdue == Ratio(2, 3)


def test_the_ninetieth_of_ten_is_the_ninth() -> None:
    tally = tallied([done(promise=promised(str(n), "1")) for n in range(1, 11)], MAY)["市监局"]

    assert tally.ninetieth("workday") == 9
    assert tally.middle("workday") == Decimal("5.5")


@given(st.integers(0, 10**7), st.integers(1, 10**7), st.integers(0, 4))
def test_a_share_is_shown_as_whole_only_if_it_is(count: int, of: int, places: int) -> None:
    """And as nothing only if there is nothing."""
    shown = Ratio(count, of).text(places)

    assert (shown == f"{Decimal(100):.{places}f}%") == (
        count == of or (count > of and _rounds_to_whole(count, of, places))
    )
    assert (shown == f"{Decimal(0):.{places}f}%") == (count == 0)


def _rounds_to_whole(count: int, of: int, places: int) -> bool:
    return f"{round(Decimal(count) / of * 100, places)}" == f"{Decimal(100):.{places}f}"


@given(st.lists(st.tuples(st.sampled_from("甲乙丙"), st.booleans(), st.sampled_from(["completed", "returned", ""]))))
def test_the_whole_is_the_sum_of_its_units(said: list[tuple[str, bool, str]]) -> None:
    """Counting all cases as one unit's gives the same as adding the units up."""
    cases = [
        Handled(
            unit=unit, accepted_at=IN_MAY if inside else MAY.from_at - 1, ended_at=IN_MAY + 5 if end else None,
            ended_by=end, promise=promised("2", "1") if inside else promised("9", "-2"),
        )
        for unit, inside, end in said
    ]  # fmt: skip
    summed = together(tallied(cases, MAY).values())
    at_once = together(tallied([msgspec.structs.replace(case, unit="") for case in cases], MAY).values())

    assert [getattr(summed, name) for name in ("accepted", "completed", "cohort", "open", "judged", "early")] == [
        getattr(at_once, name) for name in ("accepted", "completed", "cohort", "open", "judged", "early")
    ]
    assert summed.set_aside == at_once.set_aside
    assert summed.mean("workday") == at_once.mean("workday")
