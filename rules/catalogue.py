"""The item catalogue (事项目录): dated versions of items from YAML or CSV; limits are frozen where a clock starts."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, field_validator

from rules.documents import Document, Path_, Plain, load, read_text, validate
from rules.facts import ItemVersion
from rules.problems import Place, Problem, UserError
from rules.quantities import Quantity

CSV_COLUMNS: Final = ("code", "name", "version", "from", "until")


class _ItemPart(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str
    name: str = ""
    version: str = ""
    from_on: dt.date = Field(default=dt.date.min, alias="from")
    until_on: dt.date | None = Field(default=None, alias="until")
    limits: dict[str, str] = Field(default_factory=dict)
    data: dict[str, str | int | float | bool] = Field(default_factory=dict)

    @field_validator("limits")
    @classmethod
    def _quantities(cls, limits: dict[str, str]) -> dict[str, str]:
        for text in limits.values():
            Quantity.parse(text)
        return limits


class _CataloguePart(BaseModel):
    model_config = ConfigDict(extra="forbid")

    items: list[_ItemPart]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every version of every item by code, the latest first date last."""

    versions: Mapping[str, tuple[ItemVersion, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Iterable[ItemVersion]) -> Catalogue:
        """Return the catalogue of these versions."""
        found: dict[str, list[ItemVersion]] = {}
        for item in items:
            found.setdefault(item.code, []).append(item)
        return cls({code: tuple(sorted(own, key=lambda item: item.from_on)) for code, own in found.items()})

    def version_at(self, code: str, on: dt.date) -> ItemVersion | None:
        """Return the version of an item in force on a date, None if the catalogue has none."""
        for item in reversed(self.versions.get(code, ())):
            if item.from_on <= on:
                return item if item.until_on is None or on < item.until_on else None
        return None


def load_catalogue(path: Path) -> Catalogue:
    """Read a catalogue: YAML (``items: [...]``) or CSV (``code,name,version,from,until`` and further columns).

    In CSV a column ``limit.promised`` is a limit, any other further column an attribute. Raise ``UserError`` with every
    problem, also for versions of one item whose dates overlap.
    """
    items = _from_csv(path) if path.suffix.lower() == ".csv" else _from_yaml(load(path))
    catalogue = Catalogue.of(item for item, _ in items)
    places = {(item.code, item.from_on): place for item, place in items}
    problems = [
        Problem("catalogue/overlap", places[(later.code, later.from_on)],
                f"Two versions of item '{later.code}' hold on {later.from_on}.",
                f"事项“{later.code}”在 {later.from_on} 有两个版本同时有效。",
                "Give the earlier one an 'until'.", "请为较早的版本写明 until。")
        for versions in catalogue.versions.values()
        for earlier, later in pairwise(versions)
        if (earlier.until_on is not None and earlier.until_on > later.from_on) or earlier.from_on == later.from_on
    ]  # fmt: skip
    if problems:
        raise UserError(problems)
    return catalogue


def _from_yaml(document: Document) -> list[tuple[ItemVersion, Place]]:
    part = validate(_CataloguePart, document)
    return [(_item(item), document.place(("items", index))) for index, item in enumerate(part.items)]


def _item(part: _ItemPart) -> ItemVersion:
    return ItemVersion(
        code=part.code, name=part.name or part.code, version=part.version or str(part.from_on), from_on=part.from_on,
        until_on=part.until_on, limits=part.limits, data=part.data,
    )  # fmt: skip


def _from_csv(path: Path) -> list[tuple[ItemVersion, Place]]:
    rows = csv.DictReader(io.StringIO(read_text(path)))
    if "code" not in (rows.fieldnames or ()):
        first = Place(str(path), 1, 1)
        raise UserError([Problem("catalogue/column", first, "The column 'code' is missing.", "缺少“code”列。")])
    problems: list[Problem] = []
    found: list[tuple[ItemVersion, Place]] = []
    for row in rows:
        document = _csv_document(str(path), rows.line_num, row)
        try:
            found.append((_item(validate(_ItemPart, document)), document.place()))
        except UserError as error:
            problems.extend(error.problems)
    if problems:
        raise UserError(problems)
    return found


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
