"""Compiles checked rules into a program, or says in the author's words which limit they pass and how to split them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from rules.language.branches import TooWide, Written, deal, write
from rules.language.checking import check, scope_of
from rules.language.lowering import MAX_BRANCHES, Lowered, Lowering
from rules.language.nodes import And, Node, Or, SourceRule, written
from rules.language.normal import SELF, TooMany
from rules.language.program import Fetch, Program
from rules.language.projection import MAX_COLUMNS, Columns, Projector, row_type
from rules.language.strata import levels_of, references
from rules.language.terms import Terms
from rules.language.types import Vocabulary
from rules.language.values import text
from rules.plan import Plan, PlannedRule, Shard
from rules.problems import Problem, UserError


def compile_rules(rules: Sequence[SourceRule], vocabulary: Vocabulary) -> Program:
    """Return the program of these rules; raise ``UserError`` with every problem, the engine's limits in plain words."""
    problems = [problem for rule in rules for problem in check(rule.when, vocabulary, rule.givens)]
    problems += _twice(rules)
    if problems:
        raise UserError(problems)
    return _Compiler(rules, vocabulary, levels_of(rules)).program()


def _twice(rules: Iterable[SourceRule]) -> list[Problem]:
    seen: set[str] = set()
    found = []
    for rule in rules:
        if rule.id in seen:
            found.append(Problem(
                "rule/duplicate", rule.when.at.place, f"There are two rules '{rule.id}'.", f"规则“{rule.id}”重复。",
                "Give one of them another id.", "请为其中一条另取编号。",
            ))  # fmt: skip
        seen.add(rule.id)
    return found


@dataclass(slots=True)
class _Compiler:
    """Gathers columns, branches and problems over all rules."""

    rules: Sequence[SourceRule]
    vocabulary: Vocabulary
    levels: Mapping[str, int]
    columns: defaultdict[str, Columns] = field(default_factory=lambda: defaultdict(Columns))
    rows: defaultdict[str, Columns] = field(default_factory=lambda: defaultdict(Columns))
    used: dict[str, set[str]] = field(default_factory=dict)
    fetches: dict[Fetch, None] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def program(self) -> Program:
        """Return the program; raise ``UserError`` if any rule cannot be lowered."""
        lowered = {rule.id: self._lower(index, rule) for index, rule in enumerate(self.rules)}
        projectors = {group: self._projector(group) for group in dict.fromkeys(rule.group for rule in self.rules)}
        shards = [shard for group in projectors for shard in self._shards(group, lowered)]
        if self.problems:
            raise UserError(self.problems)
        planned = tuple(PlannedRule(rule.id, text(rule.group), self.levels[rule.id]) for rule in self.rules)
        plan = Plan(self._version(planned, shards), planned, tuple(shards))
        sources = {rule.id: rule for rule in self.rules}
        return Program(plan, sources, self.vocabulary, projectors, dict(self.rows), tuple(self.fetches))

    def _lower(self, index: int, rule: SourceRule) -> tuple[Lowered, ...]:
        terms = Terms(self.vocabulary, scope_of(rule.givens, self.vocabulary))
        lowering = Lowering(rule, terms, self.columns[rule.group], self.rows)
        try:
            branches = lowering.lower(f"gap_{index}")
        except TooMany:
            self.problems.append(_too_many(rule))
            branches = ()
        except UserError as error:
            self.problems += error.problems
            branches = ()
        self.used[rule.id] = lowering.used
        for key in lowering.keys:
            source = text(rule.group) if key.other == SELF else row_type(rule.givens[key.other].register)
            self.fetches[Fetch(rule.givens[key.given].register, key.column, source, key.other_column)] = None
        return branches

    def _projector(self, group: str) -> Projector:
        """Return how the group's subjects are projected, and which rules each missing column leaves open."""
        needs: defaultdict[str, list[str]] = defaultdict(list)
        always = []
        for index, rule in enumerate(self.rules):
            if rule.group != group:
                continue
            before = self._before(rule)
            for column in set().union(*(self.used[known] for known in before)):
                needs[column].append(f"gap_{index}")
            if any(self._source(known).givens for known in before - {rule.id}):
                always.append(f"gap_{index}")
        columns = self.columns[group].readers
        marks = sum(rule.group == group for rule in self.rules)
        if len(columns) + marks > MAX_COLUMNS:
            self.problems.append(
                _too_wide(group, len(columns) + marks, next(r for r in self.rules if r.group == group))
            )
        frozen = {column: tuple(sorted(marks)) for column, marks in needs.items()}
        return Projector(text(group), tuple(columns.items()), frozen, tuple(always))

    def _before(self, rule: SourceRule) -> set[str]:
        """Return the rule and every rule whose finding it builds on, directly or not."""
        found = {rule.id}
        for finding in references(rule):
            found |= self._before(self._source(finding.rule))
        return found

    def _source(self, rule_id: str) -> SourceRule:
        return next(rule for rule in self.rules if rule.id == rule_id)

    def _shards(self, group: str, lowered: Mapping[str, Sequence[Lowered]]) -> list[Shard]:
        """Return the rulesets of a group: what may be true of any fact, and what is asked only of facts with a gap."""
        general: list[Written] = []
        of_gaps: list[Written] = []
        numbers = {rule.id: index for index, rule in enumerate(self.rules)}
        for rule in self.rules:
            if rule.group != group:
                continue
            registers = {name: given.register for name, given in rule.givens.items()}
            for count, branch in enumerate(lowered[rule.id]):
                try:
                    name = f"{numbers[rule.id]}.{branch.kind}.{count}"
                    ready = write(name, text(group), branch, registers, numbers)
                except TooWide:
                    self.problems.append(_too_many(rule))
                    break
                (of_gaps if branch.kind != "T" and not rule.givens else general).append(ready)
        return deal(text(group), False, general) + deal(text(group), True, of_gaps)

    def _version(self, planned: Sequence[PlannedRule], shards: Sequence[Shard]) -> str:
        names = {group: columns.names for group, columns in (*self.columns.items(), *self.rows.items())}
        content = msgspec.json.encode([planned, shards, names])
        return hashlib.sha256(content).hexdigest()[:32]


