"""Runs the tests that stand inside rulebooks: each is a small history with what is expected at which instant."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from rules.calendarbook import CalendarBook
from rules.catalogue import Catalogue
from rules.context import Context
from rules.engine.base import Engine
from rules.engine.direct import DirectEngine
from rules.facts import Case, CaseEvent, CaseId, Instant, ItemVersion, Value, fold
from rules.judgement import Judgement, Truth
from rules.loader import load_books
from rules.problems import Place, Problem, UserError
from rules.quantities import Quantity
from rules.review import review
from rules.rulebook import Rulebook, Rulebooks
from rules.schema import TestPart

_LINE: Final = re.compile(r"\s*(\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2})?)\s+([a-z_]+)\s*(.*)", re.DOTALL)
_AT: Final = re.compile(r"at\s+(\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2})?)")
ITEM: Final = "item"


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
    """Every test of the rulebooks, and for each rule how often a test saw it hold, not hold, and be undetermined."""

    tests: tuple[BookTest, ...]
    seen: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether every test passed."""
        return all(test.passed for test in self.tests)

    def unproved(self) -> tuple[str, ...]:
        """Return the rules without both a test in which they hold and one in which they do not."""
        return tuple(rule for rule, seen in sorted(self.seen.items()) if not (seen["holds"] and seen["not"]))


def run_tests(
    paths: Sequence[Path], calendars: CalendarBook, *, calendar: str = "cn", engine: Engine | None = None,
    profile: str | Path | None = None,
) -> Report:  # fmt: skip
    """Load the rulebooks (the shipped ones if none is named) and run their tests; raise ``UserError`` if they do not load."""
    books = load_books(paths, profile)
    chosen = engine or DirectEngine()
    seen = {rule.id: {"holds": 0, "not": 0, "undetermined": 0} for book in books.books for rule in book.rules}
    tests: list[BookTest] = []
    for book in books.books:
        for index, part in enumerate(book.part.tests):
            own = books if part.profile is None else load_books(paths, part.profile)
            tests.append(
                _Run(
                    book, index, part, own, calendars, part.calendar or book.part.calendar or calendar, chosen, seen
                ).run()
            )
    return Report(tuple(tests), seen)


