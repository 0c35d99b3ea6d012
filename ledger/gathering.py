"""Remembers what is gathered from many cases: takes gists, says which windows are due, appends what they tell.

What changed is found by its own rows, never by looking at every case. Telling a window again appends only what differs:
a fact that no longer follows is retracted, as a late fact of any source would be.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, text

from ledger.claims import events_of
from ledger.engine import Store, insertion
from ledger.events import keep, write
from ledger.gatheringtables import gathered_in
from ledger.rows import OURS, encode
from rules.facts import Case, CaseEvent, CaseId, Instant, fold
from rules.gathering import Gist, Window

TOLD_AGAIN_SECONDS: Final = 86_400
"""A closed window of which more becomes known is told again after a day, with all that has changed by then."""

MOST_GISTS: Final = 50_000
"""So many gists are held at once, about 80 MB, unless a single window has more: the first load of years has many windows."""

_gist_of: Final = msgspec.json.Decoder(Gist).decode
_ids_of: Final = msgspec.json.Decoder(list[tuple[str, CaseId]]).decode


class Changed(Struct, frozen=True, kw_only=True):
    """A case of which something arrived; ``changes`` is given back so that what arrives meanwhile is not lost."""

    case: Case
    changes: int


class Gisted(Struct, frozen=True, kw_only=True):
    """The gist of a changed case and the windows into which it falls."""

    gist: Gist
    windows: tuple[Window, ...]
    changes: int


class DueWindow(Struct, frozen=True, kw_only=True):
    """A window that has to be told: the gists in it, in the order of their cases."""

    window: Window
    gists: tuple[Gist, ...]
    changes: int


_UNGATHERED: Final = text("select case_id, changes from ungathered order by case_id limit :limit")
_DONE: Final = text("delete from ungathered where case_id = :case_id and changes = :changes")
_KEEP_GIST: Final = text(
    "insert into gists (case_id, gist_json) values (:case_id, :gist_json)"
    " on conflict (case_id) do update set gist_json = excluded.gist_json"
)
_WINDOWS_OF: Final = "select window_key, case_id from gathered_in where case_id in {keys}"
_LEAVE: Final = text("delete from gathered_in where window_key = :window_key and case_id = :case_id")
_JOIN: Final = insertion(gathered_in, or_nothing=True)
_OPEN: Final = text(
    "insert into gathering_windows (window_key, gathering, closes_at, told_json)"
    " values (:window_key, :gathering, :closes_at, :told) on conflict (window_key) do nothing"
)
_MARK: Final = text(
    "update gathering_windows set changes = changes + 1, due_at = coalesce(due_at,"
    " case when closes_at > :now then closes_at when closes_at = 0 or told_json = :untold then :now"
    " else :now + :later end) where window_key = :window_key"
)
_DUE: Final = text(
    "select window_key, gathering, closes_at, changes from gathering_windows where due_at <= :now"
    " order by due_at limit :limit"
)
_SIZES: Final = "select window_key, count(*) as gists from gathered_in where window_key in {keys} group by window_key"
_GISTS_IN: Final = (
    "select i.window_key, g.gist_json from gathered_in i join gists g on g.case_id = i.case_id"
    " where i.window_key in {keys} order by i.case_id"
)
_LOCK: Final = (
    "select told_json from gathering_windows where window_key = :window_key and changes = :changes and due_at <= :now"
)
_TOLD: Final = text("update gathering_windows set due_at = null, told_json = :told where window_key = :window_key")
_NEXT: Final = text(
    "select min(at) from (select min(due_at) as at from gathering_windows where due_at is not null"
    " union all select 0 from (select 1 from ungathered limit 1) as waiting) as coming"
)


def ungathered(store: Store, limit: int = 500) -> tuple[Changed, ...]:
    """Return the next cases of which something arrived since their gist was taken, with all that stands of them."""
    with store.reading() as connection:
        marks = {row.case_id: row.changes for row in connection.execute(_UNGATHERED, {"limit": limit})}
        events = events_of(store, connection, list(marks))
    return tuple(
        Changed(case=fold(CaseId.parse(key), events.get(key, ())), changes=changes) for key, changes in marks.items()
    )


def keep_gists(store: Store, gisted: Sequence[Gisted], now: Instant) -> None:
    """Write the gists of changed cases; make due the windows that they are in, or have left."""
    with store.writing() as connection:
        rows = [{"case_id": str(each.gist.case_id), "gist_json": encode(each.gist)} for each in gisted]
        store.many(connection, _KEEP_GIST, rows)
        before = {
            (row.window_key, row.case_id)
            for row in store.among(connection, _WINDOWS_OF, [str(each.gist.case_id) for each in gisted])
        }
        within = {(window.key, str(each.gist.case_id)) for each in gisted for window in each.windows}
        store.many(connection, _LEAVE, _memberships(before - within))
        store.many(connection, _JOIN, _memberships(within - before))
        opened = {window.key: window for each in gisted for window in each.windows}
        store.many(
            connection, _OPEN,
            [{"window_key": w.key, "gathering": w.gathering, "closes_at": w.closes_at, "told": b""}
             for _, w in sorted(opened.items())],
        )  # fmt: skip
        concerned = sorted({window for window, _ in before | within})
        store.many(
            connection, _MARK,
            [{"window_key": window, "now": now, "later": TOLD_AGAIN_SECONDS, "untold": b""} for window in concerned],
        )  # fmt: skip
        store.many(connection, _DONE, [{"case_id": str(g.gist.case_id), "changes": g.changes} for g in gisted])


def due_windows(store: Store, now: Instant, limit: int = 50) -> tuple[DueWindow, ...]:
    """Return windows that have to be told, the longest due first, each with its gists; always at least one.

    They are fewer than ``limit`` where they hold more gists than are held at once.
    """
    with store.reading() as connection:
        due = connection.execute(_DUE, {"now": now, "limit": limit}).all()
        sizes = {row.window_key: row.gists for row in store.among(connection, _SIZES, [row.window_key for row in due])}
        held = accumulate(sizes.get(row.window_key, 0) for row in due)
        found = [
            row for number, (row, total) in enumerate(zip(due, held, strict=True)) if not number or total <= MOST_GISTS
        ]
        gists: dict[str, list[Gist]] = {}
        for row in store.among(connection, _GISTS_IN, [row.window_key for row in found]):
            gists.setdefault(row.window_key, []).append(_gist_of(row.gist_json))
    return tuple(
        DueWindow(
            window=Window(row.gathering, row.window_key, row.closes_at),
            gists=tuple(gists.get(row.window_key, ())),
            changes=row.changes,
        )
        for row in found
    )


def tell(store: Store, due: DueWindow, events: Iterable[CaseEvent], now: Instant) -> int:
    """Append what follows from a window, and retract what no longer does; return how many events that brought.

    Nothing is done if more has become known of the window meanwhile, or somebody else has told it: it stays as it is.
    """
    with store.writing() as connection:
        former = _locked(store, connection, due, now)
        if former is None:
            return 0
        facts = {event.event_id: event for event in events}
        gone = [_retracted(event_id, case_id) for event_id, case_id in former if event_id not in facts]
        kept = keep(store, connection, [*facts.values(), *gone], now)
        write(store, connection, kept.rows, kept.touched, now)
        told = encode([(event_id, event.case_id) for event_id, event in sorted(facts.items())])
        store.many(connection, _TOLD, [{"window_key": due.window.key, "told": told}])
    return len(kept.rows)


def note_facts(store: Store, facts: Sequence[CaseEvent], now: Instant) -> int:
    """Append facts that follow from no case; what is known already is left alone. Return how many events that brought."""
    with store.writing() as connection:
        kept = keep(store, connection, facts, now)
        write(store, connection, kept.rows, kept.touched, now)
    return len(kept.rows)


def next_gathering_at(store: Store) -> Instant | None:
    """Return when there is something to gather, 0 if at once, None if nothing waits."""
    with store.reading() as connection:
        found = connection.execute(_NEXT).scalar()
    return int(found) if found is not None else None


def _locked(store: Store, connection: Connection, due: DueWindow, now: Instant) -> list[tuple[str, CaseId]] | None:
    locking = "" if store.is_sqlite else " for update"
    asked = {"window_key": due.window.key, "changes": due.changes, "now": now}
    row = connection.execute(text(_LOCK + locking), asked).first()
    if row is None:
        return None
    return _ids_of(row.told_json) if row.told_json else []


def _memberships(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"window_key": window, "case_id": case_id} for window, case_id in sorted(pairs)]


def _retracted(event_id: str, case_id: CaseId) -> CaseEvent:
    return CaseEvent(
        source=OURS, event_id=event_id, **case_id._asdict(), name="retracted", occurred_at=None, retracted=True
    )
