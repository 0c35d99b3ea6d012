"""Holds a condition against the vocabulary: names, types, units and codes, all problems at once with their places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rules.documents import nearest
from rules.language.nodes import (
    Among,
    Call,
    Compare,
    Constant,
    Each,
    Exists,
    Given,
    Holds,
    Node,
    Subject,
    TextTest,
    Word,
    leaves,
    path_of,
)
from rules.language.parsing import instant_of
from rules.language.patterns import unsafe
from rules.language.places import At
from rules.language.types import ORDERED, Type, Vocabulary, WordInfo
from rules.language.values import number
from rules.problems import Problem
from rules.quantities import Quantity

_NAMES: Final = {
    Type.BOOL: ("a truth", "真假"), Type.NUMBER: ("a number", "数"), Type.SHARE: ("a share", "百分比"),
    Type.DURATION: ("a length of time", "时长"), Type.ELAPSED: ("a measure of a clock (time used, left or over)", "时钟的用时"),
    Type.MONEY: ("an amount of money", "金额"), Type.TEXT: ("a text", "文本"), Type.CODE: ("a code", "代码"),
    Type.INSTANT: ("an instant", "时刻"), Type.COLLECTION: ("a collection", "集合"), Type.RECORD: ("a record", "记录"),
}  # fmt: skip
_WRITE: Final = {
    Type.SHARE: ("Write a share such as '90%'.", "请写百分比，如“90%”。"),
    Type.DURATION: ("Write a length of time such as '3 workdays'.", "请写时长，如“3 workdays”。"),
    Type.ELAPSED: ("Write a threshold such as '90%' or '3 workdays'.", "请写界限，如“90%”或“3 workdays”。"),
    Type.MONEY: ("Write an amount such as '200 yuan'.", "请写金额，如“200 yuan”。"),
    Type.NUMBER: ("Write a plain number such as '3'.", "请写数字，如“3”。"),
    Type.TEXT: ("Put the text in quotes.", "请把文本放在引号中。"),
    Type.CODE: ("Write one of its codes.", "请写其代码之一。"),
    Type.INSTANT: (
        'Compare it with another instant or with a text such as "2024-09-24T10:00:00+08:00".',
        "请与另一时刻或“2024-09-24T10:00:00+08:00”这样的文本比较。",
    ),
}  # fmt: skip


_ANY_WORD: Final = (
    "Write a word such as 'case.result' or 'clock.NAME.over', or declare it under 'attributes'.",
    "请写 case.result、clock.名称.over 这样的词，或在 attributes 下声明。",
)


def check(node: Node, vocabulary: Vocabulary, givens: Mapping[str, Given]) -> tuple[Problem, ...]:
    """Return every problem of a rule's condition and of its bindings; none means that it can be compiled."""
    checker = Checker(vocabulary)
    for name, given in givens.items():
        checker.given(name, given)
    checker.condition(node)
    return tuple(checker.problems)


def check_name(subject: Subject, vocabulary: Vocabulary) -> tuple[Problem, ...]:
    """Return what is wrong with a word that has to be the name of somebody or something: unknown, or no code."""
    checker = Checker(vocabulary)
    info = checker.word(subject)
    if info is not None and info.type not in {Type.CODE, Type.TEXT}:
        checker.problem(
            subject.at, "rule/type", f"This is {_name(info)}, not a code.", f"这是{_name(info, 'zh')}，不是代码。",
            "Name a word that holds the unit's code, such as 'event(objected).unit'.",
            "请写出含有单位代码的词，如 event(objected).unit。",
        )  # fmt: skip
    return tuple(checker.problems)


def scope_of(givens: Mapping[str, Given], vocabulary: Vocabulary) -> dict[str, WordInfo]:
    """Return the rows that the names of ``givens`` stand for; an unknown register is left out."""
    rows = {name: vocabulary.register(given.register) for name, given in givens.items()}
    return {name: info for name, info in rows.items() if info is not None}


def resolve(subject: Subject, vocabulary: Vocabulary, scope: Mapping[str, WordInfo]) -> WordInfo | None:
    """Return what a word or call is, None if the vocabulary does not know it."""
    if isinstance(subject, Call):
        info = vocabulary.call(subject.name, subject.args)
        return _inside(info, subject.rest)
    if subject.path[0] in scope:
        return _inside(scope[subject.path[0]], subject.path[1:])
    return vocabulary.word(subject.path)


def _inside(info: WordInfo | None, path: Sequence[str]) -> WordInfo | None:
    for step in path:
        if info is None or info.fields is None:
            return None
        info = info.fields.get(step)
    return info


