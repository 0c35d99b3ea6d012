"""Clock runs under random events: crossings are exactly where the truth changes, and suspensions never do harm."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from rules import lawful
from rules.clocks import Counting, Measure
from rules.facts import CaseEvent, Value
from rules.quantities import Quantity, Unit
from tests.rules import slow_clock
from tests.rules.moments import cn, office, promise, runs

MONDAY = 1_728_525_600  # 2024-10-10 10:00 in Shanghai, after the long holiday
SPAN = 20 * 86_400


def happened(name: str, after: int, data: dict[str, Value]) -> CaseEvent:
    return CaseEvent(
        source="s", event_id=f"{name}{after}", namespace="n", kind="application", case_no="1", name=name,
        occurred_at=MONDAY + after, data=data,
    )  # fmt: skip


EVENTS = st.lists(
    st.builds(
        happened,
        st.sampled_from(["suspension_started", "suspension_ended", "extended", "completed", "accepted"]),
        st.integers(1, SPAN),
        st.fixed_dictionaries({"approved": st.sampled_from(["1 workday", "3 days", "5 hours"]),
                               "days": st.sampled_from(["1 workday", "2 days"])}),
    ),
    max_size=6,
)  # fmt: skip
LIMITS = st.builds(Quantity, st.builds(Fraction, st.integers(1, 20), st.just(2)), st.sampled_from(sorted(Unit)))
ANY_EVENTS = st.builds(
    happened,
    st.sampled_from(["suspension_started", "suspension_started", "suspension_ended", "extended", "completed", "accepted"]),
    st.integers(1, SPAN),
    st.fixed_dictionaries({
        "reason": st.sampled_from(["a test", "a test", ""]), "approver": st.just("the head"),
        "approved": st.sampled_from(["1 workday", "3 days", "9 days", "long"]),
    }, optional={
        "days": st.sampled_from(["1 workday", "2 days", "40 workdays"]),
        "promised_due_at": st.one_of(st.none(), st.integers(MONDAY, MONDAY + SPAN)),
    }),
)  # fmt: skip
"""Also unlawful and unknown ones, and due instants that the source states."""
OPS = st.sampled_from(["<", "<=", ">", ">="])


@settings(max_examples=300)
@given(
    events=EVENTS, limit=LIMITS, counting=st.sampled_from(sorted(Counting)), measure=st.sampled_from(sorted(Measure)),
    op=OPS, threshold=st.one_of(st.builds(Fraction, st.integers(0, 12), st.just(10)), LIMITS),
    probes=st.lists(st.integers(-10, 2 * SPAN), max_size=8), calendar=st.sampled_from([cn(), office()]),
)  # fmt: skip
def test_the_truth_changes_at_the_crossings_and_nowhere_else(
    events: list[CaseEvent], limit: Quantity, counting: Counting, measure: Measure, op: str,
    threshold: Quantity | Fraction, probes: list[int], calendar: object,
) -> None:  # fmt: skip
    needs_hours = Unit.WORKING_HOUR in {limit.unit, threshold.unit if isinstance(threshold, Quantity) else None}
    chosen = office() if needs_hours or calendar == office() else cn()
    start = happened("accepted", 0, {})
    for run in runs(promise(counting), start, *events, limit=str(limit), calendar=chosen):
        crossings = run.crossings(measure, op, threshold)
        for crossing in crossings:
            truths = [run.test(measure, op, threshold, crossing + step) for step in (-1, 0)]
            assert truths[0] != truths[1]
        for probe in probes:
            at = MONDAY + probe
            passed = [crossing for crossing in crossings if crossing <= at]
            since = run.test(measure, op, threshold, passed[-1]) if passed else False
            assert run.test(measure, op, threshold, at) == since


@settings(max_examples=300, deadline=None)
@given(
    events=st.lists(ANY_EVENTS, max_size=7), limit=st.one_of(st.none(), LIMITS),
    counting=st.sampled_from(sorted(Counting)), measure=st.sampled_from(sorted(Measure)), op=OPS,
    threshold=st.one_of(st.builds(Fraction, st.integers(0, 12), st.just(10)), LIMITS),
    probes=st.lists(st.integers(-10, 2 * SPAN), min_size=4, max_size=12), stated=st.booleans(),
)  # fmt: skip
def test_a_comparison_agrees_with_one_made_in_fractions_at_each_instant(
    events: list[CaseEvent], limit: Quantity | None, counting: Counting, measure: Measure, op: str,
    threshold: Quantity | Fraction, probes: list[int], stated: bool,
) -> None:  # fmt: skip
    start, named = happened("accepted", 0, {}), "promised_due_at" if stated else None
    spec = promise(counting, lawful=lawful.suspension, extension=lawful.extension)
    for run in runs(spec, start, *events, limit=str(limit) if limit else None, calendar=office(), stated=named):
        course = run.course(measure, op, threshold)
        for at in {MONDAY + probe for probe in probes} | {at + step for at, _ in course.changes for step in (-1, 0, 1)}:
            wanted = slow_clock.truth(run, measure, op, threshold, at)
            assert run.test(measure, op, threshold, at) is wanted
            assert course.at(at) is wanted


@settings(max_examples=100)
@given(events=EVENTS, limit=LIMITS, counting=st.sampled_from(sorted(Counting)), probe=st.integers(0, 2 * SPAN))
def test_a_reading_agrees_with_the_tests(
    events: list[CaseEvent], limit: Quantity, counting: Counting, probe: int
) -> None:
    for run in runs(promise(counting), happened("accepted", 0, {}), *events, limit=str(limit), calendar=office()):
        reading = run.reading(MONDAY + probe)
        if reading is None:
            continue
        assert reading.over == run.test(Measure.OVER, "", Fraction(0), MONDAY + probe)
        if reading.state == "running" and reading.over and reading.due_at is not None:
            assert MONDAY + probe > reading.due_at
        if reading.state != "stopped" and not reading.over and reading.due_at is not None:
            assert reading.due_at >= MONDAY + probe


def test_while_a_limit_of_two_units_stands_still_its_due_instant_moves_along() -> None:
    """Half an hour, extended by working days, suspended twice: what is left begins when the second one ends."""
    events = [
        happened("suspension_started", 1, {"approved": "1 workday", "days": "1 workday"}),
        happened("extended", 113_400, {"approved": "1 workday", "days": "1 workday"}),
        happened("suspension_started", 136_701, {"approved": "3 days", "days": "1 workday"}),
    ]
    (run,) = runs(promise(Counting.LEGAL), happened("accepted", 0, {}), *events, limit="0.5 hours", calendar=office())
    reading = run.reading(MONDAY + 199_894)
    assert reading is not None
    assert (reading.state, reading.over) == ("suspended", False)
    assert reading.due_at is not None
    assert reading.due_at > MONDAY + 199_894


def test_no_suspension_makes_a_late_case_timely_again() -> None:
    """Suspended on its last day, whose working time the limit had used up: late that evening, and on the free day after."""
    suspended = happened("suspension_started", 181_260, {"approved": "1 workday", "days": "1 workday"})
    (run,) = runs(
        promise(Counting.LEGAL), happened("accepted", 0, {}), suspended, limit="1.5 workdays", calendar=office()
    )
    readings = [run.reading(MONDAY + after) for after in (199_800, 199_801, 242_774, 400_000)]
    assert [reading.over for reading in readings if reading is not None] == [False, True, True, True]


@given(
    limit=LIMITS, counting=st.sampled_from(sorted(Counting)), begin=st.integers(0, SPAN), length=st.integers(1, SPAN)
)
def test_a_suspension_never_brings_the_due_instant_forward(
    limit: Quantity, counting: Counting, begin: int, length: int
) -> None:
    start = happened("accepted", 0, {})
    pause = [
        happened("suspension_started", begin, {"approved": "90 workdays"}),
        happened("suspension_ended", begin + length, {}),
    ]
    spec = promise(counting)
    (plain,) = runs(spec, start, limit=str(limit), calendar=office())
    (paused,) = runs(spec, start, *pause, limit=str(limit), calendar=office())

    before, after = plain.phases[-1].due_at or 0, paused.phases[-1].due_at or 0
    if counting is Counting.ROLLING and limit.unit in {Unit.NATURAL_DAY, Unit.MONTH, Unit.YEAR}:
        # What is moved off a day off keeps its wall time, so of one day only the date can be compared.
        assert office().on(after) >= office().on(before)
    else:
        assert after >= before


def test_before_it_begins_to_count_a_clock_has_used_nothing_and_no_less() -> None:
    (run,) = runs(promise(Counting.LEGAL), happened("accepted", 0, {}), limit="3 workdays")

    assert run.crossings(Measure.USED, ">=", Fraction(0)) == (MONDAY,)
    assert run.crossings(Measure.USED, "<", Fraction(0)) == ()


def test_a_suspension_that_moves_no_due_instant_is_not_counted_as_used() -> None:
    pause = [
        happened("suspension_started", 10 * 3600, {"approved": "9 days"}),
        happened("suspension_ended", 30 * 3600, {}),
    ]
    (run,) = runs(promise(Counting.LEGAL), happened("accepted", 0, {}), *pause, limit="3 days")

    assert len({phase.due_at for phase in run.phases}) == 1  # it ends on a day off, so a day more makes no difference
    day = Quantity.parse("1 day")
    (since,) = run.crossings(Measure.USED, ">=", day)
    assert [slow_clock.truth(run, Measure.USED, ">=", day, since + step) for step in (-1, 0)] == [False, True]
