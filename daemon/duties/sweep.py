"""Sweep (核查): proves from the tables alone that every step of escalation that is due ran, and counts what did not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from daemon.duties.watch import Concern
from ledger import Ledger, views
from rules.facts import Instant
from rules.judgement import Light
from rules.policy import Policy

ESCALATION: Final = "escalation"
"""The word for steps that did not run."""

GRACE_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep saw."""

    missed: int = 0
    unjudged: int = 0

    @property
    def happened(self) -> bool:
        """Whether a step was missed."""
        return bool(self.missed or self.unjudged)

    @property
    def ok(self) -> bool:
        """Sweeping succeeded, whatever was seen."""
        return True


class Sweep:
    """The duty of looking after the steps; what it saw last stands in ``counts`` and in ``look``.

    What two sweeps in a row saw is a trouble: the first one after a start may come before the review has caught up.
    """

    name = "sweep"

    def __init__(self, ledger: Ledger, policies: Callable[[], Mapping[str, Policy]]) -> None:
        self._ledger, self._policies = ledger, policies
        self._before = self._seen = views.Steps(ran=0, missed=(), unjudged=0)

    def run_once(self, now: Instant) -> Swept:
        """Hold what is due against what ran."""
        telling = {name for name, policy in self._policies().items() if policy.tell is not None}
        self._before, self._seen = self._seen, views.steps(self._ledger, telling, now, GRACE_SECONDS)
        return Swept(len(self._seen.missed), self._seen.unjudged)

    def next_at(self, now: Instant) -> Instant | None:
        """The interval alone says when to sweep."""
        return None

    @property
    def counts(self) -> dict[str, int]:
        """Steps by state at the last sweep."""
        return {"ran": self._seen.ran, "missed": len(self._seen.missed), "unjudged": self._seen.unjudged}

    def look(self, _now: Instant) -> Concern:
        """Say whether a step did not run."""
        missed, unjudged = len(self._seen.missed), self._seen.unjudged
        lasting = set(self._before.missed) & set(self._seen.missed) or (unjudged and self._before.unjudged)
        light = Light.RED if lasting else Light.GREEN
        first = next((f" ({each.rule}, {each.case_id})" for each in self._seen.missed), "")
        return Concern(
            ESCALATION, light,
            f"{missed} steps of escalation are due and did not run{first}; {unjudged} cards or feeds wait to be judged.",
            f"{missed} 个督办步骤到期未执行{first}；{unjudged} 张牌或者数据源待研判超时。",
        )  # fmt: skip
