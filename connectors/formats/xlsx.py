"""Workbooks (XLSX, XLSM, XLS, ODS): one sheet, whose header row names the columns.

A number that is whole reads without decimals, a date as ISO 8601. A workbook is unpacked in memory, so its size is bounded.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from python_calamine import CalamineError, CalamineSheet, PasswordError, load_workbook

from connectors.base import SourceFailed
from connectors.cells import cells_of
from connectors.formats.base import MAX_UNPACKED, Record
from connectors.formats.options import Read
from connectors.formats.whole import WholeReading
from connectors.lines import Broken
from connectors.quarantine import DoesNotFit, clip
from rules.documents import nearest
from rules.problems import refuse

ENDINGS: Final = (".xlsx", ".xlsm", ".xls", ".ods")
WHOLE: Final = True

_EXACT: Final = 10**15
"""A spreadsheet keeps fifteen digits of a number; what is longer was rounded before we saw it."""


class Workbook(WholeReading):
    """One sheet of a workbook."""

    def __init__(self, path: Path, read: Read) -> None:
        super().__init__(path)
        self._rows = _rows(path, read.sheet)
        header = read.header_row if not read.columns else 0
        named = self._rows[header - 1] if 0 < header <= len(self._rows) else []
        self._first = header
        self.columns = list(read.columns) or _names(named) or None

    def every_record(self) -> Iterator[Record]:
        """Yield the cells of each row that is not empty."""
        for row in self._rows[self._first :]:
            if any(value != "" for value in row):
                yield _record(row, len(self.columns or ()))


def _names(row: Sequence[object]) -> list[str]:
    """Return the header's texts up to the last that is filled."""
    names = [str(value).strip() for value in row]
    while names and not names[-1]:
        names.pop()
    return names


def _record(row: Sequence[object], width: int) -> Record:
    """Return the row's cells; what stands beyond the header has no name and is no part of it."""
    try:
        cells = cells_of(_exact(value) for value in row[:width])
    except DoesNotFit as found:
        return Broken(found, clip(" | ".join(str(value) for value in row[:width]), 200))
    return cells + [None] * (width - len(cells))


def _exact(value: object) -> object:
    if not isinstance(value, float) or not value.is_integer():
        return value
    if abs(value) >= _EXACT:
        raise DoesNotFit(
            "", "row/rounded", f"The number {value:.0f} has more digits than a spreadsheet keeps; store it as text.",
            f"数字 {value:.0f} 超过电子表格可保存的位数，请以文本格式保存。",
        )  # fmt: skip
    return int(value)


def _rows(path: Path, name: str | None) -> list[list[object]]:
    _not_too_large(path)
    try:
        with load_workbook(path) as book:
            names = book.sheet_names
            if name is not None and name not in names:
                near = nearest(name, names)
                raise refuse(
                    "source/sheet", path, f"The workbook has no sheet '{name}'; it has {', '.join(names)}.",
                    f"工作簿中没有工作表“{name}”；现有 {'、'.join(names)}。",
                    mend_en=f"Did you mean '{near}'?" if near else "Name one of them.",
                    mend_zh=f"是否应为“{near}”？" if near else "请选用其一。",
                )  # fmt: skip
            return _values(book.get_sheet_by_name(name or names[0]))
    except PasswordError as error:
        raise refuse(
            "source/password", path, "The workbook is protected by a password.", "工作簿有密码保护。",
            mend_en="Have it saved without one.", mend_zh="请取消密码后重新保存。",
        ) from error  # fmt: skip
    except CalamineError as error:
        raise SourceFailed(
            f"{path.name}: the workbook is damaged or not yet complete ({error}).",
            f"{path.name}：工作簿已损坏或尚未写完。",
        ) from error


def _values(sheet: CalamineSheet) -> list[list[object]]:
    return [list(row) for row in sheet.to_python(skip_empty_area=False)]


def _not_too_large(path: Path) -> None:
    """Refuse a workbook that would unpack beyond all measure (an XLS is no archive)."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        size = sum(part.file_size for part in archive.infolist())
    if size > MAX_UNPACKED:
        raise refuse(
            "source/too-large", path, f"The workbook unpacks to {size:,} bytes; at most {MAX_UNPACKED:,} are read.",
            f"工作簿解压后有 {size:,} 字节，最多读取 {MAX_UNPACKED:,} 字节。",
            mend_en="Have it exported as CSV.", mend_zh="请导出为 CSV。",
        )  # fmt: skip


def open_reading(path: Path, read: Read, wanted: Sequence[str], *, final: bool) -> Workbook:  # noqa: ARG001  # the header says what there is
    """Open a workbook."""
    return Workbook(path, read)