def _too_many(rule: SourceRule) -> Problem:
    en, zh = _split(rule)
    return Problem(
        "rule/branches", rule.when.at.place,
        f"Rule '{rule.id}' falls apart into more than {MAX_BRANCHES} branches.",
        f"规则“{rule.id}”展开后超过 {MAX_BRANCHES} 个分支。",
        en, zh,
    )  # fmt: skip


def _split(rule: SourceRule) -> tuple[str, str]:
    """Return the edit that splits a rule: halves of its 'or', or its widest 'or' as a rule of its own."""
    if isinstance(rule.when, Or):
        half = len(rule.when.parts) // 2
        first, second = (_joined(parts, rule.when) for parts in (rule.when.parts[:half], rule.when.parts[half:]))
        return (
            f"Split it into two rules of one family: '{rule.id}a' when {first}; '{rule.id}b' when {second}.",
            f"请拆成同一 family 的两条规则：“{rule.id}a” when {first}；“{rule.id}b” when {second}。",
        )
    parts = rule.when.parts if isinstance(rule.when, And) else (rule.when,)
    widest = max(parts, key=lambda part: len(written(part)))
    return (
        f"Make a rule '{rule.id}a' of: {written(widest)}; and write finding({rule.id}a) in its place.",
        f"请另立规则“{rule.id}a”：{written(widest)}；并在原处写 finding({rule.id}a)。",
    )


def _joined(parts: Sequence[Node], whole: Or) -> str:
    return written(parts[0]) if len(parts) == 1 else written(Or(tuple(parts), whole.at))


def _too_wide(group: str, count: int, rule: SourceRule) -> Problem:
    return Problem(
        "rule/columns", rule.when.at.place,
        f"The rules of '{group}' read {count} words and atoms together; the engine takes {MAX_COLUMNS}.",
        f"“{group}”的规则共读取 {count} 个词和原子，引擎至多 {MAX_COLUMNS} 个。",
        "Move some of the rules to a clock or kind of their own.", "请把部分规则移到单独的时钟或类别。",
    )  # fmt: skip
