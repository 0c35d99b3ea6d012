"""The whole way of a case: file -> connector -> ledger -> lights, beside raw sqlite3 doing three statements per event.

    python -m benchmarks.pipeline [--cases 5000] [--books rules/books/time-limits.yaml ...]

The raw side stores each event, updates its case and writes a transition in transactions of a thousand with the same
PRAGMAs, and judges nothing. The ratio is of one run; memory is the largest that this process held.
"""

from __future__ import annotations

import argparse
import csv
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, TypeAlias

from alerts.cards import decide
from benchmarks.cases import NOW, catalogue, stories
from benchmarks.ledger import fresh, seconds, store_raw
from connectors.registry import load_source, open_connector, read_all
from daemon.settling import settle
from ledger import Recorded
from ledger.ledger import Ledger
from rules.calendarbook import open_calendars
from rules.context import Context
from rules.engine import ChildEngine
from rules.loader import BOOKS, load_books
from rules.review import review

Timed: TypeAlias = Callable[[str], AbstractContextManager[None]]

COLUMNS: Final = ("case_no", "event", "at", "unit", "item", "step", "reason", "approver", "approved", "result")
MAPPING: Final = """
source: hall
kind: files
namespace: county
of: application
zone: UTC
read: {path: hall.csv}
rows: events
case_no: case_no
event: {column: event, as_is: true}
at: {column: at, format: epoch}
sequence: row
common: {unit: unit, item: item, step: step, reason: reason, approver: approver, approved: approved, result: result}
"""


def main() -> None:
    """Print events per second of each stage, of the whole, and of the raw side."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=5_000)
    parser.add_argument("--books", type=Path, nargs="+", default=[BOOKS])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        events = write_file(folder, asked.cases)
        raw = events / seconds(lambda: store_raw(folder / "raw.db", events, 7))
        stages = run(folder, asked.books)
    whole = events / sum(stages.values())
    print(f"{asked.cases:,} cases, {events:,} events, {len(asked.books)} book(s) or folder(s) of books")
    print(f"raw sqlite3, 3 statements per event  {raw:>10,.0f} events/s")
    for stage, spent in stages.items():
        print(f"  {stage:<34} {events / spent:>10,.0f} events/s")
    print(f"file -> ledger -> lights             {whole:>10,.0f} events/s = {whole / raw:.2f} of raw (aim 0.33)")
    print(
        f"peak memory                          {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>10,.0f} MB"
    )


def write_file(folder: Path, cases: int) -> int:
    """Write the made-up cases as one CSV file with its mapping; return how many events there are."""
    (folder / "hall.yaml").write_text(MAPPING, encoding="utf-8")
    count = 0
    with (folder / "hall.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        rows.writeheader()
        for story in stories(cases):
            for happened in story:
                rows.writerow({"case_no": happened.case_no, "event": happened.name, "at": happened.at, **happened.data})
                count += 1
    return count


def run(folder: Path, books: list[Path]) -> dict[str, float]:
    """Take the file through the house once; return the seconds of each stage."""
    spent = {"read and map": 0.0, "append": 0.0, "claim": 0.0, "review": 0.0, "decide and record": 0.0}

    @contextmanager
    def timed(stage: str) -> Iterator[None]:
        begin = time.perf_counter()
        yield
        spent[stage] += time.perf_counter() - begin

    connector = open_connector(load_source(folder / "hall.yaml"), {}, folder)
    ledger = fresh(folder / "ledger.db")
    batches = read_all(connector, NOW)
    while True:
        with timed("read and map"):
            batch = next(batches, None)
        if batch is None:
            break
        with timed("append"):
            ledger.append(batch, NOW)
    with ChildEngine() as engine:
        context = Context(load_books(books), open_calendars([]), engine, catalogue())
        settle()  # as the daemon does when it stands
        while _judge(ledger, context, timed):
            pass
    connector.close()
    ledger.close()
    return spent


def _judge(ledger: Ledger, context: Context, timed: Timed) -> bool:
    with timed("claim"):
        claimed = ledger.claim(NOW, limit=500)
    with timed("review"):
        outcome = review([claim.case for claim in claimed], context, 0, NOW)
    by_case = {claim.case.case_id: claim for claim in claimed}
    with timed("decide and record"):
        results = []
        for judgement in outcome.judgements:
            claim = by_case[judgement.case_id]
            changes = decide(judgement, claim.cards, context.books.policies, NOW, lambda _, at: at)
            results.append(Recorded(judgement=judgement, changes=changes, deliveries=(), token=claim.token))
        ledger.record(results, NOW)
    return bool(claimed)


if __name__ == "__main__":
    main()
