"""Licensing: a front-end exchange database (前置库) in SQLite, shaped like Shandong's EA_JC_STEP tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from samples.county.departments import ITEM, UNIT
from samples.county.story import Happening, Story
from samples.county.workdays import wall

Cell: TypeAlias = str | int | None

TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "EA_JC_STEP_BASICINFO": (
        "PROJID", "ITEMCODE", "ITEMNAME", "ORGCODE", "ORGNAME", "REGION_ID", "PROJECTTYPE", "PROMISETIMELIMIT",
        "PROMISETIMEUNIT", "TIMELIMIT", "TIMEUNIT", "SUBMIT", "OCCURTIME", "TRANSACTOR",
    ),
    "EA_JC_STEP_PROC": (
        "PROJID", "NODECODE", "NODENAME", "NODEPROCER", "PROCUNIT", "NODESTATE", "NODESTARTTIME", "NODEENDTIME",
        "NODERESULT", "TIMELIMIT", "TIMEUNIT",
    ),
    "EA_JC_STEP_SPECIALNODE": (
        "PROJID", "SPECIALTYPE", "SPECIALNAME", "APPROVER", "APPROVEDLIMIT", "TIMEUNIT", "PROCER", "STARTTIME",
        "ENDTIME",
    ),
    "EA_JC_STEP_DONE": ("PROJID", "DONERESULT", "DONEREASON", "OCCURTIME", "TRANSACTOR", "CERTNO"),
}  # fmt: skip
WORKDAY, MINUTE = 1, 4
CHANNELS = {"window": "0", "web": "1", "mobile": "3"}
NODES = {"review": "审核", "approve": "批准"}
SPECIAL = {"expert_review": "专家评审", "site_visit": "现场勘验", "testing": "检测"}
RESULTS = {"granted": "0", "refused": "1", "withdrawn": "5", "returned": "5"}


class Row(NamedTuple):
    """One row of the exchange database; it is written again, with a higher DATAVER, when it changes."""

    table: str
    orgbusno: str
    dataver: int
    occurred_at: int
    cells: tuple[Cell, ...]


def create(path: Path) -> None:
    """Make the tables, unless they are there."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA journal_mode = WAL")
        for table, columns in TABLES.items():
            own = ", ".join(columns)
            database.execute(
                f"CREATE TABLE IF NOT EXISTS {table} "
                f"(ORGBUSNO TEXT PRIMARY KEY, DATAVER INTEGER, {own}, MAKETIME TEXT, SYSMARK INTEGER)"
            )
            database.execute(f"CREATE INDEX IF NOT EXISTS {table}_MAKETIME ON {table} (MAKETIME, ORGBUSNO)")


def write(path: Path, stories: Iterable[Story], until: int) -> int:
    """Bring the rows of these stories to what is known at ``until``; return how many rows are new or changed.

    Writing the same again changes nothing: a row is replaced only by a higher DATAVER.
    """
    written = 0
    with closing(sqlite3.connect(path, timeout=30)) as database, database:
        for story in stories:
            for row in rows(story, until):
                columns = ("ORGBUSNO", "DATAVER", *TABLES[row.table], "MAKETIME", "SYSMARK")
                values = (row.orgbusno, row.dataver, *row.cells, wall(Happening(row.occurred_at, "").written_at), 0)
                marks = ", ".join("?" * len(columns))
                changes = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
                written += database.execute(
                    f"INSERT INTO {row.table} ({', '.join(columns)}) VALUES ({marks}) "  # noqa: S608 -- our own names
                    f"ON CONFLICT (ORGBUSNO) DO UPDATE SET {changes} WHERE excluded.DATAVER > {row.table}.DATAVER",
                    values,
                ).rowcount
    return written


def rows(story: Story, until: int) -> Iterator[Row]:
    """Yield the rows that tell a story as far as it is known at ``until``."""
    known = story.known(until)
    for happening in known:
        yield from _plain(story, happening)
    for step in NODES:
        yield from _node(story, step, [h for h in known if h.data.get("step") == step])
    yield from _special(story, [h for h in known if h.what.startswith("suspension_")])


def _plain(story: Story, told: Happening) -> Iterator[Row]:
    """Receipt, the acceptance node and completion: one happening, one row."""
    item, number, time = ITEM[story.item], story.case_no, wall(told.at)
    officer = told.data.get("officer")
    if told.what == "received":
        unit, measure = UNIT[item.unit], MINUTE if item.measure == "minutes" else WORKDAY
        channel = CHANNELS[str(told.data["channel"])]
        cells: tuple[Cell, ...] = (
            number, item.code, item.name, unit.code, unit.zh, "371428", "1" if item.instant else "2", item.promised,
            measure, item.statutory, measure, channel, time, officer,
        )  # fmt: skip
        yield Row("EA_JC_STEP_BASICINFO", f"{number}-B", 1, told.at, cells)
    elif told.what in {"accepted", "correction_notified"}:
        result, name = ("4", "受理") if told.what == "accepted" else ("5", "补正告知")
        suffix = "A" if told.what == "accepted" else "C"
        cells = (number, "accept", name, officer, item.unit, 2, time, time, result, None, None)
        yield Row("EA_JC_STEP_PROC", f"{number}-{suffix}", 1, told.at, cells)
    elif told.what in {"completed", "withdrawn", "returned"}:
        result = RESULTS[str(told.data["result"])]
        reason = "申请人撤回" if told.what == "withdrawn" else "材料不符退件" if told.what == "returned" else None
        certificate = f"{story.item}-{number[-5:]}" if result == "0" else None
        yield Row("EA_JC_STEP_DONE", f"{number}-D", 1, told.at, (number, result, reason, time, officer, certificate))


def _node(story: Story, step: str, told: list[Happening]) -> Iterator[Row]:
    """A step: its row appears when the step begins and changes when it ends."""
    if not told:
        return
    item, ended = ITEM[story.item], told[1] if len(told) > 1 else None
    cells = (
        story.case_no, step, NODES[step], told[0].data["officer"], item.unit, 2 if ended else 1, wall(told[0].at),
        wall(ended.at) if ended else None, "1" if ended else None, item.review if step == "review" else 1, WORKDAY,
    )  # fmt: skip
    yield Row("EA_JC_STEP_PROC", f"{story.case_no}-{step}", len(told), told[-1].at, cells)


def _special(story: Story, told: list[Happening]) -> Iterator[Row]:
    """A suspension (特别程序): its row appears when it begins and changes when it ends."""
    if not told:
        return
    said, ended = told[0].data, told[1] if len(told) > 1 else None
    cells = (
        story.case_no, "2", SPECIAL[str(said["reason"])], said["approver"], said["approved"], WORKDAY, said["officer"],
        wall(told[0].at), wall(ended.at) if ended else None,
    )  # fmt: skip
    yield Row("EA_JC_STEP_SPECIALNODE", f"{story.case_no}-S", len(told), told[-1].at, cells)
