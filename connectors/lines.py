"""Delimited text taken apart into records, so that one broken row costs one row and never the rest of the file.

A record that does not fit and spans several lines (a quote that was never closed) loses only its first line: the lines
after it are read again as records of their own. Lines of any length are read in bounded memory.
"""

from __future__ import annotations

import csv
import hashlib
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, Final, Literal, TypeAlias

from msgspec import Struct

from connectors.quarantine import DoesNotFit

MAX_LINE: Final = 1_048_576
MAX_FIELD: Final = 131_072
_CHUNK: Final = 262_144
_KEPT: Final = 200


class Layout(Struct, frozen=True):
    """How the text is written: its encoding, delimiter and quote character (None if quotes mean nothing)."""

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str | None = '"'


class Oversized(Struct, frozen=True):
    """A line that was too long to keep: its beginning, its length, and a digest of all of it."""

    head: bytes
    length: int
    digest: bytes

    def __len__(self) -> int:
        return self.length


Raw: TypeAlias = "bytes | Oversized"


class BrokenLine(Exception):
    """A line that cannot be part of any record."""


class Broken(Struct, frozen=True):
    """A record that could not be taken apart, its reason, and the beginning of its text."""

    finding: DoesNotFit
    text: str


class Lines:
    """The lines of a stream as text; ``final`` says that a last line without a line end is complete.

    ``offset`` and ``digest`` cover what was consumed as whole records, so that reading can go on after them.
    """

    def __init__(self, stream: BinaryIO, layout: Layout, *, final: bool) -> None:
        self.layout, self.final = layout, final
        self.taken: list[Raw] = []
        self.pending: deque[Raw] = deque()
        self.ended = False
        self.offset = 0
        self.tail_left = False
        self._first = True
        self._read_line = stream.readline
        self._digest = hashlib.blake2b(digest_size=16)
        self._consumed: list[Raw] = []

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        raw = self.pending.popleft() if self.pending else self._next_raw()
        if raw is None:
            self.ended = True
            raise StopIteration
        self.taken.append(raw)
        if isinstance(raw, Oversized) or b"\0" in raw:
            raise BrokenLine
        try:
            text = raw.decode(self.layout.encoding)
        except UnicodeDecodeError:
            raise BrokenLine from None
        if self._first:
            self._first = False
            return text.removeprefix("\ufeff")
        return text

    def _next_raw(self) -> Raw | None:
        raw = self._read_line(MAX_LINE)
        if not raw:
            return None
        if raw[-1] == 10:
            return raw
        if len(raw) < MAX_LINE:
            self.tail_left = not self.final
            return raw if self.final else None
        return self._oversized(raw)

    def _oversized(self, raw: bytes) -> Raw | None:
        digest, length, head = hashlib.blake2b(raw), len(raw), raw[:_KEPT]
        while raw and raw[-1] != 10:
            raw = self._read_line(_CHUNK)
            digest.update(raw)
            length += len(raw)
        if not raw and not self.final:
            self.tail_left = True
            return None
        return Oversized(head, length, digest.digest())

    def consume(self) -> None:
        """Count the taken lines as done."""
        for raw in self.taken:
            self.offset += len(raw)
        self._consumed += self.taken
        self.taken.clear()

    def give_back_all_but_first(self) -> None:
        """Let the taken lines after the first be read again, and count the first as done."""
        self.pending.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]
        self.consume()

    def give_back_all(self) -> None:
        """Leave the taken lines for another time."""
        self.tail_left = True
        self.taken.clear()

    def digest(self) -> str:
        """Return the digest of everything consumed so far."""
        self._digest.update(b"".join(r if isinstance(r, bytes) else r.digest for r in self._consumed))
        self._consumed.clear()
        return self._digest.hexdigest()

    def skip(self, offset: int) -> bool:
        """Consume whole lines up to ``offset``; return False if no line ends there."""
        self._first = self._first and offset == 0
        while self.offset < offset:
            raw = self._next_raw()
            if raw is None:
                return False
            self.taken.append(raw)
            self.consume()
            if len(self._consumed) >= 1_000:
                self.digest()
        return self.offset == offset


