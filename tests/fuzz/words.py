"""A small vocabulary with every type, and random values for it: present, missing, of another type, out of range."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from rules.facts import Value
from rules.language.types import Read, Type, Vocabulary, WordInfo
from rules.quantities import Quantity, Unit

KEYS = {"matter", "lead", "unit", "rank", "weight"}
FEW: dict[Type, list[Read]] = {Type.TEXT: ["a", "b", "line\nbreak"], Type.NUMBER: [1, 2, 3.0]}
RESULTS = frozenset({"ok", "late", "void", "不予受理"})
TEXTS = [
    "",
    "a",
    "b",
    'it\'s "so"',
    "back\\slash",
    "line\nbreak",
    "100%",
    "百分之百",
    "x" * 130,
    "补正材料",
    "10",
    "9",
    "%#a",
    "null",
]
NUMBERS: list[Read] = [
    0,
    1,
    2,
    3,
    -1,
    -7,
    10,
    2.5,
    0.1,
    -0.25,
    1e-4,
    999999999999999,
    1e14,
    3.0,
    Fraction(1, 3),
    Fraction(7, 2),
]
BROKEN: list[Read] = [1e-5, 1e15, 10**18, float("inf"), float("nan"), "3", True, Fraction(1, 10**9)]
SHARES: list[Read] = [Fraction(9, 10), Fraction(1, 2), Fraction(1, 3), Fraction(0), 1, 0.9, 0.333, Fraction(5, 4)]
MONEY: list[Read] = [0, 1, 19_999, 20_000, 20_001, 5_000_000]
QUANTITIES = [Quantity(Fraction(a), u) for a in ("1", "3", "2.5", "60", "12") for u in Unit]
INSTANTS = [1_540_000_000, 1_540_000_001, 1_700_000_000, 0]
INSTANT_TEXT = "2018-10-20T09:46:40+08:00"  # 1_540_000_000
VALUES: dict[Type, list[Read]] = {
    Type.CODE: [*sorted(RESULTS)], Type.TEXT: [*TEXTS], Type.SHARE: SHARES, Type.MONEY: MONEY, Type.DURATION: [*QUANTITIES],
    Type.INSTANT: [*INSTANTS],
}  # fmt: skip

STEP = {
    "result": WordInfo(Type.CODE, RESULTS), "note": WordInfo(Type.TEXT), "hours": WordInfo(Type.NUMBER),
    "done": WordInfo(Type.BOOL),
}  # fmt: skip
OVERLAP = {
    "matter": WordInfo(Type.TEXT), "lead": WordInfo(Type.TEXT), "rank": WordInfo(Type.NUMBER), "fee": WordInfo(Type.MONEY),
    "active": WordInfo(Type.BOOL), "kind": WordInfo(Type.CODE, RESULTS),
}  # fmt: skip
REASONS = {"lead": WordInfo(Type.TEXT), "weight": WordInfo(Type.NUMBER)}
WORDS = {
    ("case", "result"): WordInfo(Type.CODE, RESULTS),
    ("case", "stage"): WordInfo(Type.CODE, RESULTS),
    ("case", "note"): WordInfo(Type.TEXT),
    ("case", "unit"): WordInfo(Type.TEXT),
    ("case", "matter"): WordInfo(Type.TEXT),
    ("contact", "hops"): WordInfo(Type.NUMBER),
    ("contact", "rank"): WordInfo(Type.NUMBER),
    ("contact", "unit_repeats"): WordInfo(Type.BOOL),
    ("clock", "promise", "over"): WordInfo(Type.BOOL),
    ("clock", "promise", "used"): WordInfo(Type.ELAPSED),
    ("clock", "promise", "share"): WordInfo(Type.SHARE),
    ("item", "fee"): WordInfo(Type.MONEY),
    ("item", "promised"): WordInfo(Type.DURATION),
    ("item", "statutory"): WordInfo(Type.DURATION),
    ("case", "accepted_at"): WordInfo(Type.INSTANT),
    ("case", "due_at"): WordInfo(Type.INSTANT),
    ("case", "steps"): WordInfo(Type.COLLECTION, fields=STEP),
    ("param", "near"): WordInfo(Type.SHARE),
    ("param", "days"): WordInfo(Type.DURATION),
    ("param", "hops"): WordInfo(Type.NUMBER),
    ("param", "fee"): WordInfo(Type.MONEY),
}
EVENT = {"officer": WordInfo(Type.TEXT), "at": WordInfo(Type.INSTANT)}


class Words(Vocabulary):
    """The vocabulary of the random rulebooks."""

    def word(self, path: tuple[str, ...]) -> WordInfo | None:
        return WORDS.get(path)

    def call(self, name: str, args: tuple[str, ...]) -> WordInfo | None:
        if name == "tally" and len(args) == 2:
            return WordInfo(Type.NUMBER)
        return WordInfo(Type.RECORD, fields=EVENT) if name == "event" and len(args) == 1 else None

    def register(self, name: str) -> WordInfo | None:
        fields = {"overlap": OVERLAP, "reasons": REASONS}.get(name)
        return WordInfo(Type.RECORD, fields=fields) if fields else None

    def known(self) -> Iterable[str]:
        return [".".join(path) for path in WORDS]


@dataclass(frozen=True)
class Values:
    """One subject at one instant. A clock measure is a share for shares and workdays for workdays, else unknown."""

    words: Mapping[tuple[str, ...], Read] = field(default_factory=dict)
    calls: Mapping[tuple[str, ...], Read] = field(default_factory=dict)
    steps: Sequence[Mapping[str, Value]] | None = None
    used: Fraction | None = None

    def value(self, path: tuple[str, ...]) -> Read:
        return self.words.get(path)

    def call(self, name: str, args: tuple[str, ...], rest: tuple[str, ...]) -> Read:
        return self.calls.get((name, *args, *rest))

    def elapsed(self, path: tuple[str, ...], op: str, threshold: Quantity | Fraction) -> bool | None:
        measure = threshold if isinstance(threshold, Fraction) else threshold.amount / 10
        if self.used is None or (isinstance(threshold, Quantity) and threshold.unit is not Unit.WORKDAY):
            return None
        return {
            "<": self.used < measure,
            "<=": self.used <= measure,
            ">": self.used > measure,
            ">=": self.used >= measure,
        }[op]

    def collection(self, path: tuple[str, ...]) -> Sequence[Mapping[str, Value]] | None:
        return self.steps


def value_of(info: WordInfo, dice: random.Random, name: str = "") -> Read:
    """Return a random value for a word: in one of five cases none, sometimes one that cannot be used.

    Words by which rows are found have few values, so that rows are found often.
    """
    chance = dice.random()
    if name in KEYS and chance > 0.1:
        return dice.choice(FEW[info.type])
    if chance < 0.2:
        return None
    if chance < 0.25 and info.type not in {Type.TEXT, Type.CODE}:
        return dice.choice(BROKEN)
    if info.type is Type.BOOL:
        return dice.random() < 0.5
    return dice.choice(VALUES.get(info.type, NUMBERS))


def row_of(fields: Mapping[str, WordInfo], dice: random.Random) -> dict[str, Value]:
    """Return a random row or entry; numbers are plain ones."""
    row: dict[str, Value] = {}
    for name, info in fields.items():
        value = value_of(info, dice, name)
        row[name] = float(value) if isinstance(value, Fraction) else value if not isinstance(value, Quantity) else None
    return row


def subject_of(dice: random.Random) -> Values:
    """Return a random subject."""
    words = {path: value_of(info, dice, path[-1]) for path, info in WORDS.items() if info.type is not Type.COLLECTION}
    calls: dict[tuple[str, ...], Read] = {("event", "accepted"): dice.choice([None, 1])}
    calls |= {("event", "accepted", name): value_of(info, dice) for name, info in EVENT.items()}
    calls["tally", "yellow_cards", "quarter"] = value_of(WordInfo(Type.NUMBER), dice)
    steps = None if dice.random() < 0.2 else [row_of(STEP, dice) for _ in range(dice.randrange(4))]
    used = None if dice.random() < 0.2 else Fraction(dice.randrange(15), 10)
    return Values(words, calls, steps, used)


def registers_of(dice: random.Random) -> dict[str, list[dict[str, Value]]]:
    """Return random registers, now and then one that is absent."""
    found = {
        name: [row_of(f, dice) for _ in range(dice.randrange(7))]
        for name, f in (("overlap", OVERLAP), ("reasons", REASONS))
    }
    return {name: rows for name, rows in found.items() if dice.random() < 0.95}
