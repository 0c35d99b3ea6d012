"""A card reaches somebody on the supervised side, and a proposal is always confirmed by a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.draft import Draft
from rules.policy import IssueMode
from rules.problems import Problem

NOBODY_ABOVE: Final = frozenset({"supervisor"})
"""Kinds without a supervised side: who supervises answers to the owner, who hears of every card."""


def check(draft: Draft) -> Iterator[Problem]:
    """Yield a problem for each card without a recipient, and for each proposal that nobody confirms."""
    for rule in draft.rules:
        part = rule.part
        if part.card is not None and part.tell is None and part.of not in NOBODY_ABOVE:
            yield Problem(
                "lint/recipient", draft.rule_place(rule.id, "card"),
                f"The card of rule {rule.id} is told to nobody on the supervised side.", f"规则 {rule.id} 的牌没有送达对象。",
                "Add 'tell: R0' (the handler) up to 'tell: R5' (a lead, by a person's decision).", "请添加 tell: R0（承办人）至 R5（线索移送，由人决定）。", "warning",
            )  # fmt: skip
        if part.proposes and part.issue is IssueMode.AUTOMATIC:
            yield Problem(
                "lint/proposal", draft.rule_place(rule.id, "proposes"),
                f"Rule {rule.id} proposes a measure without a person who confirms it.", f"规则 {rule.id} 建议追责，却不经人工确认。",
                "Write 'issue: confirm' or 'issue: manual'.", "请写 issue: confirm 或 issue: manual。",
            )  # fmt: skip
