"""Quantities with a unit, as people write them in rulebooks and catalogues: ``7 workdays``, ``90%``, ``200 yuan``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Final


class Unit(StrEnum):
    """The units of a limit (时限单位)."""

    WORKDAY = "workday"
    NATURAL_DAY = "natural_day"
    WORKING_HOUR = "working_hour"
    HOUR = "hour"
    MINUTE = "minute"
    MONTH = "month"
    YEAR = "year"


WORDS: Final[dict[str, Unit]] = {
    "workday": Unit.WORKDAY, "workdays": Unit.WORKDAY, "working_day": Unit.WORKDAY, "working_days": Unit.WORKDAY,
    "wd": Unit.WORKDAY, "工作日": Unit.WORKDAY, "个工作日": Unit.WORKDAY,
    "day": Unit.NATURAL_DAY, "days": Unit.NATURAL_DAY, "natural_day": Unit.NATURAL_DAY,
    "natural_days": Unit.NATURAL_DAY, "自然日": Unit.NATURAL_DAY, "个自然日": Unit.NATURAL_DAY, "天": Unit.NATURAL_DAY,
    "日": Unit.NATURAL_DAY,
    "working_hour": Unit.WORKING_HOUR, "working_hours": Unit.WORKING_HOUR, "工作小时": Unit.WORKING_HOUR,
    "个工作小时": Unit.WORKING_HOUR,
    "hour": Unit.HOUR, "hours": Unit.HOUR, "小时": Unit.HOUR, "个小时": Unit.HOUR,
    "minute": Unit.MINUTE, "minutes": Unit.MINUTE, "分钟": Unit.MINUTE,
    "month": Unit.MONTH, "months": Unit.MONTH, "个月": Unit.MONTH, "月": Unit.MONTH,
    "year": Unit.YEAR, "years": Unit.YEAR, "年": Unit.YEAR,
}  # fmt: skip

_WRITTEN: Final = re.compile(r"\s*(?P<amount>\d+(?:\.\d+)?)\s*(?P<unit>[^\d\s%].*?)\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A length of time: an exact amount and its unit. Never negative."""

    amount: Fraction
    unit: Unit

    def __str__(self) -> str:
        number, parts = self.amount.as_integer_ratio()
        amount = str(number) if parts == 1 else f"{float(self.amount):g}"
        return f"{amount} {self.unit}{'' if number == parts else 's'}"

    @classmethod
    def parse(cls, text: str) -> Quantity:
        """Return the quantity written in ``text``; raise ``ValueError`` with a sentence if it is none."""
        return _parsed(text)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Quantity:
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not a number with a unit such as '7 workdays'")
    word = match["unit"].lower().replace(" ", "_")
    if word not in WORDS:
        raise ValueError(f"'{match['unit']}' is not a unit; known are {', '.join(sorted({u.value for u in Unit}))}")
    return Quantity(Fraction(match["amount"]), WORDS[word])


def share(text: str) -> Fraction:
    """Return the share written as ``90%``; raise ``ValueError`` with a sentence if it is none."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%\s*", text)
    if match is None:
        raise ValueError(f"'{text}' is not a share such as '90%'")
    return Fraction(match[1]) / 100
