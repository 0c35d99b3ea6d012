"""Files in other formats than delimited text: each passes the suite of every source, and has habits of its own."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest

from connectors.base import Batch, Connector, SourceFailed, SourceRefused
from connectors.formats.listing import format_of, formats
from connectors.mapping import SourceSpec
from connectors.registry import open_connector, read_all
from rules.problems import UserError
from tests.connectors.workbook import Cell, write_workbook
from tests.contracts.connector_contract import COLUMNS, NOW, Bench, ConnectorContract, Row, spec_of
from tests.rules.moments import data_folder

Write = Callable[[Path, Sequence[Row]], None]


def write_ndjson(path: Path, rows: Sequence[Row]) -> None:
    path.write_text("".join(json.dumps(dict(row), ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def write_xes(path: Path, rows: Sequence[Row]) -> None:
    traces = [
        "<trace><event>"
        + "".join(f'<string key="{k}" value={quoteattr(v)}/>' for k, v in row.items() if v is not None)
        + "</event></trace>"
        for row in rows
    ]
    text = '<?xml version="1.0" encoding="UTF-8"?>\n<log>' + "\n".join(traces) + "</log>"
    path.write_bytes(gzip.compress(text.encode()))


def write_xlsx(path: Path, rows: Sequence[Row]) -> None:
    write_workbook(path, {"cases": [COLUMNS, *([row[column] for column in COLUMNS] for row in rows)]})


class FormatBench:
    """A folder with one file that is written anew each time."""

    def __init__(self, base: Path, name: str, write: Write) -> None:
        self._base, self._folder, self._name, self._write = base, base / "drops", name, write
        self._folder.mkdir()
        self._writings = 0
        self.spec = spec_of("files", {"path": "drops", "glob": "*", "absent": "empty"})

    def fill(self, rows: Sequence[Row]) -> None:
        self._folder.mkdir(exist_ok=True)
        self._write(self._folder / self._name, rows)
        self._writings += 1
        os.utime(self._folder / self._name, (1_700_000_000 + self._writings,) * 2)

    def break_down(self) -> None:
        self._folder.rename(self._base / "unmounted")

    def mend(self) -> None:
        (self._base / "unmounted").rename(self._folder)

    def connector(self) -> Connector:
        return open_connector(self.spec, {}, self._base)


class TestNdjson(ConnectorContract):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        return FormatBench(tmp_path, "cases.ndjson", write_ndjson)


class TestXes(ConnectorContract):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        return FormatBench(tmp_path, "cases.xes.gz", write_xes)


class TestXlsx(ConnectorContract):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        return FormatBench(tmp_path, "cases.xlsx", write_xlsx)


def test_every_format_in_the_folder_stands_on_a_bench() -> None:
    benches = {suite.__name__.removeprefix("Test").lower() for suite in ConnectorContract.__subclasses__()}
    assert benches >= set(formats()) - {"delimited"}


@pytest.mark.parametrize(
    ("name", "module"),
    [("a.csv", "delimited"), ("a.TSV.gz", "delimited"), ("a", "delimited"), ("log.XES.gz", "xes"), ("a.jsonl", "ndjson"),
     ("目录.xlsx", "xlsx"), ("old.xls", "xlsx")],
)  # fmt: skip
def test_the_ending_of_a_name_says_the_format(name: str, module: str) -> None:
    assert format_of(Path(name), None).__name__ == f"connectors.formats.{module}"  # type: ignore[attr-defined]  # a module


def test_a_format_that_is_asked_for_overrules_the_name() -> None:
    assert format_of(Path("a.txt"), "ndjson").__name__ == "connectors.formats.ndjson"  # type: ignore[attr-defined]  # a module


def test_a_format_that_is_not_there_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"'xslx' is not a format.*did you mean 'xlsx'"):
        open_connector(spec(format="xslx"), {}, tmp_path)


# ── what each format does of its own ───────────────────────────────────────────────────────────


def spec(**read: object) -> SourceSpec:
    """Return a mapping of one event per record."""
    return SourceSpec.model_validate(
        {
            "source": "drops", "kind": "files", "namespace": "county", "of": "application", "zone": "UTC",
            "rows": "snapshot", "case_no": "NO", "common": {"unit": "UNIT"}, "events": [{"name": "accepted", "at": "AT"}],
            "read": {"path": ".", "glob": "*", **read},
        }
    )  # fmt: skip


def read(folder: Path, mapping: SourceSpec) -> Batch:
    """Return everything that a folder holds, as one batch."""
    batches = list(read_all(open_connector(mapping, {}, folder), NOW))
    return Batch(
        source="drops",
        events=tuple(event for batch in batches for event in batch.events),
        quarantined=tuple(found for batch in batches for found in batch.quarantined),
        rows=sum(batch.rows for batch in batches),
    )


def test_a_line_that_is_no_object_costs_that_line_alone(tmp_path: Path) -> None:
    good = '{"NO": "%s", "AT": "2024-03-05", "UNIT": {"x": 1}}\n'
    (tmp_path / "a.ndjson").write_text(good % 1 + '{"NO": "2", \n\n[1]\n{"NO": "3", "AT": "2024-03-05"}\n' + good % 4)
    batch = read(tmp_path, spec())
    assert [event.case_no for event in batch.events] == ["1", "4"]
    assert batch.events[0].data == {"unit": '{"x":1}'}
    assert [(found.row, found.code) for found in batch.quarantined] == [
        (2, "row/json"), (3, "row/shape"), (4, "row/column"),
    ]  # fmt: skip
    assert batch.rows == 5


def test_lines_that_are_appended_are_read_alone_and_a_half_line_waits(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    line = '{"NO": "%s", "AT": "2024-03-05", "UNIT": "u"}\n'
    path.write_text(line % 1 + '{"NO": "2"')
    (first,) = open_connector(spec(), {}, tmp_path).fetch({}, NOW)
    assert [event.case_no for event in first.events] == ["1"]
    path.write_text(line % 1 + line % 2)
    (second,) = open_connector(spec(), {}, tmp_path).fetch(first.cursor, NOW)
    assert [event.case_no for event in second.events] == ["2"]


LOG = """<?xml version="1.0"?>
<log xmlns="http://www.xes-standard.org/">
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <global scope="event"><string key="UNIT" value="UNKNOWN"/></global>
  <string key="source" value="log"/>
  <trace>
    <string key="concept:name" value="A&amp;1"><string key="nested" value="deep"/></string>
    <event><date key="AT" value="2024-03-05T08:00:00.000+08:00"/><string key="UNIT" value="住建局"/></event>
    <event><date key="AT" value="2024-03-06T08:00:00+08:00"/></event>
  </trace>
  <event><date key="AT" value="2024-03-07T00:00:00Z"/></event>
