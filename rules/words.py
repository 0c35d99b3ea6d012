"""Which words a rulebook may use and of what type they are: its own clocks, parameters and attributes, and the vocabulary."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Final, TypeAlias

from rules.language import Type, WordInfo
from rules.quantities import Quantity, share
from rules.schema import RulebookPart
from rules.vocabulary.base import all_words
from rules.vocabulary.case import ATTRIBUTES

ParameterValue: TypeAlias = Quantity | Fraction | int | float | str

CLOCK_WORDS: Final[Mapping[str, Type]] = {
    "over": Type.BOOL, "running": Type.BOOL, "suspended": Type.BOOL, "stopped": Type.BOOL, "started": Type.BOOL,
    "used": Type.ELAPSED, "left": Type.ELAPSED, "over_by": Type.ELAPSED,
    "stopped_share": Type.SHARE, "rhythm": Type.DURATION, "key": Type.CODE,
    "due_at": Type.INSTANT, "started_at": Type.INSTANT, "stopped_at": Type.INSTANT,
}  # fmt: skip
"""What a rule may ask of a clock."""

REMARKED: Final[Mapping[str, str]] = {
    "suspension_unfounded": "pause/no-reason", "suspension_unapproved": "pause/no-approver",
    "suspension_low_rank": "pause/low-rank", "suspension_after_due": "pause/after-due",
    "suspension_overrun": "pause/longer-than-approved", "extension_after_due": "extension/after-due",
    "extension_repeated": "extension/second", "extension_too_long": "extension/too-long",
    "extension_low_rank": "extension/low-rank", "extension_untold": "extension/not-told",
}  # fmt: skip
"""What a rule may ask of an act upon a clock: the word, and the requirement of law whose failure it says."""

MONEY_WORDS: Final = ("fee.charged_yuan", "fee.standard_yuan")
"""Amounts of money as a message may show them."""

ITEM_WORDS: Final[Mapping[str, Type]] = {
    "code": Type.CODE, "name": Type.TEXT, "instant": Type.BOOL, "unit": Type.CODE, "type": Type.CODE,
    "fee": Type.MONEY, "free": Type.BOOL, "promised": Type.DURATION, "statutory": Type.DURATION,
    "certificate_required": Type.BOOL, "steps_total": Type.DURATION,
}  # fmt: skip
"""What a rule may ask of the item."""


def parameter_value(value: str | float) -> ParameterValue:
    """Return a parameter as written: a share (``90%``), a quantity (``2 workdays``), a number, or a word."""
    if not isinstance(value, str):
        return value
    for read in (share, Quantity.parse):
        try:
            return read(value)
        except ValueError:
            continue
    return value


def type_of(value: ParameterValue) -> Type:
    """Return the type of a parameter's value."""
    if isinstance(value, Quantity):
        return Type.DURATION
    if isinstance(value, Fraction):
        return Type.SHARE
    return Type.CODE if isinstance(value, str) else Type.NUMBER


class RuleVocabulary:
    """The words of one rulebook, for the checker and the compiler."""

    def __init__(
        self, part: RulebookPart, parameters: Mapping[str, tuple[tuple[dt.date, ParameterValue], ...]]
    ) -> None:
        self._words: dict[tuple[str, ...], WordInfo] = {path: w.info for path, w in all_words().words.items()}
        self._words |= {("case", name): WordInfo(kind) for name, kind in ATTRIBUTES.items()}
        self._words |= {("item", name): WordInfo(kind) for name, kind in ITEM_WORDS.items()}
        self._words |= {tuple(n.split(".")): WordInfo(Type(kind)) for n, kind in part.attributes.items()}
        self._declared = {n[5:]: WordInfo(Type(k)) for n, k in part.attributes.items() if n.startswith("case.")}
        self._words |= {("clock", c, w): WordInfo(kind) for c in part.clocks for w, kind in CLOCK_WORDS.items()}
        self._words |= {("clock", c, w): WordInfo(Type.BOOL) for c in part.clocks for w in REMARKED}
        self._words |= {("param", name): WordInfo(type_of(v[0][1])) for name, v in parameters.items() if v}
        self._registers = {
            name: WordInfo(Type.COLLECTION, fields={f: WordInfo(Type(kind)) for f, kind in fields.items()})
            for name, fields in part.registers.items()
        }

    def word(self, path: tuple[str, ...]) -> WordInfo | None:
        """Return what is known of a word, None if it is not known."""
        return self._words.get(path)

    def call(self, name: str, args: tuple[str, ...]) -> WordInfo | None:
        """Return the type of a call with these arguments, None if there is no such call."""
        found = all_words().calls.get(name)
        info = found[0](args) if found else None
        if info is not None and name == "event":
            return WordInfo(info.type, fields={**self._declared, **(info.fields or {})})
        return info

    def register(self, name: str) -> WordInfo | None:
        """Return the fields of a register, None if the rulebook declares none of that name."""
        return self._registers.get(name)

    def counted(self) -> frozenset[str]:
        """Return the words that are counts, which a message may show besides the allow-list: they carry no text."""
        counts = (".".join(path) for path, info in self._words.items() if info.type is Type.NUMBER)
        return frozenset(name for name in counts if not name.startswith(("case.", "clock.")))

    def known(self) -> Iterable[str]:
        """Return every word, for did-you-mean."""
        calls = (f"{name}(...)" for name in all_words().calls)
        return [*(".".join(path) for path in self._words), *calls, *self._registers]


class _EventVocabulary(RuleVocabulary):
    """The words of a condition on one event: ``event.reason`` beside the item and the parameters."""

    def __init__(self, part: RulebookPart) -> None:
        super().__init__(part, {})
        self._words |= {("event", name): WordInfo(kind) for name, kind in ATTRIBUTES.items()}
        declared = {n.split(".", 1)[1]: Type(kind) for n, kind in part.attributes.items() if n.startswith("case.")}
        self._words |= {("event", name): WordInfo(kind) for name, kind in declared.items()}


def event_vocabulary(part: RulebookPart) -> RuleVocabulary:
    """Return the words that a trigger's ``where`` may use."""
    return _EventVocabulary(part)
