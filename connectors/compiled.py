"""The parts of a mapping made ready to read rows: what holds for a whole row, its attributes, and the events it tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from connectors.codes import unknown_code
from connectors.mapping import EventPart, SourceSpec, ValuePart
from connectors.quarantine import Cells, DoesNotFit
from connectors.values import Reader, ReadInstant, ReadText, ReadValue, is_missing
from rules.facts import EVENT_RANK, Instant, Value, valid_identifier


class Head(NamedTuple):
    """What holds for every event of one row."""

    case_no: str
    key: str
    version: int | None
    sequence: int | None
    inserted_at: Instant | None


ReadHead: TypeAlias = Callable[[Cells, int], Head]


def compile_head(spec: SourceSpec, reader: Reader) -> ReadHead:
    """Return the function that reads the case number and what else holds for the row; it raises ``DoesNotFit``."""
    case_no_of = reader.joined(spec.case_no)
    key_of: ReadText | None = reader.joined(spec.event_id) if spec.event_id else None
    version_of = _whole(reader, spec.version)
    by_row = spec.sequence == "row"
    sequence_of = None if by_row else _whole(reader, spec.sequence)
    inserted_of = reader.instant(spec.inserted_at) if spec.inserted_at else None
    case_column, key_column = "+".join(spec.case_no), "+".join(spec.event_id)

    def head(cells: Cells, row: int) -> Head:
        case_no = case_no_of(cells)
        if case_no is None:
            raise DoesNotFit(case_column, "case_no/missing", "The row has no case number.", "此行没有办件编号。")
        if not valid_identifier(case_no):
            raise DoesNotFit(
                case_column, "case_no/invalid",
                "The case number is longer than 200 characters or has a slash or a control character.",
                "办件编号超过 200 个字符，或含有斜杠、控制字符。",
            )  # fmt: skip
        key = case_no if key_of is None else key_of(cells)
        if key is None:
            raise is_missing(key_column)
        return Head(
            case_no,
            key,
            version_of(cells) if version_of else None,
            row if by_row else sequence_of(cells) if sequence_of else None,
            inserted_of(cells) if inserted_of else None,
        )

    return head


def _whole(reader: Reader, column: str | None) -> Callable[[Cells], int | None] | None:
    if column is None:
        return None
    read = reader.value(ValuePart(column=column, type="int"))

    def whole(cells: Cells) -> int | None:
        value = read(cells)
        return value if isinstance(value, int) else None

    return whole


def read_attributes(
    readers: Sequence[tuple[str, ReadValue, bool]],
    cells: Cells,
    into: dict[str, Value],
    findings: list[DoesNotFit],
    *,
    empty_too: bool = False,
) -> None:
    """Read attributes into a mapping; one that does not fit is noted and left out, a required one raises.

    ``empty_too``: one that is empty is reported as None, which is not the same as not being reported at all.
    """
    for name, read, required in readers:
        try:
            value = read(cells)
        except DoesNotFit as found:
            if required:
                raise
            findings.append(found)
        else:
            if value is not None:
                into[name] = value
            elif empty_too:
                into.setdefault(name, None)


def attribute_readers(reader: Reader, parts: Mapping[str, ValuePart]) -> list[tuple[str, ReadValue, bool]]:
    return [(name, reader.value(part), part.required) for name, part in parts.items()]


Attributes: TypeAlias = list[tuple[str, ReadValue, bool]]
"""Each attribute's name, how it is read, and whether it is required."""


class Told(NamedTuple):
    """One event of a mapping, ready to be read from rows: its own part of the event id, name, instant, attributes."""

    label: str
    name: str | None
    read_name: ReadValue | None
    at: ReadInstant
    data: list[tuple[str, ReadValue, bool]]


def event_label(event: EventPart) -> str:
    """Return what tells this event of a row from its others: its name where that is fixed, and its time column."""
    return f"{event.name if isinstance(event.name, str) else ''}@{event.at.column}"


def told_event(spec: SourceSpec, reader: Reader, event: EventPart) -> Told:
    fixed = event.name if isinstance(event.name, str) else None
    named = None if isinstance(event.name, str) else event_name(spec, reader, event.name)
    return Told(event_label(event), fixed, named, reader.instant(event.at), attribute_readers(reader, event.data))


def event_name(spec: SourceSpec, reader: Reader, part: ValuePart) -> ReadValue:
    """Return the function that reads an event's name; a name that passed ``as_is`` must be in the vocabulary."""
    read = reader.value(part)
    known = {**dict.fromkeys(EVENT_RANK), **dict.fromkeys(spec.own_events)}

    def name(cells: Cells) -> Value:
        said = read(cells)
        if said is not None and said not in known:
            raise unknown_code(part.column or "event", str(said), known)
        return said

    return name
