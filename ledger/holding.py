"""Cards that wait because a source is silent: which, since when, and how their cases come to be judged again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, text

from ledger import chain
from ledger.engine import Store
from ledger.events import touch
from ledger.rows import OURS, span_of
from rules.facts import CaseId, Instant
from rules.judgement import Truth


class Held(Struct, frozen=True):
    """Why a case has no new card: the silent source, since when cards wait, and how many."""

    source: str
    since_at: Instant
    cards: int


_SILENT: Final = text(
    "select case_id, span_json from spans where superseded_at is null and until_at is null and from_at <= :now"
    " and case_id in (select case_id from cases where case_id >= :first and case_id < :last and light <> 'green')"
)
_HOLD: Final = text(
    "insert into held_cards (case_id, source, since_at, cards) values (:case_id, :source, :now, :cards)"
    " on conflict (case_id) do update set source = excluded.source, cards = excluded.cards"
)
_LET_GO: Final = text("delete from held_cards where case_id = :case_id")
_WAITING: Final = "select case_id from held_cards where case_id in {keys}"
_SOURCES: Final = text("select distinct source from held_cards")
_OF_SOURCE: Final = text("select case_id from held_cards where source = :source order by case_id limit :limit")
_HELD: Final = text("select source, since_at, cards from held_cards where case_id = :case_id")
_COUNTED: Final = text("select source, sum(cards) as n from held_cards group by source")


def silent_sources(store: Store, families: Collection[str], now: Instant) -> frozenset[str]:
    """Return the sources of which a finding of one of these families stands."""
    first = f"{OURS}/feed/"
    with store.reading() as connection:
        rows = connection.execute(_SILENT, {"first": first, "last": first[:-1] + "0", "now": now}).all()
    spans = [(row.case_id, span_of(row.span_json)) for row in rows]
    return frozenset(
        CaseId.parse(case_id).case_no for case_id, span in spans if span.family in families and span.truth is Truth.TRUE
    )


def write_held(
    store: Store, connection: Connection, held: Mapping[str, tuple[str, int]], judged: Sequence[str], now: Instant
) -> None:
    """Note of the cases just ``judged`` which have cards that wait (source, how many), and that the others have none."""
    rows = [{"case_id": key, "source": source, "cards": n, "now": now} for key, (source, n) in sorted(held.items())]
    store.many(connection, _HOLD, rows)
    free = [row.case_id for row in store.among(connection, _WAITING, [key for key in judged if key not in held])]
    store.many(connection, _LET_GO, [{"case_id": key} for key in free])


def release_held(store: Store, families: Collection[str], now: Instant, batch: int = 1_000) -> int:
    """Make cases due whose source speaks again, at most ``batch``; return how many.

    The note goes too; the next judgement may hold the cards anew.
    """
    with store.reading() as connection:
        sources = list(connection.execute(_SOURCES).scalars())
    spoken = sorted(set(sources) - silent_sources(store, families, now)) if sources else []
    if not spoken:
        return 0
    with store.writing() as connection:
        chain.lock(store, connection)
        of_source = {"source": spoken[0], "limit": batch}
        keys = list(connection.execute(_OF_SOURCE, of_source).scalars())
        touch(store, connection, "cases", keys, now)
        store.many(connection, _LET_GO, [{"case_id": key} for key in keys])
    return len(keys)


def held(connection: Connection, case_id: CaseId) -> Held | None:
    """Return why a case has no new card, None where none waits."""
    row = connection.execute(_HELD, {"case_id": str(case_id)}).first()
    return Held(row.source, row.since_at, row.cards) if row is not None else None


def held_counts(connection: Connection) -> dict[str, int]:
    """Return how many cards wait for each source."""
    return {row.source: int(row.n) for row in connection.execute(_COUNTED)}
