"""XES event logs (IEEE 1849), also gzipped, as a stream: one record for each event, however large the log.

Columns are the keys of its attributes; those of its trace begin with ``case:`` (``case:concept:name``), nested ones are
joined by a slash. Attributes of the log itself, defaults (``global``) and classifiers say nothing about a case.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from xml.parsers import expat

from connectors.base import SourceFailed
from connectors.formats.base import Record
from connectors.formats.opening import open_bytes
from connectors.formats.options import Read
from connectors.formats.whole import WholeReading
from connectors.quarantine import raw_row
from rules.documents import nearest
from rules.problems import Place, Problem, UserError, refuse

ENDINGS: Final = (".xes",)
WHOLE: Final = True

TRACE: Final = "case:"
_ATTRIBUTES: Final = frozenset({"string", "date", "int", "float", "boolean", "id", "list", "container"})
_CHUNK: Final = 262_144
_MOST_NAMES: Final = 1_000


class Xes(WholeReading):
    """An event log."""

    def __init__(self, path: Path, read: Read, wanted: Sequence[str]) -> None:
        super().__init__(path)
        self.columns = list(wanted)
        self._last: dict[str, str] = {}
        self._names: set[str] = set()
        self._absent_is_refused = read.absent == "refused"

    def every_record(self) -> Iterator[Record]:
        """Yield the wanted attributes of each event; refuse a column that no event of the log had."""
        columns = self.columns or []
        unseen = set(columns)
        for attributes in events(self.path):
            self._last = attributes
            if unseen:
                unseen -= attributes.keys()
            if len(self._names) < _MOST_NAMES:
                self._names.update(attributes)
            yield [attributes.get(column) for column in columns]
        if unseen and self._names and self._absent_is_refused:
            raise UserError(self._never_seen(column) for column in sorted(unseen))

    def raw(self) -> Mapping[str, str]:
        """Return every attribute of the last event and of its trace."""
        return raw_row(list(self._last), list(self._last.values()))

    def _never_seen(self, column: str) -> Problem:
        near = nearest(column, self._names)
        return Problem(
            "mapping/column", Place(str(self.path)), f"No event of the log has the attribute '{column}'.",
            f"日志中没有任何事件带有属性“{column}”。",
            f"The nearest is '{near}'." if near else "If it may be absent, write 'absent: empty' under 'read:'.",
            f"最接近的是“{near}”。" if near else "如确可缺省，请在 read: 中写 absent: empty。",
        )  # fmt: skip


def events(path: Path) -> Iterator[dict[str, str]]:
    """Yield the attributes of every event with those of its trace; raise ``SourceFailed`` where the log breaks off."""
    log = _Log(path)
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = log.start, log.end
    parser.StartDoctypeDeclHandler = log.doctype
    with open_bytes(path) as stream:
        while True:
            chunk = stream.read(_CHUNK)
            try:
                parser.Parse(chunk, not chunk)
            except expat.ExpatError as error:
                yield from log.taken()
                raise _broken_off(path, error) from error
            yield from log.taken()
            if not chunk:
                return


class _Log:
    """Follows the elements of a log; a trace's events are complete when the trace is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys: list[str] = []
        self._trace: dict[str, str] = {}
        self._event: dict[str, str] | None = None
        self._of_trace: list[dict[str, str]] = []
        self._ready: deque[dict[str, str]] = deque()
        self._in_trace = False
        self._aside = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        name = name.rpartition(":")[2]
        if name == "global" or self._aside:
            self._aside += 1
        elif name == "event":
            self._event = {}
        elif name == "trace":
            self._in_trace, self._trace, self._of_trace = True, {}, []
        elif name in _ATTRIBUTES:
            self._keys.append(attributes.get("key", ""))
            self._say("/".join(self._keys), attributes.get("value"))

    def end(self, name: str) -> None:
        """An element ends."""
        name = name.rpartition(":")[2]
        if self._aside:
            self._aside -= 1
        elif name == "event" and self._event is not None:
            (self._of_trace if self._in_trace else self._ready).append(self._event)
            self._event = None
        elif name == "trace":
            self._ready.extend(self._trace | event for event in self._of_trace)
            self._in_trace = False
        elif name in _ATTRIBUTES:
            self._keys.pop()

    def doctype(self, *_: object) -> None:
        """A log declares no document type; one could make a small file grow without bound."""
        raise refuse(
            "source/doctype", self._path, "The log declares a document type (DOCTYPE), which is not read.",
            "日志含有文档类型声明（DOCTYPE），不予读取。", mend_en="Have it exported as plain XES.",
            mend_zh="请重新导出为普通 XES。",
        )  # fmt: skip

    def taken(self) -> Iterator[dict[str, str]]:
        """Yield the events that are complete."""
        while self._ready:
            yield self._ready.popleft()

    def _say(self, key: str, value: str | None) -> None:
        if value is None:
            return
        if self._event is not None:
            self._event[key] = value
        elif self._in_trace:
            self._trace[TRACE + key] = value


def _broken_off(path: Path, error: expat.ExpatError) -> SourceFailed:
    said = expat.ErrorString(error.code)
    return SourceFailed(
        f"{path.name}: the log breaks off or is damaged at line {error.lineno} ({said}); the traces before it were read.",
        f"{path.name}：日志在第 {error.lineno} 行中断或已损坏（{said}）；此前的轨迹已读取。",
    )


def open_reading(path: Path, read: Read, wanted: Sequence[str], *, final: bool) -> Xes:  # noqa: ARG001  # a log says itself where it ends
    """Open an event log."""
    return Xes(path, read, wanted)
