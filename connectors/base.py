"""The seam of the connectors: one kind of source per file, each answering one question.

A connector turns what a departmental system offers since a cursor into a ``Batch``: events, rows that do not fit
(quarantined with their reason), and the cursor for the next time. It never writes anywhere and knows no rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Protocol, TypeAlias

from msgspec import Struct, field

from rules.facts import CaseEvent, Instant, Value
from rules.problems import Problem, UserError

Cursor: TypeAlias = Mapping[str, Value]
"""Where a source was read up to: plain values that only its own kind understands. Empty means from the beginning."""


class QuarantinedRow(Struct, frozen=True, kw_only=True):
    """A row that does not fit: where it stood, which column, why, and the row as it came (values as text).

    ``code`` is a stable word for the reason (``time/format``, ``code/unknown``, ``row/ragged``, ...). ``row`` counts
    data rows from 1 within its file, page or query; ``place`` names that file, page or query. ``part`` says that only one
    column's event was left out and the rest of the row went on.
    """

    source: str
    place: str
    row: int
    column: str
    code: str
    en: str
    zh: str
    raw: Mapping[str, str]
    part: bool = False


class Batch(Struct, frozen=True, kw_only=True):
    """What one fetch brought: events, quarantined rows, and the cursor that continues after them.

    ``more`` says that the source has further rows now; ``rows`` counts the rows read: those that gave events, those that
    were quarantined whole (``part`` False), and the ``silent`` ones that say nothing by their mapping.
    """

    source: str
    events: tuple[CaseEvent, ...] = ()
    quarantined: tuple[QuarantinedRow, ...] = ()
    cursor: Cursor = field(default_factory=dict)
    more: bool = False
    rows: int = 0
    silent: int = 0


class SourceFailed(Exception):
    """A source could not be read this time. ``passing`` failures are retried; others wait for a person.

    The text is a sentence in English; ``zh`` says it in Chinese. Neither contains secrets.
    """

    def __init__(self, en: str, zh: str, *, passing: bool = True) -> None:
        super().__init__(en)
        self.en, self.zh, self.passing = en, zh, passing


class SourceRefused(SourceFailed, UserError):
    """What a source offers cannot be used until a person mends it or its mapping (a column that is not there).

    It is both a failure of the source, which stops no other, and a user's error with every problem in its place.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        UserError.__init__(self, problems)
        self.en = " ".join(f"{p.place}: {p.sentence('en')}" for p in self.problems)
        self.zh = "".join(f"{p.place}：{p.sentence('zh')}" for p in self.problems)
        self.passing = False


class Connector(Protocol):
    """A source of cases that can be read again and again."""

    kind: ClassVar[str]
    """The word in the configuration: the file's own name."""

    source: str
    """The name of this source, as the administrator gave it."""

    def fetch(self, cursor: Cursor, now: Instant) -> Iterator[Batch]:
        """Yield batches of about a thousand rows from ``cursor`` on; raise ``SourceFailed`` where it stops short."""
        ...

    def close(self) -> None:
        """Let go of connections and files; may be called twice."""
        ...
