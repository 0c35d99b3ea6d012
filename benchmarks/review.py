"""Cases per second through ``rules.review`` with the shipped rulebooks, stage by stage, on one core.

    python -m benchmarks.review [--cases 4000] [--profile]

The engine runs in its child process as in operation; what it costs stands beside the rest. Each round judges cases that
differ, with the memo of the engine as cold or warm as it is when a service centre has been running for a while.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from benchmarks.cases import NOW, cases, catalogue
from rules.calendarbook import open_calendars
from rules.context import Context
from rules.engine import ChildEngine, Fact, Outcome, Program
from rules.engine.base import Engine
from rules.facts import Case, Value
from rules.loader import load_books
from rules.review import review

BATCH = 500
AIM = 3_000


class Timed:
    """An engine that notes how long it was asked."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.seconds, self.facts = engine, 0.0, 0

    def evaluate(
        self, program: Program, facts: Sequence[Fact], registers: Mapping[str, Sequence[Mapping[str, Value]]]
    ) -> Outcome:
        """Ask the engine."""
        begin = time.process_time()
        found = self.engine.evaluate(program, facts, registers)
        self.seconds += time.process_time() - begin
        self.facts += len(facts)
        return found


def main() -> None:
    """Print what a case costs, or the profile of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=4_000)
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    made = cases(2 * asked.cases)
    with ChildEngine() as engine:
        timed = Timed(engine)
        context = Context(load_books(), open_calendars([]), timed, catalogue())
        judge(made[: asked.cases], context)
        rest = made[asked.cases :]
        if asked.profile:
            profile(lambda: judge(rest, context))
            return
        timed.seconds, timed.facts = 0.0, 0
        spent = seconds(lambda: judge(rest, context))
        report(rest, spent, timed)
        idle = replace(context, engine=engine)
        again = seconds(lambda: judge(rest, idle))
        print(f"the same cases again                {len(rest) / again:>10,.0f} cases/s")


def judge(made: Sequence[Case], context: Context) -> None:
    """Judge cases in batches as the daemon does."""
    for begin in range(0, len(made), BATCH):
        found = review(made[begin : begin + BATCH], context, 0, NOW)
        if found.lost:
            raise SystemExit(f"not judged: {found.lost[0]}")


def report(made: Sequence[Case], spent: float, timed: Timed) -> None:
    """Print the figures of one pass."""
    events = sum(len(case.events) for case in made)
    print(
        f"review, cases never seen before     {len(made) / spent:>10,.0f} cases/s = {events / spent:,.0f} events/s"
        f"   (aim {AIM:,} cases/s)"
    )
    print(f"  of this clocks, frames, verdicts  {(spent - timed.seconds) / len(made) * 1e6:>10,.0f} us per case")
    print(f"  of this the engine                {timed.seconds / len(made) * 1e6:>10,.0f} us per case,"
          f" {timed.facts / len(made):.1f} facts per case")  # fmt: skip


def profile(work: Callable[[], None]) -> None:
    """Print where the time goes."""
    profiler = cProfile.Profile()
    profiler.runcall(work)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(45)


def seconds(work: Callable[[], None]) -> float:
    """Return how long a piece of work took."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


if __name__ == "__main__":
    main()
