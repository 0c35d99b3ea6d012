"""Evaluations per second through the child process: facts of 15 fields, 5, 30 and 150 rules, memo off and on.

Run by ``make bench``, or alone: ``python -m benchmarks.engine``. One evaluation is one fact judged by all rules.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

from rules.engine import ChildEngine, Fact, Program, compile_rules
from rules.language import SourceRule, parse
from rules.language.types import Read, Type, WordInfo
from rules.problems import Place

RULES = (5, 30, 150)
DISTINCT = 20_000
AIM = 20_000
CODES = frozenset({f"c{number}" for number in range(12)})
WORDS: dict[tuple[str, ...], WordInfo] = {
    ("case", name): info
    for names, info in (
        (("result", "kind", "channel"), WordInfo(Type.CODE, CODES)),
        (("unit", "item", "officer"), WordInfo(Type.TEXT)),
        (("hops", "returns", "steps", "minutes"), WordInfo(Type.NUMBER)),
        (("fee",), WordInfo(Type.MONEY)),
        (("used",), WordInfo(Type.SHARE)),
        (("over", "near", "lawful"), WordInfo(Type.BOOL)),
    )
    for name in names
}
TEMPLATES = (
    "case.over and case.result not in [c0, c1] and case.minutes > {n}",
    "case.near and not case.over and case.kind == c{c}",
    "case.used >= {s}% and case.hops >= 2 and case.channel != c{c}",
    "(case.hops >= 3 or case.returns > {h}) and case.unit == 'unit {u}'",
    "case.fee > {n} yuan and not case.lawful",
)


class Words:
    """The words of the benchmark."""

    def word(self, path: tuple[str, ...]) -> WordInfo | None:
        """Return what a word is."""
        return WORDS.get(path)

    def call(self, name: str, args: tuple[str, ...]) -> WordInfo | None:
        """There are no calls."""
        return None

    def register(self, name: str) -> WordInfo | None:
        """There are no registers."""
        return None

    def known(self) -> list[str]:
        """Return the words as written."""
        return [".".join(path) for path in WORDS]


class Subject:
    """A made-up case; one in ten lacks a value."""

    def __init__(self, dice: random.Random, number: int) -> None:
        makers: dict[Type, Read] = {}
        self._values: dict[tuple[str, ...], Read] = {}
        for path, info in WORDS.items():
            makers = {
                Type.CODE: f"c{dice.randrange(12)}", Type.TEXT: f"unit {dice.randrange(40)}", Type.NUMBER: dice.randrange(6),
                Type.MONEY: dice.randrange(200_000), Type.SHARE: dice.random(), Type.BOOL: dice.random() < 0.2,
            }  # fmt: skip
            self._values[path] = makers[info.type]
        self._values["case", "minutes"] = number
        if dice.random() < 0.1:
            self._values[dice.choice(list(WORDS))] = None

    def value(self, path: tuple[str, ...]) -> Read:
        """Return the value of a word."""
        return self._values[path]

    def call(self, name: str, args: tuple[str, ...], rest: tuple[str, ...]) -> Read:
        """There are no calls."""
        return None

    def elapsed(self, path: tuple[str, ...], op: str, threshold: object) -> bool | None:
        """There are no clocks."""
        return None

    def collection(self, path: tuple[str, ...]) -> None:
        """There are no collections."""
        return


def program_of(count: int) -> Program:
    """Return a program of ``count`` rules of one kind of case."""
    dice = random.Random(count)
    texts = (
        TEMPLATES[number % len(TEMPLATES)].format(
            n=dice.randrange(DISTINCT),
            c=dice.randrange(12),
            s=dice.randrange(50, 100),
            h=dice.randrange(5),
            u=dice.randrange(40),
        )
        for number in range(count)
    )
    place = Place("benchmark", 1, 1)
    return compile_rules([SourceRule(f"R{n}", "case", parse(text, place)) for n, text in enumerate(texts)], Words())


def rate(engine: ChildEngine, program: Program, facts: Sequence[Fact]) -> float:
    """Return evaluations per second over the facts; loading the program is not counted."""
    engine.evaluate(program, facts[:1], {})
    begin = time.perf_counter()
    engine.evaluate(program, facts, {})
    return len(facts) / (time.perf_counter() - begin)


def main() -> None:
    """Print one line per number of rules."""
    dice = random.Random(1)
    subjects = [Subject(dice, number) for number in range(DISTINCT)]
    print(
        f"{'rules':>6} {'project/s':>12} {'judge/s':>12} {'memo warm/s':>12} {'both, memo off/s':>18}   (aim {AIM:,} with 30 rules)"
    )
    for count in RULES:
        program = program_of(count)
        begin = time.perf_counter()
        facts = [program.project("case", subject) for subject in subjects]
        projected = len(facts) / (time.perf_counter() - begin)
        with ChildEngine(memo=0) as engine:
            cold = max(rate(engine, program, facts) for _ in range(3))
        with ChildEngine(memo=2 * DISTINCT) as engine:
            rate(engine, program, facts)
            warm = rate(engine, program, facts)
        both = 1 / (1 / projected + 1 / cold)
        print(f"{count:>6} {projected:>12,.0f} {cold:>12,.0f} {warm:>12,.0f} {both:>18,.0f}")


if __name__ == "__main__":
    main()
