"""Trace-back (责任倒查): whose time the overdue time is, by step and holder; evidence and a proposal, never a verdict."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.attribution import WHOLE, Attribution, Responsibility, attribute
from rules.calendarbook import open_calendars
from rules.catalogue import Catalogue
from rules.context import Context
from rules.custody import Role
from rules.engine import DirectEngine
from rules.facts import CaseEvent, CaseId, Instant, ItemVersion, Value, fold
from rules.frames import Dossier
from rules.loader import load_books

Happened: TypeAlias = tuple[str, str, Mapping[str, Value]]
"""When in 2018, which event, and what it says."""

BOOK = """\
rulebook: licences
title: {zh: 许可, en: Licences}
version: 1
in_force: {from: 2018-01-01}
basis: {promise: {text: 本中心承诺}}
clocks:
  promise:
    title: {zh: 承诺时限, en: promised limit}
    of: application
    starts: accepted
    stops: completed
    pauses: {from: suspension_started, to: suspension_ended, cap: approved, only_if: lawful}
    limit: item.promised
    counting: rolling
  step:
    title: {zh: 环节时限, en: step limit}
    of: application
    starts: step_started
    stops: [step_finished, completed]
    by: step
    pauses: {from: suspension_started, to: suspension_ended, cap: approved, only_if: lawful}
    limit: item.step
    counting: rolling
rules:
  - id: L02
    title: {zh: 超期, en: overdue}
    of: application
    when: clock.promise.over
    light: red
    basis: promise
"""

LAWFUL: Mapping[str, Value] = {
    "reason": "expert_review",
    "approver": "head",
    "approver_rank": "section_head",
    "approved": "3 workdays",
}


def at(text: str) -> Instant:
    """Return an instant written in Shanghai's time."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """Return a law with one promise of five working days and steps of two, two and one."""
    book = tmp_path_factory.mktemp("law") / "licences.yaml"
    book.write_text(BOOK, encoding="utf-8")
    limits = {"promised": "5 workdays", "step.1": "2 workdays", "step.2": "2 workdays", "step.3": "1 workday"}
    item = ItemVersion(code="food", name="食品", limits=limits)
    return Context(load_books([book]), open_calendars(), DirectEngine(), Catalogue.of([item]))


def traced(context: Context, now: str, *happened: Happened) -> Attribution | None:
    """Return the trace-back of the promise of a case with these events."""
    case_id = CaseId("licences", "application", "L1")
    events = [
        CaseEvent(
            source="licences", event_id=f"e{index}", version=1, **case_id._asdict(), name=name,
            occurred_at=at(f"2018-{when}:00"), sequence=index, data={"item": "food", **data},
        )
        for index, (when, name, data) in enumerate(happened)
    ]  # fmt: skip
    return attribute(Dossier.of(fold(case_id, events), context), "promise", 1, at(f"2018-{now}:00"))


def of(found: Attribution | None) -> Attribution:
    """Return a trace-back that has to be there."""
    assert found is not None
    return found


def test_who_bears_what_does_not_depend_on_which_rulebook_declares_the_clock_too(
    context: Context, tmp_path: Path
) -> None:
    begin, end = BOOK.index("  step:\n"), BOOK.index("rules:\n")
    without_steps = BOOK[:begin] + BOOK[end:].replace("L02", "A02")
    paths = [tmp_path / "acts.yaml", tmp_path / "licences.yaml"]
    paths[0].write_text(without_steps.replace("rulebook: licences", "rulebook: acts"), encoding="utf-8")
    paths[1].write_text(BOOK, encoding="utf-8")
    both = Context(load_books(paths), context.calendars, context.engine, context.catalogue)

    assert traced(both, "10-25 10:00", *LATE_REVIEW) == traced(context, "10-25 10:00", *LATE_REVIEW)


ACCEPTED: Happened = ("10-15 10:00", "accepted", {"officer": "wang"})
LATE_REVIEW: tuple[Happened, ...] = (
    ACCEPTED,
    ("10-15 10:00", "step_started", {"step": "1", "officer": "wang", "unit": "market"}),
    ("10-16 10:00", "step_finished", {"step": "1", "officer": "wang"}),
    ("10-16 10:00", "step_started", {"step": "2", "officer": "li", "unit": "market"}),
    ("10-24 10:00", "step_finished", {"step": "2", "officer": "li"}),
    ("10-24 10:00", "step_started", {"step": "3", "officer": "zhao", "unit": "market"}),
    ("10-24 16:00", "completed", {}),
)


def test_a_case_in_time_is_traced_to_nobody(context: Context) -> None:
    assert traced(context, "10-22 10:00", *LATE_REVIEW[:4]) is None


def test_the_step_that_used_more_than_its_limit_bears_the_blame_and_not_the_handler(context: Context) -> None:
    """Review took six working days of its two; handling and approval stayed within theirs."""
    found = of(traced(context, "10-25 10:00", *LATE_REVIEW))

    assert found.shares() == {"li": WHOLE}
    assert [blame.ticks / found.day_ticks for blame in found.blames if blame.ticks] == [4.0]
    assert [(b.person, b.role) for b in found.bearers if b.responsibility is Responsibility.DIRECT] == [
        ("li", Role.REVIEWER)
    ]
    assert found.bearers[0].rows == ("e3",)


def test_who_approves_over_the_late_reviewer_bears_leadership_and_no_share(context: Context) -> None:
    found = of(traced(context, "10-25 10:00", *LATE_REVIEW))

    leaders = [
        (b.person, b.responsibility, b.share) for b in found.bearers if b.responsibility is not Responsibility.DIRECT
    ]

    assert leaders == [("zhao", Responsibility.MAIN_LEADERSHIP, 0)]


