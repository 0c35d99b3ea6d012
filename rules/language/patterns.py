"""Regular expressions that an administrator may write: bounded, so that no text can make one run for long."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

MAX_PATTERN: Final = 200
MAX_TEXT: Final = 1_000
MAX_OPEN: Final = 2
MAX_REPEAT: Final = 50

_TOKEN: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?:|\(\?|\(|\)|\||[*+?]|\{(\d*)(,?)(\d*)\}|.", re.DOTALL)


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
    """Refuse what can backtrack for long: repeated groups that repeat or choose inside, and many open repetitions."""
    busy = [False]
    closed_busy = False
    last = ""
    opened = counted = 0
    for match in _TOKEN.finditer(pattern):
        token = match.group()
        if re.fullmatch(r"\\[1-9]", token) or token == "(?":
            return (
                "Back-references and look-arounds are not allowed in a pattern.",
                "表达式中不允许反向引用和环视。",
            )
        if token in {"(", "(?:"}:
            busy.append(False)
        elif token == ")":
            closed_busy = busy.pop() if len(busy) > 1 else False
            busy[-1] = busy[-1] or closed_busy
        elif token == "|":
            busy[-1] = True
        elif token in {"*", "+", "?"} or (match.group(2) is not None and (match.group(1) or match.group(3))):
            if last not in {"*", "+", "?"} or token not in {"?", "+"}:
                if last == ")" and closed_busy and token != "?":
                    return "A repetition may not contain another or a choice.", "重复之内不能再有重复或选择。"
                opened += token in {"*", "+"} or (match.group(2) == "," and not match.group(3))
                counted += match.group(2) is not None
                if max(int(match.group(1) or 0), int(match.group(3) or 0)) > MAX_REPEAT or counted > 4:
                    return f"A pattern repeats at most {MAX_REPEAT} times, in four places.", f"表达式最多四处定量重复，每处至多 {MAX_REPEAT} 次。"  # fmt: skip
                busy[-1] = True
        last = token if token in {"*", "+", "?", ")"} else ""
    if opened > MAX_OPEN:
        return (
            f"A pattern has at most {MAX_OPEN} open repetitions ('*', '+').",
            f"表达式最多有 {MAX_OPEN} 处无限重复（*、+）。",
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
