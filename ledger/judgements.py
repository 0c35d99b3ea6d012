"""Takes judgements back, each verb in one transaction, and says what is due next.

A case is due when its revision is ahead of the judged one or its next instant has come. Claiming returns the revision;
recording compares it, so a fact that arrives while a case is being judged is never lost: the judgement is discarded
and the case stays due. There is no "touched" flag to forget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeAlias

from msgspec import Struct
from sqlalchemy import Connection, text

from alerts.model import CardChange, Delivery
from alerts.urging import Urge
from ledger import chain, failpoints, recording
from ledger.engine import Store
from ledger.holding import write_held
from ledger.rows import is_subject, judgement_of
from rules.doubts import doubt
from rules.facts import CaseId, Instant
from rules.judgement import CaseState, Judgement, Light, Lost

Affected: TypeAlias = Callable[[Judgement], bool]
"""Whether a publication concerns a case, by its last judgement (``rules.affected``)."""


class Recorded(Struct, frozen=True, kw_only=True):
    """What came of one claim: the judgement, what it changes on the cards, whom it urges, what is to be sent about it.

    ``held`` new cards wait because ``silent_source`` tells nothing ("" if none waits).
    """

    judgement: Judgement
    changes: tuple[CardChange, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    urges: tuple[Urge, ...] = ()
    token: int
    held: int = 0
    silent_source: str = ""


class RecordOutcome(Struct, frozen=True, kw_only=True):
    """How many judgements were recorded, and the cases whose judgement came too late: they stay due."""

    recorded: int
    discarded: tuple[CaseId, ...] = ()


_COMPARED: Final = """
select case_id, kind, revision, lease_token, lease_until, unit, state, light, clock, ordinal{more}
from {table} where case_id in {{keys}} order by case_id {locking}
"""

_RELEASE: Final = {
    table: text(f"update {table} set lease_until = null where case_id = :case_id and lease_token = :token")  # noqa: S608
    for table in ("cases", "subjects")
}

_EARLIEST: Final = """
select * from (
    select {column} as at from {table} where {column} is not null {unless} order by {column} limit 1
) as {table}_{column}
"""

_NEXT_DUE: Final = " union all ".join(
    _EARLIEST.format(table=table, column=column, unless=unless)
    for table in ("cases", "subjects")
    for column, unless in (
        ("stale_since", "and lease_until is null"),
        ("next_review_at", "and lease_until is null"),
        ("lease_until", ""),
    )
)

_NEXT_OF_KIND: Final = text(
    "select case_id from cases where kind = :kind and case_id > :after order by case_id limit :batch"
)
_MARK_DUE: Final = text(
    "update cases set revision = revision + 1, stale_since = coalesce(stale_since, :now)"
    " where kind = :kind and case_id > :after and case_id <= :last"
)
_LAST_JUDGED: Final = "select case_id, judgement_json from cases where judgement_json is not null and case_id in {keys}"
_MARK_ONE_DUE: Final = text(
    "update cases set revision = revision + 1, stale_since = coalesce(stale_since, :now) where case_id = :case_id"
)


def record(store: Store, results: Sequence[Recorded], now: Instant) -> RecordOutcome:
    """Write down what came of claims, all of them in one transaction.

    1. Wait for other recorders, lock the rows, compare revision and token; of those that do not match discard
       everything and let go of the lease, if it is still this worker's.
    2. Write the judgements: spans that changed, the transition of the light, the row as it stands, the counters.
    3. Write the card changes, their cards, and the event of each change in the card's own case.
    4. Write which new cards wait for a silent source, and the steps of escalation. Put the deliveries into the outbox;
       a key that is there already is left alone.
    5. Make the units whose cards changed due for pass B.
    6. Join the new rows to the hash chains.
    """
    with store.writing() as connection:
        chain.lock(store, connection)
        accepted, discarded = _compare(store, connection, results)
        recording.write_judgements(store, connection, [(row, result.judgement) for row, result in accepted], now)
        changes = [change for _, result in accepted for change in result.changes]
        recording.write_changes(store, connection, changes, now)
        kept = [result for _, result in accepted]
        waiting = {str(r.judgement.case_id): (r.silent_source, r.held) for r in kept if r.held}
        write_held(store, connection, waiting, [str(result.judgement.case_id) for result in kept], now)
        recording.write_urges(store, connection, [urge for _, result in accepted for urge in result.urges])
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
        chain.lock(store, connection)
        for row in _locked(store, connection, table, [case_id], ", judgement_json"):
            if row.revision == lost.revision:
                recording.write_judgements(store, connection, [(row, _grey(lost, row))], now, keep_spans=True)
            else:
                store.many(connection, _RELEASE[table], [{"case_id": case_id, "token": row.lease_token}])


def mark_due(
    store: Store, kind: str, now: Instant, after: str = "", batch: int = 1000, affected: Affected | None = None
) -> str | None:
    """Make the next ``batch`` cases of a kind due after the identity ``after``; return the last one, None at the end.

    For a rulebook, calendar or catalogue that was published: called again and again behind live work. With ``affected``
    only those for whose last judgement it holds; a case that was not judged yet is due anyway.
    """
    with store.writing() as connection:
        chain.lock(store, connection)
        values = {"kind": kind, "after": after, "batch": batch}
        found = [row.case_id for row in connection.execute(_NEXT_OF_KIND, values)]
        if found and affected is None:
            marked = {"kind": kind, "after": after, "last": found[-1], "now": now}
            store.many(connection, _MARK_DUE, [marked])
        elif affected is not None:
            rows = store.among(connection, _LAST_JUDGED, found)
            concerned = [row.case_id for row in rows if affected(judgement_of(row.judgement_json))]
            store.many(connection, _MARK_ONE_DUE, [{"case_id": each, "now": now} for each in concerned])
    return found[-1] if found else None


def next_due_at(store: Store) -> Instant | None:
    """Return the instant at which there is something to claim, in the past if there is already; None if nothing waits.

    What a worker holds counts from the end of its lease.
    """
    with store.reading() as connection:
        return min(connection.execute(text(_NEXT_DUE)).scalars(), default=None)


def _compare(
    store: Store, connection: Connection, results: Sequence[Recorded]
) -> tuple[list[tuple[Any, Recorded]], tuple[CaseId, ...]]:
    """Return the results that still hold, each with its locked row, and the identities of the others."""
    stored: dict[str, Any] = {}
    for table, wanted in _by_table(result.judgement.case_id for result in results):
        stored |= {row.case_id: row for row in _locked(store, connection, table, wanted)}
    accepted: dict[str, tuple[Any, Recorded]] = {}
    discarded: list[CaseId] = []
    for result in results:
        case_id = result.judgement.case_id
        key = str(case_id)
        row = stored.get(key)
        if row is None or row.lease_until is None or row.lease_token != result.token or key in accepted:
            discarded.append(case_id)
        elif row.revision == result.judgement.revision:
            accepted[key] = (row, result)
        else:
            discarded.append(case_id)
            freed = {"case_id": key, "token": result.token}
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
        because=doubt("lost", lost.reason),
        clock=known.clock if known else "",
        ordinal=known.ordinal if known else 0,
        clocks=known.clocks if known else (),
    )
