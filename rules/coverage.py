"""Which branches of a rule's compiled condition the tests of the books have seen, where they say something of the rule.

A branch is what the engine asks at once: each alternative by which the condition holds, and each by which it fails. A
branch counts as seen at an instant at which a test expects something of this rule and the branch holds there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from rules.engine.base import Engine
from rules.facts import Value
from rules.frames import Dossier, Frame, frames_of
from rules.language.checking import scope_of
from rules.language.lowering import Lowering
from rules.language.nodes import SourceRule
from rules.language.normal import SELF, Branch, FieldTest, FoundTest, JoinTest, Test
from rules.language.program import Program
from rules.language.projection import GAP, Columns, Fact
from rules.language.terms import Terms
from rules.language.types import Env
from rules.language.values import Plain, compare
from rules.problems import Place, Problem
from rules.rule import Rule
from rules.rulebook import Rulebook, Rulebooks
from rules.trials import Trial

_MARK: Final = "gap_here"


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """One rule: its branches for true and for false as text, and which of them (by number) no test has seen."""

    rule: str
    place: Place
    branches: tuple[tuple[bool, str], ...]
    unseen: tuple[int, ...]

    @property
    def share(self) -> float:
        """The share of branches that were seen, 1.0 for all."""
        return 1 - len(self.unseen) / len(self.branches) if self.branches else 1.0

    def problems(self) -> Iterator[Problem]:
        """Yield a problem for each branch that no test has seen."""
        for number in self.unseen:
            truth, text = self.branches[number]
            holds, zh = ("holds", "成立") if truth else ("does not hold", "不成立")
            yield Problem(
                "rule/branch", self.place, f"{self.rule}: no test in which it {holds} because {text}.",
                f"{self.rule}：没有测试表明它因“{text}”而{zh}。",
                f"Add a test of such a case with {'' if truth else 'not '}{self.rule}.",
                f"请为这种情形添加测试，期望 {'' if truth else 'not '}{self.rule}。", "warning",
            )  # fmt: skip


@dataclass(slots=True)
class Coverage:
    """Gathers what tests see; ``see`` is called for every test, ``rules`` gives the result."""

    engine: Engine
    _rules: dict[str, _Branches] = field(default_factory=dict)
    _seen: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def see(self, trial: Trial, dossier: Dossier) -> None:
        """Note the branches that hold where the test expects something of a rule."""
        frames = frames_of(dossier)
        for expected in trial.expected:
            for frame in frames:
                rule = next((rule for rule in frame.rules if rule.id == expected.rule), None)
                if rule is not None and frame.begins_at <= expected.at:
                    self._look(frame, rule, frame.env(expected.at), dossier.context.registers)

    def _look(self, frame: Frame, rule: Rule, env: Env, registers: Mapping[str, Sequence[Mapping[str, Value]]]) -> None:
        branches = self._branches(frame.book, rule)
        missing = [number for number in range(len(branches.tests)) if number not in self._seen[rule.id]]
        if not missing:
            return
        found = self._findings(frame, env, registers) if branches.finds else (frozenset[str](), frozenset[str]())
        for facts in branches.facts(env, registers):
            for number in missing:
                if all(_passes(test, facts, found) for test in branches.tests[number]):
                    self._seen[rule.id].add(number)

    def _findings(
        self, frame: Frame, env: Env, registers: Mapping[str, Sequence[Mapping[str, Value]]]
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Return the rules that are true, and those that are undetermined, for this frame at this instant."""
        program = frame.book.program
        outcome = self.engine.evaluate(program, [program.project(frame.group.name, env)], registers)
        return outcome.true[0], outcome.undetermined[0]

    def _branches(self, book: Rulebook, rule: Rule) -> _Branches:
        if rule.id not in self._rules:
            self._rules[rule.id] = _Branches.of(book.program, rule)
        return self._rules[rule.id]

    def rules(self, books: Rulebooks) -> tuple[RuleCoverage, ...]:
        """Return how far each rule is covered, in the order of the books."""
        return tuple(self._rule(book, rule) for book in books.books for rule in book.rules)

    def _rule(self, book: Rulebook, rule: Rule) -> RuleCoverage:
        branches = self._branches(book, rule)
        texts = tuple(
            (truth, branches.text(tests)) for truth, tests in zip(branches.truths, branches.tests, strict=True)
        )
        unseen = tuple(n for n in range(len(texts)) if n not in self._seen[rule.id])
        return RuleCoverage(rule.id, rule.when.at.place, texts, unseen)


