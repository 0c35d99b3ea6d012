"""From written times to instants: formats, zones, and what happens when the clocks change.

A format is ``iso``, ``epoch``, ``epoch_ms``, a ``strptime`` pattern (``%m/%d/%Y %I:%M:%S %p``) or a picture
(``d/m/yyyy hh:mm``). Fractions of a second are cut off. A time that names no zone is read in the declared one:

- a local time that happens twice (clocks put back) is the first of the two;
- a local time that never happens (clocks put forward) is read as if the clocks had not been changed yet, so 02:30
  becomes 03:30.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from rules.facts import Instant

ReadTime: TypeAlias = Callable[[str], Instant]

EARLIEST: Final = int(dt.datetime(1900, 1, 1, tzinfo=dt.UTC).timestamp())
LATEST: Final = int(dt.datetime(2200, 1, 1, tzinfo=dt.UTC).timestamp())
ISO: Final = "iso"
EPOCHS: Final = {"epoch": 1, "epoch_ms": 1000}

_ISO: Final = (
    r"(?P<Y>\d{4})-?(?P<m>\d\d)-?(?P<d>\d\d)"
    r"(?:[T ](?P<H>\d\d):?(?P<M>\d\d)(?::?(?P<S>\d\d)(?:[.,]\d+)?)?\s?(?P<z>Z|[+-]\d\d(?::?\d\d)?)?)?"
)
_MONTH_WORDS: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_MONTHS: Final = {word: n for n, word in enumerate(_MONTH_WORDS.split("|"), start=1)}
_DIRECTIVES: Final = {
    "Y": r"\d{4}", "m": r"\d{1,2}", "d": r"\d{1,2}", "H": r"\d{1,2}", "I": r"\d{1,2}", "M": r"\d{1,2}", "S": r"\d{1,2}",
    "f": r"\d{1,9}", "p": r"[AaPp]\.?[Mm]\.?", "b": _MONTH_WORDS, "z": r"Z|[+-]\d\d:?\d\d",
}  # fmt: skip
_NUMERIC: Final = frozenset("YmdHIMSf")
_REMEMBERED: Final = 200_000
_PICTURE: Final = re.compile(r"yyyy|YYYY|dd?|DD?|mm?|MM?|hh?|HH?|ss?")


class BadFormat(ValueError):
    """A format that cannot be used; the text is a sentence in English and ``zh`` says it in Chinese."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.zh = zh


class BadTime(ValueError):
    """A text that is no usable time: ``code`` is ``time/format``, ``time/range`` or ``time/zone``."""

    def __init__(self, code: str, en: str, zh: str) -> None:
        super().__init__(en)
        self.code, self.zh = code, zh


def compile_times(formats: Sequence[str], zone: str | None) -> ReadTime:
    """Return the function that reads a text by the first format that fits; raise ``BadFormat`` for a bad format.

    The function raises ``BadTime`` where no format fits, or the instant lies outside 1900-2199.
    """
    readers = [_compile(written, zone) for written in formats]
    if len(readers) == 1:
        return readers[0]

    def first_that_fits(text: str) -> Instant:
        for read in readers:
            try:
                return read(text)
            except BadTime as error:
                if error.code != "time/format":
                    raise
        raise _no_format(text, " | ".join(formats))

    return first_that_fits


def carries_zone(written: str) -> bool | None:
    """Say whether texts in this format name their zone: True, False, or None where it depends on the text (``iso``)."""
    if written in EPOCHS:
        return True
    return None if written == ISO else "%z" in written


def _compile(written: str, zone: str | None) -> ReadTime:
    if written in EPOCHS:
        return _epoch(written)
    pattern = re.compile(_ISO if written == ISO else _pattern(written), re.ASCII | re.IGNORECASE)
    return _local(pattern, written, ZoneInfo(zone) if zone else None)


