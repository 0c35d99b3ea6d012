"""Something follows from a rule: a light, a card, a proposal, or at least another rule that builds on its finding."""

from __future__ import annotations

from collections.abc import Iterator

from rules.draft import Draft
from rules.language import SourceRule
from rules.language.strata import references
from rules.problems import Problem


def check(draft: Draft) -> Iterator[Problem]:
    """Yield a problem for each rule from which nothing follows."""
    sources = [SourceRule(rule.id, rule.group, rule.when, rule.givens) for rule in draft.rules]
    built_on = {finding.rule for source in sources for finding in references(source)}
    for rule in draft.rules:
        part = rule.part
        if part.light is None and part.card is None and not part.proposes and rule.id not in built_on:
            yield Problem(
                "lint/consequence", draft.rule_place(rule.id), f"Nothing follows from rule {rule.id}.",
                f"规则 {rule.id} 成立后没有任何后果。",
                "Add 'light:', 'card:' or 'proposes:'.", "请添加 light、card 或 proposes。", "warning",
            )  # fmt: skip
