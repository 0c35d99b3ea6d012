"""Legality before arithmetic: what the law asks of a suspension or an extension, and what each failure does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from rules import lawful
from rules.clocks import ClockRun, Counting, Intake, Measure, Requirement, Terms, Trigger, run_clock
from rules.clockspecs import ClockSoFar
from rules.facts import CaseEvent, Value
from rules.problems import UserError
from rules.reasons import SHIPPED, Reason, Reasons, load_reasons, shipped_reasons
from tests.rules.moments import at, cn, event, office, promise, quantity, runs, wall

ACCEPTED = event("accepted", "2018-10-15 10:00:00")


def so_far(**rest: Value) -> ClockSoFar:
    start = event("accepted", "2018-10-15 10:00:00", **rest)
    return ClockSoFar(cn(), Counting.LEGAL, start, at("2018-10-15 10:00:00"), at("2018-10-29 23:59:59"))


def failed(asked: Sequence[Requirement]) -> list[str]:
    return [requirement.code for requirement in asked if requirement.met is False]


def unknown(asked: Sequence[Requirement]) -> list[str]:
    return [requirement.code for requirement in asked if requirement.met is None]


def suspension(**data: Value) -> CaseEvent:
    return event("suspension_started", "2018-10-16 10:00:00", **{"reason": "testing", "approver": "D-1", **data})


def extension(when: str = "2018-10-16 10:00:00", /, **data: Value) -> CaseEvent:
    return event("extended", when, **{"days": "10 workdays", **data})


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        ({}, []),
        ({"reason": ""}, ["pause/no-reason"]),
        ({"reason": "   "}, ["pause/no-reason"]),
        ({"reason": "领导出差"}, ["pause/no-reason"]),
        ({"reason": "需组织专家评审"}, []),
        ({"approver": None}, ["pause/no-approver"]),
        ({"approver_rank": "staff"}, ["pause/low-rank"]),
        ({"approver_rank": "section_head"}, []),
        ({"reason": "", "approver": "", "approver_rank": "staff"},
         ["pause/no-reason", "pause/no-approver", "pause/low-rank"]),
    ],
)  # fmt: skip
def test_each_failed_requirement_of_a_suspension_is_named(data: dict[str, Value], codes: list[str]) -> None:
    assert failed(lawful.suspension(suspension(**data), so_far())) == codes


def test_what_a_source_does_not_report_of_a_suspension_is_unknown() -> None:
    bare = event("suspension_started", "2018-10-16 10:00:00")

    assert unknown(lawful.suspension(bare, so_far())) == ["pause/no-reason", "pause/no-approver", "pause/low-rank"]


@pytest.mark.parametrize(
    ("data", "start", "codes"),
    [
        ({"approver_rank": "agency_head", "told": True}, {}, []),
        ({"days": "11 workdays"}, {}, ["extension/too-long"]),
        ({"days": "10 natural_days"}, {}, ["extension/too-long"]),
        ({"days": "15 workdays", "approver_rank": "government_head"}, {"joint": True}, []),
        ({"days": "16 workdays"}, {"joint": True}, ["extension/too-long"]),
        ({"approver_rank": "deputy_head"}, {}, ["extension/low-rank"]),
        ({"approver_rank": "agency_head"}, {"joint": True}, ["extension/low-rank"]),
        ({"told": False}, {}, ["extension/not-told"]),
        ({"told": ""}, {}, ["extension/not-told"]),
        ({"told": "2018-10-16"}, {}, []),
    ],
)  # fmt: skip
def test_each_failed_requirement_of_an_extension_is_named(
    data: dict[str, Value], start: dict[str, Value], codes: list[str]
) -> None:
    assert failed(lawful.extension(extension("2018-10-16 10:00:00", **data), so_far(**start))) == codes


def test_an_extension_is_in_time_to_the_last_second() -> None:
    assert failed(lawful.extension(extension("2018-10-29 23:59:59"), so_far())) == []
    assert failed(lawful.extension(extension("2018-10-30 00:00:00"), so_far())) == ["extension/after-due"]


def test_rank_notice_and_length_that_are_not_reported_are_presumed_in_order() -> None:
    bare = event("extended", "2018-10-16 10:00:00")
    asked = [each for each in lawful.extension(bare, so_far()) if each.met is None]

    assert [each.code for each in asked] == ["extension/too-long", "extension/low-rank", "extension/not-told"]
    assert all(each.presumed for each in asked)


# ── the register of reasons ────────────────────────────────────────────────────────────────────


def test_a_reason_holds_from_its_first_date_and_no_longer_on_its_last() -> None:
    reason = Reason("drone", ("无人机勘察",), "某办法", dt.date(2020, 1, 1), dt.date(2022, 1, 1))

    held = [reason.covers("drone", dt.date.fromisoformat(on)) for on in ("2019-12-31", "2020-01-01", "2021-12-31")]
    assert held == [False, True, True]
    assert not reason.covers("无人机勘察", dt.date(2022, 1, 1))


def test_a_place_adds_reasons_of_its_own(tmp_path: Path) -> None:
    own = tmp_path / "reasons.yaml"
    own.write_text("reasons:\n  - {code: drone, words: [无人机勘察], basis: 本市办法, from: 2018-01-01}\n", "utf-8")
    reasons = load_reasons([SHIPPED, own])
    act = suspension(reason="无人机勘察")

    assert failed(lawful.suspension(act, so_far())) == ["pause/no-reason"]
    assert failed(lawful.suspension(act, so_far(), reasons)) == []


def test_a_wrong_register_of_reasons_is_refused_with_its_place(tmp_path: Path) -> None:
    wrong = tmp_path / "reasons.yaml"
    wrong.write_text("reasons:\n  - {code: drone, form: 2018-01-01}\n", "utf-8")

    with pytest.raises(UserError) as refused:
        load_reasons([wrong])

    assert "form" in str(refused.value)


def test_every_reason_of_article_45_is_on_the_shipped_list() -> None:
    words = ("听证", "招标", "拍卖", "检验", "检测", "检疫", "鉴定", "专家评审")

    assert all(shipped_reasons().covering(word, dt.date(2024, 1, 1)) for word in words)
    assert shipped_reasons().covering("听证", dt.date(2004, 6, 30)) is None


# ── what a refusal does to the clock ───────────────────────────────────────────────────────────


def paused(*events: CaseEvent, reasons: Reasons | None = None) -> ClockRun:
    spec = promise(lawful=partial(lawful.suspension, reasons=reasons))
    (run,) = runs(spec, ACCEPTED, *events)
    return run


def test_a_refusal_is_remarked_from_its_instant_on() -> None:
    run = paused(suspension(approver="", approved="3 workdays"))

    assert run.remarked("pause/no-approver", at("2018-10-16 09:59:59")) is False
    assert run.remarked("pause/no-approver", at("2018-10-16 10:00:00")) is True
    assert run.remarked("pause/no-reason", at("2018-10-16 10:00:00")) is False
    assert at("2018-10-16 10:00:00") in run.remark_instants()


def test_a_requirement_that_is_met_in_one_reading_only_is_unknown() -> None:
    begun = event("suspension_started", "2018-10-16 10:00:00", reason="testing", approved="3 workdays")

    assert paused(begun).remarked("pause/no-approver", at("2018-10-16 10:00:00")) is None


def test_a_presumed_requirement_leaves_the_clock_certain_and_the_remark_unknown() -> None:
    run = paused(suspension(approved="3 workdays"))

    assert not run.doubtful
    assert run.remarked("pause/low-rank", at("2018-10-16 10:00:00")) is None


def test_a_suspension_is_too_long_from_the_second_after_its_approved_term() -> None:
    run = paused(suspension(approved="3 workdays"))

    assert run.remarked("pause/longer-than-approved", at("2018-10-19 10:00:00")) is False
    assert run.remarked("pause/longer-than-approved", at("2018-10-19 10:00:01")) is True


def test_a_suspension_that_outlives_its_case_was_not_too_long_for_the_clock() -> None:
    run = paused(suspension(approved="3 workdays"), event("completed", "2018-10-19 10:00:00"))

    assert run.remarked("pause/longer-than-approved", at("2018-12-19 10:00:00")) is False


# ── what arrives on a day off ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("intake", "arrived", "counted"),
    [
        (Intake.AT_ONCE, "2024-10-05 10:00:00", "2024-10-05 10:00:00"),
        (Intake.NEXT_WORKDAY, "2024-10-05 10:00:00", "2024-10-08 00:00:00"),
        (Intake.NEXT_WORKDAY, "2024-09-29 10:00:00", "2024-09-29 10:00:00"),
        (Intake.NEXT_WORKDAY, "2024-09-27 22:00:00", "2024-09-27 22:00:00"),
    ],
)
def test_what_arrives_on_a_day_off_counts_by_the_intake_policy(intake: Intake, arrived: str, counted: str) -> None:
    assert wall(intake.received_at(cn(), at(arrived))) == counted


def test_the_next_workday_begins_with_the_office_where_there_are_hours() -> None:
    received_at = Intake.NEXT_WORKDAY.received_at(office(), at("2024-10-05 10:00:00"))

    assert wall(received_at) == "2024-10-08 08:30:00"


# ── a start that the law only deems ────────────────────────────────────────────────────────────


def test_a_deemed_start_reads_nothing_before_it_is_known_and_counts_from_its_event_after() -> None:
    received = event("received", "2024-09-27 10:00:00")
    known_at = at("2024-10-11 00:00:00")
    start = Trigger("received", known_at=lambda *_: known_at)
    spec = replace(promise(Counting.LEGAL), starts=(start,))
    (run,) = run_clock(spec, [received], lambda _: Terms(quantity("20 workdays"), cn()))

    assert run.reading(known_at - 1) is None
    reading = run.reading(known_at)
    assert reading is not None
    assert wall(reading.due_at) == "2024-10-30 23:59:59"
    assert run.test(Measure.USED, ">=", quantity("1 workday"), known_at) is True


def test_a_start_that_something_came_before_is_none() -> None:
    spec = replace(promise(), starts=(Trigger("correction_received", unless=("accepted",)),))
    came = event("correction_received", "2018-10-16 10:00:00")

    assert run_clock(spec, [ACCEPTED, came], lambda _: Terms(quantity("1 workday"), cn())) == ()
    assert len(run_clock(spec, [came], lambda _: Terms(quantity("1 workday"), cn()))) == 1
