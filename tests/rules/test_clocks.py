"""Clocks over the events of a case: the production examples, the edge cases of the law, and what is unknown."""

from __future__ import annotations

from fractions import Fraction

import pytest

from rules import lawful
from rules.clocks import ClockRun, ClockState, Counting, Measure, run_clock
from rules.facts import CaseEvent
from rules.quantities import Quantity, share
from tests.rules.moments import at, cn, event, office, promise, quantity, runs, wall

LEGAL, ROLLING = Counting.LEGAL, Counting.ROLLING
ACCEPTED = event("accepted", "2018-10-15 10:00:00")


def over(run: ClockRun, when: str) -> bool | None:
    return run.test(Measure.OVER, "", Fraction(0), at(when))


def over_since(run: ClockRun) -> list[str]:
    return [wall(instant) for instant in run.crossings(Measure.OVER, "", Fraction(0))]


def certain(run: ClockRun) -> list[str]:
    return [remark.code for remark in run.remarks if remark.certain]


def flips(run: ClockRun, measure: Measure, op: str, threshold: str) -> list[str]:
    wanted: Quantity | Fraction = share(threshold) if threshold.endswith("%") else quantity(threshold)
    return [wall(instant) for instant in run.crossings(measure, op, wanted)]


def due_day(*events: CaseEvent, limit: str = "20 workdays", when: str = "2025-12-31", **rest: object) -> str:
    (run,) = runs(promise(LEGAL, lawful=lawful.suspension, extension=lawful.extension), *events, limit=limit)
    reading = run.reading(at(when))
    assert reading is not None
    return wall(reading.due_at)[:10]


def suspended(start: str, end: str | None = None, approved: str = "90 workdays", **data: str | None) -> list[CaseEvent]:
    told: dict[str, str | None] = {"reason": "检测", "approver": "局长", "approved": approved, **data}
    begun = event("suspension_started", start, **told)
    return [begun] if end is None else [begun, event("suspension_ended", end)]


# ── the production examples of Hunan (annex A1): nothing at the instant, the event one second later ──

HUNAN = [
    ("a case warns two days before", "7 workdays", Measure.LEFT, "<", "3 workdays", "2018-10-19"),
    ("a case is yellow when over its promise", "7 workdays", Measure.OVER_BY, ">", "0 workdays", "2018-10-24"),
    ("a case is red when over its statutory limit", "10 workdays", Measure.OVER_BY, ">", "0 workdays", "2018-10-29"),
    ("a special procedure warns two days before", "7 workdays", Measure.LEFT, "<", "3 workdays", "2018-10-19"),
    ("a special procedure is yellow when over", "7 workdays", Measure.OVER_BY, ">", "0 workdays", "2018-10-24"),
    ("a special procedure is red a day later", "7 workdays", Measure.OVER_BY, ">", "1 workday", "2018-10-25"),
    ("a pre-acceptance warns when over", "2 workdays", Measure.OVER_BY, ">", "0 workdays", "2018-10-17"),
    ("a pre-acceptance is yellow three days later", "2 workdays", Measure.OVER_BY, ">", "3 workdays", "2018-10-22"),
    ("a pre-acceptance is red five days later", "2 workdays", Measure.OVER_BY, ">", "5 workdays", "2018-10-24"),
    ("an e-certificate is yellow when over", "3 workdays", Measure.OVER_BY, ">", "0 workdays", "2018-10-18"),
    ("an enquiry warns two days before", "5 workdays", Measure.LEFT, "<", "3 workdays", "2018-10-17"),
    ("an enquiry is yellow when over", "5 workdays", Measure.OVER_BY, ">", "0 workdays", "2018-10-22"),
    ("an enquiry is red a day later", "5 workdays", Measure.OVER_BY, ">", "1 workday", "2018-10-23"),
]