def _epoch(written: str) -> ReadTime:
    per_second = EPOCHS[written]
    fits = re.compile(r"-?\d{1,17}(?:\.\d+)?", re.ASCII).fullmatch

    def read(text: str) -> Instant:
        if fits(text) is None:
            raise _no_format(text, written)
        return _in_range(int(text.partition(".")[0]) // per_second, text)

    return read


def _pattern(written: str) -> str:
    """Return the regular expression, with groups named by directive, that a strptime pattern or a picture means."""
    if "%" not in written:
        written = _from_picture(written)
    parts: list[str] = []
    seen: set[str] = set()
    pieces = re.findall(r"%(.)|([^%]+)", written)
    for position, (directive, literal) in enumerate(pieces):
        if literal:
            parts.append(r"\s+".join(re.escape(word) for word in re.split(r"\s+", literal)))
            continue
        if directive not in _DIRECTIVES or directive in seen:
            raise BadFormat(
                f"the time format '{written}' has '%{directive}', which is not known or stands twice; "
                f"known are {' '.join('%' + d for d in _DIRECTIVES)}, the words iso, epoch, epoch_ms, "
                "and pictures such as d/m/yyyy hh:mm",
                f"时间格式“{written}”中的“%{directive}”未知或重复；可用 {' '.join('%' + d for d in _DIRECTIVES)}、"
                "iso、epoch、epoch_ms 或 d/m/yyyy hh:mm 一类的写法",
            )
        seen.add(directive)
        adjacent = any(
            0 <= near < len(pieces) and pieces[near][0] in _NUMERIC and not pieces[near][1]
            for near in (position - 1, position + 1)
        )
        width = r"\d\d" if adjacent and directive in "mdHIMS" else _DIRECTIVES[directive]
        parts.append(f"(?P<{directive}>{width})")
    if ("I" in seen) != ("p" in seen):
        raise BadFormat(
            f"the time format '{written}' needs %I and %p together: hours of 1-12 with AM or PM",
            f"时间格式“{written}”中的 %I 和 %p 必须同时出现（12 小时制与上下午）",
        )
    if not {"Y", "d"} <= seen or not seen & {"m", "b"}:
        raise BadFormat(
            f"the time format '{written}' names no complete date: a year of four digits, a month and a day are needed",
            f"时间格式“{written}”没有完整日期：需要四位年份、月和日",
        )
    return "".join(parts)


def _from_picture(written: str) -> str:
    """Return the strptime pattern of a picture: an ``mm`` that follows the hours is minutes, any other is the month."""
    hours_seen = False

    def directive(match: re.Match[str]) -> str:
        nonlocal hours_seen
        letter = match[0][0].lower()
        if letter == "h":
            hours_seen = True
            return "%H"
        if letter == "m" and hours_seen:
            hours_seen = False
            return "%M"
        return {"y": "%Y", "d": "%d", "m": "%m", "s": "%S"}[letter]

    found = _PICTURE.sub(directive, written)
    if "%" not in found or re.search(r"(?<!%)[A-SU-Za-z]", found):
        raise BadFormat(
            f"'{written}' is not a time format; write iso, epoch, epoch_ms, a pattern such as '%Y-%m-%d %H:%M:%S' "
            "or a picture such as 'd/m/yyyy hh:mm'",
            f"“{written}”不是时间格式；请写 iso、epoch、epoch_ms、'%Y-%m-%d %H:%M:%S' 或 'd/m/yyyy hh:mm' 一类的写法",
        )
    return found


def _local(pattern: re.Pattern[str], written: str, zone: ZoneInfo | None) -> ReadTime:
    """Read by the pattern; a date and a clock time that were both seen before are put together from memory."""
    parts = dict(pattern.groupindex)
    date_parts = (parts["Y"], parts["m"] if "m" in parts else parts["b"], parts["d"])
    zone_part, clock_of = parts.get("z", 0), _clock(parts)
    date_first = max(date_parts) < min((number for name, number in parts.items() if name in "HIMSp"), default=0)
    midnights: dict[str, int] = {}
    clocks: dict[str, int] = {}

    def read(text: str) -> Instant:
        cut = text.find(" ")
        if cut < 0:
            cut = text.find("T")
        date, time = text[:cut], text[cut:]
        midnight, clock = midnights.get(date), clocks.get(time)
        if midnight is None or clock is None:
            match = pattern.fullmatch(text)
            if match is None:
                raise _no_format(text, written)
            if midnight is None:
                midnight = _midnight(match.group(*date_parts), text, written)
            clock = clock_of(match)
            if clock is None:
                raise _no_format(text, written)
            if zone_part and match[zone_part]:
                return _in_range(midnight + clock - _written_offset(match[zone_part]), text)
            if date_first and match.end(max(date_parts)) == cut and len(clocks) < _REMEMBERED:
                midnights[date], clocks[time] = midnight, clock
        if zone is None:
            raise _no_zone(text)
        offset = _offset_all_day(zone, midnight)
        return midnight + clock - (_offset_at(zone, midnight + clock) if offset is None else offset)

    return read


def _clock(parts: Mapping[str, int]) -> Callable[[re.Match[str]], int | None]:
    """Return the function that gives the seconds since midnight by the clock on the wall, None if no clock shows it."""
    hour_part, half_part = parts.get("H") or parts.get("I", 0), parts.get("p", 0)
    minute_part, second_part = parts.get("M", 0), parts.get("S", 0)

    def read(match: re.Match[str]) -> int | None:
        hour = int(match[hour_part] or 0) if hour_part else 0
        minute = int(match[minute_part] or 0) if minute_part else 0
        second = int(match[second_part] or 0) if second_part else 0
        if half_part:
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if match[half_part][0] in "pP" else 0)
        return hour * 3600 + minute * 60 + second if hour < 24 and minute < 60 and second < 60 else None

    return read


