"""How values of the field become columns and back: JSON by msgspec, identities as text, digests of content."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final

import msgspec

from alerts.model import Card, CardChange, Delivery
from alerts.urging import Urge
from rules.facts import CaseEvent, CaseId, Instant, Value
from rules.judgement import Judgement, Span
from rules.subjects import SUBJECTS

OURS: Final = "mingdeng"
"""The source and the namespace of everything that the ledger itself appends."""

encode: Final = msgspec.json.Encoder(order="deterministic").encode

data_of: Final = msgspec.json.Decoder(dict[str, Value]).decode
judgement_of: Final = msgspec.json.Decoder(Judgement).decode
span_of: Final = msgspec.json.Decoder(Span).decode
card_of: Final = msgspec.json.Decoder(Card).decode
change_of: Final = msgspec.json.Decoder(CardChange).decode
urge_of: Final = msgspec.json.Decoder(Urge).decode
delivery_of: Final = msgspec.json.Decoder(Delivery).decode

EVENT_NAMES: Final = (
    "source", "event_id", "version", "case_id", "name", "occurred_at", "inserted_at", "received_at", "sequence",
    "data_json", "retracted", "content",
)  # fmt: skip
"""The columns of an event in the order in which rows of it are made."""

EventRow = tuple[
    str, str, int, str, str, Instant | None, Instant | None, Instant, int | None, bytes, bool, bytes,
]  # fmt: skip


def digest(value: object) -> bytes:
    """Return 16 bytes that tell this content from any other."""
    return blake2b(encode(value), digest_size=16).digest()


def event_content(event: CaseEvent) -> bytes:
    """Return the digest of what an event says; when it was written or received is no part of that."""
    said = (
        event.namespace, event.kind, event.case_no, event.name, event.occurred_at, event.sequence, event.data,
        event.retracted,
    )  # fmt: skip
    return digest(said)


def event_row(event: CaseEvent, case_id: str, version: int, content: bytes, now: Instant) -> EventRow:
    """Return one version of an event as a row, in the order of ``EVENT_NAMES``."""
    return (
        event.source, event.event_id, version, case_id, event.name, event.occurred_at, event.inserted_at, now,
        event.sequence, encode(event.data), event.retracted, content,
    )  # fmt: skip


def event_of(row: Any) -> CaseEvent:
    """Return the event that a row of the table holds."""
    namespace, kind, case_no = row.case_id.split("/", 2)
    return CaseEvent(
        source=row.source,
        event_id=row.event_id,
        version=row.version,
        namespace=namespace,
        kind=kind,
        case_no=case_no,
        name=row.name,
        occurred_at=row.occurred_at,
        inserted_at=row.inserted_at,
        received_at=row.received_at,
        sequence=row.sequence,
        data=data_of(row.data_json),
        retracted=bool(row.retracted),
    )


def subject_id(unit: str) -> CaseId:
    """Return the identity under which pass B judges a unit."""
    return CaseId(OURS, "unit", unit)


def is_feed(case_id: CaseId) -> bool:
    """Say whether this is the case of a source, which never ends and of which only the latest events are judged."""
    return case_id.kind == "feed" and case_id.namespace == OURS


def is_subject(case_id: CaseId) -> bool:
    """Say whether this identity is a subject of pass B, not a case."""
    return case_id.kind in SUBJECTS and case_id.namespace == OURS
