"""What every kind of source promises, whatever it reads from: one suite, and a bench for each kind to stand on.

A kind's own test file makes a ``Bench`` (a real source that can be filled, broken and mended) and derives a class from
``ConnectorContract``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias
from zoneinfo import ZoneInfo

import pytest

from connectors.base import Batch, Connector, Cursor, SourceFailed
from connectors.mapping import SourceSpec
from rules.facts import CaseEvent, Instant

Row: TypeAlias = Mapping[str, str | None]

ZONE = ZoneInfo("Asia/Shanghai")
NOW = int(dt.datetime(2024, 3, 8, 12, tzinfo=ZONE).timestamp())
COLUMNS = ("NO", "UNIT", "OPENED", "DUE", "CLOSED", "RESULT", "CHANGED")
TIME = "%Y-%m-%d %H:%M:%S"
MAPPING: dict[str, object] = {
    "source": "licensing",
    "namespace": "county",
    "of": "application",
    "zone": "Asia/Shanghai",
    "missing": ["", "?"],
    "rows": "snapshot",
    "case_no": "NO",
    "common": {"unit": "UNIT"},
    "events": [
        {
            "name": "accepted",
            "at": {"column": "OPENED", "format": TIME},
            "data": {"promised_due_at": {"column": "DUE", "type": "instant", "format": TIME}},
        },
        {
            "name": "completed",
            "at": {"column": "CLOSED", "format": TIME},
            "data": {"result": {"column": "RESULT", "codes": {"0": "granted", "1": "refused", "8": None}}},
        },
    ],
}


def spec_of(kind: str, read: Mapping[str, object], **changed: object) -> SourceSpec:
    """Return the mapping of the suite for one kind."""
    return SourceSpec.model_validate({**MAPPING, "kind": kind, "read": dict(read), **changed})


def row(no: int, **changed: str | None) -> dict[str, str | None]:
    """Return one case: opened and changed on March 1st, one minute apart, due a week later, still open."""
    opened = dt.datetime(2024, 3, 1, 9, tzinfo=ZONE) + dt.timedelta(minutes=no)
    made: dict[str, str | None] = {
        "NO": f"A{no:05}",
        "UNIT": "市场监管局",
        "OPENED": opened.strftime(TIME),
        "DUE": "2024-03-08 09:00:00",
        "CLOSED": None,
        "RESULT": None,
        "CHANGED": opened.strftime(TIME),
    }
    return {**made, **changed}


def at(text: str) -> Instant:
    """Return the instant of a local time in the suite's zone."""
    return int(dt.datetime.strptime(text, TIME).replace(tzinfo=ZONE).timestamp())


class Bench(Protocol):
    """A real source of one kind."""

    spec: SourceSpec

    def fill(self, rows: Sequence[Row]) -> None:
        """Make the source hold exactly these rows, in this order."""

    def break_down(self) -> None:
        """Make the source fail to answer."""

    def mend(self) -> None:
        """Make it answer again."""

    def connector(self) -> Connector:
        """Return a fresh connector."""


def fetch(connector: Connector, cursor: Cursor | None = None) -> list[Batch]:
    """Return everything of one fetch."""
    return list(connector.fetch(cursor or {}, NOW))


def events(batches: Iterable[Batch]) -> list[CaseEvent]:
    """Return the events of batches, by id."""
    return sorted((event for batch in batches for event in batch.events), key=lambda event: event.event_id)


def told(batches: Iterable[Batch]) -> list[tuple[str, str, Instant | None]]:
    """Return what a reader of the ledger would see of the events: case, name, instant."""
    return [(event.case_no, event.name, event.occurred_at) for event in events(batches) if not event.retracted]


def accounted(batches: Iterable[Batch]) -> tuple[int, int]:
    """Return the rows read, and the rows that spoke, were silent or were set aside whole."""
    rows = seen = 0
    for batch in batches:
        rows += batch.rows
        spoke = {event.case_no for event in batch.events}
        aside = {found.row for found in batch.quarantined if not found.part}
        seen += len(spoke) + len(aside) + batch.silent
    return rows, seen


