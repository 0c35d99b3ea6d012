"""What the compiler hands to the engine: rulesets in durable-rules' JSON, and how their matches are to be read.

It stands between both, so that the engine's process need not load the language.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

SUBJECT: Final = "s"
"""The alias of the judged subject in every branch."""
FINDING: Final = "/finding"
BOOT: Final = "/boot"
MAX_PATTERNS: Final = 48
"""Patterns of one ruleset: the engine loses a fact that passes 64 tests at once."""


class PlannedRule(Struct, frozen=True):
    """A rule as the engine's session knows it: its rounds of findings before it, and the type of its facts."""

    id: str
    group: str
    level: int


class Shard(Struct, frozen=True):
    """One ruleset. ``of_gaps``: it gets only facts that lack something; ``needs``: findings (``<n>+``, ``<n>-``)."""

    group: str
    of_gaps: bool
    ruleset: str
    registers: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


class Plan(Struct, frozen=True):
    """A compiled program as plain data: equal sources give equal plans, ``version`` is the hash of the content."""

    version: str
    rules: tuple[PlannedRule, ...]
    shards: tuple[Shard, ...]


def finding_mark(rule: int, truth: bool) -> str:
    """Return how the finding of the n-th rule stands in a finding fact."""
    return f"{rule}{'+' if truth else '-'}"
