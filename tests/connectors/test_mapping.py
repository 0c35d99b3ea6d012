"""Mappings: what they express, and how they are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.base import Batch
from connectors.registry import kinds, load_source, open_connector, read_all
from rules.problems import UserError

NOW = 1_700_000_000
EVENTS = """
source: exchange
kind: files
namespace: county
of: application
zone: Asia/Shanghai
read: {path: rows.csv}
rows: events
case_no: [SBLSH, SXBM]
event_id: ROWID
event: {column: MSG, codes: {"2": accepted, "4": completed, "9": null}}
at: {column: OCCURTIME, format: "%Y%m%dT%H%M%S"}
inserted_at: {column: MAKETIME, format: "%Y%m%dT%H%M%S"}
version: SJBBH
sequence: SN
retracted: {column: SCBZ, codes: {"0": false, "1": true}}
common: {unit: DEPT, first: {value: counter}}
data:
  result: {column: CODE, codes: {"0": granted, "1": returned}, only: completed, required: true}
  fee: {column: FEE, type: fen, only: completed}
"""
ROWS = "SBLSH,SXBM,ROWID,MSG,OCCURTIME,MAKETIME,SJBBH,SN,SCBZ,DEPT,CODE,FEE\n"


def read(folder: Path, mapping: str, rows: str) -> Batch:
    """Return what these rows say through this mapping."""
    (folder / "source.yaml").write_text(mapping, encoding="utf-8")
    (folder / "rows.csv").write_text(rows, encoding="utf-8")
    batches = list(read_all(open_connector(load_source(folder / "source.yaml"), {}, folder), NOW))
    return batches[0]


def problems(folder: Path, mapping: str) -> list[str]:
    """Return the problems of a mapping, each with the line it stands in."""
    (folder / "source.yaml").write_text(mapping, encoding="utf-8")
    with pytest.raises(UserError) as refused:
        load_source(folder / "source.yaml")
    assert all(p.zh for p in refused.value.problems)
    return [f"{p.place.line}: {p.sentence()}" for p in refused.value.problems]


def test_a_row_that_is_one_event_carries_both_instants_version_and_sequence(tmp_path: Path) -> None:
    (event,) = read(tmp_path, EVENTS, ROWS + "S1,X9,r1,4,20240305T100000,20240305T180000,3,7,0,住建局,1,12.5\n").events
    assert (event.case_no, event.event_id, event.name, event.version, event.sequence) == (
        "S1-X9",
        "r1",
        "completed",
        3,
        7,
    )
    assert (event.occurred_at, event.inserted_at) == (1709604000, 1709632800)
    assert dict(event.data) == {"unit": "住建局", "first": "counter", "result": "returned", "fee": 1250}


def test_attributes_are_read_only_for_the_events_that_carry_them(tmp_path: Path) -> None:
    (event,) = read(tmp_path, EVENTS, ROWS + "S1,X9,r1,2,20240305T100000,,,,,,7,x\n").events
    assert dict(event.data) == {"first": "counter"}


def test_a_row_marked_as_deleted_retracts_its_event(tmp_path: Path) -> None:
    (event,) = read(tmp_path, EVENTS, ROWS + "S1,X9,r1,2,20240305T100000,,,,1,,,\n").events
    assert event.retracted
    assert (event.event_id, event.occurred_at, event.data) == ("r1", None, {})


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("S1,X9,r1,5,20240305T100000,,,,,,,\n", "MSG", "code/unknown"),
        ("S1,X9,r1,,20240305T100000,,,,,,,\n", "MSG", "value/missing"),
        ("S1,X9,r1,2,,,,,,,,\n", "OCCURTIME", "value/missing"),
        ("S1,X9,,2,20240305T100000,,,,,,,\n", "ROWID", "value/missing"),
        ("S1,,r1,2,20240305T100000,,,,,,,\n", "SBLSH+SXBM", "case_no/missing"),
        ("S1,X9,r1,2,20240305T100000,,v3,,,,,\n", "SJBBH", "value/type"),
        ("S1,X9,r1,4,20240305T100000,,,,,,7,\n", "CODE", "code/unknown"),
        ("S1,X9,r1,4,20240305T100000,,,,,,,\n", "CODE", "value/missing"),
        ("S1,X9,r1,2,20240305T100000,,,,2,,,\n", "SCBZ", "code/unknown"),
    ],
)
def test_an_event_that_cannot_be_told_is_set_aside_whole(tmp_path: Path, row: str, column: str, code: str) -> None:
    batch = read(tmp_path, EVENTS, ROWS + row)
    assert not batch.events
    assert [(q.column, q.code, q.part) for q in batch.quarantined] == [(column, code, False)]


def test_an_amount_with_a_tenth_of_a_fen_is_a_finding_and_the_event_goes_on(tmp_path: Path) -> None:
    batch = read(tmp_path, EVENTS, ROWS + "S1,X9,r1,4,20240305T100000,,,,,,0,12.505\n")
    assert [(q.column, q.code, q.part) for q in batch.quarantined] == [("FEE", "value/type", True)]
    assert batch.events[0].data["result"] == "granted"


def test_a_code_that_means_nothing_leaves_the_row_silent(tmp_path: Path) -> None:
    batch = read(tmp_path, EVENTS, ROWS + "S1,X9,r1,9,20240305T100000,,,,,,,\n")
    assert (batch.rows, batch.silent, batch.events, batch.quarantined) == (1, 1, (), ())


def test_without_an_event_id_the_same_event_delivered_twice_has_one_identity(tmp_path: Path) -> None:
    rows = ROWS + "S1,X9,r1,2,20240305T100000,,,,,,,\nS1,X9,r2,2,20240305T100000,,,,,,,\n"
    one, other = read(tmp_path, EVENTS.replace("event_id: ROWID\n", ""), rows).events
    assert one == other


# ── codes: the same one means different things in different places (domain.md 2.5, A3) ─────────

SHANDONG = {"0": "granted", "1": "refused", "2": "void", "3": "deleted", "4": "forwarded", "5": "returned",
            "6": "not_accepted"}  # fmt: skip
GUANGDONG = {"0": "granted", "1": "returned", "2": "void", "3": "deleted", "4": "forwarded",
             "5": "correction_timed_out", "6": "completed"}  # fmt: skip
GB_KIND = {"1": "instant", "2": "commitment", "9": "other"}
HUNAN_ITEM_KIND = {"1": "commitment", "2": "instant", "3": "forward", "4": "report_up"}
HUNAN_VIEW_KIND = {"0": "instant", "1": "commitment", "2": "report_up", "3": "joint"}


@pytest.mark.parametrize(
    ("codes", "code", "meaning"),
    [
        (SHANDONG, "1", "refused"),
        (GUANGDONG, "1", "returned"),
        (SHANDONG, "6", "not_accepted"),
        (GUANGDONG, "6", "completed"),
        (SHANDONG, "5", "returned"),
        (GUANGDONG, "5", "correction_timed_out"),
        (GB_KIND, "1", "instant"),
        (HUNAN_ITEM_KIND, "1", "commitment"),
        (HUNAN_VIEW_KIND, "1", "commitment"),
        (HUNAN_VIEW_KIND, "0", "instant"),
    ],
)
def test_a_code_means_what_the_mapping_of_its_own_source_says(
    tmp_path: Path, codes: dict[str, str], code: str, meaning: str
) -> None:
    written = ", ".join(f'"{key}": {value}' for key, value in codes.items())
    mapping = EVENTS.replace('codes: {"0": granted, "1": returned}', f"codes: {{{written}}}")
    (event,) = read(tmp_path, mapping, ROWS + f"S1,X9,r1,4,20240305T100000,,,,,,{code},\n").events
    assert event.data["result"] == meaning


@pytest.mark.parametrize("code", ["01", "1.0", "１", "7", "granted"])
def test_a_code_that_only_resembles_a_known_one_is_a_finding(tmp_path: Path, code: str) -> None:
    batch = read(tmp_path, EVENTS, ROWS + f"S1,X9,r1,4,20240305T100000,,,,,,{code},\n")
    assert [(q.code, q.column) for q in batch.quarantined] == [("code/unknown", "CODE")]


def test_codes_pass_as_they_are_only_where_that_is_written(tmp_path: Path) -> None:
    mapping = EVENTS.replace('"1": returned}, only', '"1": returned}, as_is: true, only')
    (event,) = read(tmp_path, mapping, ROWS + "S1,X9,r1,4,20240305T100000,,,,,,Z,\n").events
    assert event.data["result"] == "Z"


def test_an_events_name_that_passes_as_it_is_must_still_be_a_word_of_the_vocabulary(tmp_path: Path) -> None:
    mapping = EVENTS.replace('codes: {"2": accepted, "4": completed, "9": null}', "as_is: true")
    rows = ROWS + "S1,X9,r1,accepted,20240305T100000,,,,,,,\nS1,X9,r2,acepted,20240305T100000,,,,,,,\n"
    batch = read(tmp_path, mapping, rows)
    assert [event.name for event in batch.events] == ["accepted"]
    assert "The nearest is 'accepted'" in batch.quarantined[0].en


def test_a_snapshot_may_tell_by_code_which_event_a_column_is(tmp_path: Path) -> None:
    mapping = """
