"""The consequence register (问责兑现): what was decided on each red card, and which are without a decision too long."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import text

from alerts.model import Card, CardChange, ChangeKind, Done
from ledger.ledger import Ledger
from ledger.rows import card_of, change_of
from ledger.views.within import ALL, Within
from rules.facts import Instant
from rules.statistics import Ratio

MOST: Final = 2_000
"""So many red cards are listed, the latest; who shows them says so where there are more. The rate is of all."""


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
    """Return the red cards issued in [``since``, ``until``), the latest first, revoked ones among them: ``MOST`` and one more."""
    query = text(_CARDS.replace("{within}", within.sql("unit", sqlite=ledger.store.is_sqlite)))
    values = {"since": since, "until": until, "most": MOST + 1, **within.values()}
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


_RATE: Final = (
    "select sum(case when measure <> '' then 1 else 0 end) as decided,"
    " sum(case when measure = '' and late = 1 then 1 else 0 end) as open from (select {measure} as measure,"
    " exists (select 1 from spans where superseded_at is null and case_id = 'mingdeng/card/' || card_id and rule = 'A06')"
    " {as_number} as late from cards where colour = 'red' and stage not in ('proposed', 'revoked')"
    " and issued_at >= :since and issued_at < :until and {within}) as reds"
)
_MEASURE: Final = {
    True: "coalesce(json_extract(cast(card_json as text), '$.consequence'), '')",
    False: "coalesce(convert_from(card_json, 'UTF8')::json ->> 'consequence', '')",
}


def consequence_rate(ledger: Ledger, since: Instant, until: Instant, within: Within = ALL) -> Ratio:
    """Return 问责兑现率: of the valid red cards issued in [``since``, ``until``) that are decided or past their limit, how
    many are decided.
    """
    sqlite = ledger.store.is_sqlite
    query = _RATE.format(
        measure=_MEASURE[sqlite], as_number="" if sqlite else "::int", within=within.sql("unit", sqlite=sqlite)
    )
    with ledger.store.reading() as connection:
        row: Any = connection.execute(text(query), {"since": since, "until": until, **within.values()}).one()
    decided = int(row.decided or 0)
    return Ratio(decided, decided + int(row.open or 0))


def _own(card: Card) -> str:
    return f"mingdeng/card/{card.card_id}"
