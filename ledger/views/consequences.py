"""The consequence register (问责兑现): what was decided on each red card, and which are without a decision too long."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct
from sqlalchemy import text

from alerts.model import Card, CardChange, ChangeKind, Done, Stage
from ledger.ledger import Ledger
from ledger.rows import card_of, change_of
from ledger.views.within import ALL, Within
from rules.facts import Instant
from rules.statistics import Ratio

MOST: Final = 2_000
"""So many red cards are told of, the latest; a period with more of them has another problem."""


class Consequence(Struct, frozen=True, kw_only=True):
    """A red card and what was decided on it, each decision by its paper and the person named; ``late``: its limit has passed."""

    card: Card
    late: bool
    decisions: tuple[Done, ...] = ()

    @property
    def decided(self) -> bool:
        """Say whether a decision is recorded."""
        return bool(self.card.consequence)


_CARDS: Final = (
    "select card_json from cards where colour = 'red' and stage <> 'proposed' and issued_at >= :since"
    " and issued_at < :until and {within} order by issued_at desc, card_id limit :most"
)
_LATE: Final = "select case_id from spans where superseded_at is null and rule = 'A06' and case_id in {keys}"
_DECISIONS: Final = "select change_json from card_changes where card_id in {keys} order by position"


def consequences(ledger: Ledger, since: Instant, until: Instant, within: Within = ALL) -> tuple[Consequence, ...]:
    """Return the red cards issued in [``since``, ``until``), the latest first; revoked ones are among them."""
    query = text(_CARDS.replace("{within}", within.sql("unit", sqlite=ledger.store.is_sqlite)))
    values = {"since": since, "until": until, "most": MOST, **within.values()}
    with ledger.store.reading() as connection:
        cards = [card_of(row.card_json) for row in connection.execute(query, values)]
        late = {row.case_id for row in ledger.store.among(connection, _LATE, [_own(card) for card in cards])}
        decided = [card.card_id for card in cards if card.consequence]
        changes = [change_of(row.change_json) for row in ledger.store.among(connection, _DECISIONS, decided)]
    decisions = _decisions(changes)
    return tuple(
        Consequence(card=card, late=_own(card) in late, decisions=tuple(decisions.get(card.card_id, {}).values()))
        for card in cards
    )


def _decisions(changes: Iterable[CardChange]) -> dict[str, dict[tuple[str, str], Done]]:
    """Return the decisions on each card; of the same paper and person the last one counts, which corrects the others."""
    found: dict[str, dict[tuple[str, str], Done]] = {}
    for each in changes:
        if each.kind is ChangeKind.CONSEQUENCE and each.done is not None:
            found.setdefault(each.card.card_id, {})[each.done.document, each.done.to] = each.done
    return found


def consequence_rate(lines: tuple[Consequence, ...]) -> Ratio:
    """Return 问责兑现率: of the valid red cards that are decided or past their limit, how many are decided."""
    valid = [line for line in lines if line.card.stage is not Stage.REVOKED]
    decided = sum(line.decided for line in valid)
    return Ratio(decided, decided + sum(line.late and not line.decided for line in valid))


def _own(card: Card) -> str:
    return f"mingdeng/card/{card.card_id}"
