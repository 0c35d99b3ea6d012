"""How the loop fares: of the cards of a unit or person, how many were signed for, explained and mended in time.

Every card of the period is counted, by the database, so that no figure is one of the latest cards alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import text

from alerts.model import Deed
from ledger.ledger import Ledger
from ledger.views.within import ALL, Within
from rules.facts import Instant
from rules.statistics import Ratio

EVER: Final = 1 << 40
"""After everything that was issued."""


class Followed(Struct, frozen=True, kw_only=True):
    """Of the yellow and red cards issued in a stretch of time: what was done in time of what was done or is overdue."""

    cards: int
    signed: Ratio
    explained: Ratio
    rectified: Ratio
    revoked: Ratio


_STEPS: Final = {
    "signed": ((Deed.SIGN,), ("A01",)),
    "explained": ((Deed.EXPLAIN, Deed.APPEAL), ("A02", "A02R")),
    "rectified": ((Deed.RECTIFY,), ("A05R", "A05RR")),
}
"""For each step the deeds that make it, and the findings (``rules/books/supervisors.yaml``) that it was late."""

_HANDS: Final = {
    True: "json_extract(cast(card_json as text), '$.hands')",
    False: "convert_from(card_json, 'UTF8')::json ->> 'hands'",
}
_TRUE: Final = {
    True: "json_extract(cast(span_json as text), '$.truth') = 'true'",
    False: "convert_from(span_json, 'UTF8')::json ->> 'truth' = 'true'",
}
"""How SQLite (True) and PostgreSQL (False) look into what is kept as JSON."""

_ALL: Final = (
    "with told as materialized (select card_id, stage, {hands} as hands from cards where {whose}"
    " and issued_at >= :since and issued_at < :until and colour in ('yellow', 'red') and stage <> 'proposed' and {within}),"
    " late as materialized (select case_id, {rules} from spans where superseded_at is null"
    " and case_id >= 'mingdeng/card/' and case_id < 'mingdeng/card0' and rule in ({named}) and {true} group by case_id)"
    " select count(*) as cards, sum(case when stage = 'revoked' then 1 else 0 end) as revoked, {sums}"
    " from told left join late on late.case_id = 'mingdeng/card/' || told.card_id"
)


def followed(
    ledger: Ledger, since: Instant, *, until: Instant = EVER, unit: str = "", person: str = "", within: Within = ALL
) -> Followed:
    """Return the figures of the cards of a unit, of a person, or of everything that may be seen."""
    sqlite = ledger.store.is_sqlite
    column, value = ("unit", unit) if unit else ("person", person)
    query = _ALL.format(
        whose=f"{column} = :value" if value else "1 = 1", within=within.sql("unit", sqlite=sqlite),
        hands=_HANDS[sqlite], true=_TRUE[sqlite], named=_quoted(rule for _, rules in _STEPS.values() for rule in rules),
        rules=", ".join(f"max(case when rule in ({_quoted(rules)}) then 1 else 0 end) as late_{step}"
                        for step, (_, rules) in _STEPS.items()),
        sums=", ".join(_sums(step, deeds, sqlite=sqlite) for step, (deeds, _) in _STEPS.items()),
    )  # fmt: skip
    values = {"since": since, "until": until, **({"value": value} if value else {}), **within.values()}
    with ledger.store.reading() as connection:
        row: Any = connection.execute(text(query), values).one()
    cards = int(row.cards)
    shares = {
        step: Ratio(int(getattr(row, f"{step}_in_time") or 0), int(getattr(row, f"{step}_of") or 0)) for step in _STEPS
    }
    return Followed(cards=cards, revoked=Ratio(int(row.revoked or 0), cards), **shares)


def _sums(step: str, deeds: tuple[Deed, ...], *, sqlite: bool) -> str:
    """Count the cards on which the step was done or is late, and those of them on which it is not late."""
    done = " or ".join(
        f"json_extract(hands, '$.{deed}') is not null" if sqlite else f"cast(hands as json) ->> '{deed}' is not null"
        for deed in deeds
    )
    late = f"coalesce(late_{step}, 0)"
    return (
        f"sum(case when {late} = 1 or {done} then 1 else 0 end) as {step}_of,"
        f" sum(case when {late} = 0 and ({done}) then 1 else 0 end) as {step}_in_time"
    )


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
