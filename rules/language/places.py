"""Finds where a stretch of a condition stands in the file it was written in, also when YAML folded it over lines."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from rules.problems import Place


class Origin(Struct, frozen=True, eq=False):
    """A condition's text and the place where that text begins in its file."""

    text: str
    start: Place

    def place(self, begin: int, end: int) -> Place:
        """Return the place of the characters [begin, end) of the text."""
        file, line, column = self.start.file, self.start.line, self.start.column
        width = max(1, end - begin)
        if line is None or column is None:
            return self.start
        if "\n" not in self.text and self.start.width in {len(self.text), len(self.text) + 2}:
            quote = self.start.width > len(self.text)
            return Place(file, line, column + begin + quote, width)
        found = _align(self.text, begin, self._lines(line), column)
        if found is not None:
            return Place(file, line + found[0], found[1], width)
        before = self.text[:begin].split("\n")
        return Place(file, line + len(before) - 1, len(before[-1]) + (column if len(before) == 1 else 1), width)

    def _lines(self, line: int) -> list[str]:
        """Return the file's lines from ``line`` on, none if it cannot be read."""
        try:
            return Path(self.start.file).read_text(encoding="utf-8-sig").splitlines()[line - 1 :]
        except (OSError, UnicodeError):
            return []


class At(Struct, frozen=True, eq=False):
    """The characters [begin, end) of a condition."""

    origin: Origin
    begin: int
    end: int

    @property
    def place(self) -> Place:
        """The place in the file, for a problem."""
        return self.origin.place(self.begin, self.end)


def _align(text: str, offset: int, lines: list[str], first_column: int) -> tuple[int, int] | None:
    """Return (line, column) of ``text[offset]``: line from 0, column from 1; None if the lines say something else.

    Folding changes white space only, so the two are walked side by side over the characters that are not white space.
    """
    wanted = [i for i, c in enumerate(text) if not c.isspace()]
    if not wanted:
        return None
    target = next((rank for rank, i in enumerate(wanted) if i >= offset), len(wanted) - 1)
    skipped = list(_written(lines, first_column))
    begin = _first_match(skipped, "".join(text[i] for i in wanted))
    if begin is None:
        return None
    line, column, _ = skipped[begin + target]
    if offset > wanted[-1]:
        column += 1
    return line, column


def _written(lines: list[str], first_column: int) -> list[tuple[int, int, str]]:
    """Return (line, column, character) of everything from the first line's column on that is not white space."""
    return [
        (number, column, character)
        for number, line in enumerate(lines[:200])
        for column, character in enumerate(line, start=1)
        if not character.isspace() and (number > 0 or column >= first_column)
    ]


def _first_match(written: list[tuple[int, int, str]], wanted: str) -> int | None:
    """Return where ``wanted`` begins, allowing a short block or quote sign such as ``>-`` before it."""
    for begin in range(min(4, len(written))):
        if "".join(c for _, _, c in written[begin : begin + len(wanted)]) == wanted:
            return begin
    return None
