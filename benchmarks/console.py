"""What every page of the console costs at many open cases: median and 95th percentile, over loopback, on SQLite.

    python -m benchmarks.console [--cases 100000] [--cards 5000] [--finished 10000] [--times 20] [--keep HOME] [--busy]

The house is the sample county's as the daemon assembles it, its cases written through the ledger's own verbs, the whole
law published. Every GET route is asked for (one that is not, or answers otherwise than it should, ends the run), and
what a person waits for after a button. Ends with 1 if the 95th percentile of a page is above 300 ms; downloads are
measured and held to nothing, streams are left out. ``--busy`` asks for the queue again while another process records.
Where others work on the machine too, ``--shared`` holds what this process computed to the limit, not the time that passed.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from benchmarks.asking import Answer, Caller, Times, callers
from benchmarks.buttons import make_document, make_errand, pressed
from benchmarks.county import NOW, go_on_writing
from benchmarks.house import furnish, opened
from benchmarks.pageroutes import FILES, MONTHS, STREAMS, addresses, known
from console.access.roles import Role
from daemon.bootstrap import House
from daemon.settling import settle
from ledger import Ledger, views

WORST: Final = 0.3
"""Seconds that the 95th percentile of a page may take."""

BUSY: Final = ("/queue", "/queue?tab=late", "/", "/will-breach", "/search?q=4217")


def main() -> None:
    """Furnish a house, serve its pages, print what each takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--cards", type=int, default=5_000)
    parser.add_argument("--finished", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--keep", type=Path, help="a folder for the house as it is furnished, to begin from again")
    parser.add_argument("--busy", action="store_true", help="also ask while another process records")
    parser.add_argument("--shared", action="store_true", help="hold the time that was computed to the limit")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.write is not None:
        _write(asked.write, asked.cases)
        return
    with tempfile.TemporaryDirectory() as folder:
        kept, home = asked.keep or Path(folder) / "kept", Path(folder) / "home"
        began = time.perf_counter()
        if not (kept / "mingdeng.sqlite3").exists():
            furnish(kept, asked.cases, asked.cards, asked.finished)
        shutil.copytree(kept, home)
        print(f"{asked.cases:,} open cases, {asked.cards:,} cards: {time.perf_counter() - began:.0f} s", flush=True)
        began = time.perf_counter()
        with served(opened(home)) as house:
            print(f"the house stands after {time.perf_counter() - began:.1f} s", flush=True)
            slow = measure(house, asked.times, Table(shared=asked.shared))
            if asked.busy:
                busy(house, asked.times, Table(shared=asked.shared))
    if slow:
        sys.exit(f"95th percentile over {WORST * 1000:.0f} ms: {', '.join(slow)}")


@contextmanager
def served(house: House) -> Iterator[House]:
    """Serve the pages of a house whose duties rest."""
    settle()
    thread = threading.Thread(target=house.server.run, args=([house.listening],), daemon=True)
    thread.start()
    while not house.server.started:
        time.sleep(0.01)
    try:
        yield house
    finally:
        house.server.should_exit = True
        thread.join(10)
        house.stop()


def measure(house: House, times: int, table: Table) -> list[str]:
    """Print what each page and each button takes; return those that take too long."""
    people = callers(house.ledger, _port(house))
    list(
        addresses(_app(house), known(house.ledger, "card/code", "/errands/1"))
    )  # says at once which route is not known
    first_count(people[Role.LEADER], table)
    document = make_document(house.ledger, people)
    for button in pressed(house.ledger, people, times):
        table.tell(button.name, button.answers, whole=button.whole)
    errand = make_errand(people[Role.ADMINISTRATOR])
    for route, address, status in addresses(_app(house), known(house.ledger, document, errand)):
        caller = _who_may(people, address)
        answer = caller.get(address)  # the first time templates are read
        if answer.status != status:
            raise SystemExit(f"{address} answered {answer.status}, not {status}: {answer.text[:300]}")
        if route not in STREAMS:
            table.tell(address, [caller.get(address) for _ in range(times)], held=route not in FILES)
    return table.slow


class Table:
    """The lines as they are told; ``slow`` are those whose 95th percentile is too long."""

    def __init__(self, *, shared: bool = False) -> None:
        self.slow: list[str] = []
        self.shared = shared
        print(f"{'page':52} {'status':>6} {'p50 ms':>8} {'p95 ms':>8} {'cpu p95':>8} {'kB':>6}")

    def tell(self, name: str, answers: list[Answer], *, held: bool = True, whole: Sequence[float] = ()) -> None:
        """Print one line; ``whole`` is after how many seconds what was asked for was there."""
        times, last = Times(tuple(answer.seconds for answer in answers)), answers[-1]
        work = Times(tuple(answer.worked for answer in answers))
        over = held and (work if self.shared else times).most > WORST
        note = " <- too long" if over else "" if held else " (a file)"
        note += f" (there after {statistics.median(whole):.1f} s)" if whole and max(whole) > WORST else ""
        half, most, size = times.median * 1000, times.most * 1000, last.size / 1000
        line = f"{half:8.1f} {most:8.1f} {work.most * 1000:8.1f} {size:6.0f}{note}"
        print(f"{name[:52]:52} {last.status:>6} {line}", flush=True)
        if over:
            self.slow.append(name)


def first_count(leader: Caller, table: Table) -> None:
    """Ask for months that nobody has counted yet: how long the first answer takes, and when the figures are there."""
    for month in MONTHS:
        began = time.perf_counter()
        table.tell(f"{month} (never counted)", [leader.get(month)])
        while "<table" not in leader.get(month).text:
            time.sleep(0.1)
        print(f"    counted after {time.perf_counter() - began:.1f} s", flush=True)


def busy(house: House, times: int, table: Table) -> None:
    """Print what pages take while another process takes in and judges batch after batch."""
    chief = callers(house.ledger, _port(house))[Role.CHIEF_INSPECTOR]
    line = views.queue(house.ledger, views.Wanted(), NOW).lines[0]
    path, first = house.ledger.url.removeprefix("sqlite:///"), 10**6 + int(time.time()) % 10**6
    command = [sys.executable, "-m", "benchmarks.console", "--write", path, "--cases", str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        writer.stdout is not None and writer.stdout.readline()
        began = time.perf_counter()
        for address in (*BUSY, f"/cards/{line.card.card_id}", f"/case/{line.card.case_id}"):
            table.tell(f"{address} (while recording)", [chief.get(address) for _ in range(times * 2)])
        writer.terminate()
        told = writer.communicate()[0]
        print(f"{told.count('batch')} batches of 500 cases were judged in {time.perf_counter() - began:.0f} s")


def _write(path: Path, first: int) -> None:
    for batch in go_on_writing(Ledger(f"sqlite:///{path}"), first):
        print(f"batch {batch}", flush=True)


def _who_may(people: dict[Role, Caller], address: str) -> Caller:
    """Return the first of them who is let in."""
    return next((each for each in people.values() if each.get(address).status not in {401, 403}), people[Role.LEADER])


def _port(house: House) -> int:
    return int(house.listening.getsockname()[1])


def _app(house: House) -> FastAPI:
    app = house.server.config.app
    if not isinstance(app, FastAPI):
        raise TypeError(app)
    return app


if __name__ == "__main__":
    main()
