"""What a ledger says, asked by plain SQL, while the daemon lives or as it was left where it was killed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from alerts.model import Card, CardChange
from alerts.urging import Urge
from tests.stories.checks import CardFace, Change, Cut, Part, Told, Tried
from tests.stories.memory import Asked, Memory

_DUE = """
select (select count(*) from cases where kind <> 'feed' and (stale_since is not null or next_review_at <= :now))
     + (select count(*) from subjects where stale_since is not null or next_review_at <= :now)
     + (select count(*) from deliveries where due_at is not null or digest_at <= :now)
"""
"""A feed is read each second and so always due; everything else comes to rest."""


def cut_off(memory: Memory) -> list[Cut]:
    """Return the attempts that a dead daemon has left without an outcome."""
    with memory.as_it_was_left() as connection:
        return unanswered(connection) if connection is not None else []


def unanswered(connection: Asked) -> list[Cut]:
    """Return the attempts without an outcome."""
    return [Cut(*row) for row in connection.execute("select key, number from attempts where outcome is null")]


def held(memory: Memory, now: float) -> int:
    """Return how many cases, units and deliveries a dead daemon has left under a lease."""
    with memory.as_it_was_left() as connection:
        return under_lease(connection, now) if connection is not None else 0


def under_lease(connection: Asked, now: float) -> int:
    """Return how many cases, units and deliveries are under a lease."""
    query = (
        "select (select count(*) from cases where lease_until > :now)"
        " + (select count(*) from subjects where lease_until > :now)"
        " + (select count(*) from deliveries where due_at > :now and state in ('waiting', 'sending'))"
    )
    return int(connection.execute(query, {"now": int(now)}).fetchone()[0])


def is_quiet(memory: Memory, rows: int, now: float) -> bool:
    """Say whether all rows of the source are in, all cases judged up to ``now``, all messages out."""
    with memory.reading() as connection:
        if connection is None:
            return False
        taken = connection.execute("select count(*) from events where source = 'licences'").fetchone()[0]
        return bool(taken >= rows and connection.execute(_DUE, {"now": int(now)}).fetchone()[0] == 0)


def events(connection: Asked) -> list[Told]:
    """Return every version of every event of the source."""
    query = "select event_id, version, case_id, name, occurred_at, data_json from events where source = 'licences'"
    found = []
    for event_id, version, case_id, name, occurred_at, data in connection.execute(query):
        said = msgspec.json.decode(data)
        found.append(Told(event_id, version, case_id, name, occurred_at, said["unit"], said["item"]))
    return found


def faces(connection: Asked) -> dict[str, CardFace]:
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


def serials(connection: Asked) -> dict[str, int]:
    """Return the serial of every card, the revoked ones too."""
    return dict(connection.execute("select card_id, serial from cards"))


def card_changes(connection: Asked) -> list[CardChange]:
    """Return every change of every card in the order of their recording."""
    query = "select change_json from card_changes order by position"
    return [msgspec.json.decode(row[0], type=CardChange) for row in connection.execute(query)]


def plain(changes: Sequence[CardChange]) -> list[Change]:
    """Return changes as the checks take them; what ended and began again later, never taken back, is told ``again``.

    What a person did, and a rise that waits for one, gives the card no colour.
    """
    last: dict[str, CardChange] = {}
    found = []
    for change in changes:
        card, before = change.card, last.get(change.card.card_id)
        last[card.card_id] = change
        again = before is not None and before.kind.value != "revoked" and card.raised_at > before.card.raised_at
        waits = change.done is not None or bool(card.awaits)
        same = before is not None and before.card.colour is card.colour
        kind = "again" if again and same else "deed" if waits else change.kind.value
        found.append(Change(card.card_id, card.serial, kind, card.colour.value))
    return found


def parts(connection: Asked) -> list[Part]:
    """Return the messages that wait for a digest, or went out in one."""
    query = "select key, digest_at, bundle from deliveries where digest_at is not null or bundle is not null"
    return [Part(*row) for row in connection.execute(query)]


def deliveries(connection: Asked) -> dict[str, str]:
    """Return the state of every message by its key."""
    return dict(connection.execute("select key, state from deliveries"))


def attempts(connection: Asked) -> list[Tried]:
    """Return every attempt."""
    query = "select key, number, possible_repeat, outcome from attempts order by key, number"
    return [Tried(key, number, bool(marked), outcome) for key, number, marked, outcome in connection.execute(query)]


def urges(connection: Asked) -> list[Urge]:
    """Return every step of escalation that ran."""
    query = "select urge_json from urges order by key"
    return [msgspec.json.decode(row[0], type=Urge) for row in connection.execute(query)]
