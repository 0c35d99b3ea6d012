"""Files as they come: half-written, grown, replaced, zipped, broken in every way that was seen."""

from __future__ import annotations

import gzip
import os
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Batch, Cursor, QuarantinedRow, SourceFailed, SourceRefused
from connectors.mapping import SourceSpec
from connectors.registry import open_connector, read_all
from rules.facts import CaseEvent
from rules.problems import UserError

NOW = 1_700_000_000
HEADER = "NO,AT,UNIT\n"


def spec(**read: object) -> SourceSpec:
    """Return a mapping of one event per row."""
    return SourceSpec.model_validate(
        {
            "source": "drops",
            "kind": "files",
            "namespace": "county",
            "of": "application",
            "zone": "UTC",
            "rows": "snapshot",
            "case_no": "NO",
            "sequence": "row",
            "common": {"unit": "UNIT"},
            "events": [{"name": "accepted", "at": "AT"}],
            "read": {"path": ".", "glob": "*.csv*", **read},
        }
    )


def together(batches: Sequence[Batch]) -> Batch:
    """Return several batches as one."""
    return Batch(
        source="drops",
        events=tuple(event for batch in batches for event in batch.events),
        quarantined=tuple(found for batch in batches for found in batch.quarantined),
        cursor=batches[-1].cursor,
        rows=sum(batch.rows for batch in batches),
        silent=sum(batch.silent for batch in batches),
    )


