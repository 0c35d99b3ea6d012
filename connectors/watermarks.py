"""How far a table was read: a value that grows with every change, kept between fetches, with an overlap before it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final, TypeAlias

from connectors.base import Cursor
from connectors.durations import seconds
from rules.facts import Instant, Value
from rules.problems import UserError, refuse

Mark: TypeAlias = str | int | float | Decimal | dt.datetime | dt.date

_SLACK: Final = dt.timedelta(days=1)
_DAY: Final = 86_400


def earlier(mark: Mark, overlap: str | int, written: str | None) -> Mark:
    """Return the mark that lies the overlap before; times go by a duration, numbers by a number.

    Raise ``UserError`` where the mapping does not say how.
    """
    if isinstance(mark, int | float | Decimal):
        if isinstance(overlap, str):
            raise _refuse(
                "The watermark is a number, so the overlap has to be a number too.", "水位列是数值，重叠量也必须是数值。",
                "Write 'overlap: 1000', say.", "例如 overlap: 1000。",
            )  # fmt: skip
        return mark - overlap
    if isinstance(overlap, int):
        raise _refuse(
            "The watermark is a time, so the overlap has to be a duration.", "水位列是时间，重叠量必须是时长。",
            "Write 'overlap: 1h', say.", "例如 overlap: 1h。",
        )  # fmt: skip
    span = dt.timedelta(seconds=seconds(overlap))
    if isinstance(mark, dt.datetime):
        return mark - span
    if isinstance(mark, dt.date):
        return mark - dt.timedelta(days=-(-int(span.total_seconds()) // _DAY))
    if written is None:
        raise _refuse(
            "The watermark is a text, and the mapping does not say how it is written.", "水位列是文本，但映射未说明格式。",
            "Add 'format:' to the watermark, such as '%Y-%m-%d %H:%M:%S'.",
            "请在 watermark 中添加 format:，例如 '%Y-%m-%d %H:%M:%S'。",
        )  # fmt: skip
    return (dt.datetime.strptime(mark, written) - span).strftime(written)  # noqa: DTZ007  # compared as text only


def counts(mark: object, now: Instant, written: str | None) -> bool:
    """Say whether a mark may move the watermark: a time that is unreadable, or lies more than a day ahead, may not.

    (One row dated 9999 would otherwise hide every row after it.)
    """
    horizon = dt.datetime.fromtimestamp(now, dt.UTC) + _SLACK
    if isinstance(mark, dt.datetime):
        return mark <= (horizon if mark.tzinfo else horizon.replace(tzinfo=None))
    if isinstance(mark, dt.date):
        return mark <= horizon.date()
    if isinstance(mark, str):
        try:
            return written is None or dt.datetime.strptime(mark, written) <= horizon.replace(tzinfo=None)  # noqa: DTZ007
        except ValueError:
            return False
    return isinstance(mark, int | float | Decimal)


def to_cursor(mark: Mark | None) -> dict[str, Value]:
    """Return the cursor that holds a mark."""
    if mark is None:
        return {}
    if isinstance(mark, dt.datetime):
        return {"watermark": mark.isoformat(), "as": "datetime"}
    if isinstance(mark, dt.date):
        return {"watermark": mark.isoformat(), "as": "date"}
    if isinstance(mark, Decimal):
        return {"watermark": str(mark), "as": "decimal"}
    return {"watermark": mark, "as": "plain"}


def from_cursor(cursor: Cursor) -> Mark | None:
    """Return the mark that a cursor holds, None if it holds none."""
    mark, kept_as = cursor.get("watermark"), cursor.get("as")
    if mark is None:
        return None
    if kept_as == "datetime":
        return dt.datetime.fromisoformat(str(mark))
    if kept_as == "date":
        return dt.date.fromisoformat(str(mark))
    return Decimal(str(mark)) if kept_as == "decimal" else mark


def _refuse(en: str, zh: str, mend_en: str, mend_zh: str) -> UserError:
    return refuse("source/watermark", "watermark", en, zh, mend_en=mend_en, mend_zh=mend_zh)
