"""Lists as files: CSV and XLSX in which nothing that somebody wrote is ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import xlsxwriter

Cell: TypeAlias = str | int | None

MOST: Final = 10_000
"""How many rows a file has at most; it says so where there would be more."""

KINDS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_STARTS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LONGEST: Final = 32_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list: its name, its headings, its rows, and a sentence if it was cut off."""

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""

    @property
    def lines(self) -> Iterable[Sequence[Cell]]:
        """Everything from the headings to the note."""
        return (self.headings, *self.rows, *([[self.note]] if self.note else []))


def written(sheet: Sheet, kind: str) -> bytes:
    """Return the file of a kind of ``KINDS``."""
    return as_csv(sheet) if kind == "csv" else as_xlsx(sheet)


def as_csv(sheet: Sheet) -> bytes:
    """Return CSV as office programs open it (UTF-8 with a mark, CRLF); a text that could be a formula is quoted."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for line in sheet.lines:
        writer.writerow([_quoted(cell) for cell in line])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(sheet: Sheet) -> bytes:
    """Return a workbook of one sheet in which every text is a text."""
    out = io.BytesIO()
    inert = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, inert) as book:
        page = book.add_worksheet(sheet.name[:31])
        bold, quoted = book.add_format({"bold": True}), book.add_format({"quote_prefix": True})
        for row, line in enumerate(sheet.lines):
            for column, cell in enumerate(line):
                if isinstance(cell, int):
                    page.write_number(row, column, cell)
                elif cell:
                    style = bold if row == 0 else quoted if cell.startswith(_STARTS_FORMULA) else None
                    page.write_string(row, column, cell[:_LONGEST], style)
        page.freeze_panes(1, 0)
        page.set_column(0, max(len(sheet.headings) - 1, 0), 18)
    return out.getvalue()


def _quoted(cell: Cell) -> Cell:
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_STARTS_FORMULA):
        return "'" + cell
    return cell
