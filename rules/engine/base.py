"""The engine's seam: facts of a program in, truths out. Pure: equal facts and registers give equal outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from rules.facts import Value
from rules.language.program import Program
from rules.language.projection import Fact


@dataclass(frozen=True, slots=True)
class Outcome:
    """For each fact, in order, the ids of the rules that are true and undetermined; ``lost`` says why neither."""

    true: tuple[frozenset[str], ...]
    undetermined: tuple[frozenset[str], ...]
    lost: Mapping[int, str] = field(default_factory=dict)


class Engine(Protocol):
    """Judges facts."""

    def evaluate(
        self, program: Program, facts: Sequence[Fact], registers: Mapping[str, Sequence[Mapping[str, Value]]]
    ) -> Outcome:
        """Return the outcome for facts made by ``program.project``; ``registers`` holds the rows by register."""