@pytest.mark.parametrize("calendar", [cn(), office()], ids=["round the clock", "office hours"])
@pytest.mark.parametrize(
    ("limit", "measure", "op", "threshold", "on"), [v[1:] for v in HUNAN], ids=[v[0] for v in HUNAN]
)
def test_in_hunan(limit: str, measure: Measure, op: str, threshold: str, on: str, calendar: object) -> None:
    (run,) = runs(promise(), ACCEPTED, limit=limit, calendar=cn() if calendar == cn() else office())

    assert flips(run, measure, op, threshold) == [f"{on} 10:00:01"]
    assert run.test(measure, op, quantity(threshold), at(f"{on} 10:00:00")) is False
    assert run.test(measure, op, quantity(threshold), at(f"{on} 10:00:01")) is True


@pytest.mark.parametrize(
    ("limit", "measure", "threshold", "on"),
    [("7 workdays", Measure.LEFT, "3 workdays", "2018-10-24"),
     ("7 workdays", Measure.OVER_BY, "0 workdays", "2018-10-29"),
     ("10 workdays", Measure.OVER_BY, "0 workdays", "2018-11-01")],
)  # fmt: skip
def test_in_hunan_three_days_of_lawful_suspension_move_each_instant_three_days(
    limit: str, measure: Measure, threshold: str, on: str
) -> None:
    pause = suspended("2018-10-16 15:00:00", "2018-10-19 15:00:00")
    (run,) = runs(promise(lawful=lawful.suspension), ACCEPTED, *pause, limit=limit)

    assert flips(run, measure, "<" if measure is Measure.LEFT else ">", threshold) == [f"{on} 10:00:01"]


# ── the edge cases of domain.md 3.5 ────────────────────────────────────────────────────────────

TUESDAY = event("accepted", "2024-09-24 10:00:00")


def test_35_1_twenty_days_and_ten_days_more() -> None:
    extended = event("extended", "2024-10-20 09:00:00", days="10 workdays")

    assert due_day(TUESDAY) == "2024-10-25"
    assert due_day(TUESDAY, extended) == "2024-11-08"


def test_35_5_acceptance_after_hours_uses_nothing_of_that_day() -> None:
    late = event("accepted", "2024-09-27 18:30:00")
    (legal,) = runs(promise(LEGAL), late, limit="5 workdays", calendar=office())
    (rolling,) = runs(promise(), late, limit="5 workdays", calendar=office())

    assert over_since(legal) == ["2024-10-10 17:30:01"]
    assert over_since(rolling) == ["2024-10-10 17:30:01"]
    reading = rolling.reading(at("2024-09-27 23:00:00"))
    assert reading is not None
    assert reading.used_share == 0


def test_35_6_a_late_correction_notice_neither_stops_nor_resets_the_clock() -> None:
    received = event("accepted", "2024-09-27 10:00:00", deemed=True)
    notice = event("correction_notified", "2024-10-11 10:00:00")

    assert due_day(received, notice) == "2024-10-30"


def test_35_9_a_suspension_over_a_holiday_excludes_three_working_days_not_ten_natural_ones() -> None:
    assert due_day(TUESDAY, *suspended("2024-09-29 00:00:00", "2024-10-09 00:00:00")) == "2024-10-30"


def test_35_10_a_suspension_longer_than_approved_is_deducted_only_as_approved() -> None:
    assert due_day(TUESDAY, *suspended("2024-10-09 10:00:00", "2024-10-21 10:00:00", "5 workdays")) == "2024-11-01"
    assert due_day(TUESDAY, *suspended("2024-10-09 10:00:00", "2024-10-21 10:00:00")) == "2024-11-07"


def test_35_10_a_suspension_that_ended_early_is_deducted_as_it_was() -> None:
    assert due_day(TUESDAY, *suspended("2024-10-09 10:00:00", "2024-10-11 10:00:00", "5 workdays")) == "2024-10-29"


def test_35_11_overlapping_suspensions_are_united_never_added() -> None:
    first = suspended("2024-10-09 10:00:00", "2024-10-14 10:00:00")
    second = suspended("2024-10-11 10:00:00", "2024-10-16 10:00:00")

    assert due_day(TUESDAY, *first, *second) == due_day(
        TUESDAY, *suspended("2024-10-09 10:00:00", "2024-10-16 10:00:00")
    )


