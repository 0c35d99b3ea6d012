"""The source of the stories: a folder of CSV files to which a licensing office appends while the daemon runs and dies.

Every row is one event. No fact depends on when it is read, so that any run over the same rows comes to the same cards;
only cards that were issued before a late fact arrived, and revoked by it, depend on it.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

MAPPING = """\
source: licences
kind: files
namespace: county
of: application
zone: Asia/Shanghai
read: {path: drops}
rows: events
case_no: case
event_id: [row]
event: {column: event, codes: {accepted: accepted, completed: completed}}
at: at
data:
  unit: unit
  item: item
  result: {column: result, codes: {granted: granted}, only: completed}
"""

ITEMS = """\
items:
  - {code: slow, name: 食品经营许可, limits: {promised: 7 workdays, statutory: 60 workdays}}
  - {code: tight, name: 户外广告许可, limits: {promised: 7 workdays, statutory: 9 workdays}}
  - {code: quick, name: 变更登记, limits: {promised: 1 workday, statutory: 2 workdays}}
"""

HEADER = "row,case,event,at,unit,item,result\n"
ROWS_IN_A_FILE = 40
STARTS = "2018-10-24 09:00:00"
"""When the office opens on the day of the story, a Wednesday."""
LATER = "2018-10-30 09:00:00"
"""When the daemon is back after the outage: yellow cards of the Wednesday count since midnight."""


class Row(NamedTuple):
    """One line of a drop: what happened to a case, when (in Shanghai's time)."""

    row: str
    case: str
    event: str
    at: str
    unit: str
    item: str
    result: str = ""


class Plot(NamedTuple):
    """What happens to a case: its item, when it was accepted, when it was completed ("" : not yet)."""

    item: str
    accepted: str
    completed: str = ""


def plot(number: int) -> Plot:
    """Return the plot of a case; ``number`` also moves it by minutes, so that hardly two cases are due together."""
    minute = f"{(number // 10 * 7) % 40:02}:{number % 60:02}"
    return (
        Plot("slow", f"2018-10-12 10:{minute}"),  # over its promise before it is first heard of: yellow
        Plot("slow", f"2018-10-15 09:{minute}"),  # goes over its promise while the story runs
        Plot("slow", f"2018-10-15 09:{minute}"),
        Plot("slow", f"2018-10-12 10:{minute}", f"2018-10-24 08:{minute}"),  # late, and completed since
        Plot("slow", f"2018-10-22 10:{minute}", f"2018-10-24 08:{minute}"),  # in time
        Plot("slow", f"2018-10-16 10:{minute}"),  # near: a reminder, which rises to yellow during the outage
        Plot("slow", f"2018-10-12 10:{minute}", f"2018-10-22 10:{minute}"),  # in time, but that is heard late
        Plot("slow", f"2018-10-23 17:{minute}"),  # has time enough
        Plot("quick", f"2018-10-18 10:{minute}"),  # over both limits before it is first heard of: red
        Plot("tight", f"2018-10-12 10:{minute}"),  # yellow, which rises to red during the outage
    )[number % 10]


def rows(seed: int) -> Iterator[Row]:
    """Yield the rows of a story without end; completions follow their acceptance some rows later."""
    chance = random.Random(seed)
    later: list[tuple[str, Plot, str]] = []
    row = number = 0
    while True:
        row += 1
        if later and chance.random() < 0.3:
            case, told, unit = later.pop(0)
            yield Row(f"R{row:05}", case, "completed", told.completed, unit, told.item, "granted")
            continue
        number += 1
        case, told, unit = f"L{number:04}", plot(number), chance.choice(("market", "housing"))
        if told.completed:
            later.append((case, told, unit))
        yield Row(f"R{row:05}", case, "accepted", told.accepted, unit, told.item)


class Office:
    """Appends rows to the drops, one after each pause, until it is told to close. Every line is written in one piece.

    It writes as many as it was given, so that a slow machine makes a story longer and not larger.
    """

    def __init__(self, folder: Path, rows: Iterator[Row], pause: float) -> None:
        self.written: list[Row] = []
        self._folder, self._rows, self._pause = folder, rows, pause
        self._given = threading.Semaphore(0)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="office")

    def open(self) -> None:
        """Begin to write."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()

    def give(self, number: int) -> None:
        """Let it write so many rows more."""
        self._given.release(number)

    def close(self) -> list[Row]:
        """Stop writing; return every row that was written."""
        self._closing.set()
        self._given.release()
        self._thread.join()
        return self.written

    def _work(self) -> None:
        while self._given.acquire() and not self._closing.wait(self._pause):
            self._write(next(self._rows))

    def _write(self, row: Row) -> None:
        path = self._folder / f"drop-{len(self.written) // ROWS_IN_A_FILE:03}.csv"
        text = ",".join(row) + "\n"
        data = (text if path.exists() else HEADER + text).encode()
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            assert os.write(file, data) == len(data)
        finally:
            os.close(file)
        self.written.append(row)
