"""Tells the cards that rest on a rule that it was changed: an event ``rule_changed`` in each open card's own case."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import text

from ledger import chain
from ledger.engine import Store
from ledger.events import keep, write
from ledger.rows import OURS
from rules.facts import CaseEvent, Instant

_OPEN: Final = text(
    "select card_id, rule, unit from cards where card_id > :after and state <> 'revoked'"
    " and stage not in ('closed', 'revoked') order by card_id limit :batch"
)


def note_changed_rules(
    store: Store, rules: Collection[str], revision: int, now: Instant, after: str = "", batch: int = 1000
) -> str | None:
    """Note in the next ``batch`` open cards after the name ``after`` that a publication changed their rule.

    Return the last card that was looked at, None at the end. Noting a publication again changes nothing.
    """
    with store.writing() as connection:
        chain.lock(store, connection)
        found = connection.execute(_OPEN, {"after": after, "batch": batch}).all()
        told = [
            CaseEvent(
                source=OURS, event_id=f"{row.card_id}/rule_changed/{revision}", version=1, namespace=OURS, kind="card",
                case_no=row.card_id, name="rule_changed", occurred_at=now,
                data={"unit": row.unit, "rule": row.rule, "law": revision},
            )
            for row in found
            if row.rule in rules
        ]  # fmt: skip
        kept = keep(store, connection, told, now)
        write(store, connection, kept.rows, kept.touched, now)
    return found[-1].card_id if len(found) == batch else None
