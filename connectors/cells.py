"""Values that come with a type (from a database or from JSON) as the texts that a mapping reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

import msgspec

from connectors.quarantine import DoesNotFit


def cells_of(values: Iterable[object]) -> list[str | None]:
    """Return one row of typed values as cells; raise ``DoesNotFit`` (row/nul) for a NUL character."""
    cells = [_text(value) for value in values]
    if any(cell is not None and "\0" in cell for cell in cells):
        raise DoesNotFit("", "row/nul", "A value contains a NUL character.", "某个值含有 NUL 字符。")
    return cells


def _text(value: object) -> str | None:
    """Booleans read ``true`` and ``false``, date-times ISO 8601, and nested values JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "backslashreplace")
    if isinstance(value, list | dict):
        return msgspec.json.encode(value).decode()
    return str(value)
