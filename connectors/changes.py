"""A log of whole rows: what happened shows only as the difference between two consecutive rows of one case.

The rows of a case are compared in the order of the file. Nothing is carried over from one file to another, and a file
that grew is replayed from its first row (what was told before is not told again).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from connectors.codes import unknown_code
from connectors.compiled import Attributes, Head, ReadHead, Told, attribute_readers, read_attributes
from connectors.mapping import ChangePart, SourceSpec
from connectors.quarantine import Cells, DoesNotFit, MapRow
from connectors.values import Reader, is_missing
from rules.facts import CaseEvent, Instant, Value

Happened = Callable[[str | None, str], bool]


class Watch(NamedTuple):
    """One watched column: where it stands, when its change is an event, and what the event carries."""

    at: int
    read: Callable[[Cells], str | None]
    part: ChangePart
    happened: Happened
    now: Attributes
    before: Attributes


class _Seen:
    """What is remembered of one case: the last value of each watched column, and how often an event id was given."""

    __slots__ = ("given", "values")

    def __init__(self, watches: int) -> None:
        self.values: list[str | None] = [None] * watches
        self.given: dict[str, int] = {}


def compile_changes(spec: SourceSpec, reader: Reader, head_of: ReadHead, first: Sequence[Told]) -> MapRow:
    """Return the function that maps the rows of a log in their order: ``first`` events, then the changes."""
    if spec.at is None:
        raise AssertionError("a mapping of changes was not checked")
    at_of, at_column = reader.instant(spec.at), spec.at.column
    common = attribute_readers(reader, spec.common)
    watches = [_watch(reader, change) for change in spec.changes]
    cases: dict[str, _Seen] = {}

    def map_row(cells: Cells, row: int, events: list[CaseEvent], findings: list[DoesNotFit]) -> None:
        shared: dict[str, Value] = {}
        try:
            head = head_of(cells, row)
            at = at_of(cells)
            if at is None:
                raise is_missing(at_column)
            read_attributes(common, cells, shared, findings)
        except DoesNotFit as found:
            findings.append(found)
            return
        seen = cases.get(head.case_no)
        if seen is None:
            seen = cases[head.case_no] = _Seen(len(watches))
            for told in first:
                _tell_first(spec, told, head, cells, shared, events, findings)
        for n, watch in enumerate(watches):
            try:
                change = _change(watch, cells, seen.values[n], shared, findings)
            except DoesNotFit as found:
                findings.append(found)
                continue
            if change is None:
                continue
            seen.values[n], attributes = change
            if attributes is not None:
                events.append(_event(spec, head, watch.part.event, _next_id(seen, head, watch, at), at, attributes))

    return map_row


def _change(
    watch: Watch, cells: Cells, before: str | None, shared: Mapping[str, Value], findings: list[DoesNotFit]
) -> tuple[str, dict[str, Value] | None] | None:
    """Return the column's value and, where its change is an event, what the event carries; None where it says nothing."""
    value = watch.read(cells)
    if value is None:
        return None
    if watch.part.known and value not in watch.part.known:
        raise unknown_code(watch.part.column, value, dict.fromkeys(watch.part.known))
    if value == before or not watch.happened(before, value):
        return value, None
    attributes = dict(shared)
    read_attributes(watch.now, cells, attributes, findings)
    if watch.before:
        earlier = list(cells)
        earlier[watch.at] = before
        read_attributes(watch.before, earlier, attributes, findings)
    return value, attributes


def _watch(reader: Reader, change: ChangePart) -> Watch:
    now = {name: part for name, part in change.data.items() if not part.before}
    before = {name: part for name, part in change.data.items() if part.before}
    missing = [""] if change.missing == "counts" else None
    return Watch(
        reader.index[change.column],
        reader.text(change.column, missing),
        change,
        _happened(frozenset(change.enters), frozenset(change.leaves)),
        attribute_readers(reader, now),
        attribute_readers(reader, before),
    )


def _happened(enters: frozenset[str], leaves: frozenset[str]) -> Happened:
    if enters:
        return lambda before, after: before not in enters and after in enters
    if leaves:
        return lambda before, after: before in leaves and after not in leaves
    return lambda before, after: before is not None and before != after


def _next_id(seen: _Seen, head: Head, watch: Watch, at: Instant) -> str:
    """Return an id that stays the same when the log is read again: the ordinal among the same event at this instant."""
    stem = f"{head.key}:{watch.part.event}@{watch.part.column}:{at}"
    ordinal = seen.given[stem] = seen.given.get(stem, 0) + 1
    return stem if ordinal == 1 else f"{stem}:{ordinal}"


def _tell_first(
    spec: SourceSpec,
    told: Told,
    head: Head,
    cells: Cells,
    shared: Mapping[str, Value],
    events: list[CaseEvent],
    findings: list[DoesNotFit],
) -> None:
    """Add an event that the first row of a case tells by a filled time column."""
    try:
        at = told.at(cells)
        name = told.name if told.read_name is None else told.read_name(cells)
        if at is None or name is None:
            return
        attributes = dict(shared)
        read_attributes(told.data, cells, attributes, findings)
    except DoesNotFit as found:
        findings.append(found)
        return
    events.append(_event(spec, head, str(name), f"{head.key}:{told.label}", at, attributes))


def _event(
    spec: SourceSpec, head: Head, name: str, event_id: str, at: Instant, attributes: Mapping[str, Value]
) -> CaseEvent:
    return CaseEvent(
        source=spec.source,
        event_id=event_id,
        version=head.version,
        namespace=spec.namespace,
        kind=spec.of,
        case_no=head.case_no,
        name=name,
        occurred_at=at,
        inserted_at=head.inserted_at,
        sequence=head.sequence,
        data=attributes,
    )
