"""What the words of a condition are: their types, and the seams through which a vocabulary and its values answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Protocol, TypeAlias

from rules.facts import Value
from rules.quantities import Quantity


class Type(StrEnum):
    """The types of the language. Nothing is ever compared across types, save a clock measure with its thresholds."""

    BOOL = "bool"
    NUMBER = "number"
    SHARE = "share"
    DURATION = "duration"
    ELAPSED = "elapsed"
    MONEY = "money"
    TEXT = "text"
    CODE = "code"
    INSTANT = "instant"
    COLLECTION = "collection"
    RECORD = "record"


ORDERED = frozenset({Type.NUMBER, Type.SHARE, Type.DURATION, Type.ELAPSED, Type.MONEY, Type.INSTANT})
"""Types with a smaller and a greater; texts and codes have none (the engine's order of texts means nothing)."""


@dataclass(frozen=True, slots=True)
class WordInfo:
    """What the vocabulary says of a word: its type, the codes it may have, the fields of a collection or record."""

    type: Type
    codes: frozenset[str] | None = None
    fields: Mapping[str, WordInfo] | None = None


class Vocabulary(Protocol):
    """The words that a condition may use."""

    def word(self, path: tuple[str, ...]) -> WordInfo | None:
        """Return what ``path`` is, None if there is no such word."""

    def call(self, name: str, args: tuple[str, ...]) -> WordInfo | None:
        """Return what ``name(args)`` is; a path after the call is looked up in its ``fields``."""

    def register(self, name: str) -> WordInfo | None:
        """Return the register of that name with its fields, None if there is none."""

    def known(self) -> Iterable[str]:
        """Return the words as written, to propose the nearest one."""


Read: TypeAlias = Value | Fraction | Quantity
"""A value as read: MONEY whole fen, SHARE a fraction of one, INSTANT seconds UTC; None = missing."""


class Env(Protocol):
    """The values of one subject at one instant."""

    def value(self, path: tuple[str, ...]) -> Read:
        """Return the value of a word, None if it is missing."""

    def call(self, name: str, args: tuple[str, ...], rest: tuple[str, ...]) -> Read:
        """Return the value of ``name(args).rest``, None if it is missing."""

    def elapsed(self, path: tuple[str, ...], op: str, threshold: Quantity | Fraction) -> bool | None:
        """Say whether a clock measure stands so to the threshold, None if unknown."""

    def collection(self, path: tuple[str, ...]) -> Sequence[Mapping[str, Value]] | None:
        """Return the entries of a collection, None if it is missing."""
