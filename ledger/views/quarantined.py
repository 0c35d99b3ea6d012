"""The rows that were put aside: how many for which reason, and the rows themselves as they came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import text

from connectors.base import QuarantinedRow
from ledger.ledger import Ledger
from rules.facts import Instant


class Aside(Struct, frozen=True):
    """A row that was put aside, its number and when it came."""

    number: int
    received_at: Instant
    row: QuarantinedRow


_COUNTS: Final = text("select code, count(*) as n from quarantine where source = :source group by code order by code")
_ROWS: Final = text(
    "select quarantined, received_at, row_json from quarantine where source = :source and quarantined > :after"
    " and (:code = '' or code = :code) order by quarantined limit :limit"
)

_row_of: Final = msgspec.json.Decoder(QuarantinedRow).decode


def quarantine_counts(ledger: Ledger, source: str) -> Mapping[str, int]:
    """Return how many rows of a source are aside, by the code of the reason."""
    with ledger.store.reading() as connection:
        return {row.code: int(row.n) for row in connection.execute(_COUNTS, {"source": source})}


def quarantined(
    ledger: Ledger, source: str, *, code: str = "", after: int = 0, limit: int = 50
) -> tuple[Aside, ...]:  # fmt: skip
    """Return rows of a source that are aside, of one reason or any, in the order in which they came, ``after`` a number."""
    asked = {"source": source, "code": code, "after": after, "limit": limit}
    with ledger.store.reading() as connection:
        found = connection.execute(_ROWS, asked).all()
    return tuple(Aside(row.quarantined, row.received_at, _row_of(row.row_json)) for row in found)
