"""Runs the tests that stand inside rulebooks: each is a small history with what is expected at which instant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from rules.calendarbook import CalendarBook
from rules.coverage import Coverage, RuleCoverage
from rules.engine.base import Engine
from rules.engine.direct import DirectEngine
from rules.frames import Dossier
from rules.glossary import label
from rules.judgement import Judgement
from rules.loader import load_books
from rules.problems import Problem, UserError
from rules.review import review
from rules.rulebook import Rulebook, Rulebooks
from rules.trials import HOLDS, NOT, UNDETERMINED, Expected, Trial, trials_of

STATES: Final[Mapping[str, tuple[str, str, str]]] = {
    HOLDS: ("to hold", "holds", "成立"),
    NOT: ("not to hold", "does not hold", "不成立"),
    UNDETERMINED: ("to be undetermined", "is undetermined", "待定"),
}
"""What may be expected of a rule and seen of it, in words."""


@dataclass(frozen=True, slots=True)
class BookTest:
    """The outcome of one test of a rulebook: what was expected and not seen, each with its place."""

    book: str
    name: str
    problems: tuple[Problem, ...]
    expectations: int

    @property
    def passed(self) -> bool:
        """Whether everything that the test expects was seen."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class Report:
    """Every test of the rulebooks, for each rule how often a test saw it hold, not hold, and be undetermined, and
    which branches of its condition the tests have seen.
    """

    tests: tuple[BookTest, ...]
    seen: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    coverage: tuple[RuleCoverage, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every test passed."""
        return all(test.passed for test in self.tests)

    def unproved(self) -> tuple[str, ...]:
        """Return the rules without both a test in which they hold and one in which they do not."""
        return tuple(rule for rule, seen in sorted(self.seen.items()) if not (seen["holds"] and seen["not"]))


def run_tests(
    paths: Sequence[Path], calendars: CalendarBook, *, calendar: str = "cn", engine: Engine | None = None,
    profile: str | Path | None = None, beside: Sequence[Rulebook] = (),
) -> Report:  # fmt: skip
    """Load the rulebooks (the shipped ones if none is named) and run their tests; raise ``UserError`` if they do not load.

    A test that names rules of a book ``beside`` them is judged with that book too.
    """
    books = load_books(paths, profile)
    profiles: dict[str | None, Rulebooks] = {None: books}
    coverage = Coverage(DirectEngine())
    chosen = engine or DirectEngine()
    seen = {rule.id: {"holds": 0, "not": 0, "undetermined": 0} for book in books.books for rule in book.rules}
    own = {book.name for book in books.books}
    others = {rule.id: book.name for book in beside if book.name not in own for rule in book.rules}
    tests: list[BookTest] = []
    for book in books.books:
        for trial in trials_of(book, (*seen, *others), calendars, calendar):
            name = trial.part.profile
            if name not in profiles:
                profiles[name] = load_books(paths, name)
            named = {others[expected.rule] for expected in trial.expected if expected.rule in others}
            judging = _with(profiles[name], [other for other in beside if other.name in named])
            tests.append(_run(trial, judging, calendars, chosen, seen))
            coverage.see(trial, Dossier.of(trial.case, trial.context(profiles[name], calendars, chosen)))
    return Report(tuple(tests), seen, coverage.rules(books))


def _with(books: Rulebooks, others: Sequence[Rulebook]) -> Rulebooks:
    return replace(books, books=(*books.books, *others)) if others else books


def _run(
    trial: Trial, books: Rulebooks, calendars: CalendarBook, engine: Engine, seen: dict[str, dict[str, int]]
) -> BookTest:
    """Return the outcome of one test, counting in ``seen`` what each rule was found to be."""
    problems = list(trial.problems)
    context = trial.context(books, calendars, engine)
    judged: dict[int, Judgement | str] = {}
    try:
        for expected in trial.expected:
            if expected.at not in judged:
                outcome = review([trial.case], context, 0, expected.at)
                judged[expected.at] = outcome.lost[0].reason if outcome.lost else outcome.judgements[0]
                if outcome.lost:
                    problems.append(_lost(expected, outcome.lost[0].reason))
            judgement = judged[expected.at]
            if isinstance(judgement, str):
                continue
            actual = expected.seen(judgement)
            if expected.rule in seen:
                seen[expected.rule][actual.split()[0]] += 1
            if actual != expected.wanted:
                problems.append(_not_as_expected(expected, actual, judgement))
    except UserError as error:
        problems.extend(error.problems)
    return BookTest(trial.book, trial.part.name, tuple(problems), len(trial.expected))


def _lost(expected: Expected, reason: str) -> Problem:
    return Problem("test/expectation", expected.place, f"The case could not be judged: {reason}", f"无法判断：{reason}")


def _not_as_expected(expected: Expected, actual: str, judgement: Judgement) -> Problem:
    key = expected.key
    if not expected.rule:
        is_en, is_zh = label("lights", actual, "en"), label("lights", actual, "zh")
        want_en, want_zh = label("lights", expected.wanted, "en"), label("lights", expected.wanted, "zh")
        return Problem("test/expectation", expected.place, f"{key}: the light is {is_en}, not {want_en}.",
                       f"{key}：实际为{is_zh}，不是{want_zh}。")  # fmt: skip
    values = "; ".join(_evidence(judgement, expected.rule))
    wanted, seen = STATES[expected.wanted], STATES[actual]
    return Problem(
        "test/expectation", expected.place,
        f"{key}: rule {expected.rule} was expected {wanted[0]}; it {seen[1]}. {values}".strip(),
        f"{key}：期望规则 {expected.rule} {wanted[2]}，实际{seen[2]}。{values}",
    )  # fmt: skip


def _evidence(judgement: Judgement, rule: str) -> Iterator[str]:
    for span in judgement.spans:
        if span.rule == rule:
            yield f"{span.from_at}..{span.until_at}: {dict(span.evidence)} {span.because}"
