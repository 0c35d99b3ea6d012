"""A condition in a reader's words: the same tree that ``language.written`` writes in the rule language."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

from rules.glossary import amount, glossary, label
from rules.judgement import Amount
from rules.language.nodes import (
    Among,
    And,
    Call,
    Compare,
    Constant,
    Each,
    Exists,
    Finding,
    Given,
    Holds,
    Node,
    Not,
    Operand,
    Or,
    Subject,
    TextTest,
    Word,
    path_of,
    subjects,
)
from rules.problems import Language
from rules.quantities import Quantity
from rules.rulebook import Rulebook
from rules.words import ParameterValue, parameter_value

COMPARED: Final[Mapping[str, tuple[str, str]]] = {
    "==": ("为", "is"), "!=": ("不为", "is not"), "<": ("少于", "is less than"), "<=": ("不超过", "is at most"),
    ">": ("超过", "is more than"), ">=": ("达到", "is at least"),
}  # fmt: skip
IN_TIME: Final[Mapping[str, tuple[str, str]]] = {
    "<": ("早于", "is before"), "<=": ("不晚于", "is not after"), ">": ("晚于", "is after"), ">=": ("不早于", "is not before"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wording:
    """Words the conditions of one rulebook; ``titles`` name rules by id, ``bound`` says what a bound name stands for.

    Single words can be worded without a book; ``clocks`` then gives the titles of clocks.
    """

    book: Rulebook | None
    language: Language
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    bound: Mapping[str, str] = field(default_factory=dict)
    clocks: Callable[[str], str] = str

    def condition(self, node: Node) -> str:
        """Return the condition as a sentence without its full stop."""
        match node:
            case Holds(of):
                return self.subject(of)
            case Compare(left, op, right):
                return self._compared(left, op, right)
            case Among(left, items, negated):
                return self._among(left, items, negated)
            case Exists(of):
                return self.say(f"已报送{self.subject(of)}", f"{self.subject(of)} is reported")
            case TextTest(left, kind, pattern):
                verb = self.say("含有", "contains") if kind == "contains" else self.say("符合", "matches")
                return self._spaced(self.subject(left), verb, self.say(f"“{pattern}”", f"“{pattern}”"))
            case Each():
                return self._each(node)
            case Finding(rule):
                title = self.titles.get(rule, {}).get(self.language, "")
                return self.say(f"规则 {rule}（{title}）成立", f"rule {rule} ({title}) holds")
            case Not(part):
                return self.say(f"并非（{self.condition(part)}）", f"it is not so that ({self.condition(part)})")
            case And(parts):
                return self.say("，且", ", and ").join(map(self._inner, telling(parts)))
            case Or(parts):
                return self.say("，或", ", or ").join(map(self._inner, parts))

    def binding(self, given: Given) -> str:
        """Return what a bound name stands for."""
        register, condition = given.register, self.condition(given.where)
        return self.say(f"登记簿 {register} 中有一条：{condition}", f"an entry of the register {register}: {condition}")

    def subject(self, subject: Subject) -> str:
        """Return a word: a noun, or a sentence where the word is a truth; a word without label stands as written."""
        path = path_of(subject)
        if isinstance(subject, Call):
            return self._called(subject, path)
        if path[0] == "clock" and len(path) == 3:
            return label("clock_words", path[2], self.language).replace("{title}", self.clock(path[1]))
        if path[0] == "param" and len(path) == 2:
            return self._parameter(path[1])
        if path[0] == "tally" and len(path) == 3:
            return self.tally((path[1], path[2]))
        return self.word((self.bound.get(path[0], path[0]), *path[1:]))

    def clock(self, name: str) -> str:
        """Return the title of a clock."""
        if self.book is None:
            return self.clocks(name) or name
        clock = self.book.part.clocks.get(name)
        return getattr(clock.title, self.language) if clock is not None else name

    def word(self, path: Sequence[str]) -> str:
        """Return the label of a word of the vocabulary, else that of the attribute it names, else the word itself."""
        name = ".".join(path)
        if name in glossary()["words"]:
            return label("words", name, self.language)
        return label("attributes", path[-1], self.language) if path[-1] in glossary()["attributes"] else name

    def dated(self, name: str) -> str:
        """Return every value of a parameter with the date from which it holds."""
        shown = []
        for begins, value in self._values(name):
            since = "" if begins == dt.date.min else self.say(f"（自 {begins} 起）", f" (from {begins})")
            shown.append(self.value(value) + since)
        return self.say("；", "; ").join(shown)

    def value(self, value: ParameterValue) -> str:
        """Return a value with its unit."""
        if isinstance(value, Quantity):
            units = float(value.amount)
            return amount(Amount(f"{units:g}", value.unit.value), self.language)
        if isinstance(value, Fraction):
            return f"{float(value * 100):g}%"
        return str(value)

    def written(self, text: str) -> str:
        """Return a quantity that is written in a rulebook with its unit in words."""
        return self.value(parameter_value(text))

    def say(self, zh: str, en: str) -> str:
        """Return the sentence in this language."""
        return zh if self.language == "zh" else en

    def _inner(self, node: Node) -> str:
        said = self.condition(node)
        return self.say(f"（{said}）", f"({said})") if isinstance(node, And | Or) else said

    def _spaced(self, *parts: str) -> str:
        if self.language == "en":
            return " ".join(parts)
        return re.sub(r"(?<=[\u4e00-\u9fff”）]) (?=[\u4e00-\u9fff“（])", "", " ".join(parts))

    def _compared(self, left: Subject, op: str, right: Operand) -> str:
        table = IN_TIME if path_of(left)[-1].endswith("_at") or path_of(left)[-1] == "at" else COMPARED
        verb = table.get(op, COMPARED[op])[0 if self.language == "zh" else 1]
        shown = self.constant(right) if isinstance(right, Constant) else self.subject(right)
        return self._spaced(self.subject(left), verb, shown)

    def _among(self, left: Subject, items: Sequence[Constant], negated: bool) -> str:
        verb = self.say("不属于" if negated else "属于", "is none of" if negated else "is one of")
        if len(items) == 1:
            verb = COMPARED["!=" if negated else "=="][0 if self.language == "zh" else 1]
        return self._spaced(self.subject(left), verb, self.say("、", ", ").join(map(self.constant, items)))

    def constant(self, constant: Constant) -> str:
        """Return a value that stands in the condition."""
        if isinstance(constant.value, Quantity):
            return self.value(constant.value)
        written = constant.written
        if written.endswith(" fen"):
            return self.say(f"{written.removesuffix(' fen')} 分", written)
        shown = label("codes", written, self.language)
        return shown if shown == written else self.say(f"“{shown}”", f"“{shown}”")

    def _each(self, each: Each) -> str:
        bound = {**self.bound, each.name: each.over.path[-1].removesuffix("s")}
        condition = replace(self, bound=bound).condition(each.condition)
        over = self.subject(each.over)
        if each.kind == "any":
            return self.say(f"{over}中至少有一次：{condition}", f"of {over}, for at least one: {condition}")
        return self.say(f"{over}每一次都：{condition}", f"of {over}, for every one: {condition}")

    def _called(self, call: Call, path: Sequence[str]) -> str:
        match call.name, call.args, call.rest:
            case "happened", (event,), ():
                name = label("events", event, self.language)
                return self.say(f"发生过“{name}”", f"“{name}” has happened")
            case "count", (event,), ():
                name = label("events", event, self.language)
                return self.say(f"“{name}”的次数", f"the number of “{name}”")
            case "tally", (kind, window), ():
                return self.tally((kind, window))
            case "compared", (measure,), (part,):
                name = label("compared_measures", measure, self.language)
                return f"{name}{self.say('：', ': ')}{label('words', f'compared.{part}', self.language)}"
            case "event", (event,), (attribute,):
                said = label("words", "event.at" if attribute == "at" else "event.of", self.language)
                said = said.replace("{event}", label("events", event, self.language))
                return said.replace("{attribute}", label("attributes", attribute, self.language))
        return ".".join(path)

    def tally(self, args: Sequence[str]) -> str:
        """Return a count over a window, given its kind and window."""
        kind, window = label("tallies", args[0], self.language), label("windows", args[1], self.language)
        return self.say(f"{window}的{kind}数", f"the number of {kind} {window}")

    def _values(self, name: str) -> Sequence[tuple[dt.date, ParameterValue]]:
        return self.book.parameters.get(name, ()) if self.book is not None else ()

    def _parameter(self, name: str) -> str:
        values = self._values(name)
        now = self.value(values[-1][1]) if values else "?"
        return self.say(f"{now}（参数 {name}）", f"{now} (parameter {name})")


def telling(parts: Sequence[Node]) -> list[Node]:
    """Return the parts without each ``exists`` of a word that another part reads: a reader takes it for granted."""
    read = {subject for part in parts if not isinstance(part, Exists) for subject in subjects(part)}
    return [part for part in parts if not (isinstance(part, Exists) and part.of in read)]


def bound_by(givens: Mapping[str, Given]) -> dict[str, str]:
    """Return what each bound name of a rule stands for: its register."""
    return {name: given.register for name, given in givens.items()}


def unlabelled(book: Rulebook) -> frozenset[str]:
    """Return the words of a rulebook's conditions and messages that have no label of their own."""
    known = glossary()["words"]
    found = set()
    for rule in book.rules:
        bound = bound_by(rule.givens)
        for _, subject in rule.reads:
            if isinstance(subject, Word):
                path = (bound.get(subject.path[0], subject.path[0]), *subject.path[1:])
                if path[0] not in {"clock", "param", "tally"} and ".".join(path) not in known:
                    found.add(".".join(path))
    return frozenset(found)
