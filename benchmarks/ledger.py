"""What the ledger costs: events stored and judged beside raw sqlite3, and ticks that find nothing or a little to do.

    python -m benchmarks.ledger [--events 50000]

All on SQLite in a temporary folder, in one run, so that the ratios mean something on any machine.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from connectors.base import Batch
from ledger import Claimed, Ledger, Recorded
from ledger.engine import PRAGMAS
from rules.facts import CaseEvent
from rules.judgement import CaseState, Judgement, Light, Pin, Span

NOW = 1_700_000_000
BATCH = 1_000
OPEN = (10_000, 200_000)
CHANGING = (10, 1_000)
PER_CASE = (1, 6)
"""The worst case, and what a year of cases has (9.07 million events of 1.42 million cases)."""

_SEED = """
with recursive n(i) as (select 0 union all select i + 1 from n where i < :count - 1)
insert into cases
    (case_id, namespace, kind, case_no, revision, judged_revision, next_review_at, unit, state, light)
select 'county/application/' || i, 'county', 'application', i, 1, 1, :now + 3600 + i, 'unit ' || i % 40, 'running',
    'green' from n
"""


def main() -> None:
    """Run every measurement and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=50_000)
    events = parser.parse_args().events
    with tempfile.TemporaryDirectory() as folder:
        for per_case in PER_CASE:
            pipeline(Path(folder), events, per_case)
        for count in OPEN:
            ticks(Path(folder), count)


def pipeline(folder: Path, events: int, per_case: int) -> None:
    """Store and judge events, beside three raw statements per event in transactions of a thousand.

    The raw side writes a transition for every event; the ledger judges a case once for the events that came together.
    """
    raw = events / seconds(lambda: store_raw(folder / f"raw{per_case}.db", events, per_case))
    ledger = fresh(folder / f"pipeline{per_case}.db")
    appended = seconds(lambda: store_events(ledger, events, per_case))
    recorded = seconds(lambda: judge_all(ledger))
    ledger.close()
    both = events / (appended + recorded)
    print(f"{per_case} event(s) per case, {events / per_case:,.0f} cases, each judged once")
    print(f"raw sqlite3, 3 statements per event   {raw:>10,.0f} events/s")
    print(f"append alone                          {events / appended:>10,.0f} events/s")
    print(f"claim + record, a transition each     {events / per_case / recorded:>10,.0f} cases/s")
    print(f"append + claim + record               {both:>10,.0f} events/s = {both / raw:.2f} of raw")


def ticks(folder: Path, count: int) -> None:
    """Claim with nothing due, and claim and record with a few lights changing, among ``count`` open cases."""
    ledger = fresh(folder / f"open{count}.db")
    with ledger.store.writing() as connection:
        connection.exec_driver_sql(_SEED.replace(":count", str(count)).replace(":now", str(NOW)))
    ledger.claim(NOW)
    idle = statistics.median(seconds(lambda: ledger.claim(NOW)) for _ in range(200))
    asked = statistics.median(seconds(ledger.next_due_at) for _ in range(200))
    print(f"{count:>7,} open: tick with nothing due {idle * 1e3:.2f} ms, next due instant {asked * 1e3:.2f} ms")
    for changing in CHANGING:
        moments = [NOW + 3600 * (round_ + 2) for round_ in range(5)]
        times = [seconds(partial(change, ledger, changing, moment)) for moment in moments]
        print(f"{count:>7,} open: {changing:>5,} lights change in {statistics.median(times) * 1e3:.1f} ms")
    ledger.close()


def fresh(path: Path) -> Ledger:
    """Return an empty ledger."""
    ledger = Ledger(f"sqlite:///{path}")
    ledger.upgrade()
    return ledger


def seconds(work: Callable[[], object]) -> float:
    """Return how long a piece of work took."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def happened(index: int, per_case: int) -> CaseEvent:
    """Return one event of a case, with the fields of an ordinary record."""
    number, step = divmod(index, per_case)
    return CaseEvent(
        source="approvals",
        event_id=f"{number}/{step}",
        namespace="county",
        kind="application",
        case_no=str(number),
        name="accepted" if step == 0 else "signed",
        occurred_at=NOW - number + step,
        inserted_at=NOW,
        data={"unit": f"unit {number % 40}", "item": "food licence", "officer": f"{number % 300}", "channel": "window"},
    )


def store_raw(path: Path, events: int, per_case: int) -> None:
    """Do the least that has to be done for each event: the event, its case, the transition of its light."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.executescript(
        "create table events (n integer primary key, source text, event_id text, version int, case_id text, name text,"
        " occurred_at int, inserted_at int, data text);"
        "create unique index version on events (source, event_id, version); create index by_case on events (case_id);"
        "create table cases (case_id text primary key, revision int, light text, next_review_at int);"
        "create index due on cases (next_review_at);"
        "create table transitions (n integer primary key, case_id text, light text, at int)"
    )
    for start in range(0, events, BATCH):
        said = [happened(index, per_case) for index in range(start, min(start + BATCH, events))]
        rows = [
            (e.source, e.event_id, 1, str(e.case_id), e.name, e.occurred_at, e.inserted_at, str(e.data)) for e in said
        ]
        connection.execute("begin immediate")
        connection.executemany(
            "insert into events (source, event_id, version, case_id, name, occurred_at, inserted_at, data)"
            " values (?, ?, ?, ?, ?, ?, ?, ?)", rows,
        )  # fmt: skip
        connection.executemany(
            "insert into cases values (?, 1, 'green', ?) on conflict (case_id) do update set revision = revision + 1",
            [(row[3], NOW + 3600) for row in rows],
        )
        connection.executemany("insert into transitions (case_id, light, at) values (?, 'green', ?)", [
            (row[3], NOW) for row in rows
        ])  # fmt: skip
        connection.execute("commit")
    connection.close()


def store_events(ledger: Ledger, events: int, per_case: int) -> None:
    """Append events in batches."""
    for start in range(0, events, BATCH):
        said = tuple(happened(index, per_case) for index in range(start, min(start + BATCH, events)))
        ledger.append(Batch(source="approvals", events=said, cursor={"row": start}), NOW)


def judge_all(ledger: Ledger) -> None:
    """Claim and record until nothing is due."""
    while held := ledger.claim(NOW, limit=BATCH):
        ledger.record([judged(claimed, Light.GREEN, NOW + 3600) for claimed in held], NOW)


def change(ledger: Ledger, count: int, now: int) -> None:
    """Make cases due, claim them and record another light and a span for each."""
    held = ledger.claim(now, limit=count)
    if len(held) != count:
        raise SystemExit(f"only {len(held)} cases were due, not {count}")
    ledger.record([judged(claimed, Light.YELLOW, now + 10**7) for claimed in held], now)


def judged(claimed: Claimed, light: Light, next_review_at: int) -> Recorded:
    """Return a judgement with this light, and the span that gives it."""
    spans: tuple[Span, ...] = ()
    if light is not Light.GREEN:
        spans = (
            Span(rule="T02", family="promise", clock="promise", ordinal=1, from_at=NOW, light=light, pin=Pin("b@1")),
        )
    judgement = Judgement(
        case_id=claimed.case.case_id,
        revision=claimed.case.revision,
        unit=f"unit {int(claimed.case.case_no) % 40}" if claimed.case.case_no.isdigit() else "centre",
        item="food licence",
        state=CaseState.RUNNING,
        light=light,
        clock="promise",
        ordinal=1,
        spans=spans,
        next_review_at=next_review_at,
    )
    return Recorded(judgement=judgement, token=claimed.token)


if __name__ == "__main__":
    main()
