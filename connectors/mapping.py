"""The mapping: what an administrator writes so that one source's rows become case events (see docs/mapping.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from connectors.times import ISO

Plain: TypeAlias = str | bool | int | float | None


def _text(value: object) -> object:
    """Refuse what YAML did not read as text: NO, off or 2024 as the name of a column."""
    if isinstance(value, bool | int | float):
        raise ValueError("YAML does not read this as text; put it in quotes")  # noqa: TRY004  # pydantic wants ValueError
    return value


def _texts(value: object) -> object:
    return value if isinstance(value, list) else [value]


Text: TypeAlias = Annotated[str, BeforeValidator(_text)]
Words: TypeAlias = Annotated[list[Text], BeforeValidator(_texts)]


class Part(BaseModel):
    """A part of a mapping: frozen, and a key that is not known is a problem with the nearest that is."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _OfColumn(Part):
    """A part that may be written shortly as the bare name of its column."""

    @model_validator(mode="before")
    @classmethod
    def _column_name(cls, value: object) -> object:
        return value if isinstance(value, dict) else {"column": value}


class TimePart(_OfColumn):
    """A column that holds a time; several formats are tried in their order."""

    column: Text
    format: Words = Field(default_factory=lambda: [ISO])
    zone: str | None = None
    missing: list[Text] | None = None
    required: bool = False


class ValuePart(_OfColumn):
    """Where one attribute comes from: a column, or a value written out; how it is read, and its code map.

    An attribute that cannot be read is left out and noted; where it is ``required``, its event (for a common
    attribute: the row) is left out instead. ``only`` names the events that carry it, ``before`` asks for the value
    that the column had before the change.
    """

    column: Text | None = None
    value: Plain = None
    type: Literal["text", "int", "number", "fen", "instant"] = "text"
    codes: dict[str, Plain] | None = None
    as_is: bool = False
    format: Words = Field(default_factory=lambda: [ISO])
    zone: str | None = None
    missing: list[Text] | None = None
    required: bool = False
    only: Words = Field(default_factory=list)
    before: bool = False


class EventPart(Part):
    """One event that a row tells by a filled time column; its name is fixed or read from a column by code."""

    name: str | ValuePart
    at: TimePart
    data: dict[str, ValuePart] = Field(default_factory=dict)


class ChangePart(Part):
    """An event that shows only as a difference between two consecutive rows of one case.

    Without ``enters`` and ``leaves`` every change of the column counts. ``enters`` counts when the value comes into the
    listed set (also at the first row), ``leaves`` when it goes out of it; then ``known`` lists all values there are.
    ``missing: counts`` takes the tokens that stand for no value as a value of their own.
    """

    column: Text
    event: str
    enters: Words = Field(default_factory=list)
    leaves: Words = Field(default_factory=list)
    known: list[Text] = Field(default_factory=list)
    missing: Literal["counts", "skipped"] = "skipped"
    data: dict[str, ValuePart] = Field(default_factory=dict)


class SourceSpec(Part):
    """A whole mapping: one source, how it is read, and what its rows say.

    ``rows`` says what a row is: ``snapshot`` (the present state of a case or step, which changes), ``events`` (one
    event, written once) or ``changes`` (a log of whole rows, in which events show as differences).
    """

    source: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    kind: str
    namespace: str
    of: str
    zone: str | None = None
    read: dict[str, object] = Field(default_factory=dict)
    missing: list[Text] = Field(default_factory=lambda: [""])
    rows: Literal["snapshot", "events", "changes"]
    own_events: list[str] = Field(default_factory=list)

    case_no: Words
    event_id: Words = Field(default_factory=list)
    version: Text | None = None
    sequence: Text | None = None
    inserted_at: TimePart | None = None
    retracted: ValuePart | None = None
    common: dict[str, ValuePart] = Field(default_factory=dict)

    events: list[EventPart] = Field(default_factory=list)
    event: ValuePart | None = None
    at: TimePart | None = None
    data: dict[str, ValuePart] = Field(default_factory=dict)
    changes: list[ChangePart] = Field(default_factory=list)

    def values(self) -> Iterator[tuple[tuple[str | int, ...], ValuePart]]:
        """Yield every attribute with its path in the mapping."""
        for name, part in self.common.items():
            yield ("common", name), part
        for name, part in self.data.items():
            yield ("data", name), part
        for n, event in enumerate(self.events):
            if isinstance(event.name, ValuePart):
                yield ("events", n, "name"), event.name
            for name, part in event.data.items():
                yield ("events", n, "data", name), part
        for n, change in enumerate(self.changes):
            for name, part in change.data.items():
                yield ("changes", n, "data", name), part
        if self.event is not None:
            yield ("event",), self.event
        if self.retracted is not None:
            yield ("retracted",), self.retracted

    def times(self) -> Iterator[tuple[tuple[str | int, ...], TimePart | ValuePart]]:
        """Yield everything that is read as a time with its path in the mapping."""
        if self.at is not None:
            yield ("at",), self.at
        if self.inserted_at is not None:
            yield ("inserted_at",), self.inserted_at
        for n, event in enumerate(self.events):
            yield ("events", n, "at"), event.at
        for path, part in self.values():
            if part.type == "instant" and part.column is not None:
                yield path, part

    def columns(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield every column that the mapping names with its path, a column as often as it is named."""
        for field, names in (("case_no", self.case_no), ("event_id", self.event_id)):
            for n, name in enumerate(names):
                yield (field, n), name
        if self.version is not None:
            yield ("version",), self.version
        if self.sequence not in {None, "row"}:
            yield ("sequence",), str(self.sequence)
        for path, time in self.times():
            if time.column is not None:
                yield path, time.column
        for path, part in self.values():
            if part.column is not None and part.type != "instant":
                yield path, part.column
        for n, change in enumerate(self.changes):
            yield ("changes", n, "column"), change.column
