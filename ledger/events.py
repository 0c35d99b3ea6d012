"""Takes events in: one batch of one source is one transaction, and taking it in twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, text

from connectors.base import Batch, Cursor, QuarantinedRow
from ledger import failpoints
from ledger.engine import Store, insertion
from ledger.feedmeasures import Lag, loaded_at, loaded_id, measures
from ledger.kept import Kept, Known
from ledger.rows import EVENT_NAMES, OURS, EventRow, digest, encode, event_content, event_row, is_subject
from ledger.tables import events, quarantine
from rules.facts import CaseEvent, CaseId, Instant, Value
from rules.gathering import GATHERED_KINDS

FEED_MINUTES: Final = 10
"""Successes (or failures) of a source within this many minutes are versions of one feed event: the last one counts."""

_INSERT_EVENT: Final = insertion(events)
_INSERT_QUARANTINE: Final = insertion(quarantine, or_nothing=True)

_KNOWN: Final = (
    "select event_id, version, content, retracted, case_id from events where source = :source and event_id in {keys}"
)

_TOUCH: Final = {
    table: text(
        f"insert into {table} (case_id, namespace, kind, case_no, revision, stale_since)"  # noqa: S608 - own names
        " values (:case_id, :namespace, :kind, :case_no, 1, :now) on conflict (case_id) do update"
        f" set revision = {table}.revision + 1, stale_since = coalesce({table}.stale_since, excluded.stale_since)"
    )
    for table in ("cases", "subjects")
}

_UNGATHERED: Final = text(
    "insert into ungathered (case_id, changes) values (:case_id, :changes)"
    " on conflict (case_id) do update set changes = ungathered.changes + 1"
)

_LOCK_SOURCE: Final = text(
    "insert into sources (source, runs) values (:source, 0)"
    " on conflict (source) do update set runs = sources.runs returning runs"
)

_SUCCEEDED: Final = text(
    "update sources set cursor_json = :cursor, runs = runs + 1, last_success_at = :now, failing_since = null,"
    " reason_en = '', reason_zh = '', last_event_at ="
    " case when last_event_at >= coalesce(:last, 0) then last_event_at else coalesce(:last, last_event_at) end"
    " where source = :source"
)

_FAILED: Final = text(
    "update sources set runs = runs + 1, failing_since = coalesce(failing_since, :now),"
    " reason_en = :en, reason_zh = :zh where source = :source"
)


class Appended(msgspec.Struct, frozen=True, kw_only=True):
    """What a batch brought: events never seen, further versions of known ones, and what changed nothing.

    ``quarantined`` counts the rows put aside for the first time, ``cases`` the cases that are due because of it.
    """

    new: int = 0
    changed: int = 0
    duplicates: int = 0
    quarantined: int = 0
    cases: int = 0


def append(store: Store, batch: Batch, now: Instant, lag: Lag | None = None) -> Appended:
    """Take in what one fetch brought, in one transaction.

    1. Lock the sources of the batch, so that two deliveries of one source are numbered one after the other.
    2. Read which versions of its events are known, and keep the versions that are not.
    3. Write these, the quarantined rows and the feed's own events: that it was read, and what was measured of it.
    4. Raise the revision of every case that they concern, once, and note that its gist has to be taken anew.
    5. Move the cursor and note the success.
    """
    with store.writing() as connection:
        runs = lock(connection, batch)
        kept = keep(store, connection, batch.events, now)
        quarantined = _put_aside(store, connection, batch.quarantined, now)
        told = {"rows": batch.rows, "new": kept.new + kept.changed, "quarantined": quarantined}
        fed = feed_event(batch.source, "ingested", runs + 1, now, told)
        fed_rows = [fed, *_measured(connection, batch, kept, runs + 1, now, lag)]
        write(store, connection, [*kept.rows, *fed_rows], {*kept.touched, fed[3]}, now)
        gathered = [(key, 1) for key in sorted(kept.touched) if key.split("/", 2)[1] in GATHERED_KINDS]
        note_ungathered(store, connection, gathered)
        said = [e.occurred_at for e in batch.events if e.occurred_at is not None and e.occurred_at <= now]
        moved = {"source": batch.source, "cursor": encode(batch.cursor), "now": now, "last": max(said, default=None)}
        store.many(connection, _SUCCEEDED, [moved])
        failpoints.hit("before-append")
    return Appended(
        new=kept.new,
        changed=kept.changed,
        duplicates=kept.duplicates,
        quarantined=quarantined,
        cases=len(kept.touched),
    )


def note_ungathered(store: Store, connection: Connection, gathered: Sequence[tuple[str, int]]) -> None:
    """Note how many changes came to cases of which the gist has to be taken anew."""
    store.many_rows(connection, _UNGATHERED, ("case_id", "changes"), gathered)


def _measured(
    connection: Connection, batch: Batch, kept: Kept, runs: int, now: Instant, lag: Lag | None
) -> list[EventRow]:
    """Return what the batch says of its feed, or that its first load ends with it."""
    loaded = loaded_at(connection, batch.source)
    if loaded is not None and loaded < now:
        told = measures(batch, kept, now, lag)
        return [feed_event(batch.source, "measured", runs, now, told)] if told else []
    if loaded is None and batch.events and not batch.more:
        event = CaseEvent(
            source=OURS, event_id=loaded_id(batch.source), version=1, namespace=OURS, kind="feed",
            case_no=batch.source, name="loaded", occurred_at=now, data={"source": batch.source},
        )  # fmt: skip
        return [event_row(event, str(event.case_id), 1, event_content(event), now)]
    return []


def ingest_failed(store: Store, source: str, en: str, zh: str, now: Instant) -> None:
    """Note that a source could not be read: its state, and an event ``ingest_failed`` of its feed."""
    with store.writing() as connection:
        runs = lock(connection, Batch(source=source))
        store.many(connection, _FAILED, [{"source": source, "now": now, "en": en, "zh": zh}])
        fed = feed_event(source, "ingest_failed", runs + 1, now, {"reason": en})
        write(store, connection, [fed], {fed[3]}, now)


def cursor(store: Store, source: str) -> Cursor:
    """Return where a source was read up to; empty if it never was."""
    with store.reading() as connection:
        query = text("select cursor_json from sources where source = :source")
        found = connection.execute(query, {"source": source}).scalar()
    return msgspec.json.decode(found, type=dict[str, Value]) if found else {}


def feed_event(source: str, name: str, runs: int, now: Instant, data: Mapping[str, Value]) -> EventRow:
    """Return the event of a feed: one per name and ten minutes, its versions numbered by the source's runs."""
    window = now // (FEED_MINUTES * 60)
    event = CaseEvent(
        source=OURS,
        event_id=f"{source}/{name}/{window}",
        namespace=OURS,
        kind="feed",
        case_no=source,
        name=name,
        occurred_at=now,
        data={"source": source, **data},
    )
    return event_row(event, str(event.case_id), runs, event_content(event), now)


