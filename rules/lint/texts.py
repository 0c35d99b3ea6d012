"""What is told is told in both languages, with the same values, and each text in its own language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rules.draft import Draft
from rules.placeholders import names
from rules.problems import Problem
from rules.rule import Rule
from rules.salvage import inside
from rules.schema import Texts

_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")


def check(draft: Draft) -> Iterator[Problem]:
    """Yield a problem for each text that is missing, empty, in the wrong language, or shows other values."""
    yield from _title(draft, draft.part.title, ("title",))
    for name, clock in draft.part.clocks.items():
        yield from _title(draft, clock.title, ("clocks", name, "title"))
    for rule in draft.rules:
        path = ("rules", draft.index[rule.id])
        yield from _title(draft, rule.part.title, (*path, "title"))
        yield from _message(draft, rule)
        if rule.part.say is not None:
            yield from _title(draft, rule.part.say, (*path, "say"))


def _title(draft: Draft, texts: Texts, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if not _CHINESE.search(texts.zh):
        yield Problem(
            "lint/text", draft.place(*path, "zh"), "The Chinese text has no Chinese word.", "中文文本中没有汉字。",
            "Write it in Chinese.", "请用中文填写。", "warning",
        )  # fmt: skip
    if not re.search("[A-Za-z]", texts.en) or _CHINESE.search(texts.en):
        yield Problem(
            "lint/text", draft.place(*path, "en"), "The English text is empty or contains Chinese.", "英文文本为空或含有汉字。",
            "Write it in English.", "请用英文填写。", "warning",
        )  # fmt: skip


def _message(draft: Draft, rule: Rule) -> Iterator[Problem]:
    part = rule.part
    if part.say is None:
        if part.card is not None or part.proposes:
            yield Problem(
                "lint/message", draft.rule_place(rule.id), f"Rule {rule.id} gives a card without words.",
                f"规则 {rule.id} 发牌而没有文字。", "Add 'say:' with 'zh:' and 'en:'.", "请添加 say，并写 zh 与 en。", "warning",
            )  # fmt: skip
        return
    zh, en = set(names(part.say.zh)), set(names(part.say.en))
    own = [("rules", draft.index[rule.id], "say")]
    ill = any(p.code.startswith("message/") and inside(draft.document, p.place, own) for p in draft.problems)
    if zh != en and not ill:
        listed = ", ".join(f"{{{name}}}" for name in sorted(zh ^ en))
        yield Problem(
            "lint/placeholders", draft.rule_place(rule.id, "say"),
            f"Only one of the two messages shows {listed}.", f"只有一种语言的消息显示 {listed}。",
            "Show the same values in both.", "两种语言应显示相同的值。", "warning",
        )  # fmt: skip
