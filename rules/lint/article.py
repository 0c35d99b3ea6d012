"""A rule rests on an article, a standard or a published promise, or nobody can answer why it was applied."""

from __future__ import annotations

from collections.abc import Iterator

from rules.draft import Draft
from rules.problems import Problem


def check(draft: Draft) -> Iterator[Problem]:
    """Yield a problem for each rule without a basis, and for each basis without a text."""
    for rule in draft.rules:
        if rule.part.basis is None:
            yield Problem(
                "lint/article", draft.rule_place(rule.id), f"Rule {rule.id} names no article.", f"规则 {rule.id} 未写明依据。",
                "Add 'basis: NAME' and describe NAME under the heading 'basis'.", "请添加 basis: 名称，并在 basis 下写明条文。",
                "warning",
            )  # fmt: skip
    for name, basis in draft.part.basis.items():
        if not basis.text.strip():
            yield Problem(
                "lint/article", draft.place("basis", name, "text"), f"The basis '{name}' has no text.", f"依据“{name}”没有文字。",
                "Name the article, the standard or the published promise.", "请写明条文、标准或公布的承诺。", "warning",
            )  # fmt: skip
