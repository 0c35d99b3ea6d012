"""Holds the product's verdicts on random rulebooks and batches against the oracle's."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rules.engine import Engine, Outcome, compile_rules
from rules.language import SourceRule, written
from rules.language.strata import findings_of
from rules.problems import UserError
from tests.fuzz.rulebooks import Author
from tests.fuzz.words import Values, Words, registers_of, subject_of
from tests.oracle import Oracle

REFUSED: Final = "refused: too many branches"


@dataclass(frozen=True)
class Difference:
    """Where the product and the oracle part."""

    rules: list[SourceRule]
    rule: str
    subject: Values
    product: bool | None
    oracle: bool | None

    def __str__(self) -> str:
        texts = [
            f"  {r.id}: {written(r.when)} | { {k: written(g.where) for k, g in r.givens.items()} }" for r in self.rules
        ]
        return "\n".join([f"{self.rule}: product {self.product}, oracle {self.oracle}", *texts, f"  {self.subject}"])


def differences(engine: Engine, seed: int, pairs: int, hits: Counter[str]) -> Iterator[Difference]:
    """Yield every difference over ``pairs`` rulebook-and-batch pairs; count productions, truths, joins and chains."""
    words = Words()
    for number in range(pairs):
        dice = random.Random(seed * 1_000_003 + number)
        author = Author(dice)
        rules = author.rulebook()
        subjects = [subject_of(dice) for _ in range(dice.randint(1, 12))]
        registers = registers_of(dice)
        try:
            program = compile_rules(rules, words)
        except UserError as error:
            if {problem.code for problem in error.problems} != {"rule/branches"}:
                raise
            hits[REFUSED] += 1
            continue
        hits.update(author.hits)
        facts = [program.project("case/promise", subject) for subject in subjects]
        outcome = engine.evaluate(program, facts, registers)
        assert not outcome.lost, outcome.lost
        for index, subject in enumerate(subjects):
            hits["missing value"] += any(value is None for value in subject.words.values())
            oracle = Oracle({rule.id: rule for rule in rules}, words, subject, registers)
            for rule in rules:
                expected, said = oracle.judge(rule.id), verdict(outcome, index, rule.id)
                hits[f"{'join' if rule.givens else 'single'} verdict {expected}"] += 1
                for finding in findings_of(rule.when):
                    hits[f"chain on {oracle.judge(finding.rule)}"] += 1
                if said is not expected:
                    yield Difference(rules, rule.id, subject, said, expected)


def verdict(outcome: Outcome, index: int, rule: str) -> bool | None:
    """Return what the product says of one rule and one fact."""
    if rule in outcome.true[index]:
        return True
    return None if rule in outcome.undetermined[index] else False
