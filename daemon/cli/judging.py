"""Judges a source once, without a ledger: the cases that it holds, and one plain row for each judgement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from connectors.base import Connector, QuarantinedRow
from connectors.registry import read_all
from daemon.cli.options import iso
from daemon.law import Law, read_law
from rules.context import Context
from rules.facts import Case, CaseEvent, CaseId, Instant, Value, fold
from rules.judgement import Amount, ClockReading, Judgement, Lost, Span, Truth
from rules.review import review

BATCH: Final = 1_000

COLUMNS: Final = (
    "case_no", "item", "unit", "state", "light", "clock", "started_at", "due_at", "stopped_at", "used", "left", "rules",
)  # fmt: skip


@dataclass(slots=True)
class Read:
    """What a source held: events by case in the order of their first row, and the rows that did not fit."""

    events: dict[CaseId, list[CaseEvent]] = field(default_factory=dict)
    quarantined: list[QuarantinedRow] = field(default_factory=list)
    rows: int = 0


def read_source(connector: Connector, now: Instant, told: Callable[[int], None]) -> Read:
    """Read a source to its end; ``told`` is called with the number of rows read so far."""
    read = Read()
    for batch in read_all(connector, now):
        for event in batch.events:
            read.events.setdefault(event.case_id, []).append(event)
        read.quarantined += batch.quarantined
        read.rows += batch.rows
        told(read.rows)
    return read


def law_of_files(
    rulebooks: Sequence[Path], calendar: str | None, items: Path | None, profile: str | None = None
) -> Law:
    """Read the law; calendars that stand beside the rulebook, and a calendar's own file, are known too."""
    folders = list(dict.fromkeys(book if book.is_dir() else book.parent for book in rulebooks))
    name = calendar
    if calendar is not None and Path(calendar).suffix in {".yaml", ".yml"}:
        folders.append(Path(calendar))
        name = Path(calendar).stem
    return read_law(rulebooks, profile=profile, calendar=name, calendars=folders, items=items)


def judge(read: Read, context: Context, at: Instant) -> Iterator[tuple[Sequence[Judgement], Sequence[Lost]]]:
    """Yield the judgements of every case as of ``at``, a batch at a time; what happened later is not known yet."""
    for part in _parts(read.events):
        cases = [known_by(fold(case_id, read.events[case_id]), at) for case_id in part]
        reviewed = review([case for case in cases if case.events], context, 0, at)
        yield _in_order(cases, reviewed.judgements), reviewed.lost


def known_by(case: Case, at: Instant) -> Case:
    """Return the case without what happened later; an event that was moved stands where it was moved to."""
    events = tuple(event for event in case.events if event.occurred_at is not None and event.occurred_at <= at)
    return replace(case, events=events)


def _parts(cases: Iterable[CaseId]) -> Iterator[list[CaseId]]:
    names = list(cases)
    for begin in range(0, len(names), BATCH):
        yield names[begin : begin + BATCH]


def _in_order(cases: Sequence[Case], judgements: Sequence[Judgement]) -> list[Judgement]:
    found = {judgement.case_id: judgement for judgement in judgements}
    return [found[case.case_id] for case in cases if case.case_id in found]


def row_of(judgement: Judgement, zone: str, at: Instant) -> dict[str, Value]:
    """Return a judgement as one row: the clock that decided the light (else the earliest due), rules that hold now."""
    clock = _clock_of(judgement)
    return {
        "case_no": judgement.case_id.case_no,
        "item": judgement.item,
        "unit": judgement.unit,
        "state": judgement.state.value,
        "light": judgement.light.value,
        "clock": judgement.clock,
        "started_at": _shown(clock.started_at if clock else None, zone),
        "due_at": _shown(clock.due_at if clock else None, zone),
        "stopped_at": _shown(clock.stopped_at if clock else None, zone),
        "used": _amount(clock.used if clock else None),
        "left": _amount(clock.left if clock else None),
        "rules": ";".join(sorted({span.rule for span in judgement.spans if _holds(span, at)})),
        **{name: judgement.figures[name] for name in sorted(judgement.figures)},
    }


def _holds(span: Span, at: Instant) -> bool:
    return span.truth is Truth.TRUE and span.from_at <= at and (span.until_at is None or at < span.until_at)


def _clock_of(judgement: Judgement) -> ClockReading | None:
    named = [c for c in judgement.clocks if (c.clock, c.ordinal) == (judgement.clock, judgement.ordinal)]
    return named[0] if named else None


def _shown(at: Instant | None, zone: str) -> str:
    return iso(at, zone) if at is not None else ""


def _amount(amount: Amount | None) -> str:
    return f"{amount.units} {amount.unit}" if amount is not None else ""
