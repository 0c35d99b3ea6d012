"""``review`` gives spans with their true instants, whatever the order, the delay or the company of the facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendarbook import open_calendars
from rules.catalogue import Catalogue
from rules.context import Context
from rules.engine.direct import DirectEngine
from rules.facts import Case, CaseEvent, CaseId, Instant, ItemVersion, Value, fold
from rules.judgement import CaseState, Judgement, Light, Span, Truth
from rules.loader import load_books
from rules.review import review

ZONE = ZoneInfo("Asia/Shanghai")
ITEM = ItemVersion(code="I-1", name="施工许可", limits={"promised": "7 workdays", "statutory": "10 workdays"})


def at(text: str) -> Instant:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


def event(name: str, when: str, number: int = 0, **data: Value) -> CaseEvent:
    return CaseEvent(
        source="s", event_id=f"{number}-{name}", version=1, namespace="n", kind="application", case_no="1", name=name,
        occurred_at=at(when), data={"item": "I-1", "unit": "housing", **data},
    )  # fmt: skip


def case_of(*events: CaseEvent, case_no: str = "1") -> Case:
    return fold(CaseId("n", events[0].kind if events else "application", case_no), events)


@pytest.fixture(scope="module")
def context() -> Context:
    return Context(load_books(), open_calendars([]), DirectEngine(), Catalogue.of([ITEM]))


def judge(context: Context, case: Case, now: str) -> Judgement:
    outcome = review([case], context, 0, at(now))
    assert outcome.lost == ()
    return outcome.judgements[0]


def span(judgement: Judgement, rule: str) -> Span:
    return next(s for s in judgement.spans if s.rule == rule)


ACCEPTED = event("accepted", "2018-10-15 10:00:00", 1)


def test_a_breach_bears_its_true_instant_even_after_an_outage_of_three_days(context: Context) -> None:
    late = judge(context, case_of(ACCEPTED), "2018-10-27 12:00:00")

    assert span(late, "T04").from_at == at("2018-10-24 10:00:01")


def test_the_next_review_is_the_next_instant_at_which_something_changes_by_time_alone(context: Context) -> None:
    running = judge(context, case_of(ACCEPTED), "2018-10-24 09:00:00")

    assert running.next_review_at == at("2018-10-24 10:00:01")
    assert judge(context, case_of(ACCEPTED), "2018-10-24 10:00:00").light is Light.YELLOW
    assert judge(context, case_of(ACCEPTED), "2018-10-24 10:00:01").light is Light.RED


def test_a_finished_case_stays_red_for_ever_and_needs_no_further_look(context: Context) -> None:
    done = case_of(ACCEPTED, event("completed", "2018-10-25 09:00:00", 2, result="granted"))

    judgement = judge(context, done, "2019-10-25 09:00:00")

    assert (judgement.state, judgement.light, judgement.next_review_at) == (CaseState.FINISHED, Light.RED, None)


def test_a_case_without_a_known_item_is_grey_and_says_why(context: Context) -> None:
    unknown = case_of(event("accepted", "2018-10-15 10:00:00", 1, item="I-9"))

    judgement = judge(context, unknown, "2018-10-16 10:00:00")

    assert judgement.light is Light.GREY
    assert judgement.because == "rule:D08U"
    assert span(judgement, "T04").truth is Truth.UNDETERMINED


def test_a_case_of_a_kind_that_no_rule_knows_is_grey_and_never_green(context: Context) -> None:
    odd = CaseEvent(source="s", event_id="1", namespace="n", kind="oddity", case_no="1", name="x", occurred_at=1)

    judgement = judge(context, fold(odd.case_id, [odd]), "2018-10-16 10:00:00")

    assert judgement.light is Light.GREY


def test_a_suspended_case_keeps_its_colour_and_shows_that_it_is_suspended(context: Context) -> None:
    paused = event(
        "suspension_started", "2018-10-16 10:00:00", 2, reason="testing", approver="D-1", approved="3 workdays"
    )

    judgement = judge(context, case_of(ACCEPTED, paused), "2018-10-17 10:00:00")

    assert (judgement.state, judgement.light) == (CaseState.SUSPENDED, Light.GREEN)


def test_a_breach_in_a_year_without_a_calendar_waits_as_undetermined(context: Context) -> None:
    item = ItemVersion(code="I-1", name="施工许可", limits={"promised": "7 workdays", "statutory": "10 workdays"})
    started = event("accepted", "2026-12-28 10:00:00", 1, item=item.code)

    judgement = judge(context, case_of(started), "2027-01-20 10:00:00")

    promise = next(clock for clock in judgement.clocks if clock.clock == "promise")
    assert promise.provisional
    assert (span(judgement, "T04").truth, span(judgement, "T04").because) == (Truth.UNDETERMINED, "calendar")
    assert judgement.light is Light.GREY


def test_a_finding_shows_its_evidence_its_versions_and_the_words_of_its_message(context: Context) -> None:
    finding = span(judge(context, case_of(ACCEPTED), "2018-10-27 12:00:00"), "T04")

    assert finding.evidence == {"clock.promise.over": True, "case.deleted": False}
    assert finding.pin.rulebook == "time-limits@2"
    assert finding.pin.calendar.startswith("cn@")
    assert set(finding.values) == {"case.no", "item.name", "clock.promise.due_at", "clock.promise.over_by"}


EVENTS = (
    ACCEPTED,
    event("suspension_started", "2018-10-16 10:00:00", 2, reason="testing", approver="D-1", approved="3 workdays"),
    event("suspension_ended", "2018-10-19 10:00:00", 3),
    event("step_started", "2018-10-19 11:00:00", 4, step="review", limit="1 workday"),
    event("step_finished", "2018-10-23 11:00:00", 5, step="review"),
    event("completed", "2018-10-31 11:00:00", 6, result="granted"),
)


@settings(max_examples=60, deadline=None)
@given(arrived=st.lists(st.sampled_from(EVENTS), min_size=6).filter(lambda found: len(set(map(id, found))) == 6))
def test_order_of_arrival_and_duplicates_do_not_change_the_judgement(
    arrived: Sequence[CaseEvent], context: Context
) -> None:
    now = at("2018-11-05 12:00:00")

    shuffled = review([case_of(*arrived)], context, 0, now)

    assert shuffled == review([case_of(*EVENTS)], context, 0, now)


@settings(max_examples=20, deadline=None)
@given(nows=st.lists(st.integers(at("2018-10-15 09:00:00"), at("2018-11-10 09:00:00")), min_size=2, max_size=5))
def test_a_span_that_has_ended_is_the_same_whenever_it_is_looked_at(nows: list[Instant], context: Context) -> None:
    case = case_of(*EVENTS)
    final = {
        (s.rule, s.clock, s.ordinal, s.from_at, s.until_at) for s in _spans(context, case, at("2018-11-11 09:00:00"))
    }

    for now in nows:
        ended = {
            (s.rule, s.clock, s.ordinal, s.from_at, s.until_at)
            for s in _spans(context, case, now)
            if s.until_at is not None and s.until_at <= now
        }
        assert ended <= final


def _spans(context: Context, case: Case, now: Instant) -> tuple[Span, ...]:
    return review([case], context, 0, now).judgements[0].spans


def test_a_case_that_was_completed_before_it_was_accepted_is_grey_until_it_is_corrected(context: Context) -> None:
    odd = case_of(event("completed", "2018-10-15 09:59:49", 2, result="granted"), ACCEPTED)

    judgement = judge(context, odd, "2018-12-15 10:00:00")

    assert judgement.light is Light.GREY
    assert judgement.because == "rule:D06O"
    standing = [s for s in judgement.spans if s.until_at is None]
    assert [s.rule for s in standing if s.truth is Truth.TRUE] == ["D06O"]
