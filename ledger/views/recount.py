"""Counts the lights anew and compares them with the counters that the recording transactions keep."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from sqlalchemy import text

from ledger.ledger import Ledger


class Miscount(Struct, frozen=True, kw_only=True):
    """A counter that is wrong: what it says and what there is."""

    unit: str
    kind: str
    state: str
    light: str
    counted: int
    found: int


_COUNTED: Final = text("select unit, kind, state, light, cases as n from light_counts")
_FOUND: Final = text(
    "select unit, kind, state, light, count(*) as n from cases where light is not null"
    " group by unit, kind, state, light"
)


def recount(ledger: Ledger) -> tuple[Miscount, ...]:
    """Return every counter that does not agree with the cases; nothing if all do."""
    with ledger.store.reading() as connection:
        counted, found = (
            {(r.unit, r.kind, r.state, r.light): int(r.n) for r in connection.execute(query)}
            for query in (_COUNTED, _FOUND)
        )
    return tuple(
        Miscount(
            unit=unit, kind=kind, state=state, light=light,
            counted=counted.get((unit, kind, state, light), 0), found=found.get((unit, kind, state, light), 0),
        )
        for unit, kind, state, light in sorted({*counted, *found})
        if counted.get((unit, kind, state, light), 0) != found.get((unit, kind, state, light), 0)
    )  # fmt: skip
