"""Runs a house until SIGTERM or SIGINT, and says on the terminal where to look."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.table import Table

from daemon.bootstrap import House
from daemon.cli.language import say


def until_told(house: House, inboxes: Sequence[Path] = (), links: Sequence[tuple[str, str]] = ()) -> None:
    """Start the house and return when the process is told to stop; the second signal ends it at once.

    ``links`` are pairs of a person and the address by which they sign in once; they are printed here and nowhere else.
    """
    told = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        if told.is_set():
            signal.raise_signal(signal.SIGKILL)
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    house.start()
    _say_where_to_look(house, inboxes, links)
    told.wait()
    print(
        say("Stopping; what is in flight is finished first.", "正在停止，先完成手头的工作。"),
        file=sys.stderr,
        flush=True,
    )


def _say_where_to_look(house: House, inboxes: Sequence[Path], links: Sequence[tuple[str, str]]) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_row(say("lights", "红绿灯"), house.url + "/")
    table.add_row(say("figures", "指标"), house.url + "/metrics")
    for inbox in inboxes:
        table.add_row(say("inbox", "收件箱"), str(inbox))
    table.add_row(say("ledger", "台账"), house.ledger.url.rsplit("@", maxsplit=1)[-1])
    out = Console(soft_wrap=True)
    out.print(say("Mingdeng is running; Ctrl-C stops it.", "明灯已启动，按 Ctrl-C 停止。"))
    out.print(table)
    if links:
        once = say("Each of these links signs in once, within a day:", "以下链接各可登录一次，一天内有效：")
        out.print(once, *(f"  {person}  {link}" for person, link in links), sep="\n", highlight=False)
    sys.stdout.flush()
