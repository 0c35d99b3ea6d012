"""The seam of the formats: a file opened as records, one after the other, that can be gone on with later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from connectors.lines import Broken

if TYPE_CHECKING:
    from connectors.formats.options import Read

Record: TypeAlias = "Sequence[str | None] | Broken"
"""The cells of one record in the order of the columns, or what is broken about it."""

MAX_UNPACKED: Final = 1_000_000_000
"""Bytes: a workbook that unpacks to more is refused."""


class Reading(Protocol):
    """One file, opened in one format."""

    @property
    def columns(self) -> list[str] | None:
        """The names of the columns; None while the file is still empty."""
        ...

    @property
    def offset(self) -> int:
        """How far was read, in whole records: bytes or records, as the format counts."""
        ...

    def digest(self) -> str:
        """Return what tells the part read so far from another."""
        ...

    def resume(self, offset: int, digest: str) -> bool:
        """Go on after ``offset``; False, and at the first record, if what stood before it is no longer the same."""
        ...

    def rewind(self) -> None:
        """Go back to the first record."""
        ...

    def records(self) -> Iterator[Record]:
        """Yield the records that follow; raise ``SourceFailed`` where the file breaks off."""
        ...

    def raw(self) -> Mapping[str, str] | None:
        """Return the last record as it came, None where its cells are all there is."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class Format(Protocol):
    """What a format's file offers."""

    ENDINGS: tuple[str, ...]
    """How the names of such files end."""

    WHOLE: bool
    """Whether a file that changed can only be read anew from its beginning."""

    def open_reading(self, path: Path, read: Read, wanted: Sequence[str], *, final: bool) -> Reading:
        """Open a file; ``wanted`` are the mapping's columns, ``final`` says that the file's last line is complete."""
        ...
