"""What the rules of one group read: which clocks, which thresholds on them, which words, which windows.

It is worked out once, when a rulebook is loaded. Between two instants at which one of these answers changes, every
condition of the group keeps its truth.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

from rules.asking import Need
from rules.clockgauges import Measure
from rules.facts import Value
from rules.grades import Parameters, Thresholds, grade, thresholds_of
from rules.language import Program
from rules.language.nodes import Call, Constant, Node, Operand, Subject, path_of, subjects
from rules.language.strata import references
from rules.language.terms import Reader, reader
from rules.quantities import Quantity
from rules.rule import Rule
from rules.view import Answer, View
from rules.vocabulary.base import all_words, hearing_of_call, reader_of, rows_of, turns_of_word
from rules.windows import WINDOWS


@dataclass(frozen=True, slots=True)
class Comparison:
    """A measure of a clock beside a threshold; ``fixed`` is the threshold where it is a constant."""

    clock: str
    measure: Measure
    op: str
    threshold: Reader
    fixed: Quantity | Fraction | None = None


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """Everything that a group of rules reads; ``clock_words`` are (clock, word), ``answers`` what events decide.

    ``of_item`` and ``of_parameters`` say whether anything is read of the item's version and of the rulebook's dated
    parameters, which are fixed for one start of a clock.
    """

    clocks: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    clock_words: tuple[tuple[str, str], ...]
    answers: tuple[Answer, ...]
    windows: tuple[str, ...]
    of_item: bool
    of_parameters: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The rules of one rulebook about one clock of one kind of case ("" for those that read no clock).

    ``key`` tells the group with these rules from the same group with others. ``memory`` keeps what is worked out of the
    rest once it is asked for; it says nothing of its own.
    """

    name: str
    of: str
    clock: str
    rules: tuple[Rule, ...]
    plan: ReadingPlan
    key: str = ""
    memory: dict[object, object] = field(default_factory=dict, compare=False, repr=False)


def groups_of(rules: Sequence[Rule], program: Program, parameters: Parameters) -> tuple[Group, ...]:
    """Return the rules by group, each with its reading plan; ``parameters`` are those of the rulebook."""
    names = dict.fromkeys(rule.group for rule in rules)
    found = []
    for name in names:
        own = tuple(rule for rule in rules if rule.group == name)
        found.append(Group(name, own[0].part.of, own[0].clock, own, _plan(own, program, parameters), name))
    return tuple(found)


def narrowed(group: Group, rules: Sequence[Rule], program: Program, parameters: Parameters) -> Group:
    """Return the group with some of its rules; what the findings that they build on read is read as well."""
    if len(rules) == len(group.rules):
        return group
    by_id = {rule.id: rule for rule in group.rules}
    read: dict[str, Rule] = {}
    waiting = [rule.id for rule in rules]
    while waiting:
        rule_id = waiting.pop()
        if rule_id not in read:
            read[rule_id] = by_id[rule_id]
            waiting += [finding.rule for finding in references(program.sources[rule_id])]
    plan = _plan([rule for rule in group.rules if rule.id in read], program, parameters)
    return Group(group.name, group.of, group.clock, tuple(rules), plan, f"{group.name} {' '.join(r.id for r in rules)}")


def _plan(rules: Sequence[Rule], program: Program, parameters: Parameters) -> ReadingPlan:
    read = dict.fromkeys(subject for rule in rules for subject in _read(rule))
    paths = dict.fromkeys(path_of(subject) for subject in read)
    heads = {path[0] for path in paths}
    elapsed = {measure.value for measure in Measure} - {Measure.OVER.value}
    tests = dict.fromkeys(test for rule in rules for test in program.time_tests(rule.id))
    graded = thresholds_of((node for rule in rules for node in _conditions(rule)), parameters)
    return ReadingPlan(
        clocks=tuple(dict.fromkeys(path[1] for path in paths if path[0] == "clock")),
        comparisons=tuple(
            Comparison(t.path[1], Measure(t.path[2]), t.op, reader(t.threshold), _fixed(t.threshold)) for t in tests
        ),
        clock_words=tuple((path[1], path[2]) for path in paths if path[0] == "clock" and path[2] not in elapsed),
        answers=tuple(_answer(s, graded.get(s)) for s in read if path_of(s)[0] not in {"clock", "param", "item"}),
        windows=tuple(dict.fromkeys(arg for s in read if isinstance(s, Call) for arg in s.args if arg in WINDOWS)),
        of_item="item" in heads,
        of_parameters="param" in heads,
    )


def _fixed(threshold: Operand) -> Quantity | Fraction | None:
    value = threshold.value if isinstance(threshold, Constant) else None
    return value if isinstance(value, Quantity | Fraction) else None


def _conditions(rule: Rule) -> tuple[Node, ...]:
    return (*(given.where for given in rule.givens.values()), rule.when)


def _read(rule: Rule) -> Iterator[Subject]:
    """Yield what a rule reads of a case, not what it reads of the rows that its names stand for."""
    for node in _conditions(rule):
        yield from (s for s in subjects(node) if isinstance(s, Call) or s.path[0] not in rule.givens)


@cache
def _answer(subject: Subject, thresholds: Thresholds | None) -> Answer:
    """Return how a word is read: equal words of different rulebooks are read by one answer.

    One that is only held against thresholds is told apart as they do.
    """
    if not isinstance(subject, Call):
        rows = rows_of(subject.path)
        if rows is not None:
            return Answer(
                lambda view: tuple(tuple((name, _distinct(value)) for name, value in row.items()) for row in rows(view))
            )
    read, turns = _reading(subject)
    if thresholds is not None:
        return Answer(lambda view: grade(read(view), thresholds), turns)
    return Answer(lambda view: _distinct(read(view)), turns)


def _reading(subject: Subject) -> tuple[Callable[[View], Value], tuple[Need, ...] | None]:
    """Return the function that reads a word or call, and what alone may change it."""
    if isinstance(subject, Call):
        call, args, rest = all_words().calls[subject.name][1], subject.args, subject.rest
        return lambda view: call(view, args, rest), hearing_of_call(subject.name, args, rest)
    return reader_of(subject.path), turns_of_word(subject.path)


def _distinct(value: Value) -> Hashable:
    return value if value is None or isinstance(value, str) else (type(value), value)
