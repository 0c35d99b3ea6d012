"""Numbers that move whenever something was taken in, judged or done: what a screen asks before it asks for more."""

from __future__ import annotations

from typing import Final, TypeAlias

from sqlalchemy import text

from ledger.ledger import Ledger

Counters: TypeAlias = tuple[tuple[str, int], ...]

_COUNTERS: Final = text(
    "select chain as name, position as number from chain_heads"
    " union all select 'runs', coalesce(sum(runs), 0) from sources"
    " union all select 'failing', count(failing_since) from sources order by name"
)


def counters(ledger: Ledger) -> Counters:
    """Return the numbers; two answers that are equal stand for the same board, but for what time alone changes."""
    with ledger.store.reading() as connection:
        return tuple((row.name, int(row.number)) for row in connection.execute(_COUNTERS))