@dataclass(slots=True)
class _Run:
    """One test on its way: history, context, expectations."""

    book: Rulebook
    index: int
    part: TestPart
    books: Rulebooks
    calendars: CalendarBook
    calendar: str
    engine: Engine
    seen: dict[str, dict[str, int]]
    problems: list[Problem] = field(default_factory=list)
    expectations: int = 0

    def run(self) -> BookTest:
        """Return the outcome of this test."""
        try:
            case = self._case()
            context = Context(
                self.books, self.calendars, self.engine, self._catalogue(), self.calendar, self.part.registers
            )
            for index, expected in enumerate(self.part.expect):
                for key, wanted in expected.items():
                    self._expect(case, context, ("expect", index), key, wanted)
        except UserError as error:
            self.problems.extend(error.problems)
        return BookTest(self.book.label, self.part.name, tuple(self.problems), self.expectations)

    def _place(self, *path: str | int) -> Place:
        return self.book.document.place(("tests", self.index, *path))

    def _instant(self, text: str) -> Instant:
        zone = ZoneInfo(self.calendars.get(self.calendar).zone)
        return int(dt.datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())

    def _case(self) -> Case:
        kind = self.part.of or self._kind()
        case_id = CaseId("test", kind, "T-1")
        events = [self._event(case_id, index, given) for index, given in enumerate(self.part.given)]
        return fold(case_id, events)

    def _kind(self) -> str:
        kinds = {clock.part.of for clock in self.book.clocks.values()} | {rule.part.of for rule in self.book.rules}
        return "application" if "application" in kinds or not kinds else min(kinds)

    def _event(self, case_id: CaseId, index: int, given: str | Mapping[str, object]) -> CaseEvent:
        at, name, data = self._written(index, given)
        if self.part.item and ITEM not in data:
            data[ITEM] = ITEM
        return CaseEvent(
            source="test", event_id=f"{index:04d}", version=1, **case_id._asdict(), name=name, occurred_at=at,
            sequence=index, data=data,
        )  # fmt: skip

    def _written(self, index: int, given: str | Mapping[str, object]) -> tuple[Instant, str, dict[str, Value]]:
        if not isinstance(given, str):
            rest = {str(k): v if isinstance(v, str | int | float | bool) else str(v) for k, v in given.items()}
            at, name = str(rest.pop("at", "")), str(rest.pop("event", ""))
            return self._instant(at), name, dict(rest)
        match = _LINE.fullmatch(given)
        if match is None:
            raise UserError([Problem(
                "test/given", self._place("given", index), f"'{given}' is not an instant and an event.",
                f"“{given}”不是“时间 事件”。", "Write for example: 2018-10-15 10:00:00 accepted unit=housing",
                "例如：2018-10-15 10:00:00 accepted unit=housing")])  # fmt: skip
        pairs = (part.partition("=") for part in shlex.split(match[3]))
        return self._instant(match[1]), match[2], {name: _value(text) for name, _, text in pairs}

    def _catalogue(self) -> Catalogue:
        if not self.part.item:
            return Catalogue()
        limits = {k: v for k, v in self.part.item.items() if isinstance(v, str) and _is_quantity(v)}
        data: dict[str, Value] = {k: v for k, v in self.part.item.items() if k not in limits}
        name = str(data.pop("name", "事项"))
        return Catalogue.of([ItemVersion(code=ITEM, name=name, limits=limits, data=data)])

    def _expect(
        self, case: Case, context: Context, path: tuple[str | int, ...], key: str, wanted: str | list[str]
    ) -> None:
        place = self._place(*path)
        match = _AT.fullmatch(key.strip())
        if match is None:
            self._say(place, f"'{key}' is not an instant.", f"“{key}”不是时刻。")
            return
        at = self._instant(match[1])
        outcome = review([case], context, 0, at)
        if outcome.lost:
            self._say(
                place, f"The case could not be judged: {outcome.lost[0].reason}", f"无法判断：{outcome.lost[0].reason}"
            )
            return
        judgement = outcome.judgements[0]
        for word in wanted.split(",") if isinstance(wanted, str) else wanted:
            self.expectations += 1
            self._one(judgement, key, word.strip(), place)

    def _one(self, judgement: Judgement, key: str, word: str, place: Place) -> None:
        standing = {(span.rule, span.truth) for span in judgement.spans if span.until_at is None}
        first, _, rest = word.rpartition(" ")
        if first == "light":
            if judgement.light != rest:
                self._say(
                    place,
                    f"{key}: the light is {judgement.light}, not {rest}.",
                    f"{key}：灯为 {judgement.light}，不是 {rest}。",
                )
            return
        if rest not in self.seen or first not in {"", "not", "undetermined"}:
            self._say(place, f"'{word}' is not a rule, 'not RULE', 'undetermined RULE' or 'light COLOUR'.",
                      f"“{word}”应为规则编号、not 规则、undetermined 规则或 light 颜色。")  # fmt: skip
            return
        actual = (
            "holds" if (rest, Truth.TRUE) in standing
            else "undetermined" if (rest, Truth.UNDETERMINED) in standing else "not"
        )  # fmt: skip
        wanted = first or "holds"
        self.seen[rest][actual] += 1
        if actual != wanted:
            values = "; ".join(_evidence(judgement, rest))
            self._say(place, f"{key}: {rest} was expected to be '{wanted}' and is '{actual}'. {values}".strip(),
                      f"{key}：规则 {rest} 期望为“{wanted}”，实际为“{actual}”。{values}")  # fmt: skip

    def _say(self, place: Place, en: str, zh: str) -> None:
        self.problems.append(Problem("test/expectation", place, en, zh))


def _evidence(judgement: Judgement, rule: str) -> Iterator[str]:
    for span in judgement.spans:
        if span.rule == rule:
            yield f"{span.from_at}..{span.until_at}: {dict(span.evidence)} {span.because}"


def _value(text: str) -> Value:
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if re.fullmatch(r"-?\d{1,15}", text) else text


def _is_quantity(text: str) -> bool:
    try:
        Quantity.parse(text)
    except ValueError:
        return False
    return True
