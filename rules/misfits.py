"""What does not fit a model, said in sentences for people who write YAML: one table of kinds of fault."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic_core import ErrorDetails


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence and its mending edit in both languages."""

    en: str
    zh: str
    mend_en: str = ""
    mend_zh: str = ""


KINDS: Final[Mapping[str, Said]] = {
    "string_type": Said("a text belongs here.", "此处应为文本。", "Put the value in quotes.", "请用引号括起来。"),
    "int_type": Said("a whole number belongs here.", "此处应为整数。", "Write digits only, such as 3.", "请只写数字，如 3。"),
    "int_parsing": Said("a whole number belongs here.", "此处应为整数。", "Write digits only, such as 3.", "请只写数字，如 3。"),
    "int_from_float": Said("a whole number belongs here.", "此处应为整数。", "Write it without decimals.", "请不要写小数。"),
    "float_type": Said("a number belongs here.", "此处应为数。", "Write digits, such as 2.5.", "请写数字，如 2.5。"),
    "float_parsing": Said("a number belongs here.", "此处应为数。", "Write digits, such as 2.5.", "请写数字，如 2.5。"),
    "bool_type": Said("true or false belongs here.", "此处应为 true 或 false。", "Write true or false.", "请写 true 或 false。"),
    "bool_parsing": Said("true or false belongs here.", "此处应为 true 或 false。", "Write true or false.", "请写 true 或 false。"),
    "date_type": Said("a date belongs here.", "此处应为日期。", "Write it like 2024-01-31.", "请写成 2024-01-31。"),
    "date_parsing": Said("a date belongs here.", "此处应为日期。", "Write it like 2024-01-31.", "请写成 2024-01-31。"),
    "date_from_datetime_parsing": Said(
        "a date belongs here.", "此处应为日期。", "Write it like 2024-01-31.", "请写成 2024-01-31。"
    ),
    "date_from_datetime_inexact": Said(
        "a date without a time belongs here.", "此处应为不带时间的日期。", "Write it like 2024-01-31.", "请写成 2024-01-31。"
    ),
    "list_type": Said(
        "a list belongs here.", "此处应为列表。", "Begin each entry with '- '.", "每一项请以“- ”开头。"
    ),
    "dict_type": Said(
        "keys with values belong here.", "此处应为“键: 值”。", "Write 'key: value', one a line.", "请每行写一个“键: 值”。"
    ),
    "model_type": Said(
        "keys with values belong here.", "此处应为“键: 值”。", "Write 'key: value', one a line.", "请每行写一个“键: 值”。"
    ),
    "string_too_short": Said("this is empty.", "此处为空。", "Write something here.", "请填写内容。"),
    "too_short": Said("this list is empty.", "此列表为空。", "Write at least one entry.", "请至少写一项。"),
}  # fmt: skip
"""What each of pydantic's kinds of fault says; those with a limit or a choice are worded below."""

READ_AS_TRUTH: Final = Said(
    "YAML reads this as true or false, and a text belongs here.", "YAML 会把它读作真假，而此处应为文本。",
    "Put it in quotes, such as 'no' or 'on'.", "请用引号括起来，如 'no'、'on'。",
)  # fmt: skip


MALFORMED: Final[Mapping[str, Said]] = {
    "mapping values are not allowed": Said(
        "A colon stands where none may stand.", "此处不应出现冒号。",
        "Put texts that contain ': ' in quotes, and check the indentation of this line.",
        "含“: ”的文本请用引号括起来，并检查本行缩进。",
    ),
    "cannot start any token": Said(
        "A sign stands here that YAML does not take, perhaps a tab.", "此处有 YAML 不接受的字符，可能是制表符。",
        "Indent with spaces, and put texts that begin with such a sign in quotes.",
        "请用空格缩进；以此类字符开头的文本请用引号括起来。",
    ),
    "expected <block end>": Said(
        "This line does not belong to what stands above it.", "本行与上文的层级不一致。",
        "Indent it exactly like the lines that it belongs to.", "请与同级各行缩进一致。",
    ),
    "could not find expected ':'": Said(
        "A key without a colon stands before this place.", "此处之前有一个键缺少冒号。",
        "Write ': ' after the key.", "请在键后写“: ”。",
    ),
    "unexpected end of stream": Said(
        "A quote or bracket is never closed.", "引号或括号没有闭合。",
        "Close what was opened before this place.", "请闭合此前打开的引号或括号。",
    ),
    "expected ',' or": Said(
        "A bracket or brace is not closed, or a comma is missing.", "括号没有闭合，或缺少逗号。",
        "Write ',' between the entries and close the bracket.", "请用“,”分隔各项并闭合括号。",
    ),
    "expected alphabetic or numeric": Said(
        "A '*' or '&' begins something here that YAML does not take for a text.", "此处以“*”或“&”开头，YAML 不作文本读取。",
        "Put a text that begins with such a sign in quotes.", "以此类符号开头的文本请用引号括起来。",
    ),
    "undefined alias": Said(
        "A '*' refers to something that is not named before.", "“*”引用了前面没有命名的内容。",
        "Put a text that begins with '*' in quotes.", "以“*”开头的文本请用引号括起来。",
    ),
}  # fmt: skip
"""What the YAML reader's own words mean to somebody who does not know YAML; looked up by a part of its sentence."""

