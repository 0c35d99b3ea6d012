"""Cuts a plan down to some of its rules, to find the one that breaks the engine."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from msgspec.structs import replace

from rules.plan import Plan, Shard


def numbers_of(plan: Plan, group: str) -> list[int]:
    """Return the numbers of the rules that judge one type of fact."""
    return [number for number, rule in enumerate(plan.rules) if rule.group == group]


def only(plan: Plan, numbers: Sequence[int]) -> Plan:
    """Return the plan with the branches of these rules alone; findings of the others count as false."""
    kept = set(numbers)
    shards = tuple(shard for shard in (_only(shard, kept) for shard in plan.shards) if shard is not None)
    return replace(plan, version=f"{plan.version}:{min(kept)}-{max(kept)}", shards=shards)


def _only(shard: Shard, kept: Collection[int]) -> Shard | None:
    branches = {
        name: body
        for name, body in json.loads(shard.ruleset).items()
        if name == "boot" or int(name.split(".")[0]) in kept
    }
    if len(branches) == 1:
        return None
    return replace(shard, ruleset=json.dumps(branches, ensure_ascii=False, separators=(",", ":")))
