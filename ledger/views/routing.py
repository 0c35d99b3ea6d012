"""Figures of routing: the units that somebody has to answer for, cards that wait, messages beyond a daily budget."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from sqlalchemy import text

from ledger import holding
from ledger.ledger import Ledger


class RoutingFigures(Struct, frozen=True, kw_only=True):
    """The units with cases, cards that wait by silent source, and messages ever put off to a digest by channel."""

    units: frozenset[str]
    held: dict[str, int]
    deferred: dict[str, int]


_UNITS: Final = text("select distinct unit from light_counts where unit <> '' and cases > 0 and kind <> 'feed'")
_DEFERRED: Final = text("select channel, sum(deferred) as n from told_counts group by channel")


def routing_figures(ledger: Ledger) -> RoutingFigures:
    """Return the figures of routing."""
    with ledger.store.reading() as connection:
        deferred = {row.channel: int(row.n) for row in connection.execute(_DEFERRED)}
        return RoutingFigures(
            units=frozenset(connection.execute(_UNITS).scalars()),
            held=holding.held_counts(connection),
            deferred=deferred,
        )