def test_35_11_an_open_suspension_counts_to_now_but_never_beyond_what_was_approved() -> None:
    pause = suspended("2024-10-09 10:00:00", approved="5 workdays")

    assert due_day(TUESDAY, *pause, when="2024-10-11 12:00:00") == "2024-10-29"
    assert due_day(TUESDAY, *pause, when="2024-10-31 12:00:00") == "2024-11-01"


def test_35_11_when_the_approved_time_is_used_up_the_clock_runs_again_by_itself() -> None:
    (run,) = runs(promise(), ACCEPTED, *suspended("2018-10-16 10:00:00", approved="3 workdays"))

    states = [(wall(phase.from_at), phase.state) for phase in run.phases]

    assert states == [
        ("2018-10-15 10:00:00", ClockState.RUNNING),
        ("2018-10-16 10:00:00", ClockState.SUSPENDED),
        ("2018-10-19 10:00:00", ClockState.RUNNING),
    ]
    assert over_since(run) == ["2018-10-29 10:00:01"]


def test_35_11_a_suspension_before_acceptance_or_after_completion_is_ignored() -> None:
    completed = event("completed", "2024-10-28 10:00:00")
    before = suspended("2024-09-10 10:00:00", "2024-09-20 10:00:00")
    after = suspended("2024-10-29 10:00:00", "2024-11-20 10:00:00")

    assert due_day(TUESDAY, *before, *after, completed) == "2024-10-25"


def test_35_12_a_suspension_begun_after_the_due_date_cures_nothing() -> None:
    pause = suspended("2024-10-28 10:00:00", "2024-11-20 10:00:00")
    (run,) = runs(promise(LEGAL), TUESDAY, *pause, limit="20 workdays")

    assert over_since(run) == ["2024-10-26 00:00:00"]
    assert over(run, "2024-11-01") is True
    assert [remark.code for remark in run.remarks] == ["pause/after-due"]


@pytest.mark.parametrize(
    ("why", "when", "days", "joint", "expected"),
    [
        ("granted in time", "2024-10-25 16:00:00", "10 workdays", None, "2024-11-08"),
        ("granted after expiry", "2024-10-28 09:00:00", "10 workdays", None, "2024-10-25"),
        ("longer than ten days", "2024-10-20 09:00:00", "11 workdays", None, "2024-10-25"),
        ("fifteen days of joint handling", "2024-10-20 09:00:00", "15 workdays", True, "2024-11-15"),
    ],
)  # fmt: skip
def test_35_13_an_extension_counts_only_if_lawful(
    why: str, when: str, days: str, joint: bool | None, expected: str
) -> None:
    data = {"days": days} | ({} if joint is None else {"joint": joint})

    assert due_day(TUESDAY, event("extended", when, **data)) == expected


def test_35_13_a_second_extension_is_not_effective_and_is_remarked() -> None:
    first = event("extended", "2024-10-20 09:00:00", days="5 workdays")
    second = event("extended", "2024-10-22 09:00:00", days="5 workdays")
    (run,) = runs(promise(LEGAL, extension=lawful.extension), TUESDAY, first, second, limit="20 workdays")

    assert over_since(run) == ["2024-11-02 00:00:00"]
    assert certain(run) == ["extension/second"]


def test_35_14_a_completion_before_acceptance_stops_nothing() -> None:
    (run,) = runs(promise(), ACCEPTED, event("completed", "2018-10-14 10:00:00"))

    assert run.stopped_at is None


def test_35_15_two_days_before_is_true_at_once_where_the_promise_is_two_days() -> None:
    (run,) = runs(promise(), ACCEPTED, limit="2 workdays")

    assert flips(run, Measure.LEFT, "<=", "2 workdays") == ["2018-10-15 10:00:00"]
    assert flips(run, Measure.USED, ">=", "80%") == ["2018-10-17 00:24:00"]


