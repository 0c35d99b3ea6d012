"""Where each key and value of a TOML text stands, so that a problem can be shown at its line and column.

``tomllib`` gives values without places. This scan finds the places only: it trusts that the text is well-formed, which
``tomllib`` has decided before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from rules.documents import Document, Path_, Plain
from rules.problems import Place

_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY_PART: Final = re.compile(r"""[ \t]*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))[ \t]*""")
_TEXT: Final = re.compile(
    r"""
    \"{3} (?: [^\\] | \\. )*? \"{3,5} | '{3} .*? '{3,5} | " (?: [^"\\\n] | \\. )* " | '[^'\n]*'
    """,
    re.DOTALL | re.VERBOSE,
)
_BARE: Final = re.compile(r"[^,\]}\n#]+")


def with_places(text: str, file: str, data: Plain) -> Document:
    """Return the parsed ``data`` of a well-formed TOML ``text`` as a document that knows its places."""
    scan = _Scan(text, file)
    scan.document()
    return Document(file, data, scan.places, scan.key_places)


@dataclass(slots=True)
class _Scan:
    text: str
    file: str
    at: int = 0
    places: dict[Path_, Place] = field(default_factory=dict)
    key_places: dict[Path_, Place] = field(default_factory=dict)
    tables: dict[Path_, int] = field(default_factory=dict)
    """How many tables each array of tables has so far."""

    def document(self) -> None:
        self.places[()] = Place(self.file, 1, 1)
        table: Path_ = ()
        while not self._blank():
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Path_:
        start = self.at
        many = self.text.startswith("[[", start)
        self.at += 2 if many else 1
        path: Path_ = ()
        for part, place in self._key():
            path = (*self._newest(path), part)
            self._remember(path, place)
        if many:
            self.tables[path] = self.tables.get(path, 0) + 1
            path = self._newest(path)
        self.at = self.text.index("]", self.at) + (2 if many else 1)
        self.places[path] = self._place(start, self.at)
        return path

    def _newest(self, path: Path_) -> Path_:
        """Return the path of the newest table where ``path`` names an array of tables."""
        return (*path, self.tables[path] - 1) if path in self.tables else path

    def _pair(self, table: Path_) -> None:
        path = table
        for part, place in self._key():
            path = (*path, part)
            self._remember(path, place)
        self.at += 1  # the equals sign
        self._value(path)

    def _remember(self, path: Path_, place: Place) -> None:
        self.key_places.setdefault(path, place)
        self.places.setdefault(path, place)

    def _key(self) -> list[tuple[str, Place]]:
        parts = []
        while match := _KEY_PART.match(self.text, self.at):
            group = next(n for n in (1, 2, 3) if match[n] is not None)
            parts.append((match[group], self._place(match.start(group), match.end(group))))
            self.at = match.end()
            if self.text[self.at : self.at + 1] != ".":
                break
            self.at += 1
        return parts

    def _value(self, path: Path_) -> None:
        self._blank()
        start = self.at
        opening = self.text[start]
        if opening == "[":
            self._members(path, "]")
        elif opening == "{":
            self._members(path, "}")
        else:
            match = _TEXT.match(self.text, start) or _BARE.match(self.text, start)
            self.at = match.end() if match else start + 1
        self.places[path] = self._place(start, start + len(self.text[start : self.at].rstrip()))

    def _members(self, path: Path_, closing: str) -> None:
        self.at += 1
        number = 0
        while not self._blank() and self.text[self.at] != closing:
            if closing == "]":
                self._value((*path, number))
            else:
                self._pair(path)
            number += 1
            self._blank()
            if self.text[self.at : self.at + 1] == ",":
                self.at += 1
        self.at += 1

    def _blank(self) -> bool:
        """Step over spaces, line ends and comments; say whether the text ended."""
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at >= len(self.text)

    def _place(self, start: int, end: int) -> Place:
        line_start = self.text.rfind("\n", 0, start) + 1
        width = end - start if "\n" not in self.text[start:end] else 1
        return Place(self.file, self.text.count("\n", 0, start) + 1, start - line_start + 1, max(1, width))
