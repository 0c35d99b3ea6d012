"""What was judged otherwise before: each finding that no longer stands as it stood, when that was noticed, and why."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from sqlalchemy import text

from ledger.ledger import Ledger
from ledger.rows import is_subject, judgement_of, span_of
from rules.causes import Cause, cause_of
from rules.facts import CaseId, Instant
from rules.judgement import Span


class Rejudged(Struct, frozen=True, kw_only=True):
    """A finding as it was (``before``) and as it stands since ``at`` (``after`` None: it never was true)."""

    at: Instant
    before: Span
    after: Span | None
    cause: Cause


_FORMER: Final = text(
    "select span_json, superseded_at from spans where case_id = :case_id and superseded_at is not null"
    " order by superseded_at, span"
)
_FROM: Final = text("select span_json, recorded_at from spans where case_id = :case_id order by span")


def rejudged(ledger: Ledger, case_id: CaseId) -> tuple[Rejudged, ...]:
    """Return the findings of a case that were judged anew, the earliest first; what merely ended is none of them."""
    table, asked = "subjects" if is_subject(case_id) else "cases", {"case_id": str(case_id)}
    with ledger.store.reading() as connection:
        former = connection.execute(_FORMER, asked).all()
        every = [(span_of(row.span_json), row.recorded_at) for row in connection.execute(_FROM, asked)]
        last = connection.execute(
            text(f"select judgement_json from {table} where case_id = :case_id"), asked  # noqa: S608 - own names
        ).scalar()  # fmt: skip
    versions = judgement_of(last).versions if last else ()
    found: list[Rejudged] = []
    for row in former:
        before, at = span_of(row.span_json), row.superseded_at
        after = next((span for span, recorded_at in every if recorded_at == at and _same(span, before)), None)
        if (
            after is not None
            and after.from_at == before.from_at
            and after.truth is before.truth
            and after.pin == before.pin
        ):
            continue
        pins = (after.pin.calendar, after.pin.rulebook, after.pin.item) if after is not None else versions
        found.append(Rejudged(at=at, before=before, after=after, cause=cause_of(before.pin, pins)))
    return tuple(found)


def _same(one: Span, other: Span) -> bool:
    return (one.rule, one.clock, one.ordinal) == (other.rule, other.clock, other.ordinal)
