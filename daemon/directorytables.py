"""Reads the tables of an organisation directory: a folder of CSV files, or a workbook with one sheet for each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from alerts.directoryimport import CALLED, TABLES, Table, table_named
from rules.problems import refuse


def read_tables(path: Path) -> dict[str, Table]:
    """Return the tables by name; raise ``UserError`` where the folder or workbook cannot be read."""
    try:
        found = dict(_folder(path) if path.is_dir() else _workbook(path))
    except OSError as error:
        raise refuse(
            "directory/file",
            path,
            f"It cannot be read: {error.strerror or error}.",
            f"无法读取：{error.strerror or error}。",
        ) from error
    if not found:
        raise refuse(
            "directory/empty", path,
            f"There is no table of a directory in it; they are called {', '.join(TABLES)}.",
            f"其中没有组织目录的表；表名为：{'、'.join(CALLED.values())}。",
        )  # fmt: skip
    return found


def _folder(path: Path) -> Iterator[tuple[str, Table]]:
    for file in sorted(path.glob("*.csv")):
        name = table_named(file.stem)
        if name is not None:
            rows = csv.reader(io.StringIO(_text(file)), strict=True)
            try:
                yield name, Table(str(file), tuple(_rows([(rows.line_num, row) for row in rows])))
            except csv.Error as error:
                raise refuse(
                    "directory/csv", file, f"Line {rows.line_num}: {error}.", f"第 {rows.line_num} 行：{error}。"
                ) from error


def _text(file: Path) -> str:
    """Return the text of a CSV file in UTF-8, or in GB 18030 as Chinese spreadsheets write it."""
    content = file.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def _workbook(path: Path) -> Iterator[tuple[str, Table]]:
    try:
        book = CalamineWorkbook.from_path(path)
    except CalamineError as error:
        raise refuse("directory/workbook", path, f"It is no workbook: {error}.", "该文件不是工作簿。") from error
    for sheet in book.sheet_names:
        name = table_named(sheet)
        if name is not None:
            read = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            rows = [(number, [_cell(value) for value in row]) for number, row in enumerate(read, 1)]
            yield name, Table(f"{path}#{sheet}", tuple(_rows(rows)))


def _cell(value: object) -> str:
    """Return a cell as text: a whole number without its fraction, which spreadsheets give to account numbers."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _rows(rows: list[tuple[int, list[str]]]) -> Iterator[tuple[int, Mapping[str, str]]]:
    filled = [(number, row) for number, row in rows if any(cell.strip() for cell in row)]
    for number, row in filled[1:]:
        yield number, dict(zip(filled[0][1], row, strict=False))