def records(lines: Lines, width: int | None) -> Iterator[list[str] | Broken]:
    """Yield the cells of each record (blank lines are none), or what is broken about it; ``width`` None takes any."""
    layout, taken = lines.layout, lines.taken
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if layout.quote else csv.QUOTE_NONE
    reader = csv.reader(lines, delimiter=layout.delimiter, quotechar=layout.quote, quoting=quoting, strict=True)
    while True:
        reason = None
        try:
            cells = next(reader)
        except StopIteration:
            return
        except BrokenLine:
            reason, cells = "line", []
        except csv.Error:
            reason, cells = "quote", []
        if lines.ended and taken and not lines.final:
            lines.give_back_all()
            return
        if reason is None and width is not None and cells and len(cells) != width:
            reason = "ragged"
        lines.ended = False
        if reason is None:
            lines.consume()
            if cells:
                yield cells
            continue
        broken = _broken(lines, reason, len(cells), width)
        lines.give_back_all_but_first()
        yield broken


def broken_line(lines: Lines) -> Broken:
    """Say what is wrong with a taken line that no record can be made of."""
    return _broken(lines, "line", 0, None)


def _broken(lines: Lines, reason: str, fields: int, width: int | None) -> Broken:
    """Say what is wrong with the first of the taken lines."""
    raw = lines.taken[0]
    head = raw.head if isinstance(raw, Oversized) else raw[:_KEPT]
    shown = head.decode(lines.layout.encoding, "backslashreplace").rstrip("\r\n").replace("\0", "␀")
    return Broken(_reason(lines, raw, reason, fields, width), shown)


def _reason(lines: Lines, raw: Raw, reason: str, fields: int, width: int | None) -> DoesNotFit:
    if isinstance(raw, Oversized):
        return DoesNotFit(
            "", "row/too-large", f"The line has {raw.length:,} bytes; at most {MAX_LINE:,} are read.",
            f"此行有 {raw.length:,} 字节，最多读取 {MAX_LINE:,} 字节。",
        )  # fmt: skip
    if b"\0" in raw:
        return DoesNotFit("", "row/nul", "The line contains a NUL byte.", "此行含有 NUL 字节。")
    if not _decodes(raw, lines.layout.encoding):
        return encoding_finding(raw, lines.layout.encoding)
    if b"\r" in raw.rstrip(b"\r\n") and reason != "ragged":
        return DoesNotFit(
            "", "row/carriage-return", "The line contains a bare carriage return.", "此行含有单独的回车符。"
        )
    if len(lines.taken) > 1 or reason != "ragged":
        if len(raw) > MAX_FIELD and len(lines.taken) == 1:
            return DoesNotFit(
                "", "row/too-large", f"A field of this row is longer than {MAX_FIELD:,} characters.",
                f"此行有字段超过 {MAX_FIELD:,} 个字符。",
            )  # fmt: skip
        return DoesNotFit(
            "", "row/quote", "A quote that opens in this line is not closed as the columns demand.",
            "此行的引号没有按列闭合。",
        )  # fmt: skip
    return DoesNotFit(
        "",
        "row/ragged",
        f"The row has {fields} fields; the header has {width}.",
        f"此行有 {fields} 个字段，表头有 {width} 个。",
    )


def encoding_finding(raw: bytes, encoding: str) -> DoesNotFit:
    """Say that bytes are not text in this encoding, and which encoding they would be."""
    other = next((name for name in ("utf-8", "gb18030") if name != encoding and _decodes(raw, name)), None)
    if other is None:
        return DoesNotFit("", "row/encoding", f"The line is not {encoding} text.", f"此行不是 {encoding} 编码。")
    return DoesNotFit(
        "", "row/encoding", f"The line is not {encoding} text but reads as {other}: set 'encoding: {other}' under 'read:'.",
        f"此行不是 {encoding} 编码，但可按 {other} 读取：请在 read: 中写 encoding: {other}。",
    )  # fmt: skip


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
