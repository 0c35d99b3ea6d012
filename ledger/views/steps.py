"""Steps of escalation, counted from what stands in the tables: those that ran, and those that are due and did not.

Nothing here goes the way of the review: a standing finding on a card or a feed is held against the table of urges.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from msgspec import Struct
from sqlalchemy import text

from ledger.ledger import Ledger
from ledger.rows import span_of
from rules.facts import Instant
from rules.judgement import Truth


class MissedStep(Struct, frozen=True):
    """A finding that should have been told: on which card or feed, by which rule, due since when."""

    case_id: str
    rule: str
    due_at: Instant


class Steps(Struct, frozen=True, kw_only=True):
    """How many steps ran, which did not though they are due, and how many cards and feeds wait to be judged too long."""

    ran: int
    missed: tuple[MissedStep, ...]
    unjudged: int


_RAN: Final = text("select count(*) from urges")
_DUE: Final = text(
    "select s.case_id, s.rule, s.from_at, s.span_json from spans s left join urges u"
    " on u.case_id = s.case_id and u.rule = s.rule and u.due_at = s.from_at"
    " where s.superseded_at is null and s.until_at is null and s.from_at <= :until and s.recorded_at <= :until"
    " and s.case_id >= :first and s.case_id < :last and u.key is null order by s.from_at, s.case_id, s.rule"
)
_UNJUDGED: Final = text(
    "select count(*) from cases where next_review_at <= :until and kind in ('card', 'feed')"
    " and (lease_until is null or lease_until <= :now)"
)


def steps(ledger: Ledger, telling: Collection[str], now: Instant, grace: int = 60) -> Steps:
    """Return the steps of escalation as of now; ``telling`` are the rules that say whom to tell."""
    missed: list[MissedStep] = []
    with ledger.store.reading() as connection:
        ran = int(connection.execute(_RAN).scalar_one())
        for kind in ("card", "feed"):
            bounds = {"first": f"mingdeng/{kind}/", "last": f"mingdeng/{kind}0", "until": now - grace}
            for row in connection.execute(_DUE, bounds):
                span = span_of(row.span_json)
                if row.rule in telling and span.truth is Truth.TRUE and not span.provisional:
                    missed.append(MissedStep(row.case_id, row.rule, row.from_at))
        unjudged = int(connection.execute(_UNJUDGED, {"until": now - grace, "now": now}).scalar_one())
    return Steps(ran=ran, missed=tuple(missed), unjudged=unjudged)
