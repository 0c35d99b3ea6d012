"""A log of whole rows, in which events show as differences."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Batch, Cursor
from connectors.mapping import SourceSpec
from connectors.quarantine import DoesNotFit
from connectors.registry import open_connector, read_all
from connectors.rows import compile_rows
from rules.facts import CaseEvent

NOW = 1_700_000_000
STATES = ["New", "Active", "Resolved", "Closed"]
SPEC = SourceSpec.model_validate(
    {
        "source": "desk",
        "kind": "files",
        "namespace": "desk",
        "of": "contact",
        "zone": "UTC",
        "read": {"path": "log.csv"},
        "missing": ["?"],
        "rows": "changes",
        "case_no": "CASE",
        "at": {"column": "AT", "format": "d/m/yyyy hh:mm"},
        "sequence": "row",
        "common": {"priority": "PRIORITY"},
        "events": [{"name": "arrived", "at": {"column": "OPENED", "format": "d/m/yyyy hh:mm"}}],
        "changes": [
            {
                "column": "GROUP",
                "event": "transferred",
                "missing": "counts",
                "data": {"from_unit": {"column": "GROUP", "before": True}, "to_unit": {"column": "GROUP"}},
            },
            {"column": "STATE", "event": "answered", "enters": ["Resolved", "Closed"], "known": STATES},
            {"column": "STATE", "event": "reopened", "leaves": ["Resolved", "Closed"], "known": STATES},
        ],
    }
)
HEADER = "CASE,OPENED,AT,PRIORITY,GROUP,STATE\n"


def line(case: str, group: str, state: str, at: str = "1/3/2024 10:00") -> str:
    return f"{case},1/3/2024 09:00,{at},2,{group},{state}\n"


def read(folder: Path, *lines: str) -> Batch:
    (folder / "log.csv").write_text(HEADER + "".join(lines), encoding="utf-8")
    return next(iter(read_all(open_connector(SPEC, {}, folder), NOW)))


def told(batch: Batch) -> list[tuple[str, str, int | None]]:
    return [(event.case_no, event.name, event.sequence) for event in batch.events]


def test_a_change_of_group_is_a_transfer_from_the_one_to_the_other(tmp_path: Path) -> None:
    batch = read(
        tmp_path, line("A", "G1", "New"), line("A", "G2", "New"), line("A", "?", "New"), line("A", "G1", "New")
    )
    moved = [(e.data.get("from_unit"), e.data.get("to_unit")) for e in batch.events if e.name == "transferred"]
    assert moved == [("G1", "G2"), ("G2", None), (None, "G1")]


def test_the_first_row_of_a_case_tells_its_beginning_and_no_change(tmp_path: Path) -> None:
    batch = read(tmp_path, line("A", "G1", "New"), line("A", "G1", "Active"))
    assert told(batch) == [("A", "arrived", 1)]
    assert (batch.rows, batch.silent) == (2, 1)


def test_rows_of_several_cases_may_lie_between_each_other(tmp_path: Path) -> None:
    batch = read(
        tmp_path, line("A", "G1", "New"), line("B", "G2", "New"), line("A", "G2", "New"), line("B", "G2", "New")
    )
    assert told(batch) == [("A", "arrived", 1), ("B", "arrived", 2), ("A", "transferred", 3)]


def test_going_from_one_end_state_to_another_is_neither_an_answer_nor_a_reopening(tmp_path: Path) -> None:
    states = ["New", "Resolved", "Closed", "Active", "Closed"]
    batch = read(tmp_path, *(line("A", "G1", state) for state in states))
    assert told(batch) == [("A", "arrived", 1), ("A", "answered", 2), ("A", "reopened", 4), ("A", "answered", 5)]


def test_a_case_that_begins_in_an_end_state_has_entered_it(tmp_path: Path) -> None:
    assert told(read(tmp_path, line("A", "G1", "Closed"))) == [("A", "arrived", 1), ("A", "answered", 1)]


def test_a_strange_value_is_a_finding_and_is_not_taken_for_a_change(tmp_path: Path) -> None:
    batch = read(tmp_path, line("A", "G1", "Closed"), line("A", "G2", "Clsed"), line("A", "G2", "Closed"))
    assert told(batch) == [("A", "arrived", 1), ("A", "answered", 1), ("A", "transferred", 2)]
    assert {(q.row, q.column, q.code, q.part) for q in batch.quarantined} == {(2, "STATE", "code/unknown", True)}
    assert "The nearest is 'Closed'" in batch.quarantined[0].en


def test_the_same_event_twice_in_one_instant_has_two_identities(tmp_path: Path) -> None:
    batch = read(tmp_path, line("A", "G1", "New"), line("A", "G2", "New"), line("A", "G1", "New"))
    ids = [event.event_id for event in batch.events if event.name == "transferred"]
    assert len(set(ids)) == 2


def test_a_log_that_grew_tells_only_what_is_new_but_remembers_what_was_before(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    cursor: Cursor = {}
    heard: list[list[CaseEvent]] = []
    for count, rows in enumerate(([line("A", "G1", "New")], [line("A", "G2", "New")], [line("A", "G2", "New")])):
        with path.open("a", encoding="utf-8") as text:
            text.write((HEADER if count == 0 else "") + "".join(rows))
        os.utime(path, (NOW + count, NOW + count))
        batches = list(open_connector(SPEC, {}, tmp_path).fetch(cursor, NOW))
        cursor = batches[-1].cursor
        heard.append([event for batch in batches for event in batch.events])
    assert [[event.name for event in events] for events in heard] == [["arrived"], ["transferred"], []]
    assert heard[1][0].sequence == 2
    whole = next(iter(read_all(open_connector(SPEC, {}, tmp_path), NOW)))
    assert whole.events == (*heard[0], *heard[1])


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(["G1", "G2", "?"]), st.sampled_from(STATES)), max_size=30)
)
def test_transfers_and_reopenings_are_as_many_as_plain_counting_gives(rows: list[tuple[str, str, str]]) -> None:
    columns = HEADER.strip().split(",")
    map_row = compile_rows(SPEC, columns, "log")
    events: list[CaseEvent] = []
    findings: list[DoesNotFit] = []
    for n, (case, group, state) in enumerate(rows, start=1):
        map_row(line(case, group, state).strip().split(","), n, events, findings)
    assert not findings
    ended = {"Resolved", "Closed"}
    for case in "AB":
        mine = [(group, state) for name, group, state in rows if name == case]
        pairs = list(pairwise(mine))
        names = [event.name for event in events if event.case_no == case]
        assert names.count("transferred") == sum(one[0] != other[0] for one, other in pairs)
        assert names.count("reopened") == sum(one[1] in ended and other[1] not in ended for one, other in pairs)
    assert len({event.event_id for event in events}) == len(events)
