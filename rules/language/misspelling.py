"""Says in a sentence why a text is no condition, and which edit mends it."""

from __future__ import annotations

from typing import Final

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from rules.documents import nearest
from rules.language.places import Origin
from rules.problems import Problem

MAX_LENGTH: Final = 4_000
MAX_DEPTH: Final = 40
KEYWORDS: Final = ("and", "or", "not", "in", "exists", "contains", "matches", "any", "all")

_SPELLING: Final = {
    "（": "(", "）": ")", "，": ",", "：": ":", "“": '"', "”": '"', "‘": "'", "’": "'", "【": "[", "】": "]", "％": "%",
    "＝": "==", "＞": ">", "＜": "<", "≥": ">=", "≤": "<=", "≠": "!=", "＞＝": ">=", "。": ".", "=": "==",
    "&": "and", "|": "or", "!": "not", "且": "and", "或": "or", "非": "not", "并且": "and", "或者": "or",
    "AND": "and", "OR": "or", "NOT": "not", "IN": "in", "!=": "!=", "是": "==", "&&": "and", "||": "or",
}  # fmt: skip


_JOINING: Final = ("and", "or", "not", "in")
_BEGINNINGS: Final = frozenset({"NAME", "STRING", "NUMBER", "EXISTS", "NOT", "ANY", "ALL"})


def unreadable(origin: Origin) -> Problem | None:
    """Return the problem of a condition that is too long or too deep to be read, None if it can be tried."""
    if len(origin.text) > MAX_LENGTH:
        return _problem(
            origin, 0, 1, "rule/length",
            f"The condition is longer than {MAX_LENGTH:,} characters.", f"条件超过 {MAX_LENGTH:,} 个字符。",
            "Split it into several rules.", "请拆成几条规则。",
        )  # fmt: skip
    depth = deepest = 0
    for character in origin.text:
        depth += (character in "([") - (character in ")]")
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH or origin.text.split().count("not") > MAX_DEPTH:
        return _problem(
            origin, 0, 1, "rule/depth",
            f"The condition has more than {MAX_DEPTH} brackets or 'not' within each other.",
            f"条件的括号或 not 嵌套超过 {MAX_DEPTH} 层。",
            "Split it into several rules.", "请拆成几条规则。",
        )  # fmt: skip
    return None


def _problem(
    origin: Origin, begin: int, end: int, code: str, en: str, zh: str, mend_en: str = "", mend_zh: str = ""
) -> Problem:
    return Problem(code, origin.place(begin, end), en, zh, mend_en, mend_zh)


def misspelt(origin: Origin, error: UnexpectedInput, start: str) -> Problem:
    """Return the problem for text that the grammar does not know; ``start`` is 'condition' or 'given'."""
    text = origin.text
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return _unfinished(origin, start)
    begin = int(getattr(error, "pos_in_stream", None) or 0)
    if text[begin] == "=" and isinstance(error, UnexpectedCharacters):
        return _problem(
            origin, begin, begin + 1, "rule/syntax", "A single '=' compares nothing.", "单个“=”不是比较。",
            "Write '==' to compare.", "比较请写“==”。",
        )  # fmt: skip
    token = str(error.token) if isinstance(error, UnexpectedToken) else _run(text, begin)
    before = text[:begin].split()[-1:]
    if before and before[0].isalpha() and before[0] not in KEYWORDS and nearest(before[0].lower(), _JOINING):
        token, begin = before[0], text[:begin].rindex(before[0])
    mend_en, mend_zh = _spelling(token, error)
    return _problem(
        origin, begin, begin + len(token), "rule/syntax", f"'{token}' does not fit here.", f"此处不能写“{token}”。",
        mend_en, mend_zh,
    )  # fmt: skip


def _unfinished(origin: Origin, start: str) -> Problem:
    end = len(origin.text.rstrip())
    if start == "given" and "where" not in origin.text.split():
        return _problem(
            origin, 0, end, "rule/given", "A given names a register and says which of its rows are meant.",
            "given 须写明登记簿以及取哪些行。", "Write it as 'overlap where x.matter == contact.matter'.",
            "请写成“overlap where x.matter == contact.matter”。",
        )  # fmt: skip
    return _problem(
        origin, end, end + 1, "rule/syntax", "The condition ends too early.", "条件没有写完。",
        "Something is missing after this: a value, a word or a closing bracket.", "此处之后缺少值、词或右括号。",
    )  # fmt: skip


def _run(text: str, begin: int) -> str:
    """Return the stretch of like signs at ``begin``: letters together, each foreign sign alone."""
    end = begin + 1
    while end < len(text) and (
        (text[begin].isalnum() and text[end].isalnum()) or (text[begin] in "&|" and text[end] == text[begin])
    ):
        end += 1
    return text[begin:end]


def _spelling(token: str, error: UnexpectedInput) -> tuple[str, str]:
    """Return the mending edit for a sign or word that stands where none of its kind may stand."""
    meant = _SPELLING.get(token)
    if meant is not None and meant != token:
        return f"Write '{meant}' instead.", f"请改写为“{meant}”。"
    if isinstance(error, UnexpectedToken) and error.token.type == "COMPARISON":
        return (
            "Join two comparisons with 'and': 'a < b and b < c'.",
            "两个比较请用“and”连接，如“a < b and b < c”。",
        )
    if token[:1] in "\"'" and isinstance(error, UnexpectedCharacters):
        return "Close the text with the same quote.", "请用同样的引号结束文本。"
    near = nearest(token.lower(), _JOINING) or nearest(token.lower(), KEYWORDS)
    if near is not None and near != token:
        return f"Did you mean '{near}'?", f"是否应为“{near}”？"
    if isinstance(error, UnexpectedToken) and error.token.type in {
        "NAME",
        "STRING",
        "NUMBER",
        "EXISTS",
        "NOT",
        "ANY",
        "ALL",
    }:
        return "Join conditions with 'and' or 'or'.", "条件之间请用“and”或“or”连接。"
    return "", ""
