"""``mingdeng review --format parquet``: the same rows as CSV, with instants as instants."""

from __future__ import annotations

import csv
import datetime as dt
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from daemon.cli.entry import run
from daemon.cli.parquet import write_parquet
from rules.problems import UserError

EXAMPLE = Path(__file__).parents[2] / "examples" / "houston"
ROWS = (
    "CASE NUMBER,DEPARTMENT,SR TYPE,Channel Type,SR CREATE DATE,DUE DATE,DATE CLOSED\n"
    "1,PWE,Pothole,Voice,2014-10-30 23:59:59,2014-11-09 23:59:59,2014-11-10 00:00:00\n"
    "2,PWE,Pothole,Voice,2014-10-31 00:00:00,2014-11-30 00:00:00,\n"
)


def review(folder: Path, form: str) -> int:
    (folder / "requests.csv").write_text(ROWS, encoding="utf-8")
    asked = ["--source", str(EXAMPLE / "source.yaml"), "--path", str(folder / "requests.csv")]
    asked += ["--rulebook", str(EXAMPLE / "rulebook.yaml"), "--at", "2014-11-20"]
    return run(["review", *asked, "--format", form, "--out", str(folder / f"lights.{form}")])


def test_parquet_holds_the_rows_of_csv_with_instants_as_instants(tmp_path: Path) -> None:
    assert review(tmp_path, "csv") == 0
    assert review(tmp_path, "parquet") == 0

    table = pq.read_table(tmp_path / "lights.parquet").to_pylist()
    with (tmp_path / "lights.csv").open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    written = [
        {name: value.isoformat() if isinstance(value, dt.datetime) else value or "" for name, value in row.items()}
        for row in table
    ]
    assert written == rows
    assert [row["light"] for row in table] == ["red", "green"]
    assert table[0]["stopped_at"] == dt.datetime(2014, 11, 10, tzinfo=dt.UTC)
    assert table[1]["stopped_at"] is None
    assert not list(tmp_path.glob("*.part"))


def test_a_column_has_the_type_that_its_values_share(tmp_path: Path) -> None:
    out = tmp_path / "a.parquet"
    rows: list[dict[str, int | float | str | bool | None]] = [
        {"due_at": "2024-03-08T09:00:00+08:00", "hops": 2, "share": 1, "late": True, "mixed": 1},
        {"due_at": "", "hops": None, "share": 0.5, "late": False, "mixed": "x"},
    ]
    write_parquet(rows, ["due_at", "hops", "share", "late", "mixed"], out, "Asia/Shanghai")

    table = pq.read_table(out)
    assert [str(field.type) for field in table.schema] == [
        "timestamp[ms, tz=Asia/Shanghai]", "int64", "double", "bool", "string",
    ]  # fmt: skip
    assert table.to_pylist()[0] == {
        "due_at": dt.datetime(2024, 3, 8, 9, tzinfo=ZoneInfo("Asia/Shanghai")),
        "hops": 2, "share": 1.0, "late": True, "mixed": "1",
    }  # fmt: skip


def test_many_rows_are_written_in_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.cli.parquet.ROW_GROUP", 10)
    write_parquet([{"n": n} for n in range(25)], ["n"], tmp_path / "a.parquet", "UTC")
    file = pq.ParquetFile(tmp_path / "a.parquet")
    assert (file.num_row_groups, file.metadata.num_rows) == (3, 25)


def test_without_the_package_a_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UserError, match=r"'pyarrow', which is not installed.*mingdeng\[parquet\]"):
        write_parquet([], ["n"], tmp_path / "a.parquet", "UTC")


def test_parquet_is_not_written_to_the_screen() -> None:
    with pytest.raises(UserError, match=r"Add --out FILE\.parquet"):
        write_parquet([], ["n"], None, "UTC")
