"""Kind ``files``: CSV, TSV and other delimited text, also gzipped, in a file or a folder that others drop files into.

A file is known by its name, size and time of change. One that grew is continued (the part read before is compared by its
digest), one that was replaced is read from the beginning, and a last line that is still being written is left for the
next time. One file that cannot be read stops none of the others.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, ClassVar, Final, cast

import msgspec
from pydantic import Field, field_validator

from connectors.base import Batch, Cursor, SourceFailed, SourceRefused
from connectors.lines import Broken, Layout, Lines, records
from connectors.mapping import Part, SourceSpec
from connectors.quarantine import Gathering, MapRow
from connectors.rows import compile_rows
from rules.facts import Instant, Value
from rules.problems import Problem, UserError, refuse

_DELIMITERS: Final = {"tab": "\t", "comma": ",", "semicolon": ";", "bar": "|"}
_MARKS: Final = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16", b"PK\x03\x04": "a ZIP or XLSX archive"}


class Read(Part):
    """Where the files are and how their text is written."""

    path: str = "."
    glob: str = "*.csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str | None = '"'
    columns: list[str] = Field(default_factory=list)

    @field_validator("encoding")
    @classmethod
    def _lines_by_newline(cls, name: str) -> str:
        try:
            if "a,\n".encode(name) == b"a,\n":
                return name
        except LookupError:
            raise ValueError(f"'{name}' is not a known encoding; write utf-8 or gb18030") from None
        raise ValueError(f"'{name}' text cannot be read line by line; have it converted to utf-8")

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, text: str) -> str:
        text = _DELIMITERS.get(text, text)
        if len(text) != 1 or text in '\r\n"':
            raise ValueError("a delimiter is one character, or one of the words tab, comma, semicolon, bar")
        return text

    @field_validator("quote")
    @classmethod
    def _one_quote(cls, text: str | None) -> str | None:
        if text is not None and len(text) != 1:
            raise ValueError("a quote is one character, or null where quotes mean nothing")
        return text

    @field_validator("glob")
    @classmethod
    def _stays_inside(cls, pattern: str) -> str:
        if not pattern or pattern.startswith("/") or ".." in Path(pattern).parts:
            raise ValueError("a glob stays inside the folder, such as '*.csv' or '**/*.csv.gz'")
        return pattern


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """How far one file was read: what it looked like then, and the digest of what was read. ``size`` -1: not finished."""

    size: int = -1
    changed: int = -1
    offset: int = 0
    rows: int = 0
    digest: str = ""


class Files:
    """Reads delimited files through a mapping."""

    kind: ClassVar[str] = "files"

    def __init__(self, spec: SourceSpec, read: Read, base: Path, path: Path | None = None) -> None:
        self.source, self.spec = spec.source, spec
        self._read = read
        self._layout = Layout(read.encoding, read.delimiter, read.quote)
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
            unchanged = (known.size, known.changed) == (looks.st_size, looks.st_mtime_ns)
            if unchanged and (known.offset == looks.st_size or _zipped(path)):
                return
            with _open(path) as stream:
                yield from self._rows(path, name, stream, unchanged or _zipped(path), marks, gathering)
            marks[name] = msgspec.structs.replace(marks[name], size=looks.st_size, changed=looks.st_mtime_ns)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise SourceFailed(
                f"{name}: the compressed file breaks off or is damaged; what could be unpacked was read.",
                f"{name}：压缩文件不完整或已损坏；可解压的部分已读取。",
            ) from error
        except OSError as error:
            raise _unreadable(path, error) from error

    def _rows(
        self, path: Path, name: str, stream: BinaryIO, final: bool, marks: dict[str, Mark], gathering: Gathering
    ) -> Iterator[Batch]:
        """Map the rows that are new; a log of changes is replayed up to there without being told again."""
        columns, begins = self._header(path, Lines(stream, self._layout, final=final))
        if columns is None:
            marks[name] = Mark()
            return
        map_row = compile_rows(self.spec, columns, str(path))
        lines, done = self._continued(stream, final, marks.get(name, Mark()), begins)
        row = 0 if self.spec.rows == "changes" else done
        try:
            for record in records(lines, len(columns)):
                row += 1
                if row <= done:
                    _replay(map_row, record, row)
                elif isinstance(record, Broken):
                    gathering.refuse(record.finding, row, name, {"line": record.text})
                else:
                    gathering.take(map_row, columns, record, row, name)
                if gathering.full:
                    marks[name] = Mark(-1, -1, lines.offset, row, lines.digest())
                    yield gathering.batch(_cursor(marks), more=True)
        finally:
            marks[name] = Mark(-1, -1, lines.offset, max(row, done), lines.digest())

    def _continued(self, stream: BinaryIO, final: bool, known: Mark, begins: int) -> tuple[Lines, int]:
        """Return the lines to read and how many rows are done: all over again if the part read before has changed."""
        done = 0
        if known.offset:
            stream.seek(0)
            lines = Lines(stream, self._layout, final=final)
            if lines.skip(known.offset) and lines.digest() == known.digest:
                done = known.rows
                if self.spec.rows != "changes":
                    return lines, done
        stream.seek(0)
        lines = Lines(stream, self._layout, final=final)
        lines.skip(begins)
        return lines, done

    def _header(self, path: Path, lines: Lines) -> tuple[list[str] | None, int]:
        """Return the names of the columns (None if the file is still empty) and the offset at which the rows begin."""
        if self._read.columns:
            return self._read.columns, 0
        first = next(records(lines, None), None)
        if isinstance(first, Broken):
            raise UserError([_bad_header(path, first)])
        return (None if first is None else [cell.strip() for cell in first]), lines.offset


def _replay(map_row: MapRow, record: list[str] | Broken, row: int) -> None:
    if not isinstance(record, Broken):
        map_row(record, row, [], [])


def _cursor(marks: Mapping[str, Mark]) -> dict[str, Value]:
    return {name: msgspec.json.encode(mark).decode() for name, mark in marks.items()}


def _zipped(path: Path) -> bool:
    return path.suffix == ".gz"


def _open(path: Path) -> BinaryIO:
    """Open a file for reading bytes, unzipping where its name says so; refuse what is plainly not text."""
    stream = path.open("rb")
    start = stream.read(4)
    stream.seek(0)
    for mark, what in _MARKS.items():
        if start.startswith(mark):
            stream.close()
            raise refuse(
                "source/not-text", path, f"The file is {what}, not delimited text in UTF-8 or GB18030.",
                "该文件不是 UTF-8 或 GB18030 的分隔文本。", mend_en="Save it as CSV in UTF-8.",
                mend_zh="请另存为 UTF-8 编码的 CSV。",
            )  # fmt: skip
    if not _zipped(path):
        return stream
    stream.close()
    return cast("BinaryIO", io.BufferedReader(cast("io.RawIOBase", gzip.open(path, "rb")), 262_144))


def _bad_header(path: Path, first: Broken) -> Problem:
    return refuse(
        "source/header", path, f"The header cannot be read. {first.finding.en}", f"无法读取表头。{first.finding.zh}"
    ).problems[0]


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