</log>
"""


def log_spec(**changed: object) -> SourceSpec:
    made = spec().model_dump(exclude_defaults=True)
    return SourceSpec.model_validate({**made, "case_no": "case:concept:name", "sequence": "row", **changed})


def test_an_event_of_a_log_carries_its_own_attributes_and_those_of_its_trace(tmp_path: Path) -> None:
    (tmp_path / "a.xes").write_text(LOG, encoding="utf-8")
    batch = read(tmp_path, log_spec(common={"unit": "UNIT", "nested": "case:concept:name/nested"}))
    assert [(e.case_no, e.occurred_at, e.sequence, dict(e.data)) for e in batch.events] == [
        ("A&1", 1709596800, 1, {"unit": "住建局", "nested": "deep"}),
        ("A&1", 1709683200, 2, {"nested": "deep"}),
    ]
    assert [(found.row, found.code) for found in batch.quarantined] == [(3, "case_no/missing")]
    assert batch.quarantined[0].raw == {"AT": "2024-03-07T00:00:00Z"}


def hear(folder: Path, mapping: SourceSpec, seen: list[str]) -> None:
    """Fetch into a list of case numbers, which keeps what came before a failure."""
    for batch in open_connector(mapping, {}, folder).fetch({}, NOW):
        seen += (event.case_no for event in batch.events)


def test_a_large_log_is_read_as_a_stream(tmp_path: Path) -> None:
    trace = LOG[LOG.index("  <trace>") : LOG.index("</trace>") + len("</trace>\n")]
    with gzip.open(tmp_path / "a.xes.gz", "wt", encoding="utf-8") as log:
        log.write("<log>")
        log.writelines(trace.replace("A&amp;1", f"A{n}") for n in range(20_000))
        log.write("</log>")
    cases = 0
    tracemalloc.start()
    for batch in open_connector(log_spec(), {}, tmp_path).fetch({}, NOW):
        cases += len({event.case_no for event in batch.events})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert cases == 20_000
    assert peak < 10_000_000


def test_an_attribute_that_no_event_has_is_refused_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "a.xes").write_text(LOG, encoding="utf-8")
    with pytest.raises(SourceRefused, match=r"attribute 'UNITS'.*The nearest is 'UNIT'"):
        read(tmp_path, log_spec(common={"unit": "UNITS"}))
    assert (
        len(
            read(
                tmp_path, log_spec(common={"unit": "UNITS"}, read={"path": ".", "glob": "*", "absent": "empty"})
            ).events
        )
        == 2
    )


def test_a_log_that_breaks_off_gives_its_whole_traces_and_says_where(tmp_path: Path) -> None:
    (tmp_path / "a.xes").write_text(LOG[: LOG.index('<event><date key="AT" value="2024-03-07')], encoding="utf-8")
    (tmp_path / "b.xes").write_text(LOG.replace("A&amp;1", "B"), encoding="utf-8")
    seen: list[str] = []
    with pytest.raises(SourceFailed, match="breaks off or is damaged at line 11") as failed:
        hear(tmp_path, log_spec(), seen)
    assert failed.value.passing
    assert seen == ["A&1", "A&1", "B", "B"]


def test_a_log_with_a_document_type_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    (tmp_path / "a.xes").write_text(LOG.replace("?>\n", f"?>\n{bomb}\n", 1), encoding="utf-8")
    with pytest.raises(SourceRefused, match="DOCTYPE"):
        read(tmp_path, log_spec())


def test_a_workbook_gives_whole_numbers_dates_and_the_sheet_that_is_named(tmp_path: Path) -> None:
    opened = dt.datetime(2024, 3, 5, 10, 30, tzinfo=dt.UTC)
    rows: list[list[Cell]] = [
        ["办件一览"],
        [],
        ["NO", "AT", "UNIT", None],
        [1001, opened, True, "beside"],
        [None, None],
        ["0102", opened, 2.5],
    ]
    write_workbook(tmp_path / "a.xlsx", {"封面": [["x"]], "办件": rows})
    batch = read(tmp_path, spec(sheet="办件", header_row=3))
    assert [(e.case_no, e.occurred_at, dict(e.data)) for e in batch.events] == [
        ("1001", 1709634600, {"unit": "true"}),
        ("0102", 1709634600, {"unit": "2.5"}),
    ]
    assert batch.rows == 2


def test_a_number_that_the_spreadsheet_rounded_is_set_aside_with_its_reason(tmp_path: Path) -> None:
    opened = dt.datetime(2024, 3, 5, tzinfo=dt.UTC)
    write_workbook(
        tmp_path / "a.xlsx", {"s": [["NO", "AT", "UNIT"], [3301060000000001234, opened, "u"], ["1", opened, "u"]]}
    )
    batch = read(tmp_path, spec())
    assert [found.code for found in batch.quarantined] == ["row/rounded"]
    assert [event.case_no for event in batch.events] == ["1"]


def test_a_sheet_that_is_not_there_is_refused_with_the_nearest(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", {"cases 2024": [["NO"]]})
    with pytest.raises(SourceRefused, match=r"no sheet 'cases 2023'.*Did you mean 'cases 2024'"):
        read(tmp_path, spec(sheet="cases 2023"))


def test_a_workbook_that_is_not_whole_fails_for_now_and_stops_no_other(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", {"s": [["NO", "AT", "UNIT"], ["1", "2024-03-05", "u"]]})
    whole = (tmp_path / "a.xlsx").read_bytes()
    (tmp_path / "a.xlsx").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "b.csv").write_text("NO,AT,UNIT\n2,2024-03-05,u\n")
    seen: list[str] = []
    with pytest.raises(SourceFailed, match="damaged or not yet complete") as failed:
        hear(tmp_path, spec(), seen)
    assert failed.value.passing
    assert seen == ["2"]


def test_a_workbook_that_unpacks_beyond_all_measure_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_workbook(tmp_path / "a.xlsx", {"s": [["NO", "AT", "UNIT"]]})
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        size = sum(part.file_size for part in archive.infolist())
    monkeypatch.setattr("connectors.formats.xlsx.MAX_UNPACKED", size - 1)
    with pytest.raises(SourceRefused, match=f"unpacks to {size:,} bytes"):
        read(tmp_path, spec())


def test_the_published_event_logs_are_read_whole() -> None:
    path = data_folder("bpic13_volvo_handover") / "bpic13_incidents.xes.gz"
    mapping = log_spec(
        common={"unit": "org:group"},
        events=[{"name": "accepted", "at": "time:timestamp"}],
        event_id=["case:concept:name", "time:timestamp"],
    )
    batches = list(read_all(open_connector(mapping, {}, path.parent, path), NOW))
    cases = {event.case_no for batch in batches for event in batch.events}
    assert (len(cases), sum(batch.rows for batch in batches)) == (7_554, 65_533)
    assert not any(batch.quarantined for batch in batches)
