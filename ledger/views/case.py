"""One case's whole story: what was received, how it was judged, which cards it has, who was told and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, text

from alerts.model import Card, CardChange, Delivery
from ledger.engine import Store
from ledger.holding import Held, held
from ledger.ledger import Ledger
from ledger.rows import card_of, change_of, delivery_of, event_of, is_subject, judgement_of, span_of
from rules.facts import Case, CaseEvent, CaseId, Instant, fold
from rules.judgement import CaseState, Judgement, Light


class Transition(Struct, frozen=True, kw_only=True):
    """One change of a light: ``at`` its true instant, ``recorded_at`` when it was seen."""

    from_light: Light | None
    light: Light
    state: CaseState
    clock: str
    because: str
    at: Instant
    recorded_at: Instant


class DeliveryStory(Struct, frozen=True, kw_only=True):
    """A message and its state: waiting, sending, retry, delivered, failed; ``due_at`` while something is left to do.

    ``digest`` waits for a digest; ``bundled`` was carried by the message ``bundle``, whose attempts are its own.
    """

    delivery: Delivery
    state: str
    due_at: Instant | None
    bundle: str = ""


class AttemptStory(Struct, frozen=True, kw_only=True):
    """A try at a message; without an outcome it is running or was cut off."""

    key: str
    number: int
    started_at: Instant
    possible_repeat: bool
    finished_at: Instant | None
    outcome: str | None
    answer: str


class CaseView(Struct, frozen=True, kw_only=True):
    """A case as it stands (``judgement`` None: not judged yet) and everything that led there.

    ``received`` holds every version of every event in the order of arrival, also those that count no longer. ``held``
    says why new cards of it wait.
    """

    case: Case
    judgement: Judgement | None
    received: tuple[CaseEvent, ...]
    transitions: tuple[Transition, ...]
    cards: tuple[Card, ...]
    changes: tuple[CardChange, ...]
    deliveries: tuple[DeliveryStory, ...]
    attempts: tuple[AttemptStory, ...]
    held: Held | None = None


_RECEIVED: Final = text("select * from events where case_id = :case_id order by arrival")
_MOVED: Final = text(
    "select e.arrival from events e join events later on later.source = e.source and later.event_id = e.event_id"
    " and later.version > e.version where e.case_id = :case_id"
)
_SPANS: Final = text("select span_json from spans where case_id = :case_id and superseded_at is null order by span")
_TRANSITIONS: Final = text("select * from judgements where case_id = :case_id order by position")
_CARDS: Final = text("select card_id, card_json from cards where case_id = :case_id order by card_id")
_CHANGES: Final = "select change_json from card_changes where card_id in {keys} order by position"
_DELIVERIES: Final = (
    "select key, state, coalesce(due_at, digest_at) as due_at, bundle, delivery_json from deliveries"
    " where card_id in {keys} order by key"
)
_ATTEMPTS: Final = "select * from attempts where key in {keys} order by started_at, key, number"


def case(ledger: Ledger, case_id: CaseId) -> CaseView | None:
    """Return the whole story of a case (or of a unit as a subject); None if nothing is known of it."""
    table = "subjects" if is_subject(case_id) else "cases"
    named = {"case_id": str(case_id)}
    store = ledger.store
    with store.reading() as connection:
        query = f"select revision, judgement_json from {table} where case_id = :case_id"  # noqa: S608 - own names
        row = connection.execute(text(query), named).first()
        if row is None:
            return None
        rows = connection.execute(_RECEIVED, named).all()
        overtaken = {found.arrival for found in connection.execute(_MOVED, named)}
        cards = connection.execute(_CARDS, named).all()
        card_ids = [found.card_id for found in cards]
        messages = store.among(connection, _DELIVERIES, card_ids)
        return CaseView(
            case=fold(case_id, (event_of(e) for e in rows if e.arrival not in overtaken), row.revision),
            judgement=_judgement(connection, row, named),
            received=tuple(event_of(each) for each in rows),
            transitions=tuple(_transition(each) for each in connection.execute(_TRANSITIONS, named)),
            cards=tuple(card_of(each.card_json) for each in cards),
            changes=tuple(change_of(each.change_json) for each in store.among(connection, _CHANGES, card_ids)),
            deliveries=delivery_stories(messages),
            attempts=attempt_stories(store, connection, messages),
            held=held(connection, case_id),
        )


def _judgement(connection: Connection, row: Any, named: dict[str, str]) -> Judgement | None:
    if row.judgement_json is None:
        return None
    spans = tuple(span_of(found.span_json) for found in connection.execute(_SPANS, named))
    return msgspec.structs.replace(judgement_of(row.judgement_json), spans=spans)


def delivery_stories(messages: Sequence[Any]) -> tuple[DeliveryStory, ...]:
    """Return the messages of rows of the outbox."""
    return tuple(
        DeliveryStory(
            delivery=delivery_of(each.delivery_json), state=each.state, due_at=each.due_at, bundle=each.bundle or ""
        )
        for each in messages
    )


def attempt_stories(store: Store, connection: Connection, messages: Sequence[Any]) -> tuple[AttemptStory, ...]:
    """Return the tries at these messages; those of a digest stand under the key of each message that it carried."""
    carried: dict[str, list[str]] = {}
    for message in messages:
        carried.setdefault(message.bundle or message.key, []).append(message.key)
    return tuple(
        AttemptStory(
            key=key,
            number=row.number,
            started_at=row.started_at,
            possible_repeat=bool(row.possible_repeat),
            finished_at=row.finished_at,
            outcome=row.outcome,
            answer=row.answer,
        )
        for row in store.among(connection, _ATTEMPTS, list(carried))
        for key in carried[row.key]
    )


def _transition(row: Any) -> Transition:
    return Transition(
        from_light=Light(row.from_light) if row.from_light is not None else None,
        light=Light(row.light),
        state=CaseState(row.state),
        clock=row.clock,
        because=row.because,
        at=row.at,
        recorded_at=row.recorded_at,
    )