def _midnight(date: tuple[str, ...], text: str, written: str) -> int:
    """Return the date's midnight, counted as if it were UTC."""
    year, month, day = date
    try:
        midnight = dt.datetime(int(year), _MONTHS.get(month.lower()) or int(month), int(day), tzinfo=dt.UTC)
    except ValueError:
        raise _no_format(text, written) from None
    if not 1900 <= midnight.year < 2200:
        raise _out_of_range(text)
    return int(midnight.timestamp())


@lru_cache(maxsize=_REMEMBERED)
def _offset_all_day(zone: ZoneInfo, midnight: int) -> int | None:
    """Return the zone's offset if it is the same all day, else None."""
    offsets = {_offset_at(zone, midnight + hour * 3600) for hour in range(25)}
    return offsets.pop() if len(offsets) == 1 else None


def _offset_at(zone: ZoneInfo, local: int) -> int:
    """Return the seconds to take from a local time (counted as if it were UTC); see the module's notes on changes."""
    wall = dt.datetime.fromtimestamp(local, dt.UTC).replace(tzinfo=zone, fold=0)
    offset = wall.utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _written_offset(text: str) -> int:
    if text in "Zz":
        return 0
    digits = text[1:].replace(":", "")
    seconds = int(digits[:2]) * 3600 + int(digits[2:] or 0) * 60
    return -seconds if text[0] == "-" else seconds


def _in_range(instant: Instant, text: str) -> Instant:
    if not EARLIEST <= instant < LATEST:
        raise _out_of_range(text)
    return instant


def _out_of_range(text: str) -> BadTime:
    return BadTime(
        "time/range",
        f"'{text}' lies outside 1900-2199; if it stands for 'no date', add it to 'missing:'.",
        f"“{text}”不在 1900—2199 年之内；若表示“无日期”，请写入 missing:。",
    )


def _no_zone(text: str) -> BadTime:
    return BadTime(
        "time/zone",
        f"'{text}' names no zone, and the mapping declares none: add 'zone: Asia/Shanghai' (or yours).",
        f"“{text}”没有时区，映射也未声明：请添加 zone: Asia/Shanghai（或当地时区）。",
    )


def _no_format(text: str, written: str) -> BadTime:
    shown = text if len(text) <= 60 else text[:60] + "…"
    return BadTime(
        "time/format", f"'{shown}' is not a time written as {written}.", f"“{shown}”不是按 {written} 书写的时间。"
    )
