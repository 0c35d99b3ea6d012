"""What a card and the measures taken about it are to persons and units: events of their own cases, counted in tallies.

A person's events are written when the card changes, for a person has many cards in many units; they are retracted when
the card is revoked, appealed against, or borne by somebody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection, text

from alerts.model import Card, CardChange, CardState, Deed, Done
from ledger.engine import Store
from ledger.events import keep, write
from ledger.rows import OURS, card_of
from rules.facts import CaseEvent, CaseId, Instant, Value
from rules.hits import attributed

ADMONITIONS: Final = frozenset({"admonition", "admonition_oral", "admonition_written"})
INQUIRY: Final = "inquiry"

_BEFORE: Final = "select card_json from cards where card_id in {keys}"
_MEASURES: Final = text(
    "select distinct event_id, case_id from events where source = 'mingdeng' and name in ('admonished', 'inquired')"
    " and event_id like :of_the_card"
)


def tell_concerned(
    store: Store, connection: Connection, changes: Sequence[CardChange], before: Mapping[str, Card], now: Instant
) -> None:
    """Write what changes of cards are to the persons who bear them, and the measures to whom they were taken against."""
    told: list[CaseEvent] = []
    for change in {change.card.card_id: change for change in changes}.values():
        told += _borne(before.get(change.card.card_id), change.card)
        if change.card.state is CardState.REVOKED and change.card.consequence:
            told += _taken_back(connection, change.card)
    for change in changes:
        told += _measures(change)
    kept = keep(store, connection, told, now)
    write(store, connection, kept.rows, kept.touched, now)


def standing(store: Store, connection: Connection, card_ids: Iterable[str]) -> dict[str, Card]:
    """Return the cards of these names as they stand."""
    rows = store.among(connection, _BEFORE, sorted(card_ids))
    return {card.card_id: card for card in (card_of(row.card_json) for row in rows)}


def _borne(before: Card | None, after: Card) -> list[CaseEvent]:
    now_theirs = _counting(after)
    ids = {event.event_id for event in now_theirs}
    gone = [event for event in (_counting(before) if before is not None else ()) if event.event_id not in ids]
    return [*now_theirs, *(_retracted(event.event_id, event.case_id) for event in gone)]


def _counting(card: Card) -> list[CaseEvent]:
    counts = card.state is CardState.ISSUED and card.counts_at is not None
    return [replace(event, version=None) for event in attributed(card)] if counts else []


def _measures(change: CardChange) -> Iterator[CaseEvent]:
    """Yield what a recorded measure is to the unit and to the person whom the decision names, or of whom the card is."""
    done, card = change.done, change.card
    if done is None or done.deed is not Deed.RECORD_CONSEQUENCE:
        return
    name = "admonished" if done.measure in ADMONITIONS else "inquired" if done.measure == INQUIRY else ""
    person = _named(card, done)
    subjects = [CaseId(OURS, "unit", card.unit)] if card.unit else []
    subjects += [CaseId(OURS, "person", person)] if person else []
    data: dict[str, Value] = {
        "unit": card.unit, "officer": person, "measure": done.measure, "card_id": card.card_id,
    }  # fmt: skip
    for subject in subjects:
        key = f"{card.card_id}/measure/{done.document}/{subject.kind}/{person}"
        yield (
            CaseEvent(source=OURS, event_id=key, **subject._asdict(), name=name, occurred_at=change.at, data=data)
            if name
            else _retracted(key, subject)
        )


def _taken_back(connection: Connection, card: Card) -> Iterator[CaseEvent]:
    for row in connection.execute(_MEASURES, {"of_the_card": f"{card.card_id}/measure/%"}):
        yield _retracted(row.event_id, CaseId.parse(row.case_id))


def _named(card: Card, done: Done) -> str:
    own = card.case_id.kind == "person" and card.case_id.namespace == OURS
    return done.to or (card.case_id.case_no if own else "")


def _retracted(event_id: str, subject: CaseId) -> CaseEvent:
    return CaseEvent(
        source=OURS, event_id=event_id, **subject._asdict(), name="retracted", occurred_at=None, retracted=True
    )
