"""The figures that are scraped, all from one snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from sqlalchemy import text

from ledger.ledger import Ledger
from ledger.views import sources
from rules.facts import Instant


class Figures(Struct, frozen=True, kw_only=True):
    """Counts and instants with bounded labels.

    ``cases`` counts open cases (running and suspended) by (unit, kind, light), ``finished`` the others likewise;
    ``cards_total`` counts cards ever issued in or risen to a colour by (unit, rule, colour) and only grows;
    ``deliveries`` by (channel, state); ``quarantined`` rows by (source, code); ``waiting`` cases and units that have
    facts which are not judged yet.
    """

    cases: Mapping[tuple[str, str, str], int]
    finished: Mapping[tuple[str, str, str], int]
    cards_total: Mapping[tuple[str, str, str], int]
    source_last_event: Mapping[str, Instant]
    duty_last_success: Mapping[str, Instant]
    deliveries: Mapping[tuple[str, str], int]
    quarantined: Mapping[tuple[str, str], int]
    possible_repeats: int
    waiting: int
    sources: tuple[sources.SourceHealth, ...]


_LIGHTS: Final = text(
    "select unit, kind, light, state = 'finished' as done, sum(cases) as cases from light_counts"
    " group by unit, kind, light, state = 'finished'"
)
_CARDS: Final = text("select unit, rule, colour, cards from card_counts")
_DUTIES: Final = text("select duty, last_success_at from duties where last_success_at is not null")
_DELIVERIES: Final = text("select channel, state, count(*) as n from deliveries group by channel, state")
_QUARANTINED: Final = text("select source, code, count(*) as n from quarantine group by source, code")
_REPEATS: Final = text("select count(*) from attempts where possible_repeat")
_WAITING: Final = text(
    "select (select count(*) from cases where stale_since is not null)"
    " + (select count(*) from subjects where stale_since is not null)"
)


def figures(ledger: Ledger) -> Figures:
    """Return every figure as of one instant."""
    with ledger.store.reading() as connection:
        lights = connection.execute(_LIGHTS).all()
        health = sources.read(connection)
        return Figures(
            cases={(r.unit, r.kind, r.light): int(r.cases) for r in lights if not r.done},
            finished={(r.unit, r.kind, r.light): int(r.cases) for r in lights if r.done},
            cards_total={(r.unit, r.rule, r.colour): int(r.cards) for r in connection.execute(_CARDS)},
            source_last_event={s.source: s.last_event_at for s in health if s.last_event_at is not None},
            duty_last_success={r.duty: r.last_success_at for r in connection.execute(_DUTIES)},
            deliveries={(r.channel, r.state): r.n for r in connection.execute(_DELIVERIES)},
            quarantined={(r.source, r.code): r.n for r in connection.execute(_QUARANTINED)},
            possible_repeats=int(connection.execute(_REPEATS).scalar_one()),
            waiting=int(connection.execute(_WAITING).scalar_one()),
            sources=health,
        )