def test_35_16_ninety_percent_of_five_days_and_of_one_have_the_resolution_of_a_second() -> None:
    (five,) = runs(promise(), ACCEPTED, limit="5 workdays", calendar=office())
    (one,) = runs(promise(), ACCEPTED, limit="1 workday", calendar=office())

    assert flips(five, Measure.USED, ">=", "90%") == ["2018-10-19 15:15:00"]
    assert flips(one, Measure.USED, ">=", "90%") == ["2018-10-16 09:15:00"]


def test_35_17_without_a_limit_everything_about_the_limit_is_unknown() -> None:
    (run,) = runs(promise(), ACCEPTED, limit=None)
    reading = run.reading(at("2018-10-20"))

    assert over(run, "2018-10-20") is None
    assert run.test(Measure.USED, ">=", share("90%"), at("2018-10-20")) is None
    assert run.test(Measure.USED, ">=", quantity("3 workdays"), at("2018-10-20")) is True
    assert reading is not None
    assert (reading.due_at, reading.because) == (None, "no_limit")


@pytest.mark.parametrize(("second", "late"), [("00", False), ("01", True)])
def test_35_18_completion_at_exactly_the_due_instant_is_on_time(second: str, late: bool) -> None:
    (run,) = runs(promise(), ACCEPTED, event("completed", f"2018-10-24 10:00:{second}"))

    assert over(run, "2018-12-01") is late
    assert over_since(run) == (["2018-10-24 10:00:01"] if late else [])


def test_35_19_a_case_that_is_finished_while_suspended_was_in_time() -> None:
    pause = suspended("2018-10-23 10:00:00", approved="90 workdays")
    (run,) = runs(promise(), ACCEPTED, *pause, event("completed", "2018-11-20 10:00:00"))

    assert over(run, "2018-12-01") is False
    assert run.phases[-1].state is ClockState.STOPPED


def test_35_21_joint_approval_and_each_assisting_unit_have_clocks_of_their_own() -> None:
    assert due_day(TUESDAY, limit="45 workdays") == "2024-11-29"
    more = event("extended", "2024-11-20 10:00:00", days="15 workdays", joint=True)
    assert due_day(TUESDAY, more, limit="45 workdays") == "2024-12-20"


# ── starts, stops, keys ────────────────────────────────────────────────────────────────────────


def test_nothing_is_true_before_the_start() -> None:
    (run,) = runs(promise(), ACCEPTED)

    assert run.reading(at("2018-10-15 09:59:59")) is None
    assert run.test(Measure.LEFT, "<", quantity("9 workdays"), at("2018-10-15 09:59:59")) is False
    assert over(run, "2018-10-15 09:59:59") is False


def test_near_and_left_are_true_only_while_the_clock_runs_and_over_stays() -> None:
    (run,) = runs(promise(), ACCEPTED, event("completed", "2018-10-26 10:00:00"))

    assert flips(run, Measure.USED, ">=", "90%") == ["2018-10-23 17:12:00", "2018-10-26 10:00:00"]
    assert over(run, "2019-01-01") is True
    assert run.test(Measure.OVER_BY, ">=", quantity("2 workdays"), at("2019-01-01")) is True
    assert run.test(Measure.OVER_BY, ">", quantity("2 workdays"), at("2019-01-01")) is False


def test_a_second_start_while_the_clock_runs_is_ignored() -> None:
    found = runs(promise(), ACCEPTED, event("accepted", "2018-10-17 10:00:00"))

    assert [(run.ordinal, wall(run.started_at)) for run in found] == [(1, "2018-10-15 10:00:00")]


def test_a_start_after_a_stop_is_the_next_ordinal() -> None:
    found = runs(
        promise(), ACCEPTED, event("completed", "2018-10-16 10:00:00"), event("accepted", "2018-10-18 10:00:00")
    )

    assert [(run.ordinal, wall(run.started_at), wall(run.stopped_at)) for run in found] == [
        (1, "2018-10-15 10:00:00", "2018-10-16 10:00:00"),
        (2, "2018-10-18 10:00:00", ""),
    ]


