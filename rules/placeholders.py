"""Placeholders of messages, such as ``{clock.promise.due_at}``: from an allow-list, strings only, no template engine.

A text is words with placeholders between braces and nothing else: no expression, no call, no attribute of an object.
What a value contains is never looked at again, so a value cannot bring a placeholder of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Final

from rules.documents import nearest
from rules.problems import Language, Place, Problem

MAX_TEXT: Final = 2_000
_NAME: Final = r"[a-z][a-z0-9_]*"
_SOMEWHERE: Final = Place("text")
_BRACES: Final = re.compile(r"\{([^{}]*)\}")

COMMON: Final = (
    "case.no", "case.kind", "case.unit", "case.item", "case.channel", "case.result", "case.type", "case.window",
    "case.step", "case.reopens", "item.code", "item.name", "item.promised", "item.statutory", "rule.id", "rule.title",
    "rule.basis", "unit.code", "unit.name",
)  # fmt: skip
"""Placeholders that may stand in the message of any rule.

``unit.name``, as every other unit, reads as the unit's name; ``unit.code`` stays the code, for programs. ``card.reference``
is how people call what a card is about: the number of its case.
"""

PATTERNS: Final[Mapping[str, tuple[str, ...]]] = {
    "application": (),
    "contact": (
        "contact.hops", "contact.matter", "contact.unit", "contact.unit_repeats", "contact.answered",
    ),
    "complaint": (),
    "enquiry": (),
    "card": ("card.colour", "card.rule", "card.state", "card.reference"),
    "feed": ("feed.source", "feed.last_event_at", "feed.reason"),
    "unit": ("tally.<name>.<name>", "tally.<name>"),
    "person": ("tally.<name>.<name>", "tally.<name>"),
}  # fmt: skip
"""Further placeholders by kind of case; ``<name>`` stands for a name of the rulebook."""

TIMED: Final = tuple(
    f"clock.<name>.{word}"
    for word in ("due_at", "started_at", "stopped_at", "limit", "used", "left", "over_by", "paused", "title", "key")
)
"""Placeholders of every clock; any kind of case may have clocks."""


def names(text: str) -> tuple[str, ...]:
    """Return the placeholders that stand in ``text``, in order, without the braces."""
    return tuple(found.strip() for found in _BRACES.findall(text))


def allowed(name: str, of: str = "", also: Collection[str] = ()) -> bool:
    """Say whether a message about cases of kind ``of`` (any kind if "") may contain the placeholder ``name``."""
    if name in also:
        return True
    return any(re.fullmatch(p.replace(".", r"\.").replace("<name>", _NAME), name) for p in _patterns(of))


def check_text(text: str, of: str = "", place: Place = _SOMEWHERE, also: Collection[str] = ()) -> tuple[Problem, ...]:
    """Return what is wrong with a message: unknown placeholders, braces that do not match, control characters.

    ``of`` is the kind of case that the rule judges, ``also`` the names that the rulebook itself declares as shown.
    """
    problems = [_unknown(name, of, place, also) for name in names(text) if not allowed(name, of, also)]
    if "{" in _BRACES.sub("", text) or "}" in _BRACES.sub("", text):
        problems.append(Problem(
            "message/braces", place, "A brace in this message has no partner.", "消息中的花括号不成对。",
            "Write each placeholder as {name}; braces cannot stand for themselves.",
            "占位符应写作 {名称}；花括号不作他用。",
        ))  # fmt: skip
    if neutral(text) != text.rstrip("\n"):
        problems.append(Problem(
            "message/control", place,
            "The message contains line breaks or control characters.", "消息中含有换行或控制字符。",
            "Write it in one line of plain text.", "请写成一行普通文本。",
        ))  # fmt: skip
    if len(text) > MAX_TEXT:
        problems.append(Problem(
            "message/length", place, f"The message is longer than {MAX_TEXT} characters.", f"消息超过 {MAX_TEXT} 字。",
            "Shorten it; the case page holds the details.", "请缩短；详情见办件页面。",
        ))  # fmt: skip
    return tuple(problems)


def fill(text: str, values: Mapping[str, str], missing: str = "—") -> str:
    """Return ``text`` with every placeholder replaced once by its value made neutral, or by ``missing``."""
    return _BRACES.sub(lambda found: neutral(values.get(found[1].strip(), "")) or missing, text)


def neutral(value: str) -> str:
    """Return ``value`` in one line: breaks and control characters become spaces, invisible ones vanish.

    So a value from a departmental system cannot begin a mail header, a log line or a line of its own in a message,
    nor turn the direction in which it is read.
    """
    if value.isprintable():
        return value.strip()
    return " ".join("".join(_shown(character) for character in value).split())


def _shown(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Zl" | "Zp" | "Zs":
            return " "
        case "Cf" | "Cs" | "Co" | "Cn":
            return ""
        case _:
            return character


def _patterns(of: str) -> tuple[str, ...]:
    by_kind = PATTERNS.get(of)
    if by_kind is None:
        by_kind = tuple(pattern for patterns in PATTERNS.values() for pattern in patterns)
    return (*COMMON, *TIMED, *by_kind)


def _unknown(name: str, of: str, place: Place, also: Collection[str]) -> Problem:
    known = sorted({*_patterns(of), *also})
    clock = re.match(rf"clock\.({_NAME})\.", name)
    known = [pattern.replace("<name>", clock[1]) if clock else pattern for pattern in known]
    near = nearest(name, known)
    mend_en = f"Did you mean {{{near}}}?" if near else f"Known are: {', '.join(known)}."
    mend_zh = f"是否指 {{{near}}}？" if near else f"可用的有：{'、'.join(known)}。"
    return Problem(
        "message/placeholder", place, f"The placeholder {{{name}}} is not known here.", f"此处没有占位符 {{{name}}}。",
        mend_en, mend_zh,
    )  # fmt: skip


def language_of(texts: Mapping[str, str], language: Language) -> str:
    """Return the text in ``language``, else in the other language, else ""."""
    return texts.get(language) or next((text for text in texts.values() if text), "")
