"""Small programs and subjects for the tests of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from rules.engine import Fact, Program, compile_rules
from rules.language import SourceRule, parse, parse_given
from rules.language.types import Read
from rules.problems import Place
from tests.fuzz.words import Values, Words

GROUP = "case/promise"
PLACE = Place("rulebook.yaml", 1, 1)
BASE = ("contact.hops >= 3", "case.result == late", "case.unit != 'a' and contact.rank < 2")


def rule(rule_id: str, when: str, group: str = GROUP, **given: str) -> SourceRule:
    """Return a rule as the loader would."""
    return SourceRule(
        rule_id, group, parse(when, PLACE), {name: parse_given(text, PLACE) for name, text in given.items()}
    )


def program(*conditions: str) -> Program:
    """Return a program of rules R0, R1, ... with these conditions."""
    return compile_rules([rule(f"R{number}", when) for number, when in enumerate(conditions or BASE)], Words())


def subject(**words: Read) -> Values:
    """Return a subject; ``case_result='late'`` gives ``case.result``."""
    return Values({tuple(name.split("_", 1)): value for name, value in words.items()}, used=Fraction(1, 2))


def facts(of: Program, count: int, first: int = 0) -> list[Fact]:
    """Return distinct facts."""
    return [
        of.project(
            GROUP,
            subject(contact_hops=n, case_result=("ok", "late")[n % 2], case_unit="abc"[n % 3], contact_rank=n % 4),
        )
        for n in range(first, first + count)
    ]


def poisoned(batch: Sequence[Fact], poison: dict[int, str | float], column: str = "v_text_case_unit") -> list[Fact]:
    """Return the facts with a column of some of them replaced."""
    return [{**fact, column: poison[index]} if index in poison else fact for index, fact in enumerate(batch)]
