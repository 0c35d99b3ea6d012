"""A condition says something: it can hold, it can fail, and each of its parts makes a difference.

Proved by interval reasoning with the parameters of every date, so that no date brings a contradiction in silence.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules.draft import Draft
from rules.language.nodes import And, Exists, Node, Not, Or, leaves, path_of, subjects, written
from rules.parameters import at_every_date
from rules.problems import Problem
from rules.reasoning import Resolve, always, implies, never


def check(draft: Draft) -> Iterator[Problem]:
    """Yield a problem for each condition that never or always holds, else for each part that changes nothing."""
    resolves = at_every_date(draft)
    for rule in draft.rules:
        if any(never(rule.when, resolve) for resolve in resolves):
            yield Problem(
                "lint/never", rule.when.at.place, f"Rule {rule.id} can never hold: its parts contradict each other.",
                f"规则 {rule.id} 永远不成立：条件自相矛盾。",
                "Look at the thresholds of the same word, or write 'or' for 'and'.", "请检查同一个词的界限，或把 and 改为 or。",
            )  # fmt: skip
        elif any(always(rule.when, resolve) for resolve in resolves):
            yield Problem(
                "lint/always", rule.when.at.place, f"Rule {rule.id} always holds, so it says nothing.",
                f"规则 {rule.id} 恒成立，没有意义。",
                "Look at the thresholds of the same word, or write 'and' for 'or'.", "请检查同一个词的界限，或把 or 改为 and。",
            )  # fmt: skip
        else:
            for part in _needless(rule.when, resolves):
                yield Problem(
                    "lint/needless", part.at.place,
                    f"'{written(part)}' changes nothing here: the rest of the condition already decides.",
                    f"“{written(part)}”在此不起作用：其余条件已经决定结果。",
                    "Remove it, or mend its threshold.", "请删除或修正其界限。", "warning",
                )  # fmt: skip


def _needless(node: Node, resolves: tuple[Resolve, ...]) -> Iterator[Node]:
    """Yield each part of an and/or that the parts beside it already imply."""
    if isinstance(node, Not):
        yield from _needless(node.part, resolves)
    if not isinstance(node, And | Or):
        return
    for index, part in enumerate(node.parts):
        others = node.parts[:index] + node.parts[index + 1 :]
        rest = others[0] if len(others) == 1 else type(node)(others, node.at)
        if all(_implied(part, rest, node, resolve) for resolve in resolves):
            yield part
            return
    for part in node.parts:
        yield from _needless(part, resolves)


def _implied(part: Node, rest: Node, node: Node, resolve: Resolve) -> bool:
    """Say whether a part adds nothing, also where a word is missing: the rest reads all that it reads."""
    read = {path_of(subject) for subject in subjects(rest)}
    if any(isinstance(leaf, Exists) for leaf in leaves(part)) or not {path_of(s) for s in subjects(part)} <= read:
        return False
    return implies(rest, part, resolve) if isinstance(node, And) else implies(part, rest, resolve)
