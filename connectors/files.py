"""Kind ``files``: a file or a folder that others drop files into, in any format of the folder ``formats``, also gzipped.

A file is known by its name, size and time of change. One that grew is continued (the part read before is compared by its
digest), one that was replaced is read from the beginning, and a last line that is still being written is left for the
next time. One file that cannot be read stops none of the others.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import ClassVar

import msgspec

from connectors.base import Batch, Cursor, SourceFailed, SourceRefused
from connectors.formats.base import Reading, Record
from connectors.formats.listing import format_of
from connectors.formats.opening import zipped
from connectors.formats.options import Read
from connectors.lines import Broken
from connectors.mapping import SourceSpec
from connectors.quarantine import Gathering, MapRow
from connectors.rows import compile_rows
from rules.facts import Instant, Value
from rules.problems import Problem, UserError, refuse

__all__ = ["Files", "Read", "connect"]


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """How far one file was read: what it looked like then, and the digest of what was read. ``size`` -1: not finished."""

    size: int = -1
    changed: int = -1
    offset: int = 0
    rows: int = 0
    digest: str = ""


class Files:
    """Reads files through a mapping."""

    kind: ClassVar[str] = "files"

    def __init__(self, spec: SourceSpec, read: Read, base: Path, path: Path | None = None) -> None:
        self.source, self.spec = spec.source, spec
        self._read = read
        self._wanted = list(dict.fromkeys(name for _, name in spec.columns()))
        self._root = path if path is not None else base / read.path
        self._asked_for = path is not None

    def fetch(self, cursor: Cursor, now: Instant) -> Iterator[Batch]:
        """Yield what is new in the files, in the order of their names; then raise what stopped any of them."""
        marks = {name: msgspec.json.decode(str(mark), type=Mark) for name, mark in cursor.items()}
        gathering = Gathering(self.source)
        problems: list[Problem] = []
        failures: list[SourceFailed] = []
        for path, name in self._files():
            try:
                yield from self._file(path, name, marks, gathering)
            except UserError as error:
                problems += error.problems
            except SourceFailed as failure:
                failures.append(failure)
        yield gathering.batch(_cursor(marks), more=False)
        if problems:
            raise SourceRefused(problems)
        if failures:
            raise failures[0]

    def close(self) -> None:
        """Nothing stays open between fetches."""

    def _files(self) -> list[tuple[Path, str]]:
        root = self._root
        try:
            if root.is_file():
                return [(root, root.name)]
            if root.is_dir():
                found = sorted(path for path in root.glob(self._read.glob) if path.is_file())
                return [(path, path.relative_to(root).as_posix()) for path in found]
        except OSError as error:
            raise _unreadable(root, error) from error
        if self._asked_for:
            raise SourceRefused([_no_such(root)])
        raise SourceFailed(
            f"The folder {root} of source '{self.source}' is not there (not mounted?).",
            f"数据源“{self.source}”的文件夹 {root} 不存在（未挂载？）。",
        )

    def _file(self, path: Path, name: str, marks: dict[str, Mark], gathering: Gathering) -> Iterator[Batch]:
        """Read one file from where it was left."""
        try:
            looks = path.stat()
            known = marks.get(name, Mark())
            kind = format_of(path, self._read.format)
            whole = kind.WHOLE or zipped(path)
            unchanged = (known.size, known.changed) == (looks.st_size, looks.st_mtime_ns)
            if unchanged and (known.offset == looks.st_size or whole):
                return
            with closing(kind.open_reading(path, self._read, self._wanted, final=unchanged or whole)) as reading:
                yield from self._rows(path, name, reading, marks, gathering)
            marks[name] = msgspec.structs.replace(marks[name], size=looks.st_size, changed=looks.st_mtime_ns)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise SourceFailed(
                f"{name}: the compressed file breaks off or is damaged; what could be unpacked was read.",
                f"{name}：压缩文件不完整或已损坏；可解压的部分已读取。",
            ) from error
        except OSError as error:
            raise _unreadable(path, error) from error

    def _rows(
        self, path: Path, name: str, reading: Reading, marks: dict[str, Mark], gathering: Gathering
    ) -> Iterator[Batch]:
        """Map the rows that are new; a log of changes is replayed up to there without being told again."""
        columns = reading.columns
        if columns is None:
            marks[name] = Mark()
            return
        map_row = compile_rows(self.spec, columns, str(path))
        known = marks.get(name, Mark())
        done = known.rows if known.offset and reading.resume(known.offset, known.digest) else 0
        replayed = self.spec.rows == "changes"
        if replayed or not done:
            reading.rewind()
        row = 0 if replayed else done
        try:
            for record in reading.records():
                row += 1
                if row <= done:
                    _replay(map_row, record, row)
                elif isinstance(record, Broken):
                    gathering.refuse(record.finding, row, name, {"line": record.text})
                else:
                    gathering.take(map_row, columns, record, row, name, reading.raw)
                if gathering.full:
                    marks[name] = Mark(-1, -1, reading.offset, row, reading.digest())
                    yield gathering.batch(_cursor(marks), more=True)
        finally:
            marks[name] = Mark(-1, -1, reading.offset, max(row, done), reading.digest())


def _replay(map_row: MapRow, record: Record, row: int) -> None:
    if not isinstance(record, Broken):
        map_row(record, row, [], [])


def _cursor(marks: Mapping[str, Mark]) -> dict[str, Value]:
    return {name: msgspec.json.encode(mark).decode() for name, mark in marks.items()}


def _no_such(root: Path) -> Problem:
    return refuse(
        "source/no-file", root, "There is no such file or folder.", "没有这个文件或文件夹。",
        mend_en="Check the path after --path.", mend_zh="请检查 --path 后的路径。",
    ).problems[0]  # fmt: skip


def _unreadable(path: Path, error: OSError) -> SourceFailed:
    reason = error.strerror or type(error).__name__
    return SourceFailed(f"{path} cannot be read: {reason}.", f"无法读取 {path}：{reason}。")


def connect(
    spec: SourceSpec,
    read: Read,
    secrets: Mapping[str, str],  # noqa: ARG001  # files need none
    base: Path,
    path: Path | None,
) -> Files:
    """Return the connector; a path given overrides the mapping's."""
    return Files(spec, read, base, path)
