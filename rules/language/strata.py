"""Orders rules that build on findings of other rules into rounds; a circle is refused, naming who sets whom off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rules.documents import nearest
from rules.language.nodes import Finding, Node, SourceRule, leaves
from rules.problems import Problem, UserError

MAX_ROUNDS: Final = 8


def findings_of(node: Node) -> tuple[Finding, ...]:
    """Return the findings that a condition reads."""
    return tuple(leaf for leaf in leaves(node) if isinstance(leaf, Finding))


def references(rule: SourceRule) -> tuple[Finding, ...]:
    """Return the findings that a rule reads in its condition and in its bindings."""
    nodes = (*(given.where for given in rule.givens.values()), rule.when)
    return tuple(finding for node in nodes for finding in findings_of(node))


def levels_of(rules: Sequence[SourceRule]) -> dict[str, int]:
    """Return how many rounds of findings come before each rule; raise ``UserError`` for a circle or a wrong name."""
    known = {rule.id: rule for rule in rules}
    problems = [problem for rule in rules for problem in _names(rule, known)]
    if problems:
        raise UserError(problems)
    levels: dict[str, int] = {}
    for rule in rules:
        _level(rule, known, levels, ())
    for rule in rules:
        if levels[rule.id] >= MAX_ROUNDS:
            raise UserError([Problem(
                "rule/rounds", rule.when.at.place,
                f"Rule '{rule.id}' needs more than {MAX_ROUNDS} rounds of findings.",
                f"规则“{rule.id}”所需的轮次超过 {MAX_ROUNDS}。",
                "Write out one of the conditions instead of its finding.", "请直接写出其中一个条件，不要引用其结果。",
            )])  # fmt: skip
    return levels


def _names(rule: SourceRule, known: Mapping[str, SourceRule]) -> list[Problem]:
    found = []
    for finding in references(rule):
        other = known.get(finding.rule)
        if other is None:
            near = nearest(finding.rule, known)
            found.append(Problem(
                "rule/unknown-finding", finding.at.place,
                f"There is no rule '{finding.rule}'.", f"没有规则“{finding.rule}”。",
                f"Did you mean '{near}'?" if near else "Name a rule of this rulebook.",
                f"是否应为“{near}”？" if near else "请写本规则书中的规则。",
            ))  # fmt: skip
        elif other.group != rule.group:
            found.append(Problem(
                "rule/finding-group", finding.at.place,
                f"Rule '{other.id}' judges {other.group}, and '{rule.id}' judges {rule.group}.",
                f"规则“{other.id}”判断 {other.group}，而“{rule.id}”判断 {rule.group}。",
                "A finding can be used by rules of the same subject and clock; use a tally otherwise.",
                "只有对象和时钟相同的规则才能引用其结果；否则请用计数 tally。",
            ))  # fmt: skip
    return found


def _level(rule: SourceRule, known: Mapping[str, SourceRule], levels: dict[str, int], path: tuple[str, ...]) -> int:
    if rule.id in path:
        circle = [*path[path.index(rule.id) :], rule.id]
        raise UserError([Problem(
            "rule/circle", rule.when.at.place, f"These rules set each other off: {' -> '.join(circle)}.",
            f"这些规则相互触发：{' → '.join(circle)}。",
            "Take one of the findings out of its condition.", "请从其中一个条件中去掉 finding。",
        )])  # fmt: skip
    if rule.id not in levels:
        before = [_level(known[finding.rule], known, levels, (*path, rule.id)) for finding in references(rule)]
        levels[rule.id] = 1 + max(before, default=-1)
    return levels[rule.id]
