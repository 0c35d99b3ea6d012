"""The catalogue's files (事项目录): versions of items from YAML or CSV, with who entered and who approved each.

A version that was entered (``entered_by``), or that stands in a file with ``approval: required``, judges only after a
second person approved it (``approved_by``, ``approved_on``); until then it is a draft. A file without these words is what
was published, and judges as it stands.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from rules.documents import Document, Path_, Plain, parse, read_text, validate
from rules.facts import ItemVersion
from rules.problems import Place, Problem, UserError
from rules.quantities import Quantity

CSV_COLUMNS: Final = ("code", "name", "version", "from", "until", "entered_by", "approved_by", "approved_on")


class _ItemPart(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str
    name: str = ""
    version: str = ""
    from_on: dt.date = Field(default=dt.date.min, alias="from")
    until_on: dt.date | None = Field(default=None, alias="until")
    limits: dict[str, str | int | float] = Field(default_factory=dict)
    data: dict[str, str | int | float | bool] = Field(default_factory=dict)
    entered_by: str = ""
    approved_by: str = ""
    approved_on: dt.date | None = None


class _CataloguePart(BaseModel):
    model_config = ConfigDict(extra="forbid")

    approval: Literal["required", "none"] = "none"
    items: list[_ItemPart]


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of an item as it stands in a file; a ``draft`` waits for its approval and judges nothing."""

    item: ItemVersion
    place: Place
    entered_by: str = ""
    approved_by: str = ""
    approved_on: dt.date | None = None
    draft: bool = False


