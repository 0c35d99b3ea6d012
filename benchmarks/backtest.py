"""Cases and events per second of a back-test over synthetic applications, with one and two workers.

Run by ``make bench``, or alone: ``python -m benchmarks.backtest [--cases 100000]``. Each case has seven to ten events;
one in eight is late, one in ten was suspended. Sorting the input into shards is shown beside judging and is part of
the total. Memory is that of the largest process so far. Others may share the machine: the seconds of its processors
that this took, and the load, are told beside the seconds that went by.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from daemon.backtesting import LawFiles
from rules.backtest import Outcome, Plan, backtest
from rules.facts import CaseEvent, Instant, Value
from rules.shards import Shard, ShardWriter

AIM: Final = 100_000
WHOLE: Final = 100_000
HEADING: Final = (
    f"{'workers':>8} {'judging s':>10} {'cases/s':>10} {'events/s':>10} {'with sorting, events/s':>24} {'cards':>9}"
    f" {'CPU s':>8} {'events/CPU s':>13} {'peak MB':>9} {'load':>6}"
)
DAY: Final = 86_400
BEGIN: Final = 1_704_160_800  # 2024-01-02 10:00 in Shanghai
END: Final = BEGIN + 350 * DAY

ITEMS: Final = """\
items:
  - {code: food, name: 食品经营许可, limits: {promised: 7 workdays, statutory: 20 workdays, step.1: 2 workdays, step.2: 2 workdays, step.3: 1 workday}}
  - {code: road, name: 占道施工许可, limits: {promised: 10 workdays, statutory: 20 workdays, step.1: 3 workdays, step.2: 3 workdays, step.3: 2 workdays}}
"""


def events_of(number: int, dice: random.Random) -> Iterator[CaseEvent]:
    """Yield the events of one made-up application."""
    at: Instant = BEGIN + dice.randrange(330 * DAY)
    late = dice.random() < 0.125
    officer = f"o{number % 200}"
    common: dict[str, Value] = {
        "item": dice.choice(("food", "road")),
        "unit": f"unit {number % 40}",
        "officer": officer,
    }
    sequence = 0

    def event(name: str, **data: Value) -> CaseEvent:
        nonlocal sequence
        sequence += 1
        return CaseEvent(
            source="bench", event_id=f"{number}/{sequence}", version=1, namespace="bench", kind="application",
            case_no=f"B{number:07}", name=name, occurred_at=at, inserted_at=at + 60, sequence=sequence, data=data,
        )  # fmt: skip

    yield event("applied", **common)
    at += dice.randrange(DAY)
    yield event("accepted", **common)
    for step in ("1", "2", "3"):
        at += dice.randrange(60, DAY // 4)
        yield event("step_started", step=step, officer=f"{officer}-{step}")
        if step == "2" and dice.random() < 0.1:
            yield event(
                "suspension_started",
                reason="expert_review",
                approver="head",
                approver_rank="section_head",
                approved="3 workdays",
            )
            at += 2 * DAY
            yield event("suspension_ended")
        at += dice.randrange(DAY // 4, DAY) * (14 if late and step == "2" else 1)
        yield event("step_finished", step=step, officer=f"{officer}-{step}", result="agree")
    at += dice.randrange(DAY)
    yield event("completed", result="granted")


def prepared(folder: Path, cases: int) -> tuple[tuple[Shard, ...], int, float]:
    """Return the shards of so many cases, the number of their events, and the seconds that sorting them took."""
    dice = random.Random(1)
    made = [list(events_of(number, dice)) for number in range(min(cases, 20_000))]
    spent = 0.0
    with ShardWriter(folder) as writer:
        for number in range(cases):
            own = made[number] if number < len(made) else list(events_of(number, dice))
            begin = time.perf_counter()
            for event in own:
                writer.take(event)
            spent += time.perf_counter() - begin
        return writer.close(), writer.events, spent


def processed() -> float:
    """Return the seconds that this process and those that it has ended have worked so far."""
    told = os.times()
    return told.user + told.system + told.children_user + told.children_system


def peak() -> float:
    """Return the megabytes that the largest process of this measurement has held so far."""
    used = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return max(used) / 1024


def main() -> None:
    """Print one line per number of workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--book", type=Path, action="append", default=[], help="rulebook; else the shipped ones")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "items.yaml").write_text(ITEMS, encoding="utf-8")
        plan = Plan((LawFiles.of(asked.book, items=folder / "items.yaml"),), BEGIN, END)
        shards, events, sorting = prepared(folder / "cases", asked.cases)
        print(
            f"{asked.cases:,} cases, {events:,} events, sorted in {sorting:.1f} s   (aim {AIM:,} events/s on two cores,"
            f" for {WHOLE:,} cases: --cases {WHOLE})"
        )
        print(HEADING, flush=True)
        outcomes: list[Outcome] = []
        for workers in asked.workers:
            begin, worked = time.perf_counter(), processed()
            outcome = backtest(plan, shards, folder / f"parts-{workers}", workers)
            spent, worked = time.perf_counter() - begin, processed() - worked
            rates = (asked.cases / spent, events / spent, events / (spent + sorting))
            cards = len(outcome.halves[0].cards)
            print(
                f"{workers:>8} {spent:>10.1f} {rates[0]:>10,.0f} {rates[1]:>10,.0f} {rates[2]:>24,.0f} {cards:>9,}"
                f" {worked:>8.1f} {events / worked:>13,.0f} {peak():>9,.0f} {os.getloadavg()[0]:>6.1f}",
                flush=True,
            )
            outcomes.append(outcome)
        print("same outcome: " + ("yes" if all(each == outcomes[0] for each in outcomes) else "NO"))


if __name__ == "__main__":
    main()
