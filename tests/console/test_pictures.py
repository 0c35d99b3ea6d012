"""The drawings of a card's life and of a case's time: positions tell the truth, whatever the instants are."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts.model import Card, CardChange, CardState, ChangeKind, Stage
from alerts.moves import MOVES
from console.lifepicture import HEIGHT, SEATS, WIDTH, life
from console.timeline import APART, Timeline, timeline
from console.timeline import WIDTH as LINE
from ledger.views import CaseView
from rules.explanation import ClockStory, DayStory, Explanation
from rules.facts import CaseEvent, CaseId, Instant, fold
from rules.judgement import CaseState, ClockReading, Judgement, Light, Pin
from rules.policy import Colour, IssueMode

MONDAY = 1_728_230_400  # 2024-10-07 00:00 in Shanghai
DAY = 86_400
CASE = CaseId("a", "application", "1")


def card(stage: Stage) -> Card:
    return Card(
        card_id="c", case_id=CASE, family="f", clock="", ordinal=1, rule="T01", colour=Colour.YELLOW,
        state=CardState.ISSUED, issue=IssueMode.AUTOMATIC, unit="u", raised_at=0, issued_at=0, pin=Pin("b@1"),
        stage=stage,
    )  # fmt: skip


def test_every_stage_has_a_seat_of_its_own_within_the_picture() -> None:
    picture = life(card(Stage.ISSUED), ())

    assert set(SEATS) == set(Stage)
    assert len(set(SEATS.values())) == len(SEATS)
    assert all(node.x + WIDTH <= picture.width and node.y + HEIGHT <= picture.height for node in picture.nodes)


@pytest.mark.parametrize("stage", Stage)
def test_what_can_follow_is_what_the_table_says(stage: Stage) -> None:
    picture = life(card(stage), ())
    ahead = {move.to for move in MOVES if stage in move.stages and move.to is not None}

    assert {step.to for step in picture.following} == ahead
    assert {node.stage for node in picture.nodes if node.standing == "next"} == ahead - {stage}
    assert [node.stage for node in picture.nodes if node.standing == "now"] == [stage]


@pytest.mark.parametrize("start", Stage)
def test_no_arrow_runs_through_a_box_of_another_stage(start: Stage) -> None:
    """Every point that an arrow is drawn by lies outside the boxes, its two ends apart."""
    picture = life(card(start), ())
    boxes = [(node.x, node.y) for node in picture.nodes]
    for edge in picture.edges:
        points = [(float(x), float(y)) for x, y in re.findall(r"(-?\d+) (-?\d+)", edge.path)]
        inside = [p for p in points for x, y in boxes if x < p[0] < x + WIDTH and y < p[1] < y + HEIGHT]
        assert inside == [], edge.path


def test_the_way_that_a_card_went_is_drawn_once_per_step() -> None:
    way = (Stage.ISSUED, Stage.SIGNED, Stage.ISSUED, Stage.SIGNED, Stage.SIGNED, Stage.EXPLAINED)
    changes = [CardChange(ChangeKind.SIGNED, at, replace(card(stage), serial=at + 1)) for at, stage in enumerate(way)]
    picture = life(card(Stage.EXPLAINED), changes)

    assert sum(edge.standing == "passed" for edge in picture.edges) == 3
    assert {node.stage: node.since for node in picture.nodes if node.since is not None} == {
        Stage.ISSUED: 2, Stage.SIGNED: 3, Stage.EXPLAINED: 5,
    }  # fmt: skip


def view(*clocks: ClockReading, events: tuple[Instant, ...] = ()) -> CaseView:
    told = [
        CaseEvent(
            source="s", event_id=str(number), version=1, namespace="a", kind="application", case_no="1",
            name=f"step_{number % 5}", occurred_at=at,
        )
        for number, at in enumerate(events)
    ]  # fmt: skip
    judgement = Judgement(
        case_id=CASE, revision=1, unit="u", item="", state=CaseState.RUNNING, light=Light.GREEN, clocks=clocks
    )
    return CaseView(
        case=fold(CASE, told, 1), judgement=judgement, received=tuple(told), transitions=(), cards=(), changes=(),
        deliveries=(), attempts=(),
    )  # fmt: skip


def reading(start: Instant, due: Instant | None, stop: Instant | None = None) -> ClockReading:
    return ClockReading(
        clock="promise", ordinal=1, state=CaseState.RUNNING, started_at=start, due_at=due, stopped_at=stop
    )


def told(start: Instant, due: Instant, stop: Instant | None, kinds: str) -> Explanation:
    """Return an explanation whose days are w (counted), h (holiday), s (suspended), beginning on the Monday."""
    names = {"w": "workday", "h": "holiday", "s": "suspended"}
    days = tuple(
        DayStory(dt.date(2024, 10, 7) + dt.timedelta(n), kind == "w", None, names[kind], {})
        for n, kind in enumerate(kinds)
    )
    clock = ClockStory("promise", {}, "", 1, start, "", "Asia/Shanghai", due_at=due, stopped_at=stop, days=days)
    return Explanation(
        str(CASE), "1", "u", "", "", start, "Asia/Shanghai", Light.GREEN, CaseState.RUNNING, {}, (clock,), (), ()
    )


def drawn(picture: Timeline | None) -> list[tuple[str, float, float]]:
    """Return the stretches of the first lane, in days since the Monday."""
    assert picture is not None
    return [(part.kind, (part.start - MONDAY) / DAY, (part.end - MONDAY) / DAY) for part in picture.lanes[0].stretches]


def test_suspended_and_free_days_are_cut_out_of_the_bar_and_lateness_begins_at_the_due_instant() -> None:
    start, due, now = MONDAY + DAY // 2, MONDAY + 6 * DAY, MONDAY + 7 * DAY

    assert drawn(timeline(view(reading(start, due)), told(start, due, None, "wwsshw"), now)) == [
        ("ran", 0.5, 2.0), ("paused", 2.0, 4.0), ("not_counted", 4.0, 5.0), ("ran", 5.0, 6.0), ("overrun", 6.0, 7.0),
    ]  # fmt: skip


def test_a_clock_that_stopped_in_time_has_nothing_over() -> None:
    stop = MONDAY + 2 * DAY
    picture = timeline(view(reading(MONDAY, MONDAY + 5 * DAY, stop)), None, MONDAY + 9 * DAY)

    assert drawn(picture) == [("ran", 0.0, 2.0)]
    assert picture is not None
    assert picture.now_x is None


def test_nothing_known_is_no_picture() -> None:
    assert timeline(view(), None, MONDAY) is None


@given(events=st.lists(st.integers(0, 90 * DAY), min_size=1, max_size=30))
def test_every_event_is_named_under_the_line_and_no_two_names_stand_upon_each_other(events: list[int]) -> None:
    picture = timeline(view(events=tuple(MONDAY + at for at in events)), None, MONDAY)

    assert picture is not None
    assert {name for place in picture.names for name in place.names} == {mark.name for mark in picture.events}
    assert all(next_.x - one.x >= APART for one, next_ in zip(picture.names, picture.names[1:], strict=False))


@given(
    start=st.integers(0, 2_000_000_000), due=st.integers(0, 400 * DAY), stop=st.none() | st.integers(0, 800 * DAY),
    now=st.integers(0, 2_000_000_000), event=st.integers(0, 2_000_000_000),
)  # fmt: skip
def test_whatever_the_instants_everything_lies_within_the_box_and_the_bar_has_no_gap(
    start: int, due: int, stop: int | None, now: int, event: int
) -> None:
    clock = reading(start, start + due, None if stop is None else start + stop)
    picture = timeline(view(clock, events=(event,)), None, now)

    assert picture is not None
    (lane,) = picture.lanes
    assert all(0 <= mark.x <= LINE for mark in (*picture.events, *picture.ticks))
    assert all(part.x >= 0 and part.x + part.width <= LINE for part in lane.stretches)
    assert all(one.end == other.start for one, other in zip(lane.stretches, lane.stretches[1:], strict=False))
    assert len(picture.ticks) <= 7
