"""What a ledger file says, read by plain SQL while the daemon lives, or from a copy of the file where it was killed."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from alerts.model import Card, CardChange
from tests.stories.checks import CardFace, Change, Cut, Told, Tried

_DUE = """
select (select count(*) from cases where kind <> 'feed' and (stale_since is not null or next_review_at <= :now))
     + (select count(*) from subjects where stale_since is not null or next_review_at <= :now)
     + (select count(*) from deliveries where due_at is not null)
"""
"""A feed is read each second and so always due; everything else comes to rest."""


@contextmanager
def reading(ledger: Path) -> Iterator[sqlite3.Connection]:
    """Open a ledger for reading, whoever else has it open."""
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=10)) as connection:
        yield connection


@contextmanager
def as_it_was_left(ledger: Path) -> Iterator[sqlite3.Connection | None]:
    """Open a copy of a ledger whose daemon is dead, so that nobody but the next daemon recovers it; None: no ledger."""
    with TemporaryDirectory() as folder:
        for path in (ledger, ledger.with_name(f"{ledger.name}-wal")):
            if path.exists():
                shutil.copy(path, folder)
        if not (Path(folder) / ledger.name).exists():
            yield None
            return
        with closing(sqlite3.connect(Path(folder) / ledger.name)) as connection:
            yield connection


def cut_off(ledger: Path) -> list[Cut]:
    """Return the attempts that a dead daemon has left without an outcome."""
    with as_it_was_left(ledger) as connection:
        if connection is None or not _has(connection, "attempts"):
            return []
        return [Cut(*row) for row in connection.execute("select key, number from attempts where outcome is null")]


def held(ledger: Path, now: float) -> int:
    """Return how many cases, units and deliveries a dead daemon has left under a lease."""
    with as_it_was_left(ledger) as connection:
        if connection is None or not _has(connection, "attempts"):
            return 0
        query = (
            "select (select count(*) from cases where lease_until > :now)"
            " + (select count(*) from subjects where lease_until > :now)"
            " + (select count(*) from deliveries where due_at > :now and state in ('waiting', 'sending'))"
        )
        return int(connection.execute(query, {"now": now}).fetchone()[0])


def is_quiet(ledger: Path, rows: int, now: float) -> bool:
    """Say whether all rows of the source are in, all cases judged up to ``now``, all messages out."""
    if not ledger.exists():
        return False
    with reading(ledger) as connection:
        if not _has(connection, "duties"):
            return False
        taken = connection.execute("select count(*) from events where source = 'licences'").fetchone()[0]
        return bool(taken >= rows and connection.execute(_DUE, {"now": int(now)}).fetchone()[0] == 0)


def events(connection: sqlite3.Connection) -> list[Told]:
    """Return every version of every event of the source."""
    query = "select event_id, version, case_id, name, occurred_at, data_json from events where source = 'licences'"
    found = []
    for event_id, version, case_id, name, occurred_at, data in connection.execute(query):
        said = msgspec.json.decode(data)
        found.append(Told(event_id, version, case_id, name, occurred_at, said["unit"], said["item"]))
    return found


def faces(connection: sqlite3.Connection) -> dict[str, CardFace]:
    """Return the cards that stand, by their names.

    Of a unit's card without its begin and its end: it rests on reminders until they rise, and which reminders were
    issued before their limits were over depends on when the daemon was up.
    """
    cards = (msgspec.json.decode(row[0], type=Card) for row in connection.execute("select card_json from cards"))
    return {
        card.card_id: CardFace(
            str(card.case_id), card.rule, card.colour.value, card.state.value, card.unit,
            *((0, None) if card.case_id.kind == "unit" else (card.raised_at, card.ended_at)),
        )
        for card in cards
        if card.state.value != "revoked"
    }  # fmt: skip


def serials(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the serial of every card, the revoked ones too."""
    return dict(connection.execute("select card_id, serial from cards"))


def card_changes(connection: sqlite3.Connection) -> list[CardChange]:
    """Return every change of every card in the order of their recording."""
    query = "select change_json from card_changes order by position"
    return [msgspec.json.decode(row[0], type=CardChange) for row in connection.execute(query)]


def plain(changes: Sequence[CardChange]) -> list[Change]:
    """Return changes as the checks take them; what ended and began again later, never taken back, is told ``again``."""
    last: dict[str, CardChange] = {}
    found = []
    for change in changes:
        card, before = change.card, last.get(change.card.card_id)
        last[card.card_id] = change
        again = before is not None and before.kind.value != "revoked" and card.raised_at > before.card.raised_at
        same = before is not None and before.card.colour is card.colour
        found.append(
            Change(card.card_id, card.serial, "again" if again and same else change.kind.value, card.colour.value)
        )
    return found


def deliveries(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the state of every message by its key."""
    return dict(connection.execute("select key, state from deliveries"))


def attempts(connection: sqlite3.Connection) -> list[Tried]:
    """Return every attempt."""
    query = "select key, number, possible_repeat, outcome from attempts order by key, number"
    return [Tried(key, number, bool(marked), outcome) for key, number, marked, outcome in connection.execute(query)]


def _has(connection: sqlite3.Connection, table: str) -> bool:
    query = "select count(*) from sqlite_master where name = ?"
    return bool(connection.execute(query, (table,)).fetchone()[0])