def write(store: Store, connection: Connection, rows: list[EventRow], touched: Iterable[str], now: Instant) -> None:
    """Write event rows in the order in which they came, and make the cases that they concern due."""
    store.many_rows(connection, _INSERT_EVENT, EVENT_NAMES, rows)
    split: dict[str, list[str]] = {"cases": [], "subjects": []}
    for each in touched:
        split["subjects" if is_subject(CaseId.parse(each)) else "cases"].append(each)
    for table, own in split.items():
        touch(store, connection, table, own, now)


def keep(store: Store, connection: Connection, arrived: Sequence[CaseEvent], now: Instant) -> Kept:
    """Return of these events the versions that are not known yet, numbered, and the cases that they concern."""
    kept = Kept(_known(store, connection, arrived), now)
    for event in arrived:
        kept.take(event)
    return kept


def touch(store: Store, connection: Connection, table: str, touched: Iterable[str], now: Instant) -> None:
    """Raise the revision of cases (or subjects) by one, making rows for those not seen before.

    Always in the order of their identities, so that two writers wait for each other and never in a circle.
    """
    rows = [(each, *each.split("/", 2), now) for each in sorted(touched)]
    store.many_rows(connection, _TOUCH[table], ("case_id", "namespace", "kind", "case_no", "now"), rows)


def lock(connection: Connection, batch: Batch) -> int:
    """Lock every source that the batch names, in order; return how many runs its own source has had."""
    runs = {}
    for source in sorted({batch.source, *(event.source for event in batch.events)}):
        runs[source] = int(connection.execute(_LOCK_SOURCE, {"source": source}).scalar_one())
    return runs[batch.source]


def _known(store: Store, connection: Connection, arrived: Sequence[CaseEvent]) -> dict[tuple[str, str], Known]:
    """Read what is stored of the events that arrived."""
    known: dict[tuple[str, str], Known] = {}
    by_source: dict[str, set[str]] = {}
    for event in arrived:
        by_source.setdefault(event.source, set()).add(event.event_id)
    for source, event_ids in by_source.items():
        for row in store.among(connection, _KNOWN, list(event_ids), source=source):
            one = known.setdefault((source, row.event_id), Known(set(), -1, b"", False, ""))
            one.versions.add(row.version)
            if row.version > one.highest:
                one.highest, one.content = row.version, row.content
                one.retracted, one.case_id = bool(row.retracted), row.case_id
    return known


def _put_aside(store: Store, connection: Connection, rows: Sequence[QuarantinedRow], now: Instant) -> int:
    """Write the rows that did not fit, each once however often it is read again; return how many are new."""
    written = [
        {
            "source": row.source,
            "content": digest((row.column, row.code, row.raw)),
            "code": row.code,
            "row_json": encode(row),
            "received_at": now,
        }
        for row in rows
    ]
    return store.many(connection, _INSERT_QUARANTINE, written)
