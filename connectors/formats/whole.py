"""What formats share that can only be read from the beginning: a reading cut off in an unchanged file skips what it had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from connectors.formats.base import Record


class WholeReading:
    """A file that is read from its beginning. A format gives ``every_record`` and ``raw``."""

    columns: list[str] | None

    def __init__(self, path: Path) -> None:
        looks = path.stat()
        self.path = path
        self._identity = f"{looks.st_size}:{looks.st_mtime_ns}"
        self._done = 0

    @property
    def offset(self) -> int:
        """Records from the beginning."""
        return self._done

    def digest(self) -> str:
        """Return what tells this state of the file from another: its size and time of change."""
        return self._identity

    def resume(self, offset: int, digest: str) -> bool:
        """Go on after ``offset`` records if the file has not changed."""
        self._done = offset if digest == self._identity else 0
        return digest == self._identity

    def rewind(self) -> None:
        """Go back to the first record."""
        self._done = 0

    def records(self) -> Iterator[Record]:
        """Yield the records that follow."""
        for record in islice(self.every_record(), self._done, None):
            self._done += 1
            yield record

    def every_record(self) -> Iterator[Record]:
        """Yield the records from the first on."""
        raise NotImplementedError

    def raw(self) -> Mapping[str, str] | None:
        """The cells are all there is."""
        return None

    def close(self) -> None:
        """Nothing stays open."""
