"""The one glossary: Chinese and English labels and worded values, for pages, messages, metrics and the CLI."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, RootModel

from rules.documents import load, validate
from rules.judgement import Amount, Moment, Shown
from rules.problems import Language

FILE: Final = Path(__file__).parent / "data" / "glossary.yaml"
READING: Final = Path(__file__).parent / "data" / "reading.yaml"
_FINEST: Final = Decimal("0.01")


class Entry(BaseModel):
    """One word in both languages; ``many`` is the English plural where it differs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str
    en: str
    many: str = ""


class Glossary(RootModel[dict[str, dict[str, Entry]]]):
    """Every group of labels by name."""


@cache
def glossary() -> Mapping[str, Mapping[str, Entry]]:
    """Return the groups of labels that are shipped with the product."""
    return validate(Glossary, load(FILE)).root | validate(Glossary, load(READING)).root


def label(group: str, key: str, language: Language) -> str:
    """Return the label of ``key`` in ``group``; a key that the glossary does not know is its own label."""
    entry = glossary().get(group, {}).get(key)
    if entry is None:
        return key
    return entry.zh if language == "zh" else entry.en


def plural(group: str, key: str, language: Language) -> str:
    """Return the label of several of ``key``: the plural in English, the same word in Chinese."""
    entry = glossary().get(group, {}).get(key)
    return entry.many if entry is not None and language == "en" and entry.many else label(group, key, language)


def worded(value: Shown, language: Language) -> str:
    """Return a value as a person reads it: local time to the second, an amount with its unit, text as it is."""
    if isinstance(value, Moment):
        return moment(value, language)
    if isinstance(value, Amount):
        return amount(value, language)
    return value


def moment(value: Moment, language: Language) -> str:
    """Return the instant as local time, such as ``2018-10-24 10:00:00``, marked where it is provisional."""
    local = dt.datetime.fromtimestamp(value.at, ZoneInfo(value.zone))
    return f"{local:%Y-%m-%d %H:%M:%S}" + (label("marks", "provisional", language) if value.provisional else "")


def amount(value: Amount, language: Language) -> str:
    """Return the amount with its unit, to two decimals; what would round to nothing is "less than 0.01"."""
    try:
        exact = Decimal(value.units)
    except InvalidOperation:
        return f"{value.units} {value.unit}"
    shown = exact.quantize(_FINEST)
    mark = ""
    if exact and not shown:
        shown, mark = _FINEST.copy_sign(exact), label("marks", "less_than", language)
    name = label if shown == 1 else plural
    return f"{mark}{_plain(shown)} {name('units', value.unit, language)}"


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
