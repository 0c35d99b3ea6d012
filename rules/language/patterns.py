"""Regular expressions that an administrator may write: bounded, so that no text can make one run for long."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

MAX_PATTERN: Final = 200
MAX_TEXT: Final = 1_000
MAX_REPEAT: Final = 50
MAX_VARYING: Final = 2
MAX_OPTIONAL: Final = 3

_PART: Final = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?:|\(\?|[()|*+?]|\{(?:(?P<exactly>\d+)|(?P<least>\d*),(?P<most>\d*))\}|.",
    re.DOTALL,
)


def unsafe(pattern: str) -> tuple[str, str] | None:
    """Return why the pattern is refused (English, Chinese), None if it may run."""
    if len(pattern) > MAX_PATTERN:
        return f"The pattern is longer than {MAX_PATTERN} characters.", f"表达式超过 {MAX_PATTERN} 个字符。"
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"This is not a regular expression: {error}.", f"不是正则表达式：{error}。"
    return _costly(pattern)


def _costly(pattern: str) -> tuple[str, str] | None:
    """Refuse what can backtrack for long: repeated groups that repeat or choose inside, and many repetitions."""
    busy = [False]  # for each open bracket: is there a repetition or a choice inside
    last, closed_busy, varying, optional = "", False, 0, 0
    for match in _PART.finditer(pattern):
        part, most = match.group(), match.group("most")
        if part == "(?" or re.fullmatch(r"\\[1-9]", part):
            return "Back-references and look-arounds are not allowed in a pattern.", "表达式中不允许反向引用和环视。"
        if part in {"(", "(?:"}:
            busy.append(False)
        elif part == ")":
            closed_busy = busy.pop()
            busy[-1] |= closed_busy
        elif part == "|":
            busy[-1] = True
        elif part in {"*", "+", "?"} or most is not None or match.group("exactly") is not None:
            if last == ")" and closed_busy and part != "?":
                return "A repetition may not contain another or a choice.", "重复之内不能再有重复或选择。"
            varying += part in {"*", "+"} or most is not None
            optional += part == "?"
            if any(int(match.group(name) or 0) > MAX_REPEAT for name in ("least", "most", "exactly")):
                return f"A part repeats at most {MAX_REPEAT} times.", f"一处至多重复 {MAX_REPEAT} 次。"
            busy[-1] = True
        last = part
    if varying > MAX_VARYING or optional > MAX_OPTIONAL:
        return (
            f"A pattern has at most {MAX_VARYING} repetitions of open length and {MAX_OPTIONAL} '?'.",
            f"表达式至多有 {MAX_VARYING} 处不定次数的重复和 {MAX_OPTIONAL} 个“?”。",
        )
    return None


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return the pattern ready to search with."""
    return re.compile(pattern)


def found(pattern: str, text: str) -> bool | None:
    """Say whether the pattern occurs in the text; None (unknown) if the text is longer than may be searched."""
    if len(text) > MAX_TEXT:
        return None
    return compiled(pattern).search(text) is not None
