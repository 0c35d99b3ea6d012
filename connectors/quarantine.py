"""What does not fit is set aside with its reason and the row as it came; the rest goes on.

Reasons are stable words: ``row/ragged``, ``row/encoding``, ``row/nul``, ``row/quote``, ``row/too-large``, ``row/shape``,
``row/json``, ``row/rounded``, ``row/column``, ``case_no/missing``, ``case_no/invalid``, ``value/missing``, ``value/type``,
``code/unknown``, ``time/format``, ``time/range``, ``time/zone``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from connectors.base import Batch, Cursor, QuarantinedRow
from rules.facts import CaseEvent

Cells: TypeAlias = Sequence[str | None]
"""One row as texts in the order of its columns; None is a NULL."""

BATCH_ROWS: Final = 1_000
MAX_RAW_CELL: Final = 1_000
MAX_RAW_CELLS: Final = 200


class DoesNotFit(Exception):
    """One value of a row cannot be used: its column, the stable reason, and a sentence in both languages."""

    def __init__(self, column: str, code: str, en: str, zh: str) -> None:
        super().__init__(en)
        self.column, self.code, self.en, self.zh = column, code, en, zh


MapRow: TypeAlias = Callable[[Cells, int, list[CaseEvent], list[DoesNotFit]], None]
"""Adds the events of a row (with its number) to the first list and what did not fit to the second."""


def clip(text: str, limit: int) -> str:
    """Return the text, cut to ``limit`` characters with a note of how many there were."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text):,} characters)"


class Gathering:
    """Collects what rows bring into batches. Every row either speaks, is silent, or is set aside: none is lost."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.total = 0
        self._empty()

    def _empty(self) -> None:
        self.rows = 0
        self.silent = 0
        self.events: list[CaseEvent] = []
        self.quarantined: list[QuarantinedRow] = []

    @property
    def full(self) -> bool:
        """Say whether enough rows are gathered for one transaction."""
        return self.rows >= BATCH_ROWS

    def take(
        self,
        map_row: MapRow,
        columns: Sequence[str],
        cells: Cells,
        row: int,
        place: str,
        raw_of: Callable[[], Mapping[str, str] | None] | None = None,
    ) -> None:
        """Map one row; if it brings no event at all, what did not fit sets the whole row aside.

        ``raw_of`` gives the row as it came where that is more than its cells.
        """
        self.rows += 1
        self.total += 1
        before = len(self.events)
        findings: list[DoesNotFit] = []
        map_row(cells, row, self.events, findings)
        spoke = len(self.events) > before
        if findings:
            raw = (raw_of() if raw_of is not None else None) or raw_row(columns, cells)
            self.quarantined += (self._quarantined(found, row, place, raw, part=spoke) for found in findings)
        elif not spoke:
            self.silent += 1

    def refuse(self, finding: DoesNotFit, row: int, place: str, raw: Mapping[str, str]) -> None:
        """Set aside a row that could not even be taken apart into columns."""
        self.rows += 1
        self.total += 1
        self.quarantined.append(self._quarantined(finding, row, place, raw, part=False))

    def batch(self, cursor: Cursor, *, more: bool) -> Batch:
        """Return what was gathered since the last batch, and begin anew."""
        made = Batch(
            source=self.source,
            events=tuple(self.events),
            quarantined=tuple(self.quarantined),
            cursor=cursor,
            more=more,
            rows=self.rows,
            silent=self.silent,
        )
        self._empty()
        return made

    def _quarantined(
        self, found: DoesNotFit, row: int, place: str, raw: Mapping[str, str], *, part: bool
    ) -> QuarantinedRow:
        return QuarantinedRow(
            source=self.source,
            place=place,
            row=row,
            column=found.column,
            code=found.code,
            en=found.en,
            zh=found.zh,
            raw=raw,
            part=part,
        )


def raw_row(columns: Sequence[str], cells: Cells) -> dict[str, str]:
    """Return the row as it came, by column; long values and very wide rows are cut."""
    paired = zip(columns[:MAX_RAW_CELLS], cells[:MAX_RAW_CELLS], strict=False)
    return {column: clip(cell, MAX_RAW_CELL).replace("\0", "␀") for column, cell in paired if cell is not None}
