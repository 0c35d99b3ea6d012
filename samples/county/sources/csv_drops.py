"""Contacts: the first-contact register (首问登记), dropped into a folder, a CSV file a day that grows."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from samples.county.departments import UNIT
from samples.county.story import Happening, Story
from samples.county.workdays import date_of, wall

COLUMNS: Final = (
    "登记号", "首问编号", "动作", "发生时间", "录入时间", "单位", "移交单位", "接收单位", "经办人", "渠道", "事由",
)  # fmt: skip
ACTIONS: Final = {
    "arrived": "来访", "transferred": "移交", "signed": "签收", "answered": "答复", "feedback_given": "反馈",
    "closed": "办结",
}  # fmt: skip
CHANNELS: Final = {"window": "窗口", "phone": "电话", "web": "网络"}


def write(folder: Path, stories: Iterable[Story], after: int, until: int) -> int:
    """Add what was written down in (``after``, ``until``] to the files of its days; return how many rows.

    Adding the same again (after a crash) repeats rows under their own register numbers, which do not change.
    """
    days: dict[str, list[tuple[int, dict[str, str]]]] = defaultdict(list)
    for story in stories:
        for number, told in enumerate(story.known(until), 1):
            if told.written_at > after:
                days[f"{date_of(told.written_at):%Y%m%d}"].append((told.written_at, _row(story, number, told)))
    folder.mkdir(parents=True, exist_ok=True)
    for day, rows in days.items():
        _add(folder / f"contacts-{day}.csv", [row for _, row in sorted(rows, key=lambda r: r[0])])
    return sum(map(len, days.values()))


def _add(path: Path, rows: list[dict[str, str]]) -> None:
    """Add rows at the end of a file, all in one piece; a new file gets its header first."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    if not path.exists():
        writer.writeheader()
    writer.writerows(rows)
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(text.getvalue())


def _row(story: Story, number: int, told: Happening) -> dict[str, str]:
    said = {name: str(value) for name, value in told.data.items()}
    units = {column: UNIT[said[name]].zh for column, name in _UNIT_COLUMNS.items() if name in said}
    return {
        "登记号": f"{story.case_no}-{number:02d}", "首问编号": story.case_no, "动作": ACTIONS[told.what],
        "发生时间": wall(told.at), "录入时间": wall(told.written_at), **units, "经办人": said["officer"],
        "渠道": CHANNELS.get(said.get("channel", ""), ""), "事由": said.get("matter", ""),
    }  # fmt: skip


_UNIT_COLUMNS: Final = {"单位": "unit", "移交单位": "from_unit", "接收单位": "to_unit"}
