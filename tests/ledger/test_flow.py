"""What came and went, on both databases: standing events only, both ends of a stretch, and what is open at an instant."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text

from connectors.base import Batch
from ledger import Ledger, Recorded, views
from ledger.views import Within
from ledger.views.flow import _HAPPENED, by_hour
from ledger.views.service import _ASKED, _RATINGS, Service
from rules.facts import CaseEvent, CaseId, Value
from rules.judgement import CaseState, ClockReading, Judgement, Light
from rules.policy import Colour
from rules.statistics import Ratio, together
from tests.console.carded import carded
from tests.console.flowing import DAY, Went, flow

NOW = 1_800_000_000
FIRST = dt.date(2027, 1, 1)
ZONE = "Asia/Shanghai"


@pytest.fixture(params=["sqlite_ledger", "postgres_ledger"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Ledger)
    return found


def say(ledger: Ledger, number: str, name: str, at: int | None, version: int = 1, *, retracted: bool = False) -> None:
    """Let the source say something of a case."""
    event = CaseEvent(
        source="licences", event_id=f"{number}-{name}", version=version, namespace="licences", kind="application",
        case_no=number, name=name, occurred_at=at, data={"unit": "甲", "item": "food"}, retracted=retracted,
    )  # fmt: skip
    ledger.append(Batch(source="licences", events=(event,), cursor={}), NOW)


def test_a_stretch_holds_its_first_second_and_not_its_last(ledger: Ledger) -> None:
    flow(ledger, [Went(f"{at}", "甲", at) for at in (NOW - 100, NOW - 51, NOW - 50)], NOW)

    assert views.counted(ledger, NOW - 100, NOW - 50) == {"accepted": 2}
    assert len(views.handled(ledger, NOW - 100, NOW - 50)) == 2


def test_a_day_is_told_by_its_hours_each_from_its_first_second(ledger: Ledger) -> None:
    day = NOW - 10 * 3_600
    flow(ledger, [Went("a", "甲", day), Went("b", "甲", day + 3_599), Went("c", "乙", day + 3_600, NOW - 1)], NOW)

    assert by_hour(ledger, day, NOW) == {("accepted", 0): 2, ("accepted", 1): 1, ("completed", 9): 1}
    assert by_hour(ledger, day, NOW, Within(frozenset({"乙"}))) == {("accepted", 1): 1, ("completed", 9): 1}


def test_only_what_the_source_stands_by_is_counted(ledger: Ledger) -> None:
    """A completion that was moved counts where it is now, one that was withdrawn nowhere."""
    flow(ledger, [Went("moved", "甲", NOW - 500, NOW - 400), Went("gone", "甲", NOW - 500, NOW - 400)], NOW)
    say(ledger, "moved", "completed", NOW - 10, 2)
    say(ledger, "gone", "completed", None, 2, retracted=True)

    assert views.counted(ledger, NOW - 450, NOW - 300) == {}
    assert views.counted(ledger, NOW - 20, NOW) == {"completed": 1}
    assert views.open_at(ledger, NOW - 300) == {"甲": (2, 0)}
    assert views.open_at(ledger, NOW)["甲"][0] == 1


def test_a_case_that_was_opened_again_is_open(ledger: Ledger) -> None:
    flow(ledger, [Went("again", "甲", NOW - 500, NOW - 400)], NOW)
    say(ledger, "again", "reopened", NOW - 300)

    assert [views.open_at(ledger, at) for at in (NOW - 450, NOW - 350, NOW)] == [{"甲": (1, 0)}, {}, {"甲": (1, 0)}]


def test_a_month_is_the_same_by_unit_and_together_and_keeps_within(ledger: Ledger) -> None:
    flow(
        ledger,
        [
            Went("a", "甲", NOW - 9 * DAY, NOW - DAY, used="3", left="4"), Went("b", "乙", NOW - 3 * DAY, due_at=NOW - 9),
            Went("c", "乙", NOW - 40 * DAY, NOW - DAY, used="8", left="-1"),
            Went("d", "甲", NOW - 2 * DAY, NOW - DAY, ended_by="refused_accept"),
        ],
        NOW,
    )  # fmt: skip
    carded(ledger, NOW, "r", "乙", Colour.RED)
    month = views.month(ledger, FIRST, ZONE, NOW)
    whole, one = together(month.units.values()), views.month(ledger, FIRST, ZONE, NOW, Within(frozenset({"甲"})))

    assert (whole.accepted, whole.completed, whole.cohort, whole.open, whole.overdue_open) == (4, 2, 1, 2, 2)
    assert whole.set_aside == {"refused_accept": 1}
    assert (whole.on_time, whole.judged, whole.lawful) == (1, 2, 2)
    assert sum(day.accepted for day in month.days) == 4
    assert [(each.rule, each.unit, each.issued) for each in month.cards] == [("T04", "乙", 1)]
    assert [line.card.unit for line in month.consequences] == ["乙"]
    assert (set(one.units), one.cards, one.consequences) == ({"甲"}, (), ())


def test_the_latest_red_cards_and_the_number_of_late_cases(ledger: Ledger) -> None:
    carded(ledger, NOW - 5, "old", "甲", Colour.RED)
    name = carded(ledger, NOW, "new", "甲", Colour.RED)
    carded(ledger, NOW, "yellow", "甲", Colour.YELLOW)

    assert [card.card_id for card in views.latest_reds(ledger, NOW - 9, 1)] == [name]
    assert views.latest_reds(ledger, NOW - 9, 9, Within(frozenset({"乙"}))) == ()
    assert (views.late_count(ledger, NOW), views.late_count(ledger, NOW, Within(frozenset({"乙"})))) == (3, 0)


def test_counters_move_with_everything_that_a_screen_shows(ledger: Ledger) -> None:
    """A card, a judgement that changes a light, a source that fails: each moves them, and rest does not."""
    seen = [views.counters(ledger)]
    flow(ledger, [Went("a", "甲", NOW - 9)], NOW)
    seen.append(views.counters(ledger))
    carded(ledger, NOW, "r", "甲", Colour.RED)
    seen.append(views.counters(ledger))
    ledger.ingest_failed("housing", "It is down.", "系统不可用。", NOW)
    seen.append(views.counters(ledger))

    assert len(set(seen)) == 4
    assert views.counters(ledger) == seen[-1]


def test_the_flow_is_read_from_its_index(sqlite_ledger: Ledger) -> None:
    """However many events there are of other months."""
    query = text("explain query plan " + _HAPPENED.replace("{within}", "1 = 1"))
    with sqlite_ledger.store.reading() as connection:
        plan = " ".join(row.detail for row in connection.execute(query, {"from_at": 0, "until_at": 1}))

    assert "events_flow (name=? AND occurred_at>? AND occurred_at<?)" in plan
    for asked, index in ((_RATINGS, "events_rated"), (_ASKED, "cases_asked")):
        query = text("explain query plan " + asked.replace("{within}", "1 = 1"))
        used = {"from_at": 0, "until_at": 1} if asked is _RATINGS else {}
        with sqlite_ledger.store.reading() as connection:
            assert index in " ".join(row.detail for row in connection.execute(query, used))


START = NOW - 10 * DAY
"""An hour at which a day of the zone has begun long ago and is not over for long."""

SERVED: list[tuple[str, list[tuple[str, int, dict[str, Value]]], list[tuple[str, int, int | None, bool]]]] = [
    ("application/a", [("accepted", 0, {"channel": "web"}), ("completed", 60, {"visits": 0}), ("rated", 90, {"satisfaction": 1})],
     [("instant", 0, 60, False)]),
    ("application/b", [("received", 0, {"channel": "window"}), ("accepted", 9, {}), ("completed", 3 * DAY, {"visits": 2}),
                       ("rated", 3 * DAY, {"satisfaction": 4, "named": True}), ("called_back", 4 * DAY, {})],
     [("bad_rating", 3 * DAY, 4 * DAY, False)]),
    ("application/c", [("accepted", 0, {}), ("completed", 9, {}), ("rated", 9, {"satisfaction": 5, "named": True})],
     [("instant", 0, 9, True), ("bad_rating", 9, None, True)]),
    ("application/d", [("accepted", 0, {"channel": "mobile"}), ("rated", 9, {"satisfaction": 3})], []),
    ("complaint/e", [("complained", 0, {}), ("investigated", 60, {"outcome": "substantiated"}), ("replied", 90, {})],
     [("complaint", 0, 90, False)]),
    ("complaint/f", [("complained", -60 * DAY, {})], [("complaint", -60 * DAY, None, True)]),
    ("enquiry/g", [("enquired", 0, {})], [("enquiry", 0, None, False)]),
]  # fmt: skip
"""Cases: what is said of each (event, seconds after ``START``, data), and its clocks (name, start, stop, over)."""


def serve(ledger: Ledger, unit: str = "甲") -> None:
    """Write the cases of ``SERVED``; their clocks are due ten days after they began."""
    ids, events = {}, []
    for name, said, clocks in SERVED:
        kind, _, number = name.partition("/")
        own = CaseId("licences", kind, number)
        ids[own] = clocks
        events += [
            CaseEvent(source="licences", event_id=f"{name}-{each}", version=1, **own._asdict(), name=each,
                      occurred_at=START + at, data={"unit": unit, **data})
            for each, at, data in said
        ]  # fmt: skip
    ledger.append(Batch(source="licences", events=tuple(events), cursor={}), NOW - 1)
    results = []
    for claimed in ledger.claim(NOW, lease=0):
        readings = tuple(
            ClockReading(
                clock=clock, ordinal=1, state=CaseState.RUNNING, started_at=START + begun, due_at=START + begun + 10 * DAY,
                stopped_at=None if stopped is None else START + stopped, limit="x", over=over,
            )
            for clock, begun, stopped, over in ids.get(claimed.case.case_id, ())
        )  # fmt: skip
        judgement = Judgement(
            case_id=claimed.case.case_id, revision=claimed.case.revision, unit=unit, item="", state=CaseState.RUNNING,
            light=Light.GREEN, clocks=readings,
        )  # fmt: skip
        results.append(Recorded(judgement=judgement, token=claimed.token))
    ledger.record(results, NOW)


def test_how_people_were_served_is_counted_of_what_was_reported_and_of_nothing_else(ledger: Ledger) -> None:
    serve(ledger)
    found = views.month(ledger, FIRST, ZONE, NOW).service
    expected = {
        "satisfied": Ratio(2, 4), "rated": Ratio(3, 3), "mended": Ratio(1, 2), "called_back": Ratio(1, 2),
        "complaints": Ratio(1, 4), "substantiated": Ratio(1, 1), "complaints_replied": Ratio(1, 1),
        "enquiries_replied": Ratio(0, 0), "instant": Ratio(2, 3), "instant_kept": Ratio(1, 2), "same_day": Ratio(2, 3),
        "online": Ratio(2, 3), "one_visit": Ratio(1, 2),
    }  # fmt: skip
    assert {name: getattr(found, name) for name in expected} == expected
    assert set(expected) == set(found.__struct_fields__)
    assert views.month(ledger, FIRST, ZONE, NOW, Within(frozenset({"乙"}))).service == Service()
