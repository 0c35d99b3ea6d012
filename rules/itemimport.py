"""Imports an item catalogue as a department keeps it: a mapping names the columns, and nothing is guessed.

The rows come from whoever can read the file (CSV, XLSX, JSON); each is a mapping of column to text. What is imported is a
draft until a second person approves it; a version that is already known and unchanged keeps its approval.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rules.documents import load, nearest, validate
from rules.facts import ItemVersion, Value
from rules.itementries import Entry, missing_unit
from rules.problems import Place, Problem, UserError
from rules.quantities import Quantity

Plain: TypeAlias = str | bool | int | float
Row: TypeAlias = Mapping[str, str | None]

_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?", re.ASCII)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _OfColumn(_Part):
    """A part that may be written shortly as the bare name of its column."""

    @model_validator(mode="before")
    @classmethod
    def _column_name(cls, value: object) -> object:
        return {"column": value} if isinstance(value, str) else value


class CellPart(_OfColumn):
    """Where one value comes from: a column, with its code map if it has one, or a value written out."""

    column: str | None = None
    value: Plain | dt.date | None = None
    type: Literal["text", "int", "fen"] = "text"
    codes: dict[str, Plain | None] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> CellPart:
        if (self.column is None) == (self.value is None):
            raise ValueError("write either 'column:' or 'value:'")
        return self


class LimitPart(_OfColumn):
    """A limit: its column, and its unit where the text bears none: written out, or in a column by code."""

    column: str
    unit: str | None = None
    unit_column: str | None = None
    units: dict[str, str] = Field(default_factory=dict)


def _texts(value: object) -> object:
    return value if isinstance(value, list) else [value]


class DatePart(_OfColumn):
    """A date: its column and formats (ISO 8601 if none is named), or a date written out."""

    column: str | None = None
    value: dt.date | None = None
    format: Annotated[list[str], BeforeValidator(_texts)] = Field(default_factory=list)


class CataloguePart(_Part):
    """A whole mapping of a catalogue."""

    catalogue: str
    read: dict[str, object] = Field(default_factory=dict)
    missing: list[str] = Field(default_factory=lambda: ["", "/", "-", "无"])
    code: CellPart
    name: CellPart | None = None
    version: CellPart | None = None
    from_on: DatePart | None = Field(default=None, alias="from")
    until_on: DatePart | None = Field(default=None, alias="until")
    limits: dict[str, LimitPart] = Field(default_factory=dict)
    data: dict[str, CellPart] = Field(default_factory=dict)

    def columns(self) -> list[str]:
        """Return every column that the mapping names, once."""
        cells = [self.code, self.name, self.version, self.from_on, self.until_on, *self.data.values()]
        named = [part.column for part in cells if part is not None]
        for limit in self.limits.values():
            named += [limit.column, limit.unit_column]
        return list(dict.fromkeys(column for column in named if column is not None))


def load_mapping(path: Path) -> CataloguePart:
    """Read the mapping of a catalogue; raise ``UserError`` with every problem."""
    return validate(CataloguePart, load(path))


@dataclass(slots=True)
class _Importing:
    part: CataloguePart
    file: str
    entered_by: str
    problems: list[Problem] = field(default_factory=list)


def import_items(part: CataloguePart, rows: Iterable[Row], file: str, entered_by: str) -> list[Entry]:
    """Return the rows as drafts entered by somebody; raise ``UserError`` with every problem of every row."""
    importing = _Importing(part, file, entered_by)
    found = [entry for number, row in enumerate(rows, 1) if (entry := _entry(importing, row, number)) is not None]
    if importing.problems:
        raise UserError(importing.problems)
    return found


def onto(old: Sequence[Entry], imported: Sequence[Entry]) -> list[Entry]:
    """Return the catalogue that the import makes of the old one: known versions stay as they are, others wait as drafts."""
    known = {_content(entry.item) for entry in old}
    return [*old, *(entry for entry in imported if _content(entry.item) not in known)]


def _content(item: ItemVersion) -> tuple[object, ...]:
    limits = sorted((name, str(Quantity.parse(text))) for name, text in item.limits.items())
    return (item.code, item.name, item.from_on, item.until_on, *limits, *sorted(item.data.items()))


def _entry(importing: _Importing, row: Row, number: int) -> Entry | None:
    """Return one row as a draft, None where it is wrong or blank."""
    part, before = importing.part, len(importing.problems)
    reader = _Row(importing, row, number)
    if not any(reader.text(column) for column in part.columns()):
        return None
    code = reader.value(part.code)
    if code is None:
        reader.problem("missing", f"has no item code ('{part.code.column}' is empty)", "没有事项编码")
        return None
    reader.code = str(code)
    from_on, until_on = reader.date(part.from_on), reader.date(part.until_on)
    limits = {name: text for name, limit in part.limits.items() if (text := reader.limit(name, limit)) is not None}
    data = {name: value for name, cell in part.data.items() if (value := reader.value(cell)) is not None}
    name, version = (reader.value(cell) if cell is not None else None for cell in (part.name, part.version))
    if len(importing.problems) > before:
        return None
    begins = from_on or dt.date.min
    item = ItemVersion(
        code=str(code), name=str(name or code), version=str(version or begins), from_on=begins, until_on=until_on,
        limits=limits, data=data,
    )  # fmt: skip
    return Entry(item, Place(importing.file), entered_by=importing.entered_by, draft=True)


@dataclass(slots=True)
class _Row:
    """One row being read; what is wrong is noted with its number and, once known, its item."""

    importing: _Importing
    row: Row
    number: int
    code: str = ""

    def text(self, column: str | None) -> str:
        """Return the trimmed text of a column, empty where it holds no value."""
        text = (self.row.get(column) or "").strip() if column is not None else ""
        return "" if text in self.importing.part.missing else text

    def value(self, part: CellPart) -> Value:
        """Return the value of a cell, None where there is none."""
        if part.column is None:
            return part.value if not isinstance(part.value, dt.date) else part.value.isoformat()
        text = self.text(part.column)
        if not text:
            return None
        if part.codes is not None:
            if text not in part.codes:
                near = nearest(text, part.codes)
                hint = (f"; the nearest is '{near}'", f"；最接近的是“{near}”") if near else ("", "")
                self.problem(
                    "code", f"has '{text}' in {part.column}, which is not listed under 'codes:'{hint[0]}",
                    f"的 {part.column} 为“{text}”，未列入 codes:{hint[1]}",
                )  # fmt: skip
            return part.codes.get(text)
        return self._number(text, part) if part.type != "text" else text

    def limit(self, name: str, part: LimitPart) -> str | None:
        """Return a limit as text with its unit, None where the row states none."""
        text = self.text(part.column)
        if not text:
            return None
        if _NUMBER.fullmatch(text):
            said = self.text(part.unit_column)
            unit = part.unit or part.units.get(said, "" if part.units else said)
            if not unit:
                place = Place(f"{self.importing.file}: row {self.number}")
                self.importing.problems.append(missing_unit(self.code, name, text, place))
                return None
            text = f"{text} {unit}"
        try:
            Quantity.parse(text)
        except ValueError as error:
            self.problem("limit", f"has no limit in {part.column}: {error}", f"的 {part.column}“{text}”不是时限")
            return None
        return text

    def date(self, part: DatePart | None) -> dt.date | None:
        """Return a date, None where the row states none."""
        if part is None or part.column is None:
            return part.value if part is not None else None
        text = self.text(part.column)
        if not text:
            return None
        for written in part.format:
            try:
                return dt.datetime.strptime(text, written).date()  # noqa: DTZ007  # a civil date has no zone
            except ValueError:
                continue
        try:
            if not part.format:
                return dt.datetime.fromisoformat(text).date()
        except ValueError:
            pass
        wanted = " or ".join(part.format) or "2024-01-31"
        self.problem("date", f"has '{text}' in {part.column}, which is not written as {wanted}",
                     f"的 {part.column}“{text}”不是按 {wanted} 书写的日期")  # fmt: skip
        return None

    def problem(self, code: str, en: str, zh: str) -> None:
        """Note what is wrong with this row."""
        item = (f" (item {self.code})", f"（事项 {self.code}）") if self.code else ("", "")
        self.importing.problems.append(
            Problem(
                f"catalogue/{code}", Place(self.importing.file), f"Row {self.number}{item[0]} {en}.",
                f"第 {self.number} 行{item[1]}{zh}。", "Mend the row or the mapping.", "请更正该行或映射。",
            )
        )  # fmt: skip

    def _number(self, text: str, part: CellPart) -> Value:
        try:
            number = Decimal(text) * (100 if part.type == "fen" else 1)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or number != number.to_integral_value():
            self.problem(
                "number",
                f"has '{text}' in {part.column}, which is no such number",
                f"的 {part.column}“{text}”不是所需的数",
            )
            return None
        return int(number)
