"""How values are written on a page: instants in the centre's zone, how long ago, shapes beside colours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton, format_timedelta
from babel.numbers import format_decimal

from console.words import word
from rules.facts import Instant
from rules.glossary import label, worded
from rules.judgement import Amount, Light
from rules.problems import Language
from rules.quantities import Quantity

MISSING: Final = "—"

LOCALES: Final[Mapping[Language, Locale]] = {"zh": Locale("zh", "CN", script="Hans"), "en": Locale("en")}
"""How numbers, months and distances in time are written in each language."""

SHAPES: Final[Mapping[str, str]] = {"red": "octagon", "yellow": "triangle", "grey": "ring", "green": "disc"}
"""Each light has a shape of its own, so that nobody needs to see its colour."""


def helpers(language: Language, zone: str, now: Instant) -> dict[str, Callable[..., str]]:
    """Return the functions that the templates use, bound to the page's language, zone and instant."""

    def at(instant: Instant | None, *, seconds: bool = False) -> str:
        if instant is None:
            return MISSING
        local = dt.datetime.fromtimestamp(instant, ZoneInfo(zone))
        return f"{local:%Y-%m-%d %H:%M:%S}" if seconds else f"{local:%Y-%m-%d %H:%M}"

    def iso(instant: Instant) -> str:
        return dt.datetime.fromtimestamp(instant, ZoneInfo(zone)).isoformat()

    def ago(instant: Instant | None) -> str:
        return MISSING if instant is None else _ago(now - instant, language)

    def amount(value: Amount | None) -> str:
        return MISSING if value is None else worded(value, language)

    def limit(text: str) -> str:
        try:
            quantity = Quantity.parse(text)
        except ValueError:
            return text or MISSING
        return worded(Amount(str(float(quantity.amount)), quantity.unit.value), language)

    return {
        "at": at,
        "number": lambda value: format_decimal(value, locale=LOCALES[language]),
        "month_of": lambda on: format_skeleton("yMMMM", on, locale=LOCALES[language]),
        "iso": iso,
        "ago": ago,
        "lasting": lambda seconds: _lasting(seconds, language),
        "amount": amount,
        "limit": limit,
        "word": lambda key: word(key, language),
        "label": lambda group, key: label(group, str(key), language),
        "shape": lambda light: SHAPES.get(str(light), "ring"),
    }


def _ago(seconds: int, language: Language) -> str:
    if -86_400 <= seconds < 60:
        return word("moments", language)
    away = dt.timedelta(seconds=-seconds)
    return format_timedelta(away, add_direction=True, threshold=1, format="short", locale=LOCALES[language])


def _lasting(seconds: int, language: Language) -> str:
    """Return a length of time in its two largest units."""
    days, rest = divmod(max(seconds, 0), 86_400)
    hours, minutes = rest // 3_600, rest % 3_600 // 60
    parts = [(days, "d_long"), (hours, "h_long"), (minutes, "min_long")]
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    return " ".join(f"{count} {word(unit, language)}" for count, unit in parts[:2] if count) or word(
        "under_minute", language
    )


def stacked(counts: Mapping[Light, int], width: int = 100) -> list[tuple[Light, float, float]]:
    """Return (light, start, width) of the parts of a bar, the gravest first; nothing that is there vanishes."""
    total = sum(counts.values())
    parts, start = [], 0.0
    for light in sorted(counts, key=lambda each: -each.gravity):
        if counts[light]:
            share = max(width * counts[light] / total, 1.5)
            parts.append((light, round(start, 2), round(share, 2)))
            start += share
    return parts