class ConnectorContract:
    """The suite. A subclass provides the fixture ``bench``."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        raise NotImplementedError

    def test_the_same_rows_give_the_same_events(self, bench: Bench) -> None:
        bench.fill([row(1, CLOSED="2024-03-05 10:00:00", RESULT="0"), row(2)])
        found = events(fetch(bench.connector()))
        assert [(e.event_id, e.name, e.occurred_at, dict(e.data), e.retracted) for e in found] == [
            (
                "A00001:accepted@OPENED", "accepted", at("2024-03-01 09:01:00"),
                {"unit": "市场监管局", "promised_due_at": at("2024-03-08 09:00:00")}, False,
            ),
            (
                "A00001:completed@CLOSED", "completed", at("2024-03-05 10:00:00"),
                {"unit": "市场监管局", "result": "granted"}, False,
            ),
            (
                "A00002:accepted@OPENED", "accepted", at("2024-03-01 09:02:00"),
                {"unit": "市场监管局", "promised_due_at": at("2024-03-08 09:00:00")}, False,
            ),
            ("A00002:completed@CLOSED", "completed", None, {}, True),
        ]  # fmt: skip
        assert {(e.source, e.namespace, e.kind, e.version) for e in found} == {
            ("licensing", "county", "application", None)
        }

    def test_resuming_from_the_cursor_gives_nothing_twice_beyond_the_overlap(self, bench: Bench) -> None:
        rows = [row(n) for n in range(300)]  # five hours
        bench.fill(rows)
        connector = bench.connector()
        first = fetch(connector)
        assert sum(batch.rows for batch in first) == 300
        again = fetch(connector, first[-1].cursor)
        overlap = {str(r["NO"]) for r in rows if str(r["CHANGED"]) >= str(row(299 - 60)["CHANGED"])}
        assert {event.case_no for event in events(again)} <= overlap

    def test_rows_that_come_later_are_found_from_the_cursor(self, bench: Bench) -> None:
        bench.fill([row(n) for n in range(5)])
        connector = bench.connector()
        cursor = fetch(connector)[-1].cursor
        bench.fill([row(n) for n in range(7)])
        assert {"A00005", "A00006"} <= {event.case_no for event in events(fetch(connector, cursor))}

    def test_a_reading_that_was_cut_off_goes_on_from_its_last_batch(self, bench: Bench) -> None:
        bench.fill([row(n) for n in range(2_500)])
        whole = told(fetch(bench.connector()))
        assert len(whole) == 2_500
        interrupted = bench.connector().fetch({}, NOW)
        first = next(iter(interrupted))
        assert first.more
        assert first.rows < 2_500
        rest = fetch(bench.connector(), first.cursor)
        assert sorted({*told([first]), *told(rest)}) == whole

    def test_a_due_date_that_moved_is_seen(self, bench: Bench) -> None:
        bench.fill([row(1)])
        connector = bench.connector()
        cursor = fetch(connector)[-1].cursor
        bench.fill([row(1, DUE="2024-03-09 09:00:00", CHANGED="2024-03-01 11:00:00")])
        (accepted,) = [e for e in events(fetch(connector, cursor)) if e.name == "accepted"]
        assert accepted.event_id == "A00001:accepted@OPENED"
        assert accepted.data["promised_due_at"] == at("2024-03-09 09:00:00")

    def test_a_closing_date_that_was_cleared_is_seen(self, bench: Bench) -> None:
        bench.fill([row(1, CLOSED="2024-03-05 10:00:00", RESULT="0")])
        connector = bench.connector()
        first = fetch(connector)
        bench.fill([row(1, CHANGED="2024-03-05 11:00:00")])
        (completed,) = [e for e in events(fetch(connector, first[-1].cursor)) if e.name == "completed"]
        assert completed.retracted
        assert completed.event_id in {e.event_id for e in events(first)}

    def test_an_unknown_code_is_a_finding_and_the_rest_of_the_row_goes_on(self, bench: Bench) -> None:
        bench.fill([row(1, CLOSED="2024-03-05 10:00:00", RESULT="7")])
        batches = fetch(bench.connector())
        (found,) = [q for batch in batches for q in batch.quarantined]
        assert (found.code, found.column, found.part, found.row) == ("code/unknown", "RESULT", True, 1)
        assert found.raw["RESULT"] == "7"
        assert "'7' in RESULT" in found.en
        assert "“7”" in found.zh
        assert told(batches) == [
            ("A00001", "accepted", at("2024-03-01 09:01:00")),
            ("A00001", "completed", at("2024-03-05 10:00:00")),
        ]
        assert all("result" not in event.data for event in events(batches))

    def test_a_code_that_says_nothing_is_no_finding(self, bench: Bench) -> None:
        bench.fill([row(1, CLOSED="2024-03-05 10:00:00", RESULT="8")])
        batches = fetch(bench.connector())
        assert not [q for batch in batches for q in batch.quarantined]
        assert "result" not in events(batches)[1].data

    def test_a_bad_time_is_a_finding_and_retracts_nothing(self, bench: Bench) -> None:
        bench.fill([row(1, CLOSED="2024-02-30 10:00:00")])
        batches = fetch(bench.connector())
        (found,) = [q for batch in batches for q in batch.quarantined]
        assert (found.code, found.column, found.part) == ("time/format", "CLOSED", True)
        assert [event.name for event in events(batches)] == ["accepted"]

    def test_a_row_without_case_number_is_set_aside_whole_and_the_rest_go_on(self, bench: Bench) -> None:
        bench.fill([row(1), row(2, NO="?"), row(3, NO="A/3"), row(4)])
        batches = fetch(bench.connector())
        found = [q for batch in batches for q in batch.quarantined]
        assert [(q.row, q.code, q.part) for q in found] == [
            (2, "case_no/missing", False), (3, "case_no/invalid", False),
        ]  # fmt: skip
        assert {event.case_no for event in events(batches)} == {"A00001", "A00004"}

    def test_the_order_of_the_rows_changes_nothing(self, bench: Bench) -> None:
        rows = [row(n, CLOSED="2024-03-05 10:00:00" if n % 2 else None) for n in range(20)]
        bench.fill(rows)
        forward = events(fetch(bench.connector()))
        bench.fill(rows[::-1])
        assert events(fetch(bench.connector())) == forward

    def test_every_row_speaks_or_is_set_aside(self, bench: Bench) -> None:
        bench.fill([row(n, NO=None if n % 7 == 0 else f"A{n}", CLOSED="x" if n % 3 == 0 else None) for n in range(100)])
        rows, seen = accounted(fetch(bench.connector()))
        assert rows == seen == 100

    def test_an_empty_source_gives_one_empty_batch(self, bench: Bench) -> None:
        bench.fill([])
        (batch,) = fetch(bench.connector())
        assert (batch.rows, batch.events, batch.quarantined, batch.more) == (0, (), (), False)

    def test_only_the_last_batch_says_that_there_is_no_more(self, bench: Bench) -> None:
        bench.fill([row(n) for n in range(2_500)])
        batches = fetch(bench.connector())
        assert [batch.more for batch in batches] == [True] * (len(batches) - 1) + [False]
        assert len(batches) >= 3

    def test_a_source_that_is_down_fails_with_a_sentence_in_both_languages_and_comes_back(self, bench: Bench) -> None:
        bench.fill([row(1)])
        connector = bench.connector()
        cursor = fetch(connector)[-1].cursor
        bench.break_down()
        with pytest.raises(SourceFailed) as failed:
            fetch(connector, cursor)
        assert failed.value.passing
        assert failed.value.en.endswith(".")
        assert failed.value.zh.endswith("。")
        bench.mend()
        bench.fill([row(1), row(2)])
        assert "A00002" in {event.case_no for event in events(fetch(connector, cursor))}

    def test_closing_twice_does_no_harm(self, bench: Bench) -> None:
        bench.fill([row(1)])
        connector = bench.connector()
        fetch(connector)
        connector.close()
        connector.close()