def test_over_a_late_handler_the_reviewer_leads_mainly_and_the_approver_importantly(context: Context) -> None:
    found = of(
        traced(
            context, "10-25 10:00", ACCEPTED,
            ("10-15 10:00", "step_started", {"step": "1", "officer": "wang"}),
            ("10-23 10:00", "step_finished", {"step": "1", "officer": "wang"}),
            ("10-23 10:00", "step_started", {"step": "2", "officer": "li"}),
            ("10-23 11:00", "step_finished", {"step": "2", "officer": "li"}),
            ("10-23 11:00", "step_started", {"step": "3", "officer": "zhao"}),
            ("10-23 12:00", "completed", {}),
        )
    )  # fmt: skip

    assert found.shares() == {"wang": WHOLE}
    assert {(b.person, b.responsibility) for b in found.bearers[1:]} == {
        ("li", Responsibility.MAIN_LEADERSHIP), ("zhao", Responsibility.IMPORTANT_LEADERSHIP),
    }  # fmt: skip


def test_what_was_waited_for_between_two_steps_belongs_to_the_sender(context: Context) -> None:
    """Nobody had signed for the case: four working days lie with whoever had it last."""
    found = of(
        traced(
            context, "10-25 10:00", ACCEPTED,
            ("10-15 10:00", "step_started", {"step": "1", "officer": "wang"}),
            ("10-16 10:00", "step_finished", {"step": "1", "officer": "wang"}),
            ("10-22 10:00", "step_started", {"step": "2", "officer": "li"}),
            ("10-23 10:00", "step_finished", {"step": "2", "officer": "li"}),
            ("10-23 10:00", "completed", {}),
        )
    )  # fmt: skip

    assert found.shares() == {"wang": WHOLE}
    assert [(blame.hold.waiting, blame.ticks / found.day_ticks) for blame in found.blames if blame.ticks] == [
        (True, 4.0)
    ]


def test_a_transfer_within_a_step_counts_from_the_instant_at_which_it_was_signed_for(context: Context) -> None:
    """Handed on after two days, signed for after six of eight: the sender held three quarters."""
    found = of(
        traced(
            context, "10-26 10:00", ACCEPTED,
            ("10-15 10:00", "step_started", {"step": "1", "officer": "wang"}),
            ("10-17 10:00", "transferred", {"step": "1", "to_officer": "li"}),
            ("10-23 10:00", "signed", {"step": "1", "officer": "li"}),
            ("10-25 10:00", "completed", {}),
        )
    )  # fmt: skip

    assert found.shares() == {"wang": 7_500, "li": 2_500}


def test_a_lawful_suspension_is_nobodys_time_and_an_unlawful_one_is_the_holders(context: Context) -> None:
    """Three of the six days in review were suspended; without an approver they count."""
    suspended: tuple[Happened, ...] = (
        *LATE_REVIEW[:4],
        ("10-17 10:00", "suspension_started", LAWFUL),
        ("10-22 10:00", "suspension_ended", {}),
        ("10-26 10:00", "step_finished", {"step": "2", "officer": "li"}),
        ("10-26 16:00", "completed", {}),
    )
    lawful = of(traced(context, "10-29 10:00", *suspended))
    unlawful = of(
        traced(
            context,
            "10-29 10:00",
            *suspended[:4],
            ("10-17 10:00", "suspension_started", {**LAWFUL, "approver": ""}),
            *suspended[5:],
        )
    )

    days = [
        sum(blame.ticks for blame in found.blames if blame.hold.step == "2") / found.day_ticks
        for found in (lawful, unlawful)
    ]

    assert days == [3.0, 6.0]


def test_a_step_without_a_limit_of_its_own_is_held_against_nobody(context: Context) -> None:
    """Then the overdue time stays unexplained, for people to look into."""
    found = of(
        traced(
            context, "10-26 10:00", ACCEPTED,
            ("10-15 10:00", "step_started", {"step": "archive", "officer": "wang"}),
            ("10-25 10:00", "completed", {}),
        )
    )  # fmt: skip

    assert found.shares() == {}
    assert found.bearers == ()
    assert found.unexplained == found.overdue > 0


def test_where_nobody_is_named_nobody_is_blamed(context: Context) -> None:
    found = of(traced(context, "10-26 10:00", ("10-15 10:00", "accepted", {}), ("10-25 10:00", "completed", {})))

    assert found.bearers == ()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 90), min_size=3, max_size=8), st.lists(st.sampled_from("abc"), min_size=8, max_size=8))
def test_shares_add_up_to_the_whole_or_to_nothing(context: Context, hours: list[int], officers: list[str]) -> None:
    """However many steps and holders there are."""
    clock = dt.datetime(2018, 10, 15, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    happened: list[Happened] = [ACCEPTED]
    for index, (length, officer) in enumerate(zip(hours, officers, strict=False)):
        step: dict[str, Value] = {"step": str(index % 3 + 1), "officer": officer}
        clock += dt.timedelta(hours=length // 3)
        happened.append((f"{clock:%m-%d %H:%M}", "step_started", step))
        clock += dt.timedelta(hours=length)
        happened.append((f"{clock:%m-%d %H:%M}", "step_finished", step))
    found = traced(context, "12-28 10:00", *happened)

    assert found is not None
    assert sum(blame.share for blame in found.blames) in {0, WHOLE}
    assert sum(found.shares().values()) in {0, WHOLE}
    assert all(blame.ticks >= 0 for blame in found.blames)
