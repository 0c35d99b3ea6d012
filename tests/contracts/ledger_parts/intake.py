"""What the ledger promises of taking events in."""

from __future__ import annotations

import itertools

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from connectors.base import Batch, QuarantinedRow
from ledger import Appended, Ledger, failpoints, views
from rules.facts import Case, CaseEvent, CaseId
from rules.judgement import Light
from tests.contracts.ledger_parts.builders import (
    NOW,
    Crash,
    append,
    case,
    claim_cases,
    crash_at,
    happened,
    judged,
)  # fmt: skip

_runs = itertools.count()

_CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
"""Every example writes to cases of its own, and an example that failed on one database is meant to run on the other."""


def story(ledger: Ledger, case_id: CaseId) -> views.CaseView:
    found = views.case(ledger, case_id)
    assert found is not None
    return found


def without_receipt(case_: Case) -> list[CaseEvent]:
    return [msgspec.structs.replace(event, received_at=None) for event in case_.events]


class IntakeContract:
    """Delivered twice, late or in any order: the same ledger."""

    def test_what_is_delivered_twice_changes_nothing(self, ledger: Ledger) -> None:
        first = append(ledger, happened("applied"), happened("accepted"))
        again = append(ledger, happened("applied"), happened("accepted"), now=NOW + 5)
        assert (first.new, first.duplicates, first.cases) == (2, 0, 1)
        assert again == Appended(duplicates=2)
        assert story(ledger, case()).case.revision == 1

    def test_a_batch_that_holds_an_event_twice_stores_it_once(self, ledger: Ledger) -> None:
        assert append(ledger, happened(), happened()) == Appended(new=1, duplicates=1, cases=1)

    def test_an_unnumbered_event_gets_a_new_version_only_when_its_content_changes(self, ledger: Ledger) -> None:
        for limit in (20, 20, 15, 15, 20):
            append(ledger, happened(data={"limit": limit}))
        assert [(e.version, e.data["limit"]) for e in story(ledger, case()).received] == [(1, 20), (2, 15), (3, 20)]
        assert [event.data for event in story(ledger, case()).case.events] == [{"limit": 20}]

    def test_when_an_event_was_written_is_no_change_of_its_content(self, ledger: Ledger) -> None:
        append(ledger, happened())
        later = msgspec.structs.replace(happened(), inserted_at=NOW)
        assert append(ledger, later).duplicates == 1

    def test_a_retraction_takes_the_event_out_of_the_case_and_is_a_duplicate_the_second_time(
        self, ledger: Ledger
    ) -> None:
        append(ledger, happened("applied"), happened("completed"))
        assert append(ledger, happened("completed", retracted=True)).changed == 1
        assert append(ledger, happened("completed", retracted=True, data={"x": 1})) == Appended(duplicates=1)
        assert [event.name for event in story(ledger, case()).case.events] == ["applied"]
        assert append(ledger, happened("completed")).changed == 1
        assert [event.name for event in story(ledger, case()).case.events] == ["applied", "completed"]

    def test_an_unnumbered_retraction_of_an_event_never_seen_is_ignored(self, ledger: Ledger) -> None:
        assert append(ledger, happened(retracted=True)) == Appended(duplicates=1)
        assert views.case(ledger, case()) is None

    def test_a_numbered_version_that_arrives_late_is_kept_and_the_highest_counts(self, ledger: Ledger) -> None:
        append(ledger, happened(version=3, data={"limit": 3}))
        assert append(ledger, happened(version=1, data={"limit": 1})).changed == 1
        assert [event.version for event in story(ledger, case()).received] == [3, 1]
        assert [event.data for event in story(ledger, case()).case.events] == [{"limit": 3}]

    def test_an_event_that_moves_to_another_case_leaves_the_one_that_had_it(self, ledger: Ledger) -> None:
        append(ledger, happened(number=1, event_id="row 7"), happened("applied", number=1))
        ledger.record([judged(each, Light.GREEN) for each in claim_cases(ledger)], NOW)
        moved = append(ledger, happened(number=2, event_id="row 7"))
        assert moved.cases == 2
        held = {each.case.case_id: [e.name for e in each.case.events] for each in claim_cases(ledger)}
        assert held == {case(1): ["applied"], case(2): ["accepted"]}
        assert [event.name for event in story(ledger, case(1)).case.events] == ["applied"]

    def test_a_revision_grows_once_per_batch_however_many_events_are_new(self, ledger: Ledger) -> None:
        append(ledger, happened("applied"), happened("accepted"), happened("completed"))
        append(ledger, happened("replied"), happened("signed"))
        assert story(ledger, case()).case.revision == 2

    def test_the_same_name_from_two_sources_is_two_events(self, ledger: Ledger) -> None:
        both = append(ledger, happened(source="approvals"), happened(source="hall"))
        assert both.new == 2

    def test_events_and_cursor_are_stored_together_or_not_at_all(
        self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ledger.append(Batch(source="approvals", events=(happened("applied"),), cursor={"page": 1}), NOW)
        second = Batch(source="approvals", events=(happened("completed"),), cursor={"page": 2})
        monkeypatch.setattr(failpoints, "hit", crash_at("before-append"))
        with pytest.raises(Crash):
            ledger.append(second, NOW)
        assert ledger.cursor("approvals") == {"page": 1}
        assert [event.name for event in story(ledger, case()).received] == ["applied"]
        assert story(ledger, case()).case.revision == 1

    def test_a_source_that_was_never_read_has_an_empty_cursor(self, ledger: Ledger) -> None:
        assert ledger.cursor("nowhere") == {}

    def test_a_row_that_does_not_fit_is_kept_once_however_often_it_is_read(self, ledger: Ledger) -> None:
        row = QuarantinedRow(
            source="approvals", place="a.csv", row=3, column="due", code="time/format", en="?", zh="？",
            raw={"due": "31 Feb"},
        )  # fmt: skip
        moved = msgspec.structs.replace(row, place="b.csv", row=9)
        assert ledger.append(Batch(source="approvals", quarantined=(row, row)), NOW).quarantined == 1
        assert ledger.append(Batch(source="approvals", quarantined=(moved,)), NOW).quarantined == 0
        assert views.figures(ledger).quarantined == {("approvals", "time/format"): 1}

    def test_text_in_chinese_and_awkward_values_come_back_as_they_were(self, ledger: Ledger) -> None:
        data = {
            "名称": "食品经营许可",
            "null": None,
            "on": True,
            "share": 0.5,
            "sum": 2**53,
            "nul": "a\x00b",
            "%": "%s ?",
        }
        append(ledger, happened(data=data, number="２０２４/粤-1"))
        (event,) = story(ledger, case("２０２４/粤-1")).case.events
        assert event.data == data

    @settings(max_examples=25, deadline=None, suppress_health_check=_CHECKS)
    @given(data=st.data())
    def test_numbered_versions_in_any_order_and_number_of_batches_give_the_same_ledger(
        self, ledger: Ledger, data: st.DataObject
    ) -> None:
        one, other = f"run {next(_runs)}", f"run {next(_runs)}"
        said = data.draw(st.lists(st.tuples(_keys, _versions), min_size=1, max_size=8, unique=True))
        delivered = data.draw(st.lists(st.sampled_from(said), max_size=8)) + data.draw(st.permutations(said))
        for number, batches in ((one, [said]), (other, _batches(delivered, data))):
            for batch in batches:
                append(ledger, *(_version(number, key, version) for key, version in batch))
        assert without_receipt(_renamed(story(ledger, case(one)).case)) == without_receipt(
            _renamed(story(ledger, case(other)).case)
        )
        assert len(story(ledger, case(one)).received) == len(story(ledger, case(other)).received) == len(said)

    @settings(max_examples=15, deadline=None, suppress_health_check=_CHECKS)
    @given(contents=st.lists(st.integers(0, 2), min_size=1, max_size=8))
    def test_an_unnumbered_row_has_as_many_versions_as_its_content_changed(
        self, ledger: Ledger, contents: list[int]
    ) -> None:
        number = f"run {next(_runs)}"
        for content in contents:
            for _ in range(2):
                append(ledger, happened(number=number, data={"limit": content}))
        changes = [content for content, _ in itertools.groupby(contents)]
        assert [event.data["limit"] for event in story(ledger, case(number)).received] == changes

    def test_each_run_of_a_source_is_an_event_of_its_feed(self, ledger: Ledger) -> None:
        append(ledger, happened(), now=NOW)
        append(ledger, now=NOW + 3600)
        ledger.ingest_failed("approvals", "It does not answer.", "无响应。", NOW + 7200)
        feed = story(ledger, CaseId("mingdeng", "feed", "approvals")).case
        expected = [("ingested", NOW), ("loaded", NOW), ("ingested", NOW + 3600), ("ingest_failed", NOW + 7200)]
        assert [(event.name, event.occurred_at) for event in feed.events] == expected

    def test_runs_within_ten_minutes_are_one_feed_event_at_the_latest_of_them(self, ledger: Ledger) -> None:
        start = NOW - NOW % 600
        for second in (0, 60, 120, 599, 600):
            append(ledger, now=start + second)
        feed = story(ledger, CaseId("mingdeng", "feed", "approvals")).case
        assert [event.occurred_at for event in feed.events] == [start + 599, start + 600]

    def test_a_source_shows_since_when_it_fails_and_that_it_recovered(self, ledger: Ledger) -> None:
        append(ledger, happened(at=NOW - 100), now=NOW)
        ledger.ingest_failed("approvals", "It does not answer.", "无响应。", NOW + 60)
        ledger.ingest_failed("approvals", "It still does not.", "仍无响应。", NOW + 120)
        (failing,) = views.sources(ledger)
        assert (failing.failing_since, failing.reason_en, failing.reason_zh) == (
            NOW + 60, "It still does not.", "仍无响应。",
        )  # fmt: skip
        assert (failing.last_success_at, failing.last_event_at) == (NOW, NOW - 100)
        append(ledger, now=NOW + 180)
        (well,) = views.sources(ledger)
        assert (well.failing_since, well.reason_en, well.last_success_at) == (None, "", NOW + 180)

    def test_a_source_that_fails_before_it_ever_answered_is_shown(self, ledger: Ledger) -> None:
        ledger.ingest_failed("hall", "Its certificate has expired.", "证书已过期。", NOW)
        assert [(s.source, s.last_success_at) for s in views.sources(ledger)] == [("hall", None)]

    def test_an_event_that_says_it_is_in_the_future_does_not_make_its_source_look_alive(self, ledger: Ledger) -> None:
        append(ledger, happened("applied", at=NOW - 50), happened("completed", at=NOW + 10**6))
        assert views.figures(ledger).source_last_event == {"approvals": NOW - 50}

    def test_the_arrival_of_events_is_append_only(self, ledger: Ledger) -> None:
        append(ledger, happened(data={"limit": 1}))
        with ledger.store.reading() as connection:
            before = connection.execute(text("select * from events order by arrival")).all()
        append(ledger, happened(data={"limit": 2}))
        append(ledger, happened(retracted=True))
        with ledger.store.reading() as connection:
            after = connection.execute(text("select * from events order by arrival")).all()
        assert [tuple(row) for row in after[: len(before)]] == [tuple(row) for row in before]


_keys = st.sampled_from(["applied", "accepted", "completed"])
_versions = st.integers(1, 4)


def _version(number: str, key: str, version: int) -> CaseEvent:
    """Return a version whose content follows from its name and number; every third is a retraction."""
    retracted = version % 3 == 0
    return happened(key, number=number, version=version, data={"v": version}, at=NOW - version, retracted=retracted)


def _batches(delivered: list[tuple[str, int]], data: st.DataObject) -> list[list[tuple[str, int]]]:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(delivered)), max_size=3)))
    edges = [0, *cuts, len(delivered)]
    return [delivered[a:b] for a, b in itertools.pairwise(edges)]


def _renamed(case_: Case) -> Case:
    events = tuple(
        msgspec.structs.replace(event, case_no="", event_id=event.event_id.split("/")[-1]) for event in case_.events
    )
    return msgspec.structs.replace(case_, case_no="", events=events)
