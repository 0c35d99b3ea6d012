"""CSV, TSV and other delimited text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from connectors.formats.base import Record
from connectors.formats.bylines import LineReading
from connectors.formats.options import Read
from connectors.lines import Broken, records
from rules.problems import UserError, refuse

ENDINGS: Final = (".csv", ".tsv", ".txt")
WHOLE: Final = False


class Delimited(LineReading):
    """A file of delimited text; its header names the columns, or the mapping does."""

    def __init__(self, path: Path, read: Read, *, final: bool) -> None:
        super().__init__(path, read, final=final)
        if read.columns:
            self.columns = list(read.columns)
            return
        first = next(islice(records(self.lines, None), read.header_row - 1, None), None)
        if isinstance(first, Broken):
            self.close()
            raise _bad_header(path, first)
        self.columns = None if first is None else [cell.strip() for cell in first]
        self.begins = self.lines.offset

    def records(self) -> Iterator[Record]:
        """Yield the cells of each line that is not blank."""
        return records(self.lines, len(self.columns or ()))


def _bad_header(path: Path, first: Broken) -> UserError:
    return refuse(
        "source/header", path, f"The header cannot be read. {first.finding.en}", f"无法读取表头。{first.finding.zh}"
    )


def open_reading(path: Path, read: Read, wanted: Sequence[str], *, final: bool) -> Delimited:  # noqa: ARG001  # the header says what there is
    """Open a file of delimited text."""
    return Delimited(path, read, final=final)
