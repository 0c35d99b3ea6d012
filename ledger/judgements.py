"""Hands out what is due and takes judgements back, each verb in one transaction.

A case is due when its revision is ahead of the judged one or its next instant has come. Claiming returns the revision;
recording compares it, so a fact that arrives while a case is being judged is never lost: the judgement is discarded
and the case stays due. There is no "touched" flag to forget.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection, text

from alerts.model import Card, CardChange, Delivery
from ledger import failpoints, recording
from ledger.engine import Store
from ledger.rows import OURS, card_of, event_of, is_subject, judgement_of
from rules.facts import Case, CaseEvent, CaseId, Instant, fold
from rules.judgement import CaseState, Judgement, Light, Lost

FEED_EVENTS: Final = 500
"""A feed never ends, so only its latest events are judged: about three days of a source that is read each minute."""


class Claimed(Struct, frozen=True, kw_only=True):
    """A case that this worker holds until its lease ends, with all its cards (revoked ones too)."""

    case: Case
    cards: tuple[Card, ...]
    token: int


class Recorded(Struct, frozen=True, kw_only=True):
    """What came of one claim: the judgement, what it changes on the cards, and what is to be sent about it."""

    judgement: Judgement
    changes: tuple[CardChange, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    token: int


class RecordOutcome(Struct, frozen=True, kw_only=True):
    """How many judgements were recorded, and the cases whose judgement came too late: they stay due."""

    recorded: int
    discarded: tuple[CaseId, ...] = ()


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
) order by e.case_id
"""

_FEED_EVENTS: Final = """
select * from (
    select e.*, row_number() over (partition by e.case_id order by e.arrival desc) as age
    from events e where e.case_id in {keys}
) as aged where age <= :latest order by case_id
"""

_CARDS: Final = "select case_id, card_json from cards where case_id in {keys} order by case_id, card_id"

_UNIT_CARDS: Final = """
select unit, card_json from cards where unit in {keys} and state = 'issued' and counts_at is not null
order by unit, card_id
"""

_COMPARED: Final = """
select case_id, kind, revision, lease_token, lease_until, unit, state, light, clock, ordinal{more}
from {table} where case_id in {{keys}} order by case_id {locking}
"""

_RELEASE: Final = {
    table: text(f"update {table} set lease_until = null where case_id = :case_id and lease_token = :token")  # noqa: S608
    for table in ("cases", "subjects")
}

_MARK_DUE: Final = text(
    "update cases set revision = revision + 1, stale_since = coalesce(stale_since, :now)"
    " where kind = :kind and case_id > :after and case_id <= :last"
)


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
    """Take at most ``limit`` due units for pass B.

    1. Lease the subjects that are due, as ``claim`` does.
    2. Make the events of each from the cards of the unit that stand and count: ``card_counted`` at ``counts_at``.
    3. Read the cards that were issued to the unit as a subject.
    """
    with store.writing() as connection:
        rows = _lease(store, connection, "subjects", now, limit, lease)
        claimed = _subjects(store, connection, rows) if rows else ()
    if claimed:
        failpoints.hit("after-claim")
    return claimed


def record(store: Store, results: Sequence[Recorded], now: Instant) -> RecordOutcome:
    """Write down what came of claims, all of them in one transaction.

    1. Lock the rows in the order of their identities and compare revision and token; of those that do not match
       discard everything and let go of the lease, if it is still this worker's.
    2. Write the judgements: spans that changed, the transition of the light, the row as it stands, the counters.
    3. Write the card changes, their cards, and the event of each change in the card's own case.
    4. Put the deliveries into the outbox; a key that is there already is left alone.
    5. Make the units whose cards changed due for pass B.
    6. Join the new rows to the hash chains.
    """
    with store.writing() as connection:
        accepted, discarded = _compare(store, connection, results)
        recording.write_judgements(store, connection, [(row, result.judgement) for row, result in accepted], now)
        recording.write_changes(store, connection, [c for _, result in accepted for c in result.changes], now)
        recording.write_deliveries(store, connection, [d for _, result in accepted for d in result.deliveries])
        failpoints.hit("before-record")
    return RecordOutcome(recorded=len(accepted), discarded=discarded)


def set_aside(store: Store, lost: Lost, now: Instant) -> None:
    """Note that a case could not be judged: it turns grey with the reason and rests until its revision changes.

    1. Lock its row; if its revision has moved on meanwhile, only let go of the lease.
    2. Write a grey judgement that keeps unit, item and clocks as they were; spans and cards stay as they stand.
    """
    table, case_id = _table(lost.case_id), str(lost.case_id)
    with store.writing() as connection:
        for row in _locked(store, connection, table, [case_id], ", judgement_json"):
            if row.revision == lost.revision:
                recording.write_judgements(store, connection, [(row, _grey(lost, row))], now, keep_spans=True)
            else:
                store.many(connection, _RELEASE[table], [{"case_id": case_id, "token": row.lease_token}])


def mark_due(store: Store, kind: str, now: Instant, after: str = "", batch: int = 1000) -> str | None:
    """Make the next ``batch`` cases of a kind due after the identity ``after``; return the last one, None at the end.

    For a rulebook, calendar or catalogue that was published: called again and again behind live work.
    """
    with store.writing() as connection:
        query = "select case_id from cases where kind = :kind and case_id > :after order by case_id limit :batch"
        values = {"kind": kind, "after": after, "batch": batch}
        found = [row.case_id for row in connection.execute(text(query), values)]
        if found:
            marked = {"kind": kind, "after": after, "last": found[-1], "now": now}
            store.many(connection, _MARK_DUE, [marked])
    return found[-1] if found else None