class Folder:
    """A folder of drops and the connector that reads it; each look remembers the cursor of the one before."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cursor: Cursor = {}
        self.spec = spec()
        self._changes = 0

    def write(self, content: str | bytes, name: str = "a.csv") -> None:
        data = content.encode() if isinstance(content, str) else content
        (self.path / name).write_bytes(data)
        self._changes += 1
        os.utime(self.path / name, (1_700_000_000 + self._changes,) * 2)

    def look(self) -> Batch:
        """Fetch from the last cursor; return everything in one batch."""
        batches = list(open_connector(self.spec, {}, self.path).fetch(self.cursor, NOW))
        self.cursor = batches[-1].cursor
        return together(batches)

    def hear(self, seen: list[str]) -> None:
        """Fetch into a list of case numbers, which keeps what came before a failure."""
        for batch in open_connector(self.spec, {}, self.path).fetch(self.cursor, NOW):
            seen += (event.case_no for event in batch.events)
            self.cursor = batch.cursor

    def look_until_still(self) -> Batch:
        """Look twice: what is still open at the end of a file is taken once it has stopped changing."""
        return together([self.look(), self.look()])

    def numbers(self) -> list[str]:
        """Return the case numbers that a look brings."""
        return [event.case_no for event in self.look().events]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def row(no: int | str, unit: str = "x") -> str:
    return f"{no},2024-03-05 10:00:00,{unit}\n"


# ── what changes in a folder ───────────────────────────────────────────────────────────────────


def test_a_file_that_did_not_change_is_not_read_again(folder: Folder) -> None:
    folder.write(HEADER + row(1))
    assert folder.numbers() == ["1"]
    assert folder.look().rows == 0


def test_a_new_file_is_read_and_the_old_one_is_not(folder: Folder) -> None:
    folder.write(HEADER + row(1))
    folder.look()
    folder.write(HEADER + row(2), "b.csv")
    assert folder.numbers() == ["2"]


def test_a_file_that_grew_is_continued_and_its_rows_go_on_counting(folder: Folder) -> None:
    folder.write(HEADER + row(1) + row(2))
    folder.look()
    folder.write(HEADER + row(1) + row(2) + row(3))
    (event,) = folder.look().events
    assert (event.case_no, event.sequence) == ("3", 3)


def test_a_file_that_was_replaced_by_one_with_the_same_beginning_is_read_again(folder: Folder) -> None:
    folder.write(HEADER + row(1, "x") + row(2))
    folder.look()
    folder.write(HEADER + row(1, "y") + row(2) + row(3))
    assert folder.numbers() == ["1", "2", "3"]


def test_a_file_that_became_shorter_is_read_again(folder: Folder) -> None:
    folder.write(HEADER + row(1) + row(2))
    folder.look()
    folder.write(HEADER + row(1))
    assert folder.numbers() == ["1"]


def test_a_half_written_last_line_is_left_for_the_next_time(folder: Folder) -> None:
    folder.write(HEADER + row(1) + "2,2024-03-0")
    assert folder.numbers() == ["1"]
    folder.write(HEADER + row(1) + row(2))
    assert folder.numbers() == ["2"]


def test_a_last_line_without_line_end_is_taken_once_the_file_stopped_changing(folder: Folder) -> None:
    folder.write(HEADER + row(1) + row(2).rstrip("\n"))
    assert folder.numbers() == ["1"]
    assert folder.numbers() == ["2"]
    assert folder.numbers() == []


def test_a_record_that_is_still_open_in_a_quote_is_left_for_the_next_time(folder: Folder) -> None:
    folder.write(HEADER + row(1) + '2,2024-03-05 10:00:00,"two\nlin')
    assert folder.numbers() == ["1"]
    folder.write(HEADER + row(1) + '2,2024-03-05 10:00:00,"two\nlines"\n')
    (event,) = folder.look().events
    assert event.data["unit"] == "two\nlines"


def test_a_header_that_is_still_being_written_is_awaited(folder: Folder) -> None:
    folder.write("NO,A")
    assert folder.look().rows == 0
    folder.write(HEADER + row(1))
    assert folder.numbers() == ["1"]


def test_reading_once_takes_a_last_line_without_line_end_too(folder: Folder) -> None:
    folder.write(HEADER + row(1) + row(2).rstrip("\n"))
    batches = list(read_all(open_connector(spec(), {}, folder.path), NOW))
    assert [event.case_no for batch in batches for event in batch.events] == ["1", "2"]


def test_a_path_from_the_command_line_overrides_the_mapping(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.txt").write_text(HEADER + row(9))
    connector = open_connector(spec(path="nowhere"), {}, tmp_path, tmp_path / "elsewhere.txt")
    assert [e.case_no for b in read_all(connector, NOW) for e in b.events] == ["9"]


def test_a_path_from_the_command_line_that_is_not_there_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no such file or folder.*--path"):
        list(read_all(open_connector(spec(), {}, tmp_path, tmp_path / "nowhere.csv"), NOW))


# ── compressed files ───────────────────────────────────────────────────────────────────────────


def test_a_zipped_file_reads_as_it_would_unzipped(folder: Folder) -> None:
    folder.write(gzip.compress((HEADER + row(1) + row(2)).encode()), "a.csv.gz")
    assert folder.numbers() == ["1", "2"]
    assert folder.look().rows == 0


def test_a_zipped_file_that_breaks_off_fails_with_a_sentence_and_goes_on_when_it_is_whole(folder: Folder) -> None:
    whole = gzip.compress("".join([HEADER, *(row(n, os.urandom(30).hex()) for n in range(5_000))]).encode())
    folder.write(whole[: len(whole) // 2], "a.csv.gz")
    folder.write(HEADER + row("other"), "b.csv")
    seen: list[str] = []
    with pytest.raises(SourceFailed, match="breaks off") as failed:
        folder.hear(seen)
    assert failed.value.passing
    assert "other" in seen
    folder.write(whole, "a.csv.gz")
    seen += folder.numbers()
    assert sorted(seen) == sorted([*map(str, range(5_000)), "other"])


def test_what_is_no_gzip_at_all_fails_with_a_sentence(folder: Folder) -> None:
    folder.write(HEADER, "a.csv.gz")
    with pytest.raises(SourceFailed, match="damaged"):
        folder.look()


# ── encodings ──────────────────────────────────────────────────────────────────────────────────


def test_a_byte_order_mark_does_not_matter(folder: Folder) -> None:
    folder.write(b"\xef\xbb\xbf" + (HEADER + row(1)).encode())
    assert folder.numbers() == ["1"]


def test_gb18030_read_as_utf8_says_so_and_names_the_mending_edit(folder: Folder) -> None:
    folder.write((HEADER + row(1) + row(2, "住建局") + row(3)).encode("gb18030"))
    batch = folder.look()
    assert [event.case_no for event in batch.events] == ["1", "3"]
    (found,) = batch.quarantined
    assert (found.code, found.row, found.part) == ("row/encoding", 2, False)
    assert "reads as gb18030: set 'encoding: gb18030'" in found.en
    assert "encoding: gb18030" in found.zh


def test_a_header_in_gb18030_read_as_utf8_is_refused_with_the_same_advice(folder: Folder) -> None:
    folder.write("编号,AT,UNIT\n1,2024-03-05,x\n".encode("gb18030"))
    with pytest.raises(SourceRefused, match="set 'encoding: gb18030'"):
        folder.look()


def test_gb18030_is_read_where_it_is_declared(folder: Folder) -> None:
    folder.spec = spec(encoding="gb18030")
    folder.write((HEADER + row(1, "住建局㐀𠀀")).encode("gb18030"))
    assert folder.look().events[0].data["unit"] == "住建局㐀𠀀"


@pytest.mark.parametrize("content", ["UTF-16", "ZIP"])
def test_what_is_no_delimited_text_is_refused_in_a_sentence(folder: Folder, content: str) -> None:
    folder.write(HEADER.encode("utf-16") if content == "UTF-16" else b"PK\x03\x04....")
    with pytest.raises(SourceRefused, match=f"{content}.*Save it as CSV in UTF-8"):
        folder.look()


# ── broken rows ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("2,2024-03-05\n", "row/ragged", "2 fields; the header has 3"),
        ("2,2024-03-05,x,y\n", "row/ragged", "4 fields; the header has 3"),
        ("2,2024-03-05,x\0y\n", "row/nul", "NUL"),
        ("2,2024-03-05,x\ry\n", "row/carriage-return", "carriage return"),
        ('2,2024-03-05,"x\n', "row/quote", "not closed"),
        (f"2,2024-03-05,{'x' * 200_000}\n", "row/too-large", "longer than 131,072 characters"),
        (f"2,2024-03-05,{'x' * 2_000_000}\n", "row/too-large", "2,000,014 bytes"),
    ],
)
def test_a_broken_row_costs_one_row_and_never_the_rest(folder: Folder, line: str, code: str, said: str) -> None:
    folder.write(HEADER + row(1) + line + row(3) + row(4))
    batch = folder.look_until_still()
    assert [(event.case_no, event.sequence) for event in batch.events] == [("1", 1), ("3", 3), ("4", 4)]
    (found,) = batch.quarantined
    assert (found.code, found.row, found.part, found.place) == (code, 2, False, "a.csv")
    assert said in found.en
    assert found.raw["line"].startswith("2,2024-03-05")
    assert len(found.raw["line"]) <= 200
    assert "\0" not in found.raw["line"]


def test_a_field_of_50_megabytes_is_set_aside_without_being_kept(folder: Folder) -> None:
    folder.write(HEADER + row(1) + "2,2024-03-05," + "x" * 50_000_000 + "\n" + row(3))
    tracemalloc.start()
    batch = folder.look()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [event.case_no for event in batch.events] == ["1", "3"]
    assert batch.quarantined[0].code == "row/too-large"
    assert peak < 10_000_000


def test_an_unclosed_quote_loses_only_its_own_line_even_where_a_later_one_seems_to_close_it(folder: Folder) -> None:
    folder.write(HEADER + '1,2024-03-05 10:00:00,"open\n' + row(2) + row(3, '"closed"') + row(4))
    batch = folder.look()
    assert [event.case_no for event in batch.events] == ["2", "3", "4"]
    assert [found.row for found in batch.quarantined] == [1]


def test_blank_lines_are_no_rows(folder: Folder) -> None:
    folder.write(HEADER + "\n" + row(1) + "\r\n\n" + row(2))
    batch = folder.look()
    assert ([event.sequence for event in batch.events], batch.rows) == ([1, 2], 2)


# ── columns ────────────────────────────────────────────────────────────────────────────────────


def test_columns_that_are_not_there_are_named_all_at_once_with_the_nearest(folder: Folder) -> None:
    folder.write("NR,AT,UNITS\n1,2024-03-05,x\n")
    with pytest.raises(SourceRefused) as refused:
        folder.look()
    said = [f"{p.place} {p.sentence()}" for p in refused.value.problems]
    assert any("a.csv" in s and "'NO'" in s for s in said)
    assert any("'UNIT'" in s and "The nearest is 'UNITS'" in s for s in said)
    assert not refused.value.passing
    assert "UNITS" in refused.value.zh


def test_a_file_without_its_columns_stops_none_of_the_others(folder: Folder) -> None:
    folder.write("WHAT\n1\n", "a.csv")
    folder.write(HEADER + row(1), "b.csv")
    seen: list[str] = []
    with pytest.raises(SourceRefused):
        folder.hear(seen)
    assert seen == ["1"]


def test_columns_of_the_same_name_are_refused(folder: Folder) -> None:
    folder.write("NO,AT,UNIT,UNIT\n1,2024-03-05,x,y\n")
    with pytest.raises(SourceRefused, match="'UNIT' stands more than once"):
        folder.look()


def test_columns_of_the_same_name_that_nobody_asks_for_do_no_harm(folder: Folder) -> None:
    folder.write("NO,AT,UNIT,,\n1,2024-03-05,x,y,z\n")
    assert folder.numbers() == ["1"]


def test_a_file_without_header_is_read_by_the_columns_of_the_mapping(folder: Folder) -> None:
    folder.spec = spec(columns=["NO", "AT", "UNIT"], delimiter="tab", quote=None)
    folder.write('1\t2024-03-05\t"x\n')
    assert folder.look().events[0].data["unit"] == '"x'


# ── nothing is lost ────────────────────────────────────────────────────────────────────────────

_CELL = st.one_of(
    st.sampled_from(
        ["", "?", "1", "2024-03-05 10:00:00", "2024-13-05", "住建局", "a,b", 'say "so"', "two\nlines", "/"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
_LINE = st.one_of(
    st.lists(_CELL, min_size=1, max_size=5).map(",".join),
    st.lists(_CELL, min_size=3, max_size=3).map(lambda cells: ",".join('"' + c.replace('"', '""') + '"' for c in cells)),
    st.sampled_from(['1,"', '"', "\0", "\r", '",",'])
)  # fmt: skip


@pytest.fixture(scope="module")
def new_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Folder]:
    return lambda: Folder(tmp_path_factory.mktemp("drops"))


@settings(deadline=None)
@given(lines=st.lists(_LINE, max_size=12), garbage=st.binary(max_size=6))
def test_every_row_read_gave_events_or_was_quarantined_or_says_nothing(
    new_folder: Callable[[], Folder], lines: list[str], garbage: bytes
) -> None:
    folder = new_folder()
    folder.write(HEADER.encode() + "\n".join(lines).encode() + garbage + b"\n" + row("last").encode())
    batch = folder.look_until_still()
    spoke = {event.sequence for event in batch.events}
    aside = {found.row for found in batch.quarantined if not found.part}
    assert not spoke & aside
    assert len(spoke) + len(aside) + batch.silent == batch.rows
    assert spoke | aside == set(range(1, batch.rows + 1))
    assert folder.look().rows == 0


@settings(deadline=None)
@given(lines=st.lists(_LINE, min_size=1, max_size=8), data=st.data())
def test_a_file_that_grows_byte_by_byte_gives_the_same_rows_as_the_whole(
    new_folder: Callable[[], Folder], lines: list[str], data: st.DataObject
) -> None:
    content = (HEADER + "\n".join(lines) + "\n" + row("last")).encode()
    whole, grown = new_folder(), new_folder()
    whole.write(content)
    expected = whole.look_until_still()
    events: list[CaseEvent] = []
    found: list[QuarantinedRow] = []
    for cut in sorted(data.draw(st.lists(st.integers(len(HEADER), len(content)), max_size=4))):
        grown.write(content[:cut])
        batch = grown.look()
        events += batch.events
        found += batch.quarantined
    grown.write(content)
    batch = grown.look_until_still()
    assert (*events, *batch.events) == expected.events
    assert [(q.row, q.code, q.column) for q in (*found, *batch.quarantined)] == [
        (q.row, q.code, q.column) for q in expected.quarantined
    ]
