"""From cells to values: each attribute of a mapping becomes one small function of the row, made once per header."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

from connectors.codes import compile_codes
from connectors.mapping import SourceSpec, TimePart, ValuePart
from connectors.quarantine import Cells, DoesNotFit, clip
from connectors.times import BadTime, compile_times
from rules.facts import Instant, Value

ReadText: TypeAlias = Callable[[Cells], str | None]
ReadValue: TypeAlias = Callable[[Cells], Value]
ReadInstant: TypeAlias = Callable[[Cells], Instant | None]
Index: TypeAlias = Mapping[str, int]

_INT: Final = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?\d{1,18}(?:\.\d{1,18})?(?:[eE][+-]?\d{1,2})?", re.ASCII)


class Reader:
    """Makes the functions for one source and one header; ``index`` gives the position of each column."""

    def __init__(self, spec: SourceSpec, index: Index) -> None:
        self.spec, self.index = spec, index

    def text(self, column: str, missing: Sequence[str] | None = None) -> ReadText:
        """Return the function that gives the trimmed text of a column, None where it holds no value."""
        at = self.index[column]
        nothing = frozenset(self.spec.missing if missing is None else missing) | {""}

        def read(cells: Cells) -> str | None:
            cell = cells[at]
            if cell is None:
                return None
            cell = cell.strip()
            return None if cell in nothing else cell

        return read

    def instant(self, part: TimePart | ValuePart) -> ReadInstant:
        """Return the function that gives the instant of a time column; it raises ``DoesNotFit``."""
        column = part.column or ""
        text_of = self.text(column, part.missing)
        instant_of = compile_times(part.format, part.zone or self.spec.zone)
        required = part.required

        def read(cells: Cells) -> Instant | None:
            text = text_of(cells)
            if text is None:
                if required:
                    raise is_missing(column)
                return None
            try:
                return instant_of(text)
            except BadTime as error:
                raise DoesNotFit(column, error.code, f"{column}: {error}", f"{column}：{error.zh}") from None

        return read

    def value(self, part: ValuePart) -> ReadValue:
        """Return the function that gives an attribute's value, None where there is none; it raises ``DoesNotFit``."""
        if part.column is None:
            constant = part.value
            return lambda _cells: constant
        if part.type == "instant":
            return self.instant(part)
        column, required = part.column, part.required
        text_of = self.text(column, part.missing)
        convert = _conversion(part, column)
        if convert is None and not required:
            return text_of

        def read(cells: Cells) -> Value:
            text = text_of(cells)
            if text is None:
                if required:
                    raise is_missing(column)
                return None
            return text if convert is None else convert(text)

        return read

    def joined(self, columns: Sequence[str]) -> ReadText:
        """Return the function that joins the texts of several columns by a hyphen, None where one is missing."""
        if len(columns) == 1:
            return self.text(columns[0])
        texts = [self.text(column) for column in columns]

        def read(cells: Cells) -> str | None:
            parts = [text(cells) for text in texts]
            return None if None in parts else "-".join(part for part in parts if part is not None)

        return read


def _conversion(part: ValuePart, column: str) -> Callable[[str], Value] | None:
    if part.codes is not None:
        return compile_codes(column, part.codes, as_is=part.as_is)
    if part.type == "text":
        return None
    return lambda text: _number(text, part.type, column)


def _number(text: str, kind: str, column: str) -> Value:
    """Read a whole number, a number, or an amount of yuan as whole fen."""
    if kind == "int" and _INT.fullmatch(text):
        return int(text)
    if kind == "number" and _NUMBER.fullmatch(text):
        return float(text)
    if kind == "fen" and _NUMBER.fullmatch(text):
        fen = Decimal(text) * 100
        if fen == fen.to_integral_value():
            return int(fen)
    wanted_en, wanted_zh = {
        "int": ("a whole number", "整数"),
        "number": ("a number", "数值"),
        "fen": ("an amount of yuan with at most two decimals", "最多两位小数的金额（元）"),
    }[kind]
    shown = clip(text, 60)
    raise DoesNotFit(
        column, "value/type", f"'{shown}' in {column} is not {wanted_en}.", f"{column} 中的“{shown}”不是{wanted_zh}。"
    )


def is_missing(column: str) -> DoesNotFit:
    """Return the finding for a required value that is not there."""
    return DoesNotFit(column, "value/missing", f"{column} is empty but required.", f"{column} 必填但为空。")
