"""Published files as they are, through the mappings of the examples."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path

import pytest

from connectors.base import Batch
from connectors.registry import load_source, open_connector, read_all

HERE = Path(__file__).parents[2]
DATA = HERE.parent / "shared" / "data"
BOSTON = DATA / "boston311_2015" / "boston311_2015_H1.csv.gz"
SERVICENOW = DATA / "servicenow_incidents_uci" / "incident_event_log_odd.csv.gz"


def read(example: str, path: Path) -> list[Batch]:
    if not path.is_file():
        pytest.skip(f"the published file {path.name} is not on this machine")
    mapping = HERE / "examples" / example / "source.yaml"
    return list(read_all(open_connector(load_source(mapping), {}, mapping.parent, path), 1_700_000_000))


def published(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def test_bostons_requests_are_all_read_with_their_due_instants_and_closings() -> None:
    batches = read("boston311", BOSTON)
    rows = published(BOSTON)
    assert sum(batch.rows for batch in batches) == len(rows)
    assert not [found for batch in batches for found in batch.quarantined]
    events = [event for batch in batches for event in batch.events]
    counts = Counter((event.name, event.retracted) for event in events)
    closed = sum(bool(row["CLOSED_DT"]) for row in rows)
    assert counts == {
        ("accepted", False): len(rows),
        ("completed", False): closed,
        ("completed", True): len(rows) - closed,
    }
    due = sum("promised_due_at" in event.data for event in events)
    assert due == sum(bool(row["TARGET_DT"]) for row in rows)


def test_servicenows_hand_overs_and_reopenings_are_those_that_it_counted_itself() -> None:
    batches = read("servicenow", SERVICENOW)
    last = {row["number"]: row for row in published(SERVICENOW)}
    told = Counter((event.case_no, event.name) for batch in batches for event in batch.events)
    hops = sum(told[number, "transferred"] == int(row["reassignment_count"]) for number, row in last.items())
    reopens = sum(told[number, "reopened"] == int(row["reopen_count"]) for number, row in last.items())
    assert hops / len(last) >= 0.995
    assert reopens / len(last) >= 0.999
    assert not [found for batch in batches for found in batch.quarantined]