def next_due_at(store: Store) -> Instant | None:
    """Return the instant at which there is something to claim, in the past if there is already; None if nothing waits.

    What a worker holds counts from the end of its lease.
    """
    asked = []
    for table in ("cases", "subjects"):
        for due in ("stale_since", "next_review_at"):
            asked.append(
                f"(select {due} as at from {table} where {due} is not null and lease_until is null"  # noqa: S608
                f" order by {due} limit 1)"
            )
        asked.append(f"(select min(lease_until) as at from {table} where lease_until is not null)")  # noqa: S608
    questions = " union all ".join(f"select at from {each} as q{n}" for n, each in enumerate(asked))
    with store.reading() as connection:
        return connection.execute(text(f"select min(at) from ({questions}) as soonest")).scalar()  # noqa: S608


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
    feeds = [key for key in keys if key.startswith(f"{OURS}/feed/")]
    events = _by_case(event_of(row) for row in store.among(connection, _EVENTS, list(set(keys) - set(feeds))))
    if feeds:
        found = store.among(connection, _FEED_EVENTS, feeds, latest=FEED_EVENTS)
        events |= _by_case(event_of(row) for row in found)
    cards = _cards(store, connection, keys)
    return tuple(
        Claimed(
            case=fold(CaseId.parse(row.case_id), events.get(row.case_id, ()), row.revision),
            cards=cards.get(row.case_id, ()),
            token=row.lease_token,
        )
        for row in rows
    )


def _subjects(store: Store, connection: Connection, rows: list[Any]) -> tuple[Claimed, ...]:
    units = {row.case_id: CaseId.parse(row.case_id).case_no for row in rows}
    found = store.among(connection, _UNIT_CARDS, list(units.values()))
    counted = {
        unit: [card_counted(card_of(row.card_json)) for row in group]
        for unit, group in groupby(found, key=lambda row: row.unit)
    }
    cards = _cards(store, connection, list(units))
    return tuple(
        Claimed(
            case=fold(CaseId.parse(row.case_id), counted.get(units[row.case_id], ()), row.revision),
            cards=cards.get(row.case_id, ()),
            token=row.lease_token,
        )
        for row in rows
    )


def card_counted(card: Card) -> CaseEvent:
    """Return the event that a card is to the tallies of its unit: it counts from ``counts_at`` on."""
    return CaseEvent(
        source=OURS,
        event_id=card.card_id,
        version=card.serial,
        namespace=OURS,
        kind="unit",
        case_no=card.unit,
        name="card_counted",
        occurred_at=card.counts_at,
        data={"unit": card.unit, "colour": card.colour.value, "rule": card.rule, "card_id": card.card_id},
    )


def _by_case(events: Iterable[CaseEvent]) -> dict[str, tuple[CaseEvent, ...]]:
    return {str(case_id): tuple(group) for case_id, group in groupby(events, key=lambda event: event.case_id)}


def _cards(store: Store, connection: Connection, keys: Sequence[str]) -> dict[str, tuple[Card, ...]]:
    rows = store.among(connection, _CARDS, keys)
    return {
        case_id: tuple(card_of(row.card_json) for row in group)
        for case_id, group in groupby(rows, key=lambda row: row.case_id)
    }


def _compare(
    store: Store, connection: Connection, results: Sequence[Recorded]
) -> tuple[list[tuple[Any, Recorded]], tuple[CaseId, ...]]:
    """Return the results that still hold, each with its locked row, and the identities of the others."""
    stored: dict[str, Any] = {}
    for table, group in _by_table(result.judgement.case_id for result in results):
        stored |= {row.case_id: row for row in _locked(store, connection, table, group)}
    accepted: dict[str, tuple[Any, Recorded]] = {}
    discarded: list[CaseId] = []
    for result in results:
        case_id = result.judgement.case_id
        row = stored.get(str(case_id))
        if row is None or row.lease_until is None or row.lease_token != result.token or str(case_id) in accepted:
            discarded.append(case_id)
        elif row.revision == result.judgement.revision:
            accepted[str(case_id)] = (row, result)
        else:
            discarded.append(case_id)
            freed = {"case_id": str(case_id), "token": result.token}
            store.many(connection, _RELEASE[_table(case_id)], [freed])
    return list(accepted.values()), tuple(discarded)


def _locked(store: Store, connection: Connection, table: str, keys: Sequence[str], more: str = "") -> Sequence[Any]:
    locking = "" if store.is_sqlite else "for update"
    return store.among(connection, _COMPARED.format(table=table, locking=locking, more=more), keys)


def _by_table(case_ids: Iterable[CaseId]) -> list[tuple[str, list[str]]]:
    """Split identities into those of cases and those of subjects, the cases first."""
    split: dict[str, list[str]] = {"cases": [], "subjects": []}
    for case_id in case_ids:
        split[_table(case_id)].append(str(case_id))
    return [(table, keys) for table, keys in split.items() if keys]


def _table(case_id: CaseId) -> str:
    return "subjects" if is_subject(case_id) else "cases"


def _grey(lost: Lost, row: Any) -> Judgement:
    """Return the judgement of a case that could not be judged: what was known, without a next instant."""
    known = judgement_of(row.judgement_json) if row.judgement_json else None
    return Judgement(
        case_id=lost.case_id,
        revision=lost.revision,
        unit=known.unit if known else row.unit,
        item=known.item if known else "",
        item_name=known.item_name if known else "",
        person=known.person if known else "",
        state=known.state if known else CaseState.RUNNING,
        light=Light.GREY,
        because=lost.reason,
        clock=known.clock if known else "",
        ordinal=known.ordinal if known else 0,
        clocks=known.clocks if known else (),
    )