def test_steps_run_in_parallel_and_each_stop_meets_its_own() -> None:
    found = runs(
        promise(by="step"),
        event("step_started", "2018-10-15 10:00:00", step="review"),
        event("step_started", "2018-10-15 11:00:00", step="survey"),
        event("step_finished", "2018-10-16 10:00:00", step="survey"),
        event("suspension_started", "2018-10-16 12:00:00", step="review", approved="3 workdays"),
        event("step_started", "2018-10-17 10:00:00", step="survey"),
        event("voided", "2018-10-18 10:00:00"),
    )

    assert [(run.ordinal, run.key, wall(run.stopped_at)) for run in found] == [
        (1, "review", "2018-10-18 10:00:00"),
        (2, "survey", "2018-10-16 10:00:00"),
        (3, "survey", "2018-10-18 10:00:00"),
    ]
    assert [any(phase.state is ClockState.SUSPENDED for phase in run.phases) for run in found] == [True, False, False]


def test_a_start_and_a_stop_in_the_same_second_leave_a_run_that_was_in_time() -> None:
    (run,) = runs(promise(), ACCEPTED, event("completed", "2018-10-15 10:00:00"))

    assert over(run, "2018-10-15 10:00:00") is False
    assert over_since(run) == []


# ── valid time ─────────────────────────────────────────────────────────────────────────────────


def test_an_extension_granted_late_changes_the_due_instant_only_from_then_on() -> None:
    extended = event("extended", "2018-10-25 10:00:00", days="2 workdays")
    (run,) = runs(promise(), ACCEPTED, extended)

    assert over_since(run) == ["2018-10-24 10:00:01", "2018-10-25 10:00:00", "2018-10-26 10:00:01"]
    assert over(run, "2018-10-25 09:59:59") is True


def test_while_suspended_every_measure_keeps_its_value() -> None:
    (run,) = runs(promise(), ACCEPTED, *suspended("2018-10-18 10:00:00", "2018-10-30 10:00:00"))

    for when in ("2018-10-18 10:00:00", "2018-10-24 16:00:00", "2018-10-30 10:00:00"):
        reading = run.reading(at(when))
        assert reading is not None
        assert reading.used is not None
        assert reading.left is not None
        assert (reading.used.units, reading.left.units, reading.over) == ("3", "4", False)


def test_the_due_instant_moves_on_while_the_clock_is_suspended() -> None:
    (run,) = runs(promise(), ACCEPTED, *suspended("2018-10-18 10:00:00"))

    dues = [run.reading(at(f"2018-10-{on} 10:00:00")) for on in (18, 19, 22)]

    assert [wall(r.due_at) for r in dues if r] == ["2018-10-24 10:00:00", "2018-10-25 10:00:00", "2018-10-26 10:00:00"]


def test_by_days_a_suspension_begins_and_ends_with_the_close_of_a_day() -> None:
    pause = suspended("2024-10-09 10:00:00", "2024-10-11 10:00:00")
    (run,) = runs(promise(LEGAL), TUESDAY, *pause, limit="20 workdays")
    used = [(on, run.reading(at(f"2024-10-{on} 23:59:59"))) for on in ("09", "10", "11", "12")]

    assert [(on, r.used.units) for on, r in used if r and r.used] == [
        ("09", "6.999988"), ("10", "7"), ("11", "7"), ("12", "7.999988"),
    ]  # fmt: skip


def test_a_stated_due_instant_is_due_and_moves_when_it_is_restated() -> None:
    first = event("accepted", "2018-10-15 10:00:00", promised_due_at=at("2018-10-18 17:00:00"))
    later = event("restated", "2018-10-17 10:00:00", promised_due_at=at("2018-10-22 17:00:00"))
    (run,) = runs(promise(), first, later, limit=None, stated="promised_due_at")
    before, after = run.reading(at("2018-10-16")), run.reading(at("2018-10-18"))

    assert before is not None
    assert after is not None
    assert (wall(before.due_at), wall(after.due_at)) == ("2018-10-18 17:00:00", "2018-10-22 17:00:00")
    assert over_since(run) == ["2018-10-22 17:00:01"]