_MALFORMED: Final = Said(
    "Something is not closed, or stands in the wrong line.", "有内容未闭合或位置不对。",
    "Check indentation, quotes and the colon before this place.", "请检查此处之前的缩进、引号和冒号。",
)  # fmt: skip


def malformed(problem: str) -> Said:
    """Return what is wrong with a text that is not YAML; ``problem`` is the reader's own sentence."""
    return next((said for words, said in MALFORMED.items() if words in problem), _MALFORMED)


def misfit(detail: ErrorDetails) -> Said:
    """Return what is wrong with one value, for the sentence that begins with its name."""
    kind, context = detail["type"], detail.get("ctx", {})
    if isinstance(detail["input"], bool) and kind in {"string_type", "enum", "literal_error"}:
        return READ_AS_TRUTH
    if kind in KINDS:
        return KINDS[kind]
    match kind:
        case "enum" | "literal_error":
            return _choice(str(detail["input"]), str(context.get("expected", "")))
        case "string_pattern_mismatch":
            return _pattern(str(detail["input"]), str(context.get("pattern", "")))
        case "greater_than_equal":
            least = context.get("ge")
            return Said(f"the number is less than {least}.", f"数值小于 {least}。",
                        f"Write {least} or more.", f"请写不小于 {least} 的数。")  # fmt: skip
        case "greater_than":
            least = context.get("gt")
            return Said(f"the number is not greater than {least}.", f"数值不大于 {least}。",
                        f"Write more than {least}.", f"请写大于 {least} 的数。")  # fmt: skip
        case "less_than_equal":
            most = context.get("le")
            return Said(f"the number is greater than {most}.", f"数值大于 {most}。",
                        f"Write {most} or less.", f"请写不大于 {most} 的数。")  # fmt: skip
        case _:
            return _own_words(detail)


def _choice(written: str, expected: str) -> Said:
    """Say which words may stand here; ``expected`` is pydantic's list: 'red', 'yellow' or 'green'."""
    known = [word.strip(" '") for word in expected.replace(" or ", ",").split(",") if word.strip(" '")]
    near = nearest(written, known)
    listed_en, listed_zh = ", ".join(known), "、".join(known)
    return Said(
        f"'{written}' is not one of the words that may stand here.", f"“{written}”不是此处可用的词。",
        f"Did you mean '{near}'? Known are: {listed_en}." if near else f"Known are: {listed_en}.",
        f"是否应为“{near}”？可用的有：{listed_zh}。" if near else f"可用的有：{listed_zh}。",
    )  # fmt: skip


PATTERNS: Final[Mapping[str, Said]] = {
    r"^[A-Z][A-Za-z0-9_-]{0,31}$": Said(
        "is not an id of a rule.", "不是规则编号。",
        "Begin with a capital letter, then letters, digits, '-' and '_', at most 32 signs: T04.",
        "请以大写字母开头，其后为字母、数字、“-”或“_”，最多 32 个字符，如 T04。",
    ),
    r"^[a-z0-9][a-z0-9-]*$": Said(
        "is not a name of a rulebook.", "不是规则书名称。",
        "Use small letters, digits and '-' only: time-limits.", "请只用小写字母、数字和“-”，如 time-limits。",
    ),
}  # fmt: skip


def _pattern(written: str, pattern: str) -> Said:
    known = PATTERNS.get(pattern)
    if known is None:
        return Said(f"'{written}' does not have the form that is needed here.", f"“{written}”的写法不符合要求。",
                    f"It has to match {pattern}.", f"须符合 {pattern}。")  # fmt: skip
    return Said(f"'{written}' {known.en}", f"“{written}”{known.zh}", known.mend_en, known.mend_zh)


def _own_words(detail: ErrorDetails) -> Said:
    """Return what one of our own models says; it may say it in both languages (``Ill``)."""
    raised = detail.get("ctx", {}).get("error")
    if isinstance(raised, Ill):
        return raised.said
    text = detail["msg"].removeprefix("Value error, ").rstrip(".")
    return Said(f"{text}.", f"此值不合要求（{text}）。")


class Ill(ValueError):
    """A value that a model of ours refuses, with what it says in both languages."""

    def __init__(self, said: Said) -> None:
        super().__init__(said.en)
        self.said = said


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is most like ``word``, None if none is near."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None
