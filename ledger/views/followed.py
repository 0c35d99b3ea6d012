"""How the loop fares: of the cards of a unit or person, how many were signed for, explained and mended in time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct
from sqlalchemy import text

from alerts.model import Card, Deed, Stage
from ledger.ledger import Ledger
from ledger.rows import card_of
from ledger.views.within import ALL, Within
from rules.facts import Instant
from rules.statistics import Ratio

LATE_TO_SIGN: Final = frozenset({"A01"})
LATE_TO_EXPLAIN: Final = frozenset({"A02", "A02R"})
LATE_TO_RECTIFY: Final = frozenset({"A05R", "A05RR"})
"""The findings on cards (``rules/books/supervisors.yaml``) by which the supervised side was late."""

EVER: Final = 1 << 40
"""After everything that was issued."""

MOST: Final = 2_000
"""Of how many cards the figures are at most; the latest ones."""


class Followed(Struct, frozen=True, kw_only=True):
    """Of the yellow and red cards issued in a stretch of time: what was done in time of what was done or is overdue."""

    cards: int
    signed: Ratio
    explained: Ratio
    rectified: Ratio
    revoked: Ratio


_CARDS: Final = (
    "select card_id, card_json from cards where {whose} and issued_at >= :since and issued_at < :until and colour in ('yellow', 'red')"
    " and stage <> 'proposed' and {within} order by issued_at desc, card_id limit :most"
)
_LATE: Final = (
    "select case_id, rule from spans where superseded_at is null and case_id in {keys}"
    " and rule in ('A01', 'A02', 'A02R', 'A05R', 'A05RR')"
)


def followed(
    ledger: Ledger, since: Instant, *, until: Instant = EVER, unit: str = "", person: str = "", within: Within = ALL
) -> Followed:
    """Return the figures of the cards of a unit, of a person, or of everything that may be seen."""
    column, value = ("unit", unit) if unit else ("person", person)
    whose = f"{column} = :value" if value else "1 = 1"
    query = _CARDS.format(whose=whose, within=within.sql("unit", sqlite=ledger.store.is_sqlite))
    values = {"since": since, "until": until, "most": MOST, **({"value": value} if value else {}), **within.values()}
    with ledger.store.reading() as connection:
        cards = [card_of(row.card_json) for row in connection.execute(text(query), values)]
        own = {f"mingdeng/card/{card.card_id}": card.card_id for card in cards}
        late: dict[str, set[str]] = {}
        for row in ledger.store.among(connection, _LATE, list(own)):
            late.setdefault(own[row.case_id], set()).add(row.rule)
    return Followed(
        cards=len(cards),
        signed=_share(cards, late, LATE_TO_SIGN, (Deed.SIGN,)),
        explained=_share(cards, late, LATE_TO_EXPLAIN, (Deed.EXPLAIN, Deed.APPEAL)),
        rectified=_share(cards, late, LATE_TO_RECTIFY, (Deed.RECTIFY,)),
        revoked=Ratio(sum(card.stage is Stage.REVOKED for card in cards), len(cards)),
    )


def _share(cards: Iterable[Card], late: dict[str, set[str]], rules: frozenset[str], deeds: tuple[Deed, ...]) -> Ratio:
    """Return how many were in time, of the cards on which it was done or is late."""
    asked = [
        card for card in cards if any(deed in card.hands for deed in deeds) or late.get(card.card_id, set()) & rules
    ]
    return Ratio(sum(not late.get(card.card_id, set()) & rules for card in asked), len(asked))
