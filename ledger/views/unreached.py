"""Steps of escalation (催办) that found nobody on a rank: the owner was told in place of whoever should hold it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from msgspec import Struct

from ledger.ledger import Ledger
from ledger.rows import delivery_of, urge_of
from rules.facts import Instant
from rules.policy import Rank

SHOWN: Final = 50
"""So many of the latest steps are told of."""


class Unreached(Struct, frozen=True, kw_only=True):
    """A step that was told at ``at`` of a card ("" for a feed) of ``unit``, and the ranks on which nobody was found."""

    at: Instant
    unit: str
    rule: str
    card_id: str
    ranks: tuple[Rank, ...]


_URGES: Final = (
    "select urge_json from urges where unit in {keys} and told_at >= :since order by told_at desc limit :most"
)
_TOLD: Final = "select delivery_json from deliveries where card_id in {keys}"


def unreached(ledger: Ledger, units: Collection[str], since: Instant) -> tuple[Unreached, ...]:
    """Return the latest steps of these units since an instant of which a rank could not be told, the latest first."""
    with ledger.store.reading() as connection:
        rows = ledger.store.among(connection, _URGES, sorted(units), since=since, most=SHOWN)
        urged = sorted((urge_of(row.urge_json) for row in rows), key=lambda each: (-each.told_at, each.key))[:SHOWN]
        about = {each.card_id or str(each.case_id) for each in urged}
        told = [delivery_of(row.delivery_json) for row in ledger.store.among(connection, _TOLD, sorted(about))]
    missing = {
        (each.card_id, each.created_at, each.facts.get("rule", "")): each.facts["no_recipient"].split(",")
        for each in told
        if each.facts.get("no_recipient") and each.facts.get("change") == "urged"
    }
    found = ((each, missing.get((each.card_id or str(each.case_id), each.told_at, each.rule))) for each in urged)
    return tuple(
        Unreached(at=urge.told_at, unit=urge.unit, rule=urge.rule, card_id=urge.card_id, ranks=tuple(map(Rank, ranks)))
        for urge, ranks in found
        if ranks
    )
