"""What people did, for auditors: a page at a time, the latest first."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from sqlalchemy import text

from ledger.ledger import Ledger
from rules.facts import Instant


class ActLine(Struct, frozen=True, kw_only=True):
    """One act as it stands in the audit chain; ``hash`` in hexadecimal."""

    position: int
    at: Instant
    who: str
    act: str
    target: str
    detail: str
    address: str
    hash: str


_ACTS: Final = text(
    "select * from acts where position < :before and (:who = '' or who = :who) and (:target = '' or target = :target)"
    " and (:act = '' or act = :act) order by position desc limit :limit"
)
_END: Final = 2**62


def acts(
    ledger: Ledger, *, before: int | None = None, who: str = "", act: str = "", target: str = "", limit: int = 100
) -> tuple[ActLine, ...]:
    """Return acts before a position (None: the latest); the next page begins before the last one's ``position``."""
    asked = {"before": _END if before is None else before, "who": who, "act": act, "target": target, "limit": limit}
    with ledger.store.reading() as connection:
        return tuple(
            ActLine(
                position=row.position, at=row.at, who=row.who, act=row.act, target=row.target, detail=row.detail,
                address=row.address, hash=bytes(row.hash).hex(),
            )
            for row in connection.execute(_ACTS, asked)
        )  # fmt: skip
