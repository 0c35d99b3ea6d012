"""Reads rows that were put aside once more, through a mended mapping.

A row is read only as it came: one that was cut when it was kept, or that could not even be taken apart into columns, stays
aside, and a column that no row has is an error rather than an empty value.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec
from msgspec import Struct

from connectors.base import QuarantinedRow
from connectors.cells import cells_of
from connectors.mapping import SourceSpec
from connectors.paging import ABSENT, field_of
from connectors.quarantine import MAX_RAW_CELL, MAX_RAW_CELLS, DoesNotFit
from connectors.rows import compile_rows
from rules.facts import CaseEvent
from rules.problems import refuse


class Reread(Struct, frozen=True):
    """What a row says now: its events, or in English and Chinese why it still does not fit."""

    events: tuple[CaseEvent, ...] = ()
    en: str = ""
    zh: str = ""

    @property
    def fits(self) -> bool:
        """Say whether the whole row can be read now."""
        return not self.en


def reread(spec: SourceSpec, rows: Sequence[QuarantinedRow], known: Collection[str] = ()) -> list[Reread]:
    """Return for each row what it says by this mapping; ``known`` are the columns of the mapping in use.

    Raises ``UserError`` for a log of changes, whose rows are not read alone, and for columns that no row has.
    """
    if spec.rows == "changes":
        raise refuse(
            "mapping/replay", spec.source, "A row of a log of changes is read with those before it, not alone.",
            "变更日志的一行须与其前各行一起读取，不能单独重放。", mend_en="Mend the mapping, and let the source be read anew.",
            mend_zh="请修改映射后重新采集该数据源。",
        )  # fmt: skip
    wanted = list(dict.fromkeys(name for _, name in spec.columns()))
    there = set(known).union(*(row.raw for row in rows))
    columns = [*sorted(there), *(name for name in wanted if name not in there and name.partition(".")[0] in there)]
    map_row = compile_rows(spec, columns, spec.source)

    def one(row: QuarantinedRow) -> Reread:
        if set(row.raw) == {"line"} and "line" not in wanted:
            return Reread((), "The row cannot be taken apart into columns.", "该行无法拆分为列。")
        if len(row.raw) >= MAX_RAW_CELLS or any(len(value) > MAX_RAW_CELL for value in row.raw.values()):
            return Reread(
                (), "Only a part of this row was kept; it has to be read anew.", "该行只保留了一部分，须重新采集。"
            )
        events: list[CaseEvent] = []
        findings: list[DoesNotFit] = []
        map_row([_cell(row.raw, column) for column in columns], row.row, events, findings)
        if findings:
            return Reread((), findings[0].en, findings[0].zh)
        return Reread(tuple(events))

    return [one(row) for row in rows]


def _cell(raw: Mapping[str, str], column: str) -> str | None:
    """Return a cell of a row as it came; a dotted name may lead into a field that was kept as JSON."""
    if column in raw:
        return raw[column]
    head, _, rest = column.partition(".")
    if not rest or head not in raw:
        return None
    try:
        within = msgspec.json.decode(raw[head])
    except msgspec.DecodeError:
        return None
    found = field_of(within, rest) if isinstance(within, dict) else ABSENT
    return None if found is ABSENT else cells_of([found])[0]
