"""The statutory reasons for a suspension (特别程序) as a register with dates: what may stop a clock, and since when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from rules.documents import load, validate

SHIPPED: Final = Path(__file__).parent / "data" / "suspension-reasons.yaml"


class _ReasonPart(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1)
    words: list[str] = Field(default_factory=list)
    basis: str
    from_on: dt.date = Field(default=dt.date.min, alias="from")
    until_on: dt.date | None = Field(default=None, alias="until")


class _ReasonsPart(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reasons: list[_ReasonPart]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason that may stop a clock, by its code or one of its words, in force on [``from_on``, ``until_on``)."""

    code: str
    words: tuple[str, ...]
    basis: str
    from_on: dt.date
    until_on: dt.date | None = None

    def covers(self, text: str, on: dt.date) -> bool:
        """Say whether a reason given as ``text`` is this one, and was in force on that date."""
        if on < self.from_on or (self.until_on is not None and on >= self.until_on):
            return False
        return text == self.code or any(word in text for word in self.words)


@dataclass(frozen=True, slots=True)
class Reasons:
    """Every reason that the law or a published list knows."""

    known: tuple[Reason, ...]

    def covering(self, text: str, on: dt.date) -> Reason | None:
        """Return the reason that covers what was written, None if no list of that date knows it."""
        return next((reason for reason in self.known if reason.covers(text.strip(), on)), None)


def load_reasons(paths: Iterable[Path]) -> Reasons:
    """Read registers of reasons and join them; raise ``UserError`` with the problems of the first bad file."""
    parts = (part for path in paths for part in validate(_ReasonsPart, load(path)).reasons)
    return Reasons(tuple(Reason(p.code, tuple(p.words), p.basis, p.from_on, p.until_on) for p in parts))


@cache
def shipped_reasons() -> Reasons:
    """Return the reasons of article 45 and of the usual published lists."""
    return load_reasons([SHIPPED])
