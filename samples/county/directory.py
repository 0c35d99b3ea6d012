"""The county's organisation directory as its personnel office would keep it: units, posts, who holds them, deputies, leave."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from samples.county.departments import UNITS

GOVERNMENT: Final = "county"


class Chair(NamedTuple):
    """A post that every unit has: its code, its rank, and its name in both languages."""

    post: str
    rank: str
    zh: str
    en: str


CHAIRS: Final = (
    Chair("counter", "R0", "窗口工作人员", "counter staff"),
    Chair("chief", "R1", "窗口负责人", "section head"),
    Chair("deputy", "R2", "分管领导", "deputy head"),
    Chair("head", "R3", "主要负责人", "head of the unit"),
)
VACANT: Final = ("transport", "head")
"""A post that nobody holds, so that it can be seen how that is told."""
AWAY: Final = ("planning", "head")
"""A post whose holder is on leave and has a deputy."""


def furnish(folder: Path) -> None:
    """Write the directory as a folder of CSV files."""
    folder.mkdir(exist_ok=True)
    for name, (columns, rows) in _tables().items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(rows)


def _tables() -> dict[str, tuple[Sequence[str], Iterable[Sequence[str]]]]:
    units = [(GOVERNMENT, "县人民政府", "County Government", "")]
    units += [(unit.code, unit.zh, unit.en, GOVERNMENT) for unit in UNITS]
    posts = [(GOVERNMENT, "vice", "R4", "政府分管领导", "vice head of the county")]
    posts += [(unit.code, chair.post, chair.rank, chair.zh, chair.en) for unit in UNITS for chair in CHAIRS]
    return {
        "units": (("编码", "名称", "英文名称", "上级"), units),
        "posts": (("单位", "岗位", "层级", "职务", "英文职务"), posts),
        "people": (("账号", "姓名", "联系方式"), list(_people())),
        "holders": (("单位", "岗位", "账号"), [(GOVERNMENT, "vice", "county-vice"), *_holders()]),
        "deputies": (("单位", "岗位", "账号"), [(*AWAY, f"{AWAY[0]}-deputy")]),
        "leave": (("账号", "自"), [("-".join(AWAY), "2024-01-01")]),
    }


def _people() -> Iterator[tuple[str, str, str]]:
    yield "county-vice", "县政府分管领导", f"units={GOVERNMENT}@county.example"
    for unit in UNITS:
        for chair in CHAIRS:
            if (unit.code, chair.post) != VACANT:
                address = f"units={unit.code}-{chair.post}@county.example"
                yield f"{unit.code}-{chair.post}", f"{unit.zh}{chair.zh}", address


def _holders() -> Iterator[tuple[str, str, str]]:
    for unit in UNITS:
        for chair in CHAIRS:
            if (unit.code, chair.post) != VACANT:
                yield unit.code, chair.post, f"{unit.code}-{chair.post}"