@dataclass(slots=True)
class Checker:
    """Collects the problems of one rule. ``scope`` holds the names of givens and of the entry of an any/all."""

    vocabulary: Vocabulary
    scope: dict[str, WordInfo] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    inside: bool = False

    def given(self, name: str, given: Given) -> None:
        """Check one binding; the names of bindings before it may be used in it."""
        row = self.vocabulary.register(given.register)
        if row is None:
            self.problem(
                given.at, "rule/register", f"There is no register '{given.register}'.",
                f"没有登记簿“{given.register}”。", *self._did_you_mean(
                    given.register, ("Declare it under 'registers'.", "请在 registers 下声明。")
                ),
            )  # fmt: skip
            return
        if self.vocabulary.word((name,)) is not None:
            self.problem(
                given.at, "rule/given", f"'{name}' is already a word of its own.", f"“{name}”已是词表中的词。",
                "Choose another name for the row.", "请为该行另取名称。",
            )  # fmt: skip
        self.scope[name] = row
        self.condition(given.where)

    def condition(self, node: Node) -> None:
        """Check every leaf of a condition."""
        for leaf in leaves(node):
            match leaf:
                case Holds():
                    self._holds(leaf)
                case Compare():
                    self._compare(leaf)
                case Among():
                    self._among(leaf)
                case Exists():
                    self._exists(leaf)
                case TextTest():
                    self._text(leaf)
                case Each():
                    self._each(leaf)
                case _:
                    self._finding(leaf.at)

    def _finding(self, at: At) -> None:
        if self.inside:
            self.problem(
                at, "rule/each", "A finding cannot stand inside any/all.", "any/all 内不能引用 finding。",
                "Move it outside the brackets.", "请移到括号外。",
            )  # fmt: skip

    def word(self, subject: Subject) -> WordInfo | None:
        """Return what the word is; note the problem if it is unknown."""
        info = resolve(subject, self.vocabulary, self.scope)
        if info is None:
            name = ".".join(path_of(subject))
            self.problem(
                subject.at, "rule/unknown-word", f"'{name}' is not a known word.", f"“{name}”不是已知的词。",
                *self._did_you_mean(name),
            )  # fmt: skip
        return info

    def _holds(self, leaf: Holds) -> None:
        info = self.word(leaf.of)
        if info is not None and info.type is not Type.BOOL:
            self.problem(
                leaf.at, "rule/type", f"This is {_name(info)}, not a truth.", f"这是{_name(info, 'zh')}，不是真假。",
                "Compare it with something, or write 'exists' before it.", "请写出比较，或在前面写“exists”。",
            )  # fmt: skip

    def _exists(self, leaf: Exists) -> None:
        info = self.word(leaf.of)
        if info is not None and isinstance(leaf.of, Word) and info.type is Type.RECORD:
            self.problem(
                leaf.at, "rule/exists", f"It cannot be asked whether {_name(info)} exists.",
                f"不能判断{_name(info, 'zh')}是否存在。", "Name one of its fields.", "请写出它的一个字段。",
            )  # fmt: skip

    def _compare(self, leaf: Compare) -> None:
        left = self.word(leaf.left)
        right = self._right(leaf.right, left)
        if left is None or right is None:
            return
        if left.type in {Type.BOOL, Type.COLLECTION, Type.RECORD}:
            self._not_comparable(leaf.at, left)
        elif not _comparable(left.type, right.type):
            self._across(leaf.right.at, left, right)
        elif Type.ELAPSED in {left.type, right.type} and leaf.op in {"==", "!="}:
            self.problem(
                leaf.at, "rule/order", "The time of a clock is never exactly equal to a threshold.",
                "时钟的用时不会恰好等于界限。", "Use >= or <.", "请用 >= 或 <。",
            )  # fmt: skip
        elif leaf.op not in {"==", "!="} and left.type not in ORDERED:
            self.problem(
                leaf.at, "rule/order", f"{_name(left).capitalize()} has no order; only == and != say something.",
                f"{_name(left, 'zh')}没有大小，只能用 == 或 !=。",
                "Use ==, != or 'in [..]'.", "请用 ==、!= 或“in [..]”。",
            )  # fmt: skip
        else:
            self._codes(left, [leaf.right])

    def _right(self, operand: Subject | Constant, left: WordInfo | None) -> WordInfo | None:
        """Return what stands on the right; a quoted text counts as an instant beside an instant, a word as a text."""
        if not isinstance(operand, Constant):
            return self.word(operand)
        if left is None:
            return None
        if operand.type is Type.TEXT and left.type is Type.INSTANT and instant_of(str(operand.value)) is not None:
            return WordInfo(Type.INSTANT)
        if operand.type in {Type.TEXT, Type.CODE} and left.type in {Type.TEXT, Type.CODE}:
            return WordInfo(left.type)
        if not isinstance(operand.value, str | Quantity) and number(operand.type, operand.value) is None:
            self.problem(
                operand.at, "rule/range", f"The value {operand.written} is out of the range that can be compared.",
                f"值 {operand.written} 超出可比较的范围。", "Write 0, or a number between 0.0001 and 10^15.",
                "请写 0 或 0.0001 与 10^15 之间的数。",
            )  # fmt: skip
        return WordInfo(operand.type)

    def _among(self, leaf: Among) -> None:
        left = self.word(leaf.left)
        if left is None:
            return
        if left.type in {Type.BOOL, Type.COLLECTION, Type.RECORD, Type.ELAPSED}:
            self._not_comparable(leaf.at, left)
            return
        for item in leaf.items:
            right = self._right(item, left)
            if right is not None and not _comparable(left.type, right.type):
                self._across(item.at, left, right)
        self._codes(left, leaf.items)

    def _codes(self, left: WordInfo, operands: Iterable[Subject | Constant]) -> None:
        for operand in operands:
            if left.codes is None or not isinstance(operand, Constant) or operand.value in left.codes:
                continue
            near = nearest(str(operand.value), left.codes)
            known = ", ".join(sorted(left.codes)[:12])
            self.problem(
                operand.at, "rule/unknown-code", f"'{operand.value}' is not one of its codes.",
                f"“{operand.value}”不是它的代码。",
                f"Did you mean '{near}'?" if near else f"Its codes are {known}.",
                f"是否应为“{near}”？" if near else f"它的代码有：{known}。",
            )  # fmt: skip

    def _text(self, leaf: TextTest) -> None:
        info = self.word(leaf.left)
        if info is not None and info.type not in {Type.TEXT, Type.CODE}:
            self.problem(
                leaf.at, "rule/type", f"This is {_name(info)}, and '{leaf.kind}' reads texts.",
                f"这是{_name(info, 'zh')}，“{leaf.kind}”只用于文本。",
                "Compare it with == or >=.", "请用 == 或 >= 比较。",
            )  # fmt: skip
        fault = unsafe(leaf.pattern) if leaf.kind == "matches" else None
        if fault is not None:
            self.problem(
                leaf.at, "rule/pattern", fault[0], fault[1], "Use 'contains', or a simpler pattern.",
                "请用“contains”，或写更简单的表达式。",
            )  # fmt: skip

    def _each(self, leaf: Each) -> None:
        if self.inside:
            self.problem(
                leaf.at, "rule/each", "An any/all cannot stand inside another.", "any/all 不能嵌套。",
                "Split it into two rules.", "请拆成两条规则。",
            )  # fmt: skip
            return
        info = self.word(leaf.over)
        if info is None:
            return
        if info.type is not Type.COLLECTION or leaf.over.path[0] in self.scope:
            self.problem(
                leaf.over.at, "rule/type", f"This is {_name(info)}, and any/all read a collection.",
                f"这是{_name(info, 'zh')}，any/all 只用于集合。", "Name a collection, such as 'case.steps'.",
                "请写集合，如“case.steps”。",
            )  # fmt: skip
            return
        if leaf.name in self.scope or self.vocabulary.word((leaf.name,)) is not None:
            self.problem(
                leaf.at, "rule/each", f"The name '{leaf.name}' is taken.", f"名称“{leaf.name}”已被占用。",
                "Choose another name for the entry.", "请为该项另取名称。",
            )  # fmt: skip
        inner = Checker(
            self.vocabulary, {leaf.name: WordInfo(Type.RECORD, fields=info.fields)}, self.problems, inside=True
        )
        inner.condition(leaf.condition)

    def _not_comparable(self, at: At, info: WordInfo) -> None:
        mend = ("Write the word alone, or 'not' before it.", "请单写该词，或在前面写“not”。")
        if info.type is not Type.BOOL:
            mend = ("Use any(x in ...: ...), exists, or >= and <.", "请用 any(x in …: …)、exists，或 >= 与 <。")
        self.problem(
            at,
            "rule/type",
            f"{_name(info).capitalize()} is not compared so.",
            f"{_name(info, 'zh')}不能这样比较。",
            *mend,
        )

    def _across(self, at: At, left: WordInfo, right: WordInfo) -> None:
        en, zh = _WRITE.get(left.type, ("", ""))
        self.problem(
            at, "rule/type", f"{_name(left).capitalize()} cannot be compared with {_name(right)}.",
            f"{_name(left, 'zh')}不能与{_name(right, 'zh')}比较。", en, zh,
        )  # fmt: skip

    def _did_you_mean(self, name: str, otherwise: tuple[str, str] = _ANY_WORD) -> tuple[str, str]:
        rows = [f"{alias}.{word}" for alias, info in self.scope.items() for word in info.fields or {}]
        near = nearest(name, [*self.vocabulary.known(), *rows])
        return (f"Did you mean '{near}'?", f"是否应为“{near}”？") if near else otherwise

    def problem(self, at: At, code: str, en: str, zh: str, mend_en: str = "", mend_zh: str = "") -> None:
        """Note a problem at a place of the condition."""
        self.problems.append(Problem(code, at.place, en, zh, mend_en, mend_zh))


def _name(info: WordInfo, language: str = "en") -> str:
    return _NAMES[info.type][0 if language == "en" else 1]


def _comparable(left: Type, right: Type) -> bool:
    thresholds = {Type.SHARE, Type.DURATION}
    if left is Type.ELAPSED:
        return right in thresholds
    if right is Type.ELAPSED:
        return left in thresholds
    return left is right or {left, right} == {Type.TEXT, Type.CODE}
