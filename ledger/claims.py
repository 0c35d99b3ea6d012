"""Hands out what is due: cases, and units as the subjects of pass B, each to one worker for the length of a lease."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection, text

from alerts.model import Card
from ledger import failpoints
from ledger.engine import Store
from ledger.rows import OURS, card_of, event_of
from rules.facts import Case, CaseEvent, CaseId, Instant, fold
from rules.hits import counted

FEED_EVENTS: Final = 500
"""A feed never ends, so only its latest events are judged: about three days of a source that is read each minute."""


class Claimed(Struct, frozen=True, kw_only=True):
    """A case that this worker holds until its lease ends, with all its cards (revoked ones too).

    ``urged`` names the steps of escalation that ran already; only cards and feeds have any.
    """

    case: Case
    cards: tuple[Card, ...]
    token: int
    urged: frozenset[str] = frozenset()


_CLAIM: Final = """
with due as (
    select case_id from {table} where {due} and (lease_until is null or lease_until <= :now)
    order by {order} limit :limit {skipping}
)
update {table} set lease_until = :until, lease_token = lease_token + 1
where case_id in (select case_id from due)
returning case_id, revision, lease_token
"""

_EVENTS: Final = """
select e.* from events e where e.case_id in {keys} and not e.retracted
and not exists (
    select 1 from events later
    where later.source = e.source and later.event_id = e.event_id and later.version > e.version
)
"""

_FEED_EVENTS: Final = """
select * from (
    select e.*, row_number() over (partition by e.case_id order by e.arrival desc) as age
    from events e where e.case_id in {keys}
) as aged where age <= :latest
"""

_CARDS: Final = "select case_id, card_json from cards where case_id in {keys} order by case_id, card_id"

_URGED: Final = "select case_id, key from urges where case_id in {keys}"

_UNIT_CARDS: Final = """
select unit, card_json from cards where unit in {keys} and state = 'issued' and counts_at is not null
order by unit, card_id
"""


def claim(store: Store, now: Instant, limit: int = 500, lease: int = 120) -> tuple[Claimed, ...]:
    """Take at most ``limit`` due cases for ``lease`` seconds.

    1. Lease those whose instant has come, the earliest first; then those with new facts, the longest waiting first.
       Rows that another worker holds are passed over.
    2. Read the standing events of each (the highest version, not retracted) and its cards.
    """
    with store.writing() as connection:
        rows = _lease(store, connection, "cases", now, limit, lease)
        claimed = _cases(store, connection, rows) if rows else ()
    if claimed:
        failpoints.hit("after-claim")
    return claimed


def claim_subjects(store: Store, now: Instant, limit: int = 200, lease: int = 120) -> tuple[Claimed, ...]:
    """Take at most ``limit`` due units and persons for pass B.

    1. Lease the subjects that are due, as ``claim`` does.
    2. Read what was gathered of each (``rules.gathering``), and make the events of a unit from its cards that stand and
       count: ``card_counted``, and ``card_left`` for what a card was before it rose.
    3. Read the cards that were issued to them as subjects.
    """
    with store.writing() as connection:
        rows = _lease(store, connection, "subjects", now, limit, lease)
        claimed = _subjects(store, connection, rows) if rows else ()
    if claimed:
        failpoints.hit("after-claim")
    return claimed


def _lease(store: Store, connection: Connection, table: str, now: Instant, limit: int, lease: int) -> list[Any]:
    skipping = "" if store.is_sqlite else "for update skip locked"
    rows: list[Any] = []
    for due, order in (("next_review_at <= :now", "next_review_at"), ("stale_since is not null", "stale_since")):
        if len(rows) < limit:
            statement = text(_CLAIM.format(table=table, due=due, order=order, skipping=skipping))
            values = {"now": now, "until": now + lease, "limit": limit - len(rows)}
            rows.extend(connection.execute(statement, values))
    return rows


def _cases(store: Store, connection: Connection, rows: list[Any]) -> tuple[Claimed, ...]:
    keys = [row.case_id for row in rows]
    events = events_of(store, connection, keys)
    cards = _cards(store, connection, keys)
    urged: dict[str, set[str]] = {}
    for row in store.among(connection, _URGED, [key for key in keys if key.startswith(f"{OURS}/")]):
        urged.setdefault(row.case_id, set()).add(row.key)
    return tuple(
        Claimed(
            case=fold(CaseId.parse(row.case_id), events.get(row.case_id, ()), row.revision),
            cards=cards.get(row.case_id, ()),
            token=row.lease_token,
            urged=frozenset(urged.get(row.case_id, ())),
        )
        for row in rows
    )


def events_of(store: Store, connection: Connection, keys: Sequence[str]) -> dict[str, list[CaseEvent]]:
    """Return what stands of each of these cases: of each event the highest version, of feeds only the latest."""
    feeds = [key for key in keys if key.startswith(f"{OURS}/feed/")]
    events: dict[str, list[CaseEvent]] = {}
    for row in store.among(connection, _EVENTS, sorted(set(keys) - set(feeds))):
        events.setdefault(row.case_id, []).append(event_of(row))
    for row in store.among(connection, _FEED_EVENTS, feeds, latest=FEED_EVENTS) if feeds else ():
        events.setdefault(row.case_id, []).append(event_of(row))
    return events


def _subjects(store: Store, connection: Connection, rows: list[Any]) -> tuple[Claimed, ...]:
    subjects = {row.case_id: CaseId.parse(row.case_id) for row in rows}
    units = {case_id.case_no: key for key, case_id in subjects.items() if case_id.kind == "unit"}
    events = events_of(store, connection, list(subjects))
    for row in store.among(connection, _UNIT_CARDS, list(units)):
        events.setdefault(units[row.unit], []).extend(counted(card_of(row.card_json), subjects[units[row.unit]]))
    cards = _cards(store, connection, list(subjects))
    return tuple(
        Claimed(
            case=fold(subjects[row.case_id], events.get(row.case_id, ()), row.revision),
            cards=cards.get(row.case_id, ()),
            token=row.lease_token,
        )
        for row in rows
    )


def _cards(store: Store, connection: Connection, keys: Sequence[str]) -> dict[str, tuple[Card, ...]]:
    rows = store.among(connection, _CARDS, keys)
    return {
        case_id: tuple(card_of(row.card_json) for row in group)
        for case_id, group in groupby(rows, key=lambda row: row.case_id)
    }
