"""A test of a rulebook taken apart: its little history as a case, what it is judged with, and what it expects when."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from rules.calendarbook import CalendarBook
from rules.catalogue import Catalogue
from rules.context import Context
from rules.documents import nearest
from rules.engine.base import Engine
from rules.facts import Case, CaseEvent, CaseId, Instant, ItemVersion, Value, fold
from rules.judgement import Judgement, Light, Truth
from rules.problems import Place, Problem
from rules.quantities import Quantity
from rules.rulebook import Rulebook, Rulebooks
from rules.schema import TestPart

_LINE: Final = re.compile(r"\s*(\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2})?)\s+([a-z_]+)\s*(.*)", re.DOTALL)
_AT: Final = re.compile(r"at\s+(\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2})?)")
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
ITEM: Final = "item"
LIGHT: Final = "light"
HOLDS: Final = "holds"
NOT: Final = "not"
UNDETERMINED: Final = "undetermined"
AGAINST: Final = "against"


@dataclass(frozen=True, slots=True)
class Expected:
    """One word of an expectation: at an instant a rule holds, does not or is undetermined; or the light has a colour.

    ``rule`` is "" where the colour of the light is expected: the one that the rules of the test's own ``book`` give,
    so that a book proves itself alone and beside any others. ``key`` is the instant as written. ``against`` is the unit
    that the finding has to be against, "" where the test does not say.
    """

    at: Instant
    key: str
    rule: str
    wanted: str
    place: Place
    book: str
    against: str = ""

    def seen(self, judgement: Judgement) -> str:
        """Return what a judgement as of this instant says in the words of ``wanted``."""
        if not self.rule:
            return self._light(judgement).value
        standing = {(span.rule, span.truth) for span in judgement.spans if span.until_at is None}
        if (self.rule, Truth.TRUE) in standing:
            return self._at_fault(judgement)
        return UNDETERMINED if (self.rule, Truth.UNDETERMINED) in standing else NOT

    def _at_fault(self, judgement: Judgement) -> str:
        """Return that the rule holds, or against which other unit it does."""
        units = [
            s.unit for s in judgement.spans if s.rule == self.rule and s.until_at is None and s.truth is Truth.TRUE
        ]
        found = ", ".join(judgement.unit if unit is None else unit for unit in units)
        return HOLDS if self.against in {"", found} else f"{HOLDS} {AGAINST} {found}"

    def _light(self, judgement: Judgement) -> Light:
        lit = [span for span in judgement.spans if span.until_at is None and span.light is not None]
        own = [span.light for span in lit if span.light is not None and span.pin.rulebook == self.book]
        return max(own, key=lambda light: light.gravity) if own else Light.GREEN if lit else judgement.light


@dataclass(frozen=True, slots=True)
class Trial:
    """A test of a rulebook ready to be judged by any rulebooks; ``problems`` says which of its lines cannot be read."""

    book: str
    part: TestPart
    case: Case
    catalogue: Catalogue
    calendar: str
    expected: tuple[Expected, ...]
    problems: tuple[Problem, ...] = ()
    registers: Mapping[str, Sequence[Mapping[str, Value]]] = field(default_factory=dict)

    def context(self, books: Rulebooks, calendars: CalendarBook, engine: Engine) -> Context:
        """Return what the case is judged with."""
        return Context(books, calendars, engine, self.catalogue, self.calendar, self.registers)


def trials_of(book: Rulebook, rules: Iterable[str], calendars: CalendarBook, calendar: str) -> tuple[Trial, ...]:
    """Return the tests of a rulebook; ``rules`` are all ids that may be named, ``calendar`` serves tests naming none."""
    known = frozenset(rules)
    return tuple(
        _Reading(book, index, part, known, calendars, part.calendar or book.part.calendar or calendar).trial()
        for index, part in enumerate(book.part.tests)
    )


@dataclass(slots=True)
class _Reading:
    """Reads one test, collecting what is wrong with its lines."""

    book: Rulebook
    index: int
    part: TestPart
    rules: frozenset[str]
    calendars: CalendarBook
    calendar: str
    problems: list[Problem] = field(default_factory=list)

    def trial(self) -> Trial:
        """Return the test taken apart."""
        expected = [
            found
            for index, entry in enumerate(self.part.expect)
            for key, wanted in entry.items()
            for found in self._expected(("expect", index), key, wanted)
        ]
        case = self._case()
        return Trial(
            self.book.label, self.part, case, self._catalogue(), self.calendar, tuple(expected), tuple(self.problems),
            {name: [self._row(row) for row in rows] for name, rows in self.part.registers.items()},
        )  # fmt: skip

    def _case(self) -> Case:
        kind = self.part.of or self._kind()
        case_id = CaseId("test", kind, "T-1")
        events = [event for i, given in enumerate(self.part.given) if (event := self._event(case_id, i, given))]
        return fold(case_id, events)

    def _kind(self) -> str:
        kinds = {clock.part.of for clock in self.book.clocks.values()} | {rule.part.of for rule in self.book.rules}
        return "application" if "application" in kinds or not kinds else min(kinds)

    def _event(self, case_id: CaseId, index: int, given: str | Mapping[str, object]) -> CaseEvent | None:
        try:
            at, name, data = self._written(given)
        except ValueError:
            self._problem("test/given", self._place("given", index), f"'{given}' is not an instant and an event.",
                          f"“{given}”不是“时间 事件”。", "Write for example: 2018-10-15 10:00:00 accepted unit=housing",
                          "例如：2018-10-15 10:00:00 accepted unit=housing")  # fmt: skip
            return None
        if (self.part.item or self.part.versions) and ITEM not in data:
            data[ITEM] = ITEM
        inserted = data.pop("inserted_at", None)
        return CaseEvent(
            source="test", event_id=f"{index:04d}", version=1, **case_id._asdict(), name=name, occurred_at=at,
            inserted_at=inserted if isinstance(inserted, int) else None, sequence=index, data=data,
        )  # fmt: skip

    def _written(self, given: str | Mapping[str, object]) -> tuple[Instant, str, dict[str, Value]]:
        if not isinstance(given, str):
            rest = {str(k): v if isinstance(v, str | int | float | bool) else str(v) for k, v in given.items()}
            at, name = str(rest.pop("at", "")), str(rest.pop("event", ""))
            return self._instant(at), name, dict(rest)
        match = _LINE.fullmatch(given)
        if match is None:
            raise ValueError(given)
        pairs = (part.partition("=") for part in shlex.split(match[3]))
        return self._instant(match[1]), match[2], {name: self._value(text) for name, _, text in pairs}

    def _value(self, text: str) -> Value:
        """Return a value as a source would deliver it: an instant (2024-10-25T17:00:00), a truth, a number, or a text."""
        return self._instant(text) if _INSTANT.fullmatch(text) else _value(text)

    def _row(self, row: Mapping[str, Value]) -> dict[str, Value]:
        """Return a row of a register as the engine takes it: instants are written as texts."""
        return {name: self._value(value) if isinstance(value, str) else value for name, value in row.items()}

    def _catalogue(self) -> Catalogue:
        written: list[Mapping[str, object]] = [*([self.part.item] if self.part.item else []), *self.part.versions]
        return Catalogue.of(map(_version, written))

    def _expected(self, path: tuple[str | int, ...], key: str, wanted: str | Sequence[str]) -> list[Expected]:
        place = self._place(*path)
        match = _AT.fullmatch(key.strip())
        try:
            at = self._instant(match[1]) if match is not None else None
        except ValueError:
            at = None
        if at is None:
            self._problem("test/expectation", place, f"'{key}' is not an instant.", f"“{key}”不是时刻。",
                          "Write for example 'at 2018-10-24 10:00:01: T04'.",
                          "例如：at 2018-10-24 10:00:01: T04")  # fmt: skip
            return []
        words = wanted.split(",") if isinstance(wanted, str) else wanted
        found = (self._word(at, key, word.strip(), place) for word in words)
        return [each for each in found if each is not None]

    def _word(self, at: Instant, key: str, word: str, place: Place) -> Expected | None:
        first, _, rest = word.rpartition(" ")
        if first == LIGHT:
            return Expected(at, key, "", rest, place, self.book.label)
        if rest in self.rules and first in {"", NOT, UNDETERMINED}:
            return Expected(at, key, rest, first or HOLDS, place, self.book.label)
        rule, _, against = first.partition(" ")
        if rule in self.rules and against == AGAINST:
            return Expected(at, key, rule, HOLDS, place, self.book.label, rest)
        near = nearest(rest, self.rules)
        self._problem("test/expectation", place,
                      f"'{word}' is not a rule, 'not RULE', 'undetermined RULE', 'RULE against UNIT' or 'light COLOUR'.",
                      f"“{word}”应为规则编号、not 规则、undetermined 规则、规则 against 单位或 light 颜色。",
                      f"Did you mean '{near}'?" if near else "Write the id of a rule, such as T04.",
                      f"是否应为“{near}”？" if near else "请写规则编号，如 T04。")  # fmt: skip
        return None

    def _instant(self, text: str) -> Instant:
        zone = ZoneInfo(self.calendars.get(self.calendar).zone)
        return int(dt.datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())

    def _place(self, *path: str | int) -> Place:
        return self.book.document.place(("tests", self.index, *path))

    def _problem(self, code: str, place: Place, en: str, zh: str, mend_en: str = "", mend_zh: str = "") -> None:
        self.problems.append(Problem(code, place, en, zh, mend_en, mend_zh))


def _version(written: Mapping[str, object]) -> ItemVersion:
    """Return an item's version as a test writes it: ``from`` and ``until``, limits as quantities, the rest attributes."""
    said = {n: v for n, v in written.items() if n not in {"from", "until"} and isinstance(v, str | int | float)}
    limits = {k: v for k, v in said.items() if isinstance(v, str) and _is_quantity(v)}
    data: dict[str, Value] = {k: v for k, v in said.items() if k not in limits}
    name, code = str(data.pop("name", "事项")), str(data.pop("code", ITEM))
    return ItemVersion(
        code=code, name=name, from_on=_date(written.get("from")) or dt.date.min, until_on=_date(written.get("until")),
        limits=limits, data=data,
    )  # fmt: skip


def _date(written: object) -> dt.date | None:
    return dt.date.fromisoformat(str(written)) if written is not None else None


def _value(text: str) -> Value:
    """Return what ``name=text`` says; nothing after the sign means that the source reports the attribute empty."""
    if not text:
        return None
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if re.fullmatch(r"-?\d{1,15}", text) else text


def _is_quantity(text: str) -> bool:
    try:
        Quantity.parse(text)
    except ValueError:
        return False
    return True
