"""From rows to events: the mapping becomes one function of the row, put together once for each header."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.changes import compile_changes
from connectors.compiled import ReadHead, attribute_readers, compile_head, event_name, read_attributes, told_event
from connectors.mapping import SourceSpec
from connectors.quarantine import Cells, DoesNotFit, MapRow
from connectors.values import Reader, is_missing
from rules.documents import nearest
from rules.facts import CaseEvent, Value
from rules.problems import Place, Problem, UserError


def compile_rows(spec: SourceSpec, columns: Sequence[str], place: str) -> MapRow:
    """Return the function that maps one row under these columns; a log of changes is remembered from row to row.

    Raises ``UserError`` naming every column of the mapping that ``place`` does not have, with the nearest it has.
    """
    index = column_index(spec, columns, place)
    reader = Reader(spec, index)
    head = compile_head(spec, reader)
    if spec.rows == "snapshot":
        return _snapshot(spec, reader, head)
    if spec.rows == "events":
        return _event_rows(spec, reader, head)
    return compile_changes(spec, reader, head, [told_event(spec, reader, event) for event in spec.events])


def column_index(spec: SourceSpec, columns: Sequence[str], place: str) -> dict[str, int]:
    """Return the position of each column; raise ``UserError`` for wanted columns that are absent or stand twice."""
    index = {column: n for n, column in enumerate(columns)}
    wanted = list(dict.fromkeys(name for _, name in spec.columns()))
    problems = [_absent(name, columns, place) for name in wanted if name not in index]
    problems += [_doubled(name, place) for name in wanted if columns.count(name) > 1]
    if problems:
        raise UserError(problems)
    return index


def _absent(wanted: str, columns: Sequence[str], place: str) -> Problem:
    near = nearest(wanted, columns)
    return Problem(
        "mapping/column", Place(place), f"The mapping names a column '{wanted}', which is not there.",
        f"映射中的列“{wanted}”不存在。",
        f"The nearest is '{near}'." if near else f"There are: {', '.join(columns[:40])}.",
        f"最接近的是“{near}”。" if near else f"现有列：{'、'.join(columns[:40])}。",
    )  # fmt: skip


def _doubled(wanted: str, place: str) -> Problem:
    return Problem(
        "mapping/double-column", Place(place), f"The column '{wanted}' stands more than once.", f"列“{wanted}”重复出现。",
        "Ask for an export with distinct column names.", "请让导出方使用不重复的列名。",
    )  # fmt: skip


def _snapshot(spec: SourceSpec, reader: Reader, head_of: ReadHead) -> MapRow:
    """A row is the present state: one event for each filled time column, a retraction for each empty one."""
    source, namespace, kind = spec.source, spec.namespace, spec.of
    common = attribute_readers(reader, spec.common)
    told = [told_event(spec, reader, event) for event in spec.events]

    def map_row(cells: Cells, row: int, events: list[CaseEvent], findings: list[DoesNotFit]) -> None:
        shared: dict[str, Value] = {}
        try:
            head = head_of(cells, row)
            read_attributes(common, cells, shared, findings)
        except DoesNotFit as found:
            findings.append(found)
            return
        for label, name, read_name, at_of, data in told:
            try:
                at = at_of(cells)
                said = name if read_name is None else read_name(cells)
                gone = at is None or said is None
                attributes = {} if gone else dict(shared)
                if data and not gone:
                    read_attributes(data, cells, attributes, findings)
            except DoesNotFit as found:
                findings.append(found)
                continue
            events.append(
                CaseEvent(
                    source=source,
                    event_id=f"{head.key}:{label}",
                    version=head.version,
                    namespace=namespace,
                    kind=kind,
                    case_no=head.case_no,
                    name=str(said or name or ""),
                    occurred_at=None if gone else at,
                    inserted_at=head.inserted_at,
                    sequence=head.sequence,
                    data=attributes,
                    retracted=gone,
                )
            )

    return map_row


def _event_rows(spec: SourceSpec, reader: Reader, head_of: ReadHead) -> MapRow:
    """A row is one event, named by a code; a code that means nothing (``null``) leaves the row silent.

    An attribute that ``only`` ties to this event is reported by it also where its cell is empty: rules tell an approver
    that was left out from a source that knows no approvers.
    """
    if spec.event is None or spec.at is None:
        raise AssertionError("a mapping of event rows was not checked")
    source, namespace, kind = spec.source, spec.namespace, spec.of
    name_of = event_name(spec, reader, spec.event.model_copy(update={"required": True}))
    at_of, at_column = reader.instant(spec.at), spec.at.column
    retracted_of = reader.value(spec.retracted) if spec.retracted else None
    common = attribute_readers(reader, spec.common)
    data = [(set(part.only), attribute_readers(reader, {name: part})) for name, part in spec.data.items()]
    keyed = bool(spec.event_id)

    def map_row(cells: Cells, row: int, events: list[CaseEvent], findings: list[DoesNotFit]) -> None:
        attributes: dict[str, Value] = {}
        try:
            head = head_of(cells, row)
            name = name_of(cells)
            if name is None:
                return
            at = at_of(cells)
            if at is None:
                raise is_missing(at_column)
            gone = retracted_of is not None and retracted_of(cells) is True
            if not gone:
                read_attributes(common, cells, attributes, findings)
                for only, readers in data:
                    if not only or name in only:
                        read_attributes(readers, cells, attributes, findings, empty_too=bool(only))
        except DoesNotFit as found:
            findings.append(found)
            return
        events.append(
            CaseEvent(
                source=source,
                event_id=head.key if keyed else f"{head.key}:{name}:{at}",
                version=head.version,
                namespace=namespace,
                kind=kind,
                case_no=head.case_no,
                name=str(name),
                occurred_at=None if gone else at,
                inserted_at=head.inserted_at,
                sequence=head.sequence,
                data=attributes,
                retracted=gone,
            )
        )

    return map_row
