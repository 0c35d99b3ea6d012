"""Contacts: the first-contact register (首问登记), dropped into a folder as CSV files."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from samples.county.departments import UNIT
from samples.county.story import Happening, Story
from samples.county.workdays import ZONE, wall

COLUMNS: Final = (
    "登记号", "首问编号", "动作", "发生时间", "录入时间", "单位", "移交单位", "接收单位", "经办人", "渠道", "事由",
)  # fmt: skip
ACTIONS: Final = {
    "arrived": "来访", "transferred": "移交", "signed": "签收", "answered": "答复", "feedback_given": "反馈",
    "closed": "办结",
}  # fmt: skip
CHANNELS: Final = {"window": "窗口", "phone": "电话", "web": "网络"}


def write(folder: Path, stories: Iterable[Story], after: int, until: int) -> int:
    """Drop what was written down in (``after``, ``until``] into the folder; return how many rows.

    A file appears whole, by renaming, under a name that sorts by time; nothing to tell makes no file.
    """
    drops: dict[str, list[tuple[int, dict[str, str]]]] = defaultdict(list)
    for story in stories:
        for number, told in enumerate(story.known(until), 1):
            if told.written_at > after:
                drops[_month(told.written_at)].append((told.written_at, _row(story, number, told)))
    folder.mkdir(parents=True, exist_ok=True)
    for month, rows in drops.items():
        stamp = dt.datetime.fromtimestamp(min(until, max(at for at, _ in rows)), ZONE)
        _drop(folder / f"contacts-{month}-{stamp:%d%H%M%S}.csv", [row for _, row in sorted(rows, key=lambda r: r[0])])
    return sum(map(len, drops.values()))


def _drop(path: Path, rows: list[dict[str, str]]) -> None:
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    part.replace(path)


def _month(at: int) -> str:
    return dt.datetime.fromtimestamp(at, ZONE).strftime("%Y%m")


def _row(story: Story, number: int, told: Happening) -> dict[str, str]:
    said = {name: str(value) for name, value in told.data.items()}
    units = {column: UNIT[said[name]].zh for column, name in _UNIT_COLUMNS.items() if name in said}
    return {
        "登记号": f"{story.case_no}-{number:02d}", "首问编号": story.case_no, "动作": ACTIONS[told.what],
        "发生时间": wall(told.at), "录入时间": wall(told.written_at), **units, "经办人": said["officer"],
        "渠道": CHANNELS.get(said.get("channel", ""), ""), "事由": said.get("matter", ""),
    }  # fmt: skip


_UNIT_COLUMNS: Final = {"单位": "unit", "移交单位": "from_unit", "接收单位": "to_unit"}
