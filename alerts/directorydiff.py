"""Says what changes from one organisation directory to another, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from alerts.directory import Directory

TABLES: Final = ("units", "posts", "people", "holders_of", "deputies", "leave")


class DirectoryChange(Struct, frozen=True):
    """A line that came (``+``), went (``-``), or a value of it that is another."""

    table: str
    sign: str
    line: str


def directory_changes(before: Directory, after: Directory) -> Iterator[DirectoryChange]:
    """Yield what went and what came, table by table; a line whose values changed goes and comes."""
    for table in TABLES:
        old, new = _lines(before, table), _lines(after, table)
        for line in sorted(old.keys() | new.keys()):
            if line not in new:
                yield DirectoryChange(table, "-", line)
            elif line not in old:
                yield DirectoryChange(table, "+", line)


def _lines(directory: Directory, table: str) -> dict[str, None]:
    rows = msgspec.to_builtins(getattr(directory, table))
    return {" ".join(f"{name}={_shown(value)}" for name, value in row.items() if value): None for row in rows}


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return ";".join(f"{each['channel']}={each['address']}" for each in value)
    return str(value)