def test_a_due_instant_restated_after_the_stop_changes_nothing() -> None:
    first = event("accepted", "2018-10-15 10:00:00", promised_due_at=at("2018-10-16 17:00:00"))
    hidden = event("restated", "2018-10-20 10:00:00", promised_due_at=at("2018-10-22 17:00:00"))
    done = event("completed", "2018-10-18 10:00:00")
    (run,) = runs(promise(), first, done, hidden, limit=None, stated="promised_due_at")

    assert over(run, "2018-12-01") is True


def test_a_due_instant_that_was_never_stated_is_unknown() -> None:
    (run,) = runs(promise(), ACCEPTED, limit=None, stated="promised_due_at")
    reading = run.reading(at("2018-12-01"))

    assert over(run, "2018-12-01") is None
    assert reading is not None
    assert reading.because == "no_stated_due"


def test_a_due_instant_stated_before_the_start_holds_from_the_start() -> None:
    applied = event("applied", "2018-10-14 10:00:00", promised_due_at=at("2018-10-18 17:00:00"))
    (run,) = runs(promise(), applied, ACCEPTED, limit=None, stated="promised_due_at")

    assert over_since(run) == ["2018-10-18 17:00:01"]


# ── what is unknown ────────────────────────────────────────────────────────────────────────────


def test_where_lawfulness_is_unknown_only_what_holds_either_way_is_certain() -> None:
    begun = event("suspension_started", "2018-10-16 10:00:00", approved="3 workdays", reason="检测")
    (run,) = runs(promise(lawful=lawful.suspension), ACCEPTED, begun)

    assert over(run, "2018-10-24 10:00:00") is False
    assert over(run, "2018-10-24 10:00:01") is None
    assert over(run, "2018-10-29 10:00:00") is None
    assert over(run, "2018-10-29 10:00:01") is True
    assert over_since(run) == ["2018-10-24 10:00:01", "2018-10-29 10:00:01"]


def test_a_suspension_without_an_approver_does_not_count() -> None:
    pause = suspended("2018-10-16 10:00:00", "2018-10-19 10:00:00", approver=None)
    (run,) = runs(promise(lawful=lawful.suspension), ACCEPTED, *pause)

    assert over_since(run) == ["2018-10-24 10:00:01"]
    assert certain(run) == ["pause/no-approver"]


def test_a_suspension_of_unknown_approved_length_leaves_the_due_instant_unknown() -> None:
    begun = event("suspension_started", "2018-10-16 10:00:00", approved="some days")
    (run,) = runs(promise(), ACCEPTED, begun)

    assert over(run, "2018-10-24 10:00:00") is False
    assert over(run, "2018-12-01") is None


def test_an_extension_of_unknown_length_leaves_the_due_instant_unknown() -> None:
    (run,) = runs(promise(), ACCEPTED, event("extended", "2018-10-16 10:00:00"))

    assert over(run, "2018-10-15 12:00:00") is False
    assert over(run, "2018-12-01") is None


def test_a_start_that_is_unknown_makes_the_whole_run_unknown() -> None:
    spec = promise()
    doubtful = type(spec.starts[0])("accepted", lambda *_: None)
    unsure = type(spec)(spec.name, spec.of, (doubtful,), spec.stops, spec.counting)
    from rules.clocks import Terms

    (run,) = run_clock(unsure, (ACCEPTED,), lambda _: Terms(quantity("7 workdays"), cn()))

    assert over(run, "2018-10-20") is False
    assert over(run, "2018-12-01") is None


def test_a_due_instant_beyond_the_published_calendar_is_provisional_until_then() -> None:
    (run,) = runs(promise(), event("accepted", "2026-12-20 10:00:00"), limit="20 workdays")
    reading = run.reading(at("2026-12-21"))

    assert reading is not None
    assert reading.provisional
    assert run.phases[0].provisional