@dataclass(frozen=True, slots=True)
class Entries:
    """What a catalogue file says: its versions in their order, and what is wrong with single ones."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...] = ()


def read_entries(path: Path) -> Entries:
    """Read a catalogue file; raise ``UserError`` where it cannot be read at all.

    YAML is ``items: [...]``; in CSV a column ``limit.promised`` is a limit, any further column an attribute.
    """
    return _entries(read_text(path), path)


@lru_cache(maxsize=6)
def _entries(text: str, path: Path) -> Entries:
    """Return the entries of a text; that of the catalogue in force is asked for again and again."""
    parts = _from_csv(text, path) if path.suffix.lower() == ".csv" else _from_yaml(parse(text, str(path)))
    entries: list[Entry] = []
    problems: list[Problem] = []
    for part, document, base, required in parts:
        wrong = [*_limits(part, document, base), *_approval(part, document, base, required=required)]
        problems += wrong
        if not wrong:
            entries.append(_entry(part, document.place(base), required=required))
    return Entries(tuple(entries), tuple(problems))


def _from_yaml(document: Document) -> Iterator[tuple[_ItemPart, Document, Path_, bool]]:
    catalogue = validate(_CataloguePart, document)
    for index, part in enumerate(catalogue.items):
        yield part, document, ("items", index), catalogue.approval == "required"


def _entry(part: _ItemPart, place: Place, *, required: bool) -> Entry:
    item = ItemVersion(
        code=part.code, name=part.name or part.code, version=part.version or str(part.from_on), from_on=part.from_on,
        until_on=part.until_on, limits={name: str(text) for name, text in part.limits.items()}, data=part.data,
    )  # fmt: skip
    draft = (required or bool(part.entered_by)) and not part.approved_by
    return Entry(item, place, part.entered_by, part.approved_by, part.approved_on, draft)


def _limits(part: _ItemPart, document: Document, base: Path_) -> Iterator[Problem]:
    for name, text in part.limits.items():
        place = document.place((*base, "limits", name))
        if isinstance(text, int | float) or text.strip().replace(".", "", 1).isdecimal():
            yield missing_unit(part.code, name, str(text), place)
            continue
        try:
            Quantity.parse(text)
        except ValueError as error:
            yield Problem(
                "catalogue/limit", place, f"limits.{name}: {error}.", f"事项“{part.code}”的时限 {name}“{text}”无法识别。",
                "Write a number with a unit, such as '7 workdays'.", "请写数字和单位，如“7个工作日”。",
            )  # fmt: skip


def missing_unit(code: str, name: str, text: str, place: Place) -> Problem:
    """Return the problem of a limit that is a bare number: days and working days are not the same."""
    return Problem(
        "catalogue/unit", place, f"The limit '{name}' of item '{code}' is {text} without a unit.",
        f"事项“{code}”的时限 {name} 为 {text}，没有单位。",
        f"Write '{text} workdays', '{text} days' or what else is meant.", f"请写明“{text}个工作日”“{text}天”等。",
    )  # fmt: skip


def _approval(part: _ItemPart, document: Document, base: Path_, *, required: bool) -> Iterator[Problem]:
    """Hold an approval to be what it says: by a second person, on a date."""
    if bool(part.approved_by) != (part.approved_on is not None):
        yield Problem(
            "catalogue/approval", document.place(base), f"The approval of item '{part.code}' is incomplete.",
            f"事项“{part.code}”的审核信息不完整。",
            "Write both 'approved_by' and 'approved_on', or neither.", "approved_by 与 approved_on 须同时填写。",
        )  # fmt: skip
    elif part.approved_by and part.approved_by == part.entered_by:
        yield Problem(
            "catalogue/self-approved", document.place((*base, "approved_by")),
            f"Item '{part.code}' was entered and approved by the same person, {part.approved_by}.",
            f"事项“{part.code}”由同一人（{part.approved_by}）录入并审核。",
            "Have a second person approve it.", "请由第二人审核。",
        )  # fmt: skip
    elif part.approved_by and required and not part.entered_by:
        yield Problem(
            "catalogue/entered-by", document.place(base),
            f"Nobody is named who entered item '{part.code}', so its approval by a second person cannot be seen.",
            f"事项“{part.code}”未写明录入人，无法看出由第二人审核。", "Add 'entered_by'.", "请填写 entered_by。",
        )  # fmt: skip


def _from_csv(text: str, path: Path) -> Iterator[tuple[_ItemPart, Document, Path_, bool]]:
    rows = csv.DictReader(io.StringIO(text))
    if "code" not in (rows.fieldnames or ()):
        first = Place(str(path), 1, 1)
        raise UserError([Problem("catalogue/column", first, "The column 'code' is missing.", "缺少“code”列。")])
    problems: list[Problem] = []
    found: list[tuple[_ItemPart, Document, Path_, bool]] = []
    for row in rows:
        document = _csv_document(str(path), rows.line_num, row)
        try:
            found.append((validate(_ItemPart, document), document, (), False))
        except UserError as error:
            problems.extend(error.problems)
    if problems:
        raise UserError(problems)
    return iter(found)


def _csv_document(file: str, line: int, row: Mapping[str | None, str | None]) -> Document:
    """Return one row as the document that would say the same in YAML; every value stands in the row's line."""
    filled = {name: text.strip() for name, text in row.items() if name and isinstance(text, str) and text.strip()}
    limits = {name.removeprefix("limit."): text for name, text in filled.items() if name.startswith("limit.")}
    data = {n: _plain(t) for n, t in filled.items() if n not in CSV_COLUMNS and not n.startswith("limit.")}
    said: dict[str, Plain] = {name: filled[name] for name in CSV_COLUMNS if name in filled}
    place = Place(file, line)
    names = (*said, "limits", "data")
    places: dict[Path_, Place] = {(): place} | {(name,): place for name in names}
    return Document(file, {**said, "limits": dict(limits), "data": dict(data)}, places)


def _plain(text: str) -> str | int | bool:
    if text in {"true", "false"}:
        return text == "true"
    # A code such as 0101 is a text: as a number it would lose its zero.
    return int(text) if text.isdecimal() and (text == "0" or not text.startswith("0")) else text
