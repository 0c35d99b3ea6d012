"""``mingdeng items``: a department's table becomes a catalogue that a second person approves, and faults are named."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from daemon.cli.entry import run
from rules.catalogue import load_catalogue
from tests.connectors.workbook import Cell, write_workbook
from tests.rules.moments import day

Captured = pytest.CaptureFixture[str]

MAPPING = """\
catalogue: 市场监管局实施清单
read: {sheet: 实施清单, header_row: 2, records: data.items}
code: 实施编码
name: 事项名称
from: {column: 启用日期, format: ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d"]}
limits:
  promised: {column: 承诺时限, unit_column: 时限单位, units: {"1": workdays, "2": days}}
  statutory: {column: 法定时限, unit: workdays}
data:
  unit: {value: 市场监管局}
  instant: {column: 办件类型, codes: {即办件: true, 承诺件: false}}
  fee: {column: 收费, type: fen}
"""
HEADER: list[Cell] = ["实施编码", "事项名称", "启用日期", "承诺时限", "时限单位", "法定时限", "办件类型", "收费"]
ROWS: list[list[Cell]] = [
    ["0101", "食品经营许可", "2024/01/01", 7, "1", 20, "承诺件", "12.50"],
    ["0102", "个体登记", "2024/01/01", "/", "", "/", "即办件", 0],
]


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def as_csv(path: Path, rows: list[list[Cell]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text).writerows([["清单"], HEADER, *rows])


def as_xlsx(path: Path, rows: list[list[Cell]]) -> None:
    write_workbook(path, {"说明": [["x"]], "实施清单": [["清单"], HEADER, *rows]})


def as_json(path: Path, rows: list[list[Cell]]) -> None:
    items = [dict(zip([str(name) for name in HEADER], row, strict=True)) for row in rows]
    path.write_text(json.dumps({"data": {"items": items}}), encoding="utf-8")


def mapping(folder: Path, text: str = MAPPING) -> Path:
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def import_(folder: Path, table: Path, text: str = MAPPING, *more: str) -> int:
    asked = ["--mapping", str(mapping(folder, text)), "--by", "li", "--out", str(folder / "items.yaml"), *more]
    return run(["items", "import", str(table), *asked])


@pytest.mark.parametrize(("name", "write"), [("a.csv", as_csv), ("a.xlsx", as_xlsx), ("a.json", as_json)])
def test_a_table_becomes_drafts_that_judge_once_they_are_approved(
    name: str, write: object, tmp_path: Path, capsys: Captured
) -> None:
    assert callable(write)
    write(tmp_path / name, ROWS)

    assert import_(tmp_path, tmp_path / name) == 0
    assert "2 versions read" in capsys.readouterr().out
    made = tmp_path / "items.yaml"
    assert load_catalogue(made).versions == {}

    made.write_text(
        made.read_text(encoding="utf-8").replace(
            '"entered_by": "li"', '"entered_by": "li", "approved_by": "wang", "approved_on": "2023-12-30"'
        ),
        encoding="utf-8",
    )
    catalogue = load_catalogue(made)
    licence, registration = (catalogue.version_at(code, day("2024-06-01")) for code in ("0101", "0102"))
    assert licence is not None
    assert registration is not None
    assert (licence.name, dict(licence.limits), dict(licence.data)) == (
        "食品经营许可", {"promised": "7 workdays", "statutory": "20 workdays"},
        {"unit": "市场监管局", "instant": False, "fee": 1250},
    )  # fmt: skip
    assert (dict(registration.limits), registration.data["instant"]) == ({}, True)
    assert run(["items", "check", str(made)]) == 0
    assert run(["check", str(made)]) == 0
    assert run(["check", str(tmp_path / "mapping.yaml")]) == 0

    assert import_(tmp_path, tmp_path / name, MAPPING, "--onto", str(made)) == 0
    assert "2 in" in capsys.readouterr().out
    assert set(load_catalogue(made).versions) == {"0101", "0102"}


def test_every_fault_of_every_row_is_named_and_nothing_is_written(tmp_path: Path, capsys: Captured) -> None:
    rows: list[list[Cell]] = [
        ["0101", "a", "2024/01/01", 7, "", 20, "承诺件", ""],
        ["0102", "b", "1.1.2024", "soon", "1", "", "承诺", "1.234"],
        ["", "c", "", "", "", "", "", ""],
        ["", "", "", "", "", "", "", ""],
    ]
    as_csv(tmp_path / "a.csv", rows)

    assert import_(tmp_path, tmp_path / "a.csv") == 1

    said = capsys.readouterr().err
    for sentence in (
        "The limit 'promised' of item '0101' is 7 without a unit.",
        "Row 2 (item 0102) has '1.1.2024' in 启用日期, which is not written as",
        "Row 2 (item 0102) has no limit in 承诺时限: 'soon' is not a number with a unit",
        "Row 2 (item 0102) has '承诺' in 办件类型, which is not listed under 'codes:'; the nearest is '承诺件'.",
        "Row 2 (item 0102) has '1.234' in 收费, which is no such number.",
        "Row 3 has no item code ('实施编码' is empty).",
    ):
        assert sentence in said
    assert "Row 4" not in said
    assert not (tmp_path / "items.yaml").exists()


def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path: Path, capsys: Captured) -> None:
    as_xlsx(tmp_path / "a.xlsx", ROWS)
    assert import_(tmp_path, tmp_path / "a.xlsx", MAPPING.replace("name: 事项名称", "name: 事项名")) == 1
    assert "names a column '事项名', which is not there" in capsys.readouterr().err


def test_check_says_each_finding_in_the_language_asked_for(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "items.yaml"
    path.write_text(
        "items:\n"
        "  - {code: A, name: 许可, from: 2024-01-01, limits: {promised: 25 workdays, statutory: 20 workdays}}\n"
        "  - {code: B, name: 登记, from: 2024-01-01, limits: {promised: 7}}\n",
        encoding="utf-8",
    )

    assert run(["items", "check", str(path)]) == 1
    said = capsys.readouterr().out
    assert "items.yaml:2" in said
    assert "promises 25 workdays, more than the statutory 20 workdays" in said
    assert "The limit 'promised' of item 'B' is 7 without a unit." in said
    assert "2 versions, 0 waiting for approval; 2 findings." in said

    assert run(["--lang", "zh", "items", "check", str(path)]) == 1
    said = capsys.readouterr().out
    assert "承诺 25 个工作日，超过法定 20 个工作日" in said
    assert "没有单位" in said


def test_check_takes_another_cut(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "items.yaml"
    path.write_text("items:\n  - {code: A, limits: {promised: 12 workdays, statutory: 20 workdays}}\n")
    assert run(["items", "check", str(path)]) == 0
    assert run(["items", "check", str(path), "--cut", "50%"]) == 1
    assert "a cut of 40 %; 50 % is required" in capsys.readouterr().out
    assert run(["items", "check", str(path), "--cut", "half"]) == 1
    assert "'half' is not a share" in capsys.readouterr().err


def test_diff_is_for_people_and_for_programs(tmp_path: Path, capsys: Captured) -> None:
    for name, limit in (("old", 7), ("new", 5)):
        text = f"items:\n  - {{code: A, name: 许可, from: 2024-01-01, limits: {{promised: {limit} workdays}}}}\n"
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    asked = ["items", "diff", str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml")]

    assert run(asked) == 0
    assert (
        "A 许可, from 2024-01-01: limits.promised 7 workdays → 5 workdays (shorter)\n1 changes."
        in capsys.readouterr().out
    )
    assert run([*asked, "--format", "json"]) == 0
    (change,) = json.loads(capsys.readouterr().out)
    assert (change["field"], change["after"], change["direction"]) == ("limits.promised", "5 workdays", "shorter")
