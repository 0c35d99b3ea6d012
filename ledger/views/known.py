"""What was known of a case at an instant: the rows received by then, and the judgement as it was recorded then."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from sqlalchemy import text

from ledger.ledger import Ledger
from ledger.rows import event_of, span_of
from rules.facts import Case, CaseEvent, CaseId, Instant, fold
from rules.judgement import CaseState, Light, Span


class KnownCase(Struct, frozen=True, kw_only=True):
    """A case as the ledger knew it at an instant; ``light`` None: nothing had been judged by then."""

    case: Case
    light: Light | None
    state: CaseState
    because: str
    spans: tuple[Span, ...]


_EVENTS: Final = text("select * from events where case_id = :case_id and received_at <= :at order by arrival")
_OVERTAKEN: Final = text(
    "select e.arrival from events e join events later on later.source = e.source and later.event_id = e.event_id"
    " and later.version > e.version where e.case_id = :case_id and later.received_at <= :at"
)
_LIGHT: Final = text(
    "select light, state, because from judgements where case_id = :case_id and recorded_at <= :at"
    " order by position desc limit 1"
)
_SPANS: Final = text(
    "select span_json from spans where case_id = :case_id and recorded_at <= :at"
    " and (superseded_at is null or superseded_at > :at) order by span"
)


def known_at(ledger: Ledger, case_id: CaseId, at: Instant) -> KnownCase | None:
    """Return what was known of a case at an instant; None if no row of it had been received."""
    asked = {"case_id": str(case_id), "at": at}
    with ledger.store.reading() as connection:
        rows = connection.execute(_EVENTS, asked).all()
        overtaken = {row.arrival for row in connection.execute(_OVERTAKEN, asked)}
        judged = connection.execute(_LIGHT, asked).first()
        spans = tuple(span_of(row.span_json) for row in connection.execute(_SPANS, asked))
    if not rows:
        return None
    standing: list[CaseEvent] = [event_of(row) for row in rows if row.arrival not in overtaken]
    return KnownCase(
        case=fold(case_id, standing),
        light=Light(judged.light) if judged is not None else None,
        state=CaseState(judged.state) if judged is not None else CaseState.RUNNING,
        because=judged.because if judged is not None else "",
        spans=spans,
    )
