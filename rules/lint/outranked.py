"""A rule that only holds where a rule of its family with a graver card holds too is never seen: its card never falls."""

from __future__ import annotations

from collections.abc import Iterator

from rules.draft import Draft
from rules.parameters import at_every_date
from rules.problems import Problem
from rules.reasoning import always, implies, never
from rules.rule import Rule


def check(draft: Draft) -> Iterator[Problem]:
    """Yield a problem for each rule whose condition implies that of a rule of its family with as grave a card or graver."""
    resolves = at_every_date(draft)
    telling = [rule for rule in draft.rules if not any(always(rule.when, r) or never(rule.when, r) for r in resolves)]
    for rule in telling:
        for other in telling:
            if _outranks(other, rule) and all(implies(rule.when, other.when, resolve) for resolve in resolves):
                yield Problem(
                    "lint/outranked", rule.when.at.place,
                    f"Wherever rule {rule.id} holds, {other.id} of the same family holds with a graver or equal card, so {rule.id} is never seen.",
                    f"规则 {rule.id} 成立时，同族的 {other.id} 必然成立且牌色不轻，{rule.id} 永远不会显现。",
                    f"Tighten the condition of {other.id}, or exchange their cards.", f"请收紧 {other.id} 的条件，或对调两条规则的牌。",
                )  # fmt: skip
                break


def _outranks(other: Rule, rule: Rule) -> bool:
    """Say whether another rule of the same family has a graver card, or the same one and stands before."""
    one, two = other.policy.card, rule.policy.card
    if other.id == rule.id or other.policy.family != rule.policy.family or other.group != rule.group:
        return False
    if one is None or two is None or rule.givens or other.givens:
        return False
    same = (
        one is two
        and other.part.card is rule.part.card
        and other.place.line is not None
        and rule.place.line is not None
    )
    return one.gravity > two.gravity or (same and (other.place.line or 0) < (rule.place.line or 0))
