"""The cards of a stretch of time, by rule and unit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct
from sqlalchemy import text

from alerts.model import Stage
from ledger.ledger import Ledger
from ledger.views.within import ALL, Within
from rules.facts import Instant
from rules.policy import Colour


class CardTally(Struct, frozen=True):
    """So many cards of a colour, of a rule against a unit: issued, and of these revoked."""

    rule: str
    unit: str
    colour: Colour
    issued: int
    revoked: int
    closed: int

    @property
    def valid(self) -> int:
        """Those that stand."""
        return self.issued - self.revoked


_ISSUED: Final = (
    "select rule, unit, colour, count(*) as issued, sum(case when stage = :revoked then 1 else 0 end) as revoked,"
    " sum(case when stage = :closed then 1 else 0 end) as closed from cards"
    " where issued_at >= :since and issued_at < :until and stage <> 'proposed' and {within}"
    " group by rule, unit, colour order by rule, unit, colour"
)


def issued(ledger: Ledger, since: Instant, until: Instant, within: Within = ALL) -> tuple[CardTally, ...]:
    """Return the cards issued in [``since``, ``until``), each under the colour and rule that it has now."""
    query = text(_ISSUED.replace("{within}", within.sql("unit", sqlite=ledger.store.is_sqlite)))
    values = {"since": since, "until": until, "revoked": Stage.REVOKED.value, "closed": Stage.CLOSED.value}
    with ledger.store.reading() as connection:
        return tuple(
            CardTally(row.rule, row.unit, Colour(row.colour), int(row.issued), int(row.revoked), int(row.closed))
            for row in connection.execute(query, {**values, **within.values()})
        )


def of_colour(tallies: Iterable[CardTally], colour: Colour) -> int:
    """Return how many cards of a colour were issued."""
    return sum(tally.issued for tally in tallies if tally.colour is colour)
