"""Tries a mended mapping on the rows of its source that were put aside: how many could be read now, and why others not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from connectors.mapping import SourceSpec
from connectors.mending import Reread, reread
from connectors.registry import source_of
from console.desk import Desk
from ledger import views
from ledger.views import Aside
from rules.documents import parse
from rules.problems import UserError, refuse

MOST: Final = 5_000
"""Rows that are read at a time; after a replay the next ones come."""


@dataclass(frozen=True, slots=True)
class Dry:
    """What the mended mapping makes of each row."""

    rows: tuple[tuple[Aside, Reread], ...]

    @property
    def passing(self) -> int:
        """How many rows could be read now."""
        return sum(found.fits for _, found in self.rows)

    def reasons(self, language: str) -> list[tuple[str, int]]:
        """Return why the others still do not fit, the most frequent reason first."""
        said = Counter(found.zh if language == "zh" else found.en for _, found in self.rows if not found.fits)
        return said.most_common(20)


def dry_run(desk: Desk, source: str, text: str, in_use: str) -> Dry:
    """Read the rows put aside by a mapping's text; raise ``UserError`` with everything that is wrong with it."""
    spec = source_of(parse(text, "mapping.yaml"))
    if spec.source != source:
        raise refuse(
            "mapping/other-source", "mapping.yaml", f"This mapping is of source '{spec.source}', not of '{source}'.",
            f"此映射属于数据源“{spec.source}”，而不是“{source}”。", mend_en=f"Write 'source: {source}'.",
            mend_zh=f"请写 source: {source}。",
        )  # fmt: skip
    rows = views.quarantined(desk.ledger, source, limit=MOST)
    found = reread(spec, [aside.row for aside in rows], _columns(in_use))
    return Dry(tuple(zip(rows, found, strict=True)))


def _columns(in_use: str) -> set[str]:
    """Return the columns of the mapping in use, which the source is known to have."""
    try:
        spec: SourceSpec = source_of(parse(in_use, "mapping.yaml"))
    except UserError:
        return set()
    return {name for _, name in spec.columns()}
