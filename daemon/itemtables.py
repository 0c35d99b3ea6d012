"""Reads the table that a catalogue is imported from: CSV, a workbook, JSON lines, or a JSON document with a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import cast

import msgspec

from connectors.cells import cells_of
from connectors.formats.listing import format_of
from connectors.formats.options import Read
from connectors.lines import Broken
from connectors.paging import at_path, field_of
from connectors.quarantine import DoesNotFit
from rules.documents import Document, Plain, nearest, validate
from rules.itemimport import Row
from rules.problems import Place, Problem, UserError, refuse


def read_table(path: Path, block: Mapping[str, object], wanted: Sequence[str]) -> list[Row]:
    """Return the rows of a file, each by its wanted columns; raise ``UserError`` where it cannot be read whole."""
    options = dict(block)
    records = str(options.pop("records", ""))
    read = validate(Read, Document(str(path), cast("dict[str, Plain]", options)))
    try:
        if path.suffix.lower() == ".json":
            return list(_json(path, records, wanted))
        return list(_table(path, read, wanted))
    except OSError as error:
        raise refuse(
            "source/no-file", path, f"The file cannot be read: {error.strerror}.", f"无法读取文件：{error.strerror}。"
        ) from error


def _table(path: Path, read: Read, wanted: Sequence[str]) -> Iterator[Row]:
    with closing(format_of(path, read.format).open_reading(path, read, wanted, final=True)) as reading:
        columns = reading.columns or []
        absent = [column for column in wanted if column not in columns]
        if absent:
            raise UserError(_absent(path, column, columns) for column in absent)
        problems: list[Problem] = []
        reading.rewind()
        for number, record in enumerate(reading.records(), 1):
            if isinstance(record, Broken):
                en, zh = record.finding.en, record.finding.zh
                problems.append(
                    Problem(record.finding.code, Place(str(path)), f"Row {number}: {en}", f"第 {number} 行：{zh}")
                )
            else:
                yield dict(zip(columns, record, strict=False))
        if problems:
            raise UserError(problems)


def _json(path: Path, records: str, wanted: Sequence[str]) -> Iterator[Row]:
    try:
        document = msgspec.json.decode(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError) as error:
        raise refuse("source/json", path, f"The file is not JSON: {error}.", "该文件不是 JSON。") from error
    found = at_path(document, records) if records else document
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        where = (f"at '{records}'", f"{records} 处") if records else ("at its top", "顶层")
        raise refuse(
            "source/records", path, f"There is no list of objects {where[0]}.", f"{where[1]}没有对象列表。",
            mend_en="Say where it stands: 'records: data.items' under 'read:'.",
            mend_zh="请在 read: 中写 records: data.items 一类的位置。",
        )  # fmt: skip
    seen = {name for record in found for name in record}
    absent = [column for column in wanted if column.partition(".")[0] not in seen and column not in seen]
    if absent and found:
        raise UserError(_absent(path, column, sorted(seen)) for column in absent)
    for number, record in enumerate(found, 1):
        values = (field_of(record, column) for column in wanted)
        try:
            yield dict(zip(wanted, cells_of(None if _none(value) else value for value in values), strict=True))
        except DoesNotFit as wrong:
            raise refuse(wrong.code, path, f"Row {number}: {wrong.en}", f"第 {number} 行：{wrong.zh}") from None


def _none(value: object) -> bool:
    """Say whether a field is absent: only plain values stand in a table."""
    return not isinstance(value, str | int | float | bool)


def _absent(path: Path, column: str, columns: Sequence[str]) -> Problem:
    near = nearest(column, columns)
    return Problem(
        "mapping/column", Place(str(path)), f"The mapping names a column '{column}', which is not there.",
        f"映射中的列“{column}”不存在。",
        f"The nearest is '{near}'." if near else f"There are: {', '.join(columns[:40])}.",
        f"最接近的是“{near}”。" if near else f"现有列：{'、'.join(columns[:40])}。",
    )  # fmt: skip