@dataclass(frozen=True, slots=True)
class _Branches:
    """The branches of one rule, and the columns that they are about."""

    rule: Rule
    tests: tuple[Branch, ...]
    truths: tuple[bool, ...]
    columns: Columns
    rows: Mapping[str, Columns]
    finds: bool

    @classmethod
    def of(cls, program: Program, rule: Rule) -> _Branches:
        """Lower the rule by itself, as the compiler does, and keep what proves it true or false."""
        columns, rows = Columns(), defaultdict[str, Columns](Columns)
        source = SourceRule(rule.id, rule.group, rule.when, rule.givens)
        terms = Terms(program.vocabulary, scope_of(rule.givens, program.vocabulary))
        lowered = Lowering(source, terms, columns, rows).lower(_MARK)
        found: dict[Branch, bool] = {}
        for branch in lowered:
            if branch.kind != "O" and len(branch.bound) == len(rule.givens):
                found[frozenset(test for test in branch.tests if not _is_guard(test))] = branch.kind == "T"
        finds = any(isinstance(test, FoundTest) for branch in found for test in branch)
        every = cls(rule, tuple(found), tuple(found.values()), columns, rows, finds)
        kept = {tests: truth for tests, truth in found.items() if not every.lacks_its_key(tests)}
        return cls(rule, tuple(kept), tuple(kept.values()), columns, rows, finds)

    def lacks_its_key(self, tests: Branch) -> bool:
        """Say whether a branch asks that a word be missing by which its row is found: no case can fulfil it."""
        keys = {self._word(alias, name) for t in tests if isinstance(t, JoinTest)
                for alias, name in ((t.alias, t.field), (t.other, t.other_field))}  # fmt: skip
        return any(f"not (exists {key})" == self._test(test) for test in tests for key in keys)

    def facts(self, env: Env, registers: Mapping[str, Sequence[Mapping[str, Value]]]) -> Iterator[Mapping[str, Fact]]:
        """Yield the subject with every choice of rows, as the engine would get them."""
        subject = _projected(self.columns, env, None)
        names = list(self.rule.givens)
        choices = [registers.get(self.rule.givens[name].register, ()) for name in names]
        for rows in product(*choices):
            bound = zip(names, rows, strict=True)
            yield {SELF: subject} | {n: _projected(self.rows[self.rule.givens[n].register], env, r) for n, r in bound}

    def text(self, tests: Branch) -> str:
        """Return a branch in the author's words."""
        return " and ".join(sorted(self._test(test) for test in tests)) or "always"

    def _test(self, test: Test) -> str:
        match test:
            case FoundTest(rule, truth):
                return f"finding({rule})" if truth else f"not finding({rule})"
            case JoinTest(alias, name, op, other, other_name):
                return f"{self._word(alias, name)} {op} {self._word(other, other_name)}"
            case FieldTest(alias, name, op, value):
                word = self._word(alias, name)
                if name.startswith(("is_", "v_bool")) and op == "==" and value in {0, 1}:
                    return word if value else f"not ({word})"
                return f"{word} {op} {value}"

    def _word(self, alias: str, name: str) -> str:
        columns = self.columns if alias == SELF else self.rows[self.rule.givens[alias].register]
        written = next((key for key, known in columns.names.items() if known == name), name)
        for prefix in ("is_", "has_"):
            written = written.removeprefix(prefix)
        if not written.startswith("v_"):
            return written
        bare = written.split("_", 2)[2]
        return bare if alias == SELF else f"{alias}.{bare}"


def _is_guard(test: Test) -> bool:
    return isinstance(test, FieldTest) and test.field in {_MARK, GAP}


def _projected(columns: Columns, env: Env, row: Mapping[str, Value] | None) -> Fact:
    values = ((name, column(env, row)) for name, column in columns.readers.items())
    return {name: value for name, value in values if value is not None}


def _passes(test: Test, facts: Mapping[str, Fact], found: tuple[frozenset[str], frozenset[str]]) -> bool:
    match test:
        case FoundTest(rule, truth):
            return rule in found[0] if truth else rule not in found[0] | found[1]
        case FieldTest(alias, name, op, value):
            return _stands(facts[alias].get(name), op, value)
        case JoinTest(alias, name, op, other, other_name):
            return _stands(facts[alias].get(name), op, facts[other].get(other_name))


def _stands(left: Plain | None, op: str, right: Plain | None) -> bool:
    return compare(left, op, right) is True
