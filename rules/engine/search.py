"""Judges batches and, where one is lost, halves it until the fact and the rule that break the engine are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import msgspec

from rules.engine.batches import Rows, batch, outcome_sets
from rules.engine.memo import Truths
from rules.engine.messages import Answer, Ask
from rules.engine.process import Died, EngineUnusable
from rules.engine.suspects import numbers_of, only
from rules.language.program import Program
from rules.language.projection import Fact
from rules.plan import Plan

FAILURES: Final = 100
"""Lost batches that one call searches through; what is left then is lost as a whole."""

AskOf: TypeAlias = Callable[[Plan, Ask, float], Answer]


class Search:
    """Judges batches and, where one is lost, halves it until the fact and the rule that break the engine are known."""

    def __init__(self, ask: AskOf, program: Program, rows: Rows, timeout: float) -> None:
        self._ask_of, self._program, self._rows, self._timeout = ask, program, rows, timeout
        self._failures = 0
        self.lost: dict[bytes, str] = {}

    def judge(self, facts: Sequence[Fact]) -> list[Truths | str]:
        """Return the truths of each fact, or why it is lost."""
        if not facts:
            return []
        reason = ""
        for attempt in range(2 if len(facts) == 1 else 1):
            found, reason = self._try(facts, hurried=attempt > 0 or self._failures > 0)
            if found is not None:
                return [*found]
            self._failures += 1
            if self._failures > FAILURES:
                return [f"{reason} (the engine failed {FAILURES} times in one call)"] * len(facts)
        if len(facts) == 1:
            return [f"{reason}{self._named(facts)}"]
        half = len(facts) // 2
        return self.judge(facts[:half]) + self.judge(facts[half:])

    def _try(self, facts: Sequence[Fact], *, hurried: bool) -> tuple[list[Truths] | None, str]:
        """Return the truths, or None and how the batch was lost."""
        program = self._program
        try:
            answer = self._ask(program.plan, facts, hurried=hurried)
        except Died as died:
            return None, str(died)
        if answer.failure:
            return None, answer.failure
        true, undetermined = outcome_sets(program, len(facts), answer.true, answer.undetermined)
        return list(zip(true, undetermined, strict=True)), ""

    def _ask(self, plan: Plan, facts: Sequence[Fact], *, hurried: bool) -> Answer:
        seconds = self._timeout / 5 if hurried else self._timeout
        question = msgspec.structs.replace(batch(self._program, facts, self._rows), version=plan.version)
        return self._ask_of(plan, question, seconds)

    def _named(self, facts: Sequence[Fact]) -> str:
        try:
            return self._suspect(facts)
        except EngineUnusable:
            return ""  # the fact is known; its rule is not worth the rest of the batch

    def _suspect(self, facts: Sequence[Fact]) -> str:
        """Return the rule that breaks the engine on this fact, found by halving; "" if no single one does."""
        plan = self._program.plan
        numbers = numbers_of(plan, str(facts[0]["t"]))
        while len(numbers) > 1:
            half = numbers[: len(numbers) // 2]
            other = numbers[len(numbers) // 2 :]
            if self._breaks(only(plan, half), facts):
                numbers = half
            elif self._breaks(only(plan, other), facts):
                numbers = other
            else:
                return ""
        return f" in rule {plan.rules[numbers[0]].id}" if self._breaks(only(plan, numbers), facts) else ""

    def _breaks(self, plan: Plan, facts: Sequence[Fact]) -> bool:
        try:
            return bool(self._ask(plan, facts, hurried=True).failure)
        except Died:
            return True
