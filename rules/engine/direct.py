"""The engine inside this process: for the tests of rulebooks and for our own; a crash of the C core would end both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rules.engine.base import Outcome
from rules.engine.batches import Rows, batch, outcome_sets
from rules.engine.messages import Answer, Ask
from rules.engine.session import Judge
from rules.facts import Value
from rules.language.program import Program
from rules.language.projection import Fact

BATCH: Final = 500


class DirectEngine:
    """Judges with the same session code as the child, without its process."""

    def __init__(self) -> None:
        self._judge: Judge | None = None

    def evaluate(
        self, program: Program, facts: Sequence[Fact], registers: Mapping[str, Sequence[Mapping[str, Value]]]
    ) -> Outcome:
        """Return the outcome; a batch that the C core truncates raises ``Truncated``."""
        if self._judge is None or self._judge.plan.version != program.version:
            self.close()
            self._judge = Judge(program.plan)
        rows = Rows(program, registers)
        true: list[frozenset[str]] = []
        undetermined: list[frozenset[str]] = []
        for begin in range(0, len(facts), BATCH):
            part = facts[begin : begin + BATCH]
            answer = self._answer(self._judge, batch(program, part, rows))
            sets = outcome_sets(program, len(part), answer.true, answer.undetermined)
            true += sets[0]
            undetermined += sets[1]
        return Outcome(tuple(true), tuple(undetermined))

    def _answer(self, judge: Judge, ask: Ask) -> Answer:
        try:
            return judge.answer(ask)
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        """Free the loaded program."""
        if self._judge is not None:
            self._judge.close()
            self._judge = None
