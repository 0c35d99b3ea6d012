"""Newline-delimited JSON: one object in each line; columns are its fields, dots lead inward (``applicant.name``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from connectors.cells import cells_of
from connectors.formats.base import Record
from connectors.formats.bylines import LineReading
from connectors.formats.options import Read
from connectors.lines import Broken, BrokenLine, broken_line
from connectors.paging import ABSENT, field_of
from connectors.quarantine import DoesNotFit, clip, raw_row
from rules.documents import nearest

ENDINGS: Final = (".ndjson", ".jsonl")
WHOLE: Final = False
_SHOWN: Final = 200


class Ndjson(LineReading):
    """A file of JSON objects, one in each line."""

    def __init__(self, path: Path, read: Read, wanted: Sequence[str], *, final: bool) -> None:
        super().__init__(path, read, final=final)
        self.columns = list(wanted)
        self._absent_is_empty = read.absent == "empty"
        self._last: dict[str, object] = {}

    def records(self) -> Iterator[Record]:
        """Yield the wanted fields of each line that is not blank; a line that is no object costs that line alone."""
        while True:
            try:
                text = next(self.lines)
            except StopIteration:
                return
            except BrokenLine:
                broken = broken_line(self.lines)
                self.lines.consume()
                yield broken
                continue
            self.lines.consume()
            if text.strip():
                yield self._record(text)

    def raw(self) -> Mapping[str, str]:
        """Return every field of the last object."""
        return raw_row(list(self._last), cells_of(self._last.values()))

    def _record(self, text: str) -> Record:
        try:
            self._last = _object(text)
            return cells_of(self._field(column) for column in self.columns or ())
        except DoesNotFit as found:
            return Broken(found, clip(text.rstrip("\r\n"), _SHOWN))

    def _field(self, column: str) -> object:
        value = field_of(self._last, column)
        if value is not ABSENT:
            return value
        if self._absent_is_empty:
            return None
        near = nearest(column, self._last)
        raise DoesNotFit(
            column, "row/column", f"The record has no field '{column}'." + (f" The nearest is '{near}'." if near else ""),
            f"记录中没有字段“{column}”。" + (f"最接近的是“{near}”。" if near else ""),
        )  # fmt: skip


def _object(text: str) -> dict[str, object]:
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise DoesNotFit("", "row/json", f"The line is not JSON: {error}.", "此行不是 JSON。") from None
    if not isinstance(found, dict):
        raise DoesNotFit("", "row/shape", "The line is not an object with fields.", "此行不是带字段的对象。")
    return found


def open_reading(path: Path, read: Read, wanted: Sequence[str], *, final: bool) -> Ndjson:
    """Open a file of JSON lines."""
    return Ndjson(path, read, wanted, final=final)
