"""What differs between two sets of rulebooks, or between one set under two severity profiles: data, one row a change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from rules.language.nodes import written
from rules.problems import Language
from rules.rule import ClockDef, Rule
from rules.rulebook import Rulebook, Rulebooks

WHAT: Final[Mapping[str, tuple[str, str]]] = {
    "rule": ("rule", "规则"), "clock": ("clock", "时钟"), "parameter": ("parameter", "参数"), "item": ("item", "事项"), "day": ("day", "日期"),
    "rulebook": ("rulebook", "规则书"), "test": ("test", "测试"), "says": ("what it says", "内容"),
    "calendar": ("calendar", "日历"), "attributes": ("attributes", "属性"), "registers": ("registers", "登记簿"),
    "show": ("figures shown beside a case", "随件显示的数值"), "casts_doubt": ("casts doubt on the facts", "使数据存疑"),
    "basis_link": ("address of the basis", "依据网址"), "title": ("title", "标题"),
    "added": ("added", "新增"), "removed": ("removed", "删除"), "when": ("condition", "条件"), "given": ("bindings", "关联"),
    "of": ("kind of case", "对象"), "family": ("family", "规则族"), "clock_of": ("clock", "所依时钟"), "asks": ("data asked for", "所需数据"),
    "light": ("light", "亮灯"), "card": ("card", "牌"), "issue": ("issue", "发牌方式"), "tell": ("told", "送达"),
    "against": ("unit at fault", "责任单位"), "proposes": ("proposes", "建议"), "basis": ("basis", "依据"), "title_zh": ("Chinese title", "中文标题"),
    "title_en": ("English title", "英文标题"), "say_zh": ("Chinese message", "中文消息"), "say_en": ("English message", "英文消息"),
    "counting": ("counting", "计时"), "intake": ("what arrives on a day off", "休息日收件"),
    "values": ("values", "取值"), "in_force": ("in force", "生效日期"), "version": ("version", "版本"),
}  # fmt: skip
"""The words for kinds and features, English and Chinese; a feature without one shows its own name."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One change: of which ``kind`` and name, which feature, what it was and what it becomes ("" for nothing)."""

    kind: str
    name: str
    feature: str
    was: str
    becomes: str

    def words(self, language: Language) -> tuple[str, str, str, str, str]:
        """Return the row in a language."""
        at = 0 if language == "en" else 1
        kind, feature = (WHAT.get(word, (word, word))[at] for word in (self.kind, self.feature))
        return kind, self.name, feature, self.was or "—", self.becomes or "—"


def differences(old: Rulebooks, new: Rulebooks) -> tuple[Difference, ...]:
    """Return every change from one set of rulebooks to another: books, parameters, clocks, rules, tests, in order."""
    return (
        *_changes("rulebook", _books(old), _books(new)),
        *_changes("parameter", _parameters(old), _parameters(new)),
        *_changes("clock", _clocks(old), _clocks(new)),
        *_changes("rule", _rules(old), _rules(new)),
        *_changes("test", _tests(old), _tests(new)),
    )


Features = Mapping[str, str]


def _changes(kind: str, old: Mapping[str, Features], new: Mapping[str, Features]) -> Iterator[Difference]:
    for name, features in new.items():
        if name not in old:
            yield Difference(kind, name, "added", "", _summary(features))
    for name, features in old.items():
        if name not in new:
            yield Difference(kind, name, "removed", _summary(features), "")
            continue
        for feature in dict.fromkeys([*features, *new[name]]):
            was, becomes = features.get(feature, ""), new[name].get(feature, "")
            if was != becomes:
                yield Difference(kind, name, feature, was, becomes)


def _summary(features: Features) -> str:
    return features.get("when") or next(iter(features.values()), "")


def _books(books: Rulebooks) -> dict[str, Features]:
    return {book.name: _book(book) for book in books.books}


def _book(book: Rulebook) -> Features:
    """Return what a rulebook says of itself and what its rules and clocks do not say."""
    part = book.part
    said = part.model_dump(mode="json", by_alias=True, include={"attributes", "registers", "show"})
    return {
        "version": str(book.version),
        "in_force": _force(book),
        "title_zh": part.title.zh,
        "title_en": part.title.en,
        "calendar": part.calendar or "",
        **{name: _plain(value) for name, value in said.items() if value},
    }


def _tests(books: Rulebooks) -> dict[str, Features]:
    return {
        f"{book.name}: {test.name}": {"says": _plain(test.model_dump(mode="json", by_alias=True))}
        for book in books.books
        for test in book.part.tests
    }


def _force(book: Rulebook) -> str:
    force = book.part.in_force
    return f"{force.from_on}..{force.until_on or ''}"


def _parameters(books: Rulebooks) -> dict[str, Features]:
    return {
        f"{book.name}/{name}": {"values": "; ".join(_dated(begins, value) for begins, value in dated)}
        for book in books.books
        for name, dated in book.parameters.items()
    }


def _dated(begins: dt.date, value: object) -> str:
    shown = f"{float(value * 100):g}%" if isinstance(value, Fraction) else str(value)
    return shown if begins == dt.date.min else f"{shown} ({begins})"


def _clocks(books: Rulebooks) -> dict[str, Features]:
    return {f"{book.name}/{name}": _clock(clock) for book in books.books for name, clock in book.clocks.items()}


def _clock(clock: ClockDef) -> Features:
    said = clock.part.model_dump(mode="json", by_alias=True)
    return {name: _plain(value) for name, value in said.items() if value not in (None, [], "")}


def _plain(value: object) -> str:
    """Return a part of the file in one line, as it could be written there."""
    if isinstance(value, dict):
        inner = {name: each for name, each in value.items() if each not in (None, [], "")}
        if set(inner) == {"event"}:
            return str(inner["event"])
        return "{" + ", ".join(f"{name}: {_plain(each)}" for name, each in inner.items()) + "}"
    if isinstance(value, list):
        return _plain(value[0]) if len(value) == 1 else "[" + ", ".join(map(_plain, value)) + "]"
    return str(value)


def _rules(books: Rulebooks) -> dict[str, Features]:
    return {rule.id: _rule(rule) for book in books.books for rule in book.rules}


def _rule(rule: Rule) -> Features:
    policy, part = rule.policy, rule.part
    return {
        "when": written(rule.when),
        "given": "; ".join(f"{name}: {text}" for name, text in part.given.items()),
        "of": part.of,
        "family": policy.family,
        "clock_of": rule.clock,
        "asks": "; ".join(part.asks),
        "light": policy.light.value if policy.light is not None else "",
        "card": policy.card.value if policy.card is not None else "",
        "issue": policy.issue.value,
        "tell": policy.tell.value if policy.tell is not None else "",
        "against": part.against or "",
        "proposes": policy.proposes,
        "casts_doubt": "true" if part.casts_doubt else "",
        "basis": policy.basis.get("text", ""),
        "basis_link": policy.basis.get("link", ""),
        "title_zh": policy.title.get("zh", ""),
        "title_en": policy.title.get("en", ""),
        "say_zh": policy.say.get("zh", ""),
        "say_en": policy.say.get("en", ""),
    }
