"""What formats made of lines share: a file that grew is continued where the part read before is still the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from connectors.formats.base import Record
from connectors.formats.opening import open_text
from connectors.formats.options import Read
from connectors.lines import Layout, Lines


class LineReading:
    """A file of lines. A format sets ``columns`` and ``begins``, the offset at which its records begin."""

    columns: list[str] | None
    begins: int = 0

    def __init__(self, path: Path, read: Read, *, final: bool) -> None:
        self.layout = Layout(read.encoding, read.delimiter, read.quote)
        self._stream, self._final = open_text(path), final
        self.lines = self.anew()

    @property
    def offset(self) -> int:
        """Bytes of the unzipped text."""
        return self.lines.offset

    def digest(self) -> str:
        """Return the digest of everything read so far."""
        return self.lines.digest()

    def resume(self, offset: int, digest: str) -> bool:
        """Go on after ``offset`` if the part before it is the same."""
        self.lines = self.anew()
        if self.lines.skip(offset) and self.lines.digest() == digest:
            return True
        self.rewind()
        return False

    def rewind(self) -> None:
        """Go back to the first record."""
        self.lines = self.anew()
        self.lines.skip(self.begins)

    def records(self) -> Iterator[Record]:
        """Yield the records that follow."""
        raise NotImplementedError

    def raw(self) -> Mapping[str, str] | None:
        """The cells are all there is."""
        return None

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def anew(self) -> Lines:
        """Return the lines from the very beginning."""
        self._stream.seek(0)
        return Lines(self._stream, self.layout, final=self._final)
