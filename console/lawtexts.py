"""How texts of the law are shown: numbered lines, problems at their line with a caret, and the difference of two texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, NamedTuple

from rules.problems import Language, Problem

CONTEXT: Final = 3
LONGEST: Final = 6_000
"""Lines up to which two texts are compared."""

MANY: Final = 2_000
"""Lines from which on those that stand there very often are not looked for, so that it stays quick."""

WIDE: Final = 0x2E80
"""From here on characters take two cells, as the full-width space does that pads the caret."""


class ShownProblem(NamedTuple):
    """A problem as a page shows it: what is wrong and what mends it, and the line with what stands before the caret."""

    severity: str
    line: int | None
    column: int | None
    said: str
    mend: str
    source: str
    caret: str


class DiffLine(NamedTuple):
    """A line of a difference: ``sign`` is ``+``, ``-``, " ", or ``…`` where equal lines are passed over."""

    sign: str
    before: int | None
    after: int | None
    text: str


def normal(text: str) -> str:
    """Return a text as it came from a form with the line ends of a file."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return plain if not plain or plain.endswith("\n") else f"{plain}\n"


def shown_problems(problems: Iterable[Problem], text: str, language: Language) -> list[ShownProblem]:
    """Return the problems in the order of their lines, errors before warnings where none is known."""
    lines = text.split("\n")
    ordered = sorted(problems, key=lambda each: (each.place.line or 0, each.place.column or 0, each.severity))
    return [_shown(each, lines, language) for each in ordered]


def _shown(problem: Problem, lines: Sequence[str], language: Language) -> ShownProblem:
    place = problem.place
    said, mend = (problem.en, problem.mend_en) if language == "en" else (problem.zh, problem.mend_zh)
    line = place.line if place.line is not None and place.line <= len(lines) else None
    source = lines[line - 1][:400] if line is not None else ""
    caret = ""
    if line is not None and place.column is not None:
        before = source[: place.column - 1]
        pad = "".join("\t" if each == "\t" else "\u3000" if ord(each) >= WIDE else " " for each in before)
        caret = pad + "^" * max(1, min(place.width, 60))
    return ShownProblem(problem.severity, line, place.column, said, mend, source, caret)


def difference(before: str, after: str) -> list[DiffLine] | None:
    """Return the lines that differ with those around them, None if the texts are too long to be compared."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > LONGEST:
        return None
    matcher = SequenceMatcher(None, old, new, autojunk=max(len(old), len(new)) > MANY)
    found: list[DiffLine] = []
    for group in matcher.get_grouped_opcodes(CONTEXT):
        if found or group[0][1] > 0:
            found.append(DiffLine("…", None, None, ""))
        for tag, old_from, old_to, new_from, new_to in group:
            found += _lines(tag, old[old_from:old_to], new[new_from:new_to], old_from, new_from)
    return found


def _lines(tag: str, old: Sequence[str], new: Sequence[str], old_from: int, new_from: int) -> Iterator[DiffLine]:
    if tag == "equal":
        for number, text in enumerate(old):
            yield DiffLine(" ", old_from + number + 1, new_from + number + 1, text)
        return
    for number, text in enumerate(old):
        yield DiffLine("-", old_from + number + 1, None, text)
    for number, text in enumerate(new):
        yield DiffLine("+", None, new_from + number + 1, text)