source: exchange
kind: files
namespace: county
of: application
zone: Asia/Shanghai
read: {path: rows.csv}
rows: snapshot
case_no: "NO"
event_id: ["NO", STEP]
events:
  - name: {column: STATUS, codes: {"1": accepted, "2": refused_accept, "0": null}}
    at: DECIDED
"""
    rows = "NO,STEP,STATUS,DECIDED\nA,1,1,2024-03-05\nB,1,2,2024-03-05\nC,1,0,2024-03-05\nD,1,9,2024-03-05\n"
    batch = read(tmp_path, mapping, rows)
    assert [(e.event_id, e.name, e.retracted) for e in batch.events] == [
        ("A-1:@DECIDED", "accepted", False),
        ("B-1:@DECIDED", "refused_accept", False),
        ("C-1:@DECIDED", "", True),
    ]
    assert [(q.row, q.code, q.part) for q in batch.quarantined] == [(4, "code/unknown", False)]


# ── mappings that cannot be used ───────────────────────────────────────────────────────────────


def test_all_problems_of_a_mapping_are_told_at_once_each_in_its_place(tmp_path: Path) -> None:
    broken = (
        EVENTS.replace("namespace: county", "namespce: county")
        .replace("{path: rows.csv}", "{path: rows.csv, delimeter: tab}")
        .replace("type: fen", "type: yuan")
    )
    told = problems(tmp_path, broken)
    assert any(t.startswith("4: 'namespce' is not known here. Did you mean 'namespace'?") for t in told)
    assert not any("'namespace' is missing" in t for t in told)  # one slip, told once
    assert any(t.startswith("7: 'delimeter' is not known here. Did you mean 'delimiter'?") for t in told)
    assert any(t.startswith("20:") and "fee.type" in t for t in told)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "kind: files",
            "kind: file",
            "3: 'file' is not a kind of source; there are files, http, sql. Did you mean 'files'?",
        ),
        ('"2": accepted', '"2": acepted', "11: 'acepted' is not an event of the vocabulary. Did you mean 'accepted'?"),
        (
            "zone: Asia/Shanghai",
            "zone: Asia/Shangai",
            "6: 'Asia/Shangai' is not a time zone. Did you mean 'Asia/Shanghai'?",
        ),
        ("zone: Asia/Shanghai\n", "", "11: Times written as '%Y%m%dT%H%M%S' carry no zone, and none is declared."),
        ('OCCURTIME, format: "%Y%m%dT%H%M%S"', 'OCCURTIME, format: "%Y%q"', "12: the time format '%Y%q' has '%q'"),
        ("rows: events", "rows: snapshot", "8: 'rows: snapshot' needs 'events:'."),
        (
            "event_id: ROWID\n",
            "events: [{name: applied, at: X}]\n",
            "10: 'events:' has no meaning with 'rows: events'.",
        ),
        ("of: application", "of: a/b", "5: 'a/b' cannot stand in the identity of a case."),
        ("unit: DEPT", "unit: {type: int}", "17: An attribute needs either 'column:' or 'value:'."),
        ("unit: DEPT", "unit: {column: DEPT, only: completed}", "17: 'only:' has a meaning under 'data:'"),
        ("FEE, type: fen", "FEE, type: fen, codes: {a: 1}", "20: A code map gives the value itself"),
        (
            "rows: events",
            "rows: event",
            "8: rows: 'event' is not one of the words that may stand here. Did you mean 'events'?",
        ),
        ("{path: rows.csv}", "{encoding: gb18031}", "7: encoding: 'gb18031' is not a known encoding"),
        ("{path: rows.csv}", "{encoding: utf-16}", "cannot be read line by line"),
        ("{path: rows.csv}", "{glob: ../*.csv}", "a glob stays inside the folder"),
        ("source: exchange", "source: ../x", "2: source: "),
        ("event_id: ROWID", "event_id: NO", "10: event_id: YAML does not read this as text; put it in quotes"),
        ("{unit: DEPT", "{unit: NO", "17: common.unit: YAML does not read this as text"),
        ("version: SJBBH", "version: 2024", "14: version: YAML does not read this as text"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused_with_line_sentence_and_mending(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in EVENTS
    assert [t for t in problems(tmp_path, EVENTS.replace(old, new)) if said in t]


def test_own_events_extend_the_vocabulary(tmp_path: Path) -> None:
    mapping = EVENTS.replace('"2": accepted', '"2": toured') + "own_events: [toured]\n"
    (event,) = read(tmp_path, mapping, ROWS + "S1,X9,r1,2,20240305T100000,,,,,,,\n").events
    assert event.name == "toured"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("kind: files", "Rows of kind 'sql' have no lasting numbers"),
        ("rows", "A log of changes can be read from files"),
    ],
)
def test_row_numbers_and_logs_belong_to_files(tmp_path: Path, change: str, said: str) -> None:
    mapping = EVENTS.replace("kind: files", "kind: sql").replace("{path: rows.csv}", "{url: 'sqlite:///x', table: T}")
    mapping = mapping.replace("sequence: SN", "sequence: row")
    if change == "rows":
        mapping = mapping.replace("rows: events", "rows: changes")
    assert [t for t in problems(tmp_path, mapping) if said in t]


def test_the_kinds_are_found_by_listing_the_folder() -> None:
    assert kinds() == ("files", "http", "sql")


def test_the_examples_of_the_page_are_mappings_that_load(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "mapping.md"
    text = page.read_text(encoding="utf-8")
    head, *blocks = [block.split("```")[0] for block in text.split("```yaml\n")[1:]]
    snapshot, events, changes, files, sql, http = blocks
    plain = head.replace("rows: snapshot", "#").replace("kind: files", "#")
    wholes = [
        (head.replace("rows: snapshot", "#") + rows).replace("case_no: PROJID", f"{case_no}: PROJID")
        for rows, case_no in ((snapshot, "case_no"), (events, "case_no"), (changes, "case_no"))
    ]
    wholes += [plain + kind + snapshot for kind in (files, sql, http)]
    for whole in wholes:
        (tmp_path / "source.yaml").write_text(whole, encoding="utf-8")
        load_source(tmp_path / "source.yaml")
