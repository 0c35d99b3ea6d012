"""A problem is a value with a place: what is wrong, where, and the edit or command that mends it.

Whoever finds problems collects them all and raises one ``UserError``; one renderer draws the line and the caret. The
tree of errors says how one recovers: ``UserError`` is mended by the user (exit 1), anything else is ours (exit 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct

Language: TypeAlias = Literal["zh", "en"]
Severity: TypeAlias = Literal["error", "warning"]


class Place(Struct, frozen=True, gc=False):
    """Where something stands: a file, and where known a line and a column (both counted from 1) and a width."""

    file: str
    line: int | None = None
    column: int | None = None
    width: int = 1

    def __str__(self) -> str:
        parts = [self.file, *(str(n) for n in (self.line, self.column) if n is not None)]
        return ":".join(parts)


class Problem(Struct, frozen=True):
    """One thing that is wrong: a stable path-like ``code``, a sentence and its mending edit in both languages.

    A warning is something that works but misleads or proves nothing.
    """

    code: str
    place: Place
    en: str
    zh: str
    mend_en: str = ""
    mend_zh: str = ""
    severity: Severity = "error"

    def sentence(self, language: Language = "en") -> str:
        """Return the sentence and, where there is one, the mending edit, in one line."""
        said, mend = (self.en, self.mend_en) if language == "en" else (self.zh, self.mend_zh)
        return f"{said} {mend}".strip() if language == "en" else f"{said}{mend}"


class UserError(Exception):
    """Something that the user wrote or asked cannot be used; every problem found is listed."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(f"{p.place}: {p.sentence()}" for p in self.problems))


def refuse(code: str, file: str | Path, en: str, zh: str, *, mend_en: str = "", mend_zh: str = "") -> UserError:
    """Return the error for a single problem that concerns a whole file, command or setting."""
    return UserError([Problem(code, Place(str(file)), en, zh, mend_en, mend_zh)])


def render(problems: Sequence[Problem], language: Language = "en") -> str:
    """Draw the problems as text: place, sentence, the line with a caret where the file can be read, the mending edit."""
    return "\n".join(_draw(problem, language) for problem in sorted(problems, key=_position))


def _position(problem: Problem) -> tuple[str, int, int]:
    return (problem.place.file, problem.place.line or 0, problem.place.column or 0)


def _draw(problem: Problem, language: Language) -> str:
    said, mend = (problem.en, problem.mend_en) if language == "en" else (problem.zh, problem.mend_zh)
    warned = {"en": "warning: ", "zh": "提醒："}[language] if problem.severity == "warning" else ""
    lines = [f"{problem.place}: {warned}{said} [{problem.code}]"]
    shown = _source_line(problem.place)
    if shown is not None and problem.place.line is not None:
        gutter = f"{problem.place.line:>5} | "
        lines.append(f"{gutter}{shown}")
        if problem.place.column is not None:
            before = shown[: problem.place.column - 1]
            pad = "".join("\t" if c == "\t" else " " * _cells(c) for c in before)
            lines.append(" " * (len(gutter) - 2) + "| " + pad + "^" * max(1, problem.place.width))
    if mend:
        lines.append(f"      = {mend}")
    return "\n".join(lines)


def _cells(character: str) -> int:
    """Return how many terminal cells a character takes: two for Chinese characters and full-width forms."""
    return 2 if ord(character) >= 0x2E80 else 1


def _source_line(place: Place) -> str | None:
    """Return the text of the place's line, or None if the file cannot be read as UTF-8 text."""
    if place.line is None:
        return None
    try:
        with Path(place.file).open(encoding="utf-8-sig") as text:
            for number, line in enumerate(text, start=1):
                if number == place.line:
                    return line.rstrip("\r\n")[:400]
    except (OSError, UnicodeError):
        return None
    return None
