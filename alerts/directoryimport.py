"""Reads an organisation directory from its tables, cell by cell; everything that is wrong is told at once, with its place.

The tables come from whoever can read the files (CSV, XLSX): a name, and rows of column to text. Column names are English
or Chinese.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias, TypeVar

from alerts.directory import Address, Directory, Leave, Person, Post, Tenure, Unit
from rules.documents import nearest
from rules.placeholders import neutral
from rules.policy import Rank
from rules.problems import Language, Place, Problem, UserError

Made = TypeVar("Made")

TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "units": {"code": "编码", "zh": "名称", "en": "英文名称", "parent": "上级", "region": "区域"},
    "posts": {"unit": "单位", "post": "岗位", "rank": "层级", "zh": "职务", "en": "英文职务"},
    "people": {"account": "账号", "name": "姓名", "addresses": "联系方式", "language": "语言"},
    "holders": {"unit": "单位", "post": "岗位", "account": "账号", "from": "自", "until": "至"},
    "deputies": {"unit": "单位", "post": "岗位", "account": "账号", "from": "自", "until": "至"},
    "leave": {"account": "账号", "from": "自", "until": "至"},
}
"""The tables with their columns, in English and Chinese; every table but ``leave`` and ``deputies`` is needed."""

CALLED: Final = {
    "units": "单位", "posts": "岗位", "people": "人员", "holders": "任职", "deputies": "AB角", "leave": "请假",
}  # fmt: skip
"""The tables in Chinese."""

NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "units": ("code", "zh"), "posts": ("unit", "post", "rank"), "people": ("account", "name"),
    "holders": ("unit", "post", "account"), "deputies": ("unit", "post", "account"), "leave": ("account", "from"),
}  # fmt: skip

_ADDRESS: Final = re.compile(r"\s*([a-z0-9][a-z0-9_-]*)\s*[=＝]\s*(\S.*?)\s*")


class Table(NamedTuple):
    """One table as it was read: where it stands, and each row with its number in the file."""

    file: str
    rows: Sequence[tuple[int, Mapping[str, str]]]


Tables: TypeAlias = Mapping[str, Table]


def table_named(name: str) -> str | None:
    """Return which table a sheet or a file of this name is, None if none."""
    plain = name.strip().lower()
    return next((table for table, zh in CALLED.items() if plain in {table, zh.lower()}), None)


def read_directory(tables: Tables) -> Directory:
    """Return the directory of these tables; raise ``UserError`` with every problem of every row."""
    reading = _Reading(tables)
    directory = Directory(
        units=reading.each("units", lambda row: Unit(row["code"], row["zh"], row["en"], row["parent"], row["region"])),
        posts=reading.each("posts", lambda row: Post(row["unit"], row["post"], row.rank("rank"), row["zh"], row["en"])),
        people=reading.each(
            "people", lambda row: Person(row["account"], row["name"], row.addresses("addresses"), row.language())
        ),
        holders_of=reading.each("holders", _Row.tenure),
        deputies=reading.each("deputies", _Row.tenure),
        leave=reading.each(
            "leave", lambda row: Leave(row["account"], row.day("from") or dt.date.min, row.day("until"))
        ),
    )
    if reading.problems:
        raise UserError(reading.problems)
    return directory


class _Row:
    """One row while it is read: its cells by English column name, and where problems go."""

    def __init__(self, cells: Mapping[str, str], place: Place, problems: list[Problem]) -> None:
        self._cells, self._place, self._problems = cells, place, problems

    def __getitem__(self, column: str) -> str:
        value = self._cells.get(column, "").strip()
        if neutral(value) != value:
            self.wrong(
                "text", f"'{column}' contains a line break or a control character.", f"“{column}”含换行或控制字符。"
            )
        return value

    def wrong(self, code: str, en: str, zh: str, mend_en: str = "", mend_zh: str = "") -> None:
        """Note what is wrong with this row."""
        self._problems.append(Problem(f"directory/{code}", self._place, en, zh, mend_en, mend_zh))

    def rank(self, column: str) -> Rank:
        """Return a rank."""
        value = self[column].upper()
        if value in set(Rank):
            return Rank(value)
        self.wrong("rank", f"'{value}' is no rank.", f"“{value}”不是层级。", "Write R0 to R5.", "请填 R0 至 R5。")
        return Rank.R0

    def language(self) -> Language:
        """Return the language in which a person reads, Chinese where none is given."""
        value = self["language"].lower()
        if value not in {"", "zh", "en"}:
            self.wrong(
                "language", f"'{value}' is no language.", f"“{value}”不是语言。", "Write zh or en.", "请填 zh 或 en。"
            )
        return "en" if value == "en" else "zh"

    def day(self, column: str) -> dt.date | None:
        """Return a date, None where the cell is empty."""
        value = self[column].replace("/", "-").replace(".", "-").partition(" ")[0].partition("T")[0]
        if not value:
            return None
        try:
            return dt.date(*map(int, value.split("-")))
        except (ValueError, TypeError):
            self.wrong(
                "date", f"'{value}' is no date.", f"“{value}”不是日期。", "Write 2024-10-01.", "请写成 2024-10-01。"
            )
            return None

    def addresses(self, column: str) -> tuple[Address, ...]:
        """Return addresses written ``mail=a@b.example; sms=13800000000``, the preferred one first."""
        found = []
        for part in re.split(r"[;；]", self[column]):
            match = _ADDRESS.fullmatch(part)
            if match is not None:
                found.append(Address(match[1], match[2]))
            elif part.strip():
                self.wrong(
                    "address", f"'{part.strip()}' is no address.", f"“{part.strip()}”不是联系方式。",
                    "Write channel=address, separated by ';'.", "请写成 渠道=地址，多个以分号隔开。",
                )  # fmt: skip
        return tuple(found)

    def tenure(self) -> Tenure:
        """Return who holds a post, or deputises in it, from when until when."""
        from_on, until_on = self.day("from"), self.day("until")
        if from_on is not None and until_on is not None and until_on < from_on:
            self.wrong(
                "order",
                f"It ends ({until_on}) before it begins ({from_on}).",
                f"截止日期 {until_on} 早于起始日期 {from_on}。",
            )
        return Tenure(self["unit"], self["post"], self["account"], from_on, until_on)


class _Reading:
    """All tables while they are read, and every problem found so far."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.problems: list[Problem] = []
        for name in ("units", "posts", "people", "holders"):
            if name not in tables:
                self.problems.append(
                    Problem(
                        "directory/table", Place(name), f"The table '{name}' is missing.", f"缺少“{CALLED[name]}”表。",
                        f"Add a sheet or a file '{name}' with: {', '.join(TABLES[name])}.",
                        f"请添加“{CALLED[name]}”工作表或文件，列为：{'、'.join(TABLES[name].values())}。",
                    )
                )  # fmt: skip

    def each(self, name: str, make: Callable[[_Row], Made]) -> tuple[Made, ...]:
        """Return what the rows of a table make."""
        table = self._tables.get(name)
        if table is None:
            return ()
        by_name = {zh: en for en, zh in TABLES[name].items()} | {en: en for en in TABLES[name]}
        self._columns(name, table, by_name)
        made = []
        for number, cells in table.rows:
            named = {by_name[column.strip()]: text for column, text in cells.items() if column.strip() in by_name}
            if not any(text.strip() for text in named.values()):
                continue
            row = _Row(named, Place(table.file, number), self.problems)
            for column in NEEDED[name]:
                if not row[column]:
                    row.wrong("empty", f"'{column}' is empty.", f"“{TABLES[name][column]}”为空。")
            made.append(make(row))
        return tuple(made)

    def _columns(self, name: str, table: Table, known: Iterable[str]) -> None:
        if not table.rows:
            return
        given = [column.strip() for column in table.rows[0][1]]
        for column in given:
            if column and column not in known:
                near = nearest(column, tuple(known))
                self.problems.append(
                    Problem(
                        "directory/column", Place(table.file, 1),
                        f"The table '{name}' has no column '{column}'.", f"“{CALLED[name]}”表没有“{column}”列。",
                        f"Did you mean '{near}'?" if near else f"Its columns are: {', '.join(TABLES[name])}.",
                        f"是否应为“{near}”？" if near else f"可用列：{'、'.join(TABLES[name].values())}。",
                    )
                )  # fmt: skip
