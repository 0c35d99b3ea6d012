"""What gathering costs: taking events in with and without marking their cases, and a window of many gists.

Run with ``python -m benchmarks.gathering``.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import tracemalloc
from pathlib import Path

import msgspec

from benchmarks.ledger import fresh, store_events
from ledger import events as intake
from rules.calendarbook import open_calendars
from rules.facts import CaseId
from rules.gathering import GATHERED_KINDS, Gist, Window, terms_of
from rules.gathering.gists import Act, Rating
from rules.gathering.shares import PEERS

BEGAN_AT = 1_720_000_000
PER_CASE = 6
ROUNDS = 5


def main() -> None:
    """Run every measurement and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--gists", type=int, default=100_000)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for marking, kinds in (("with", GATHERED_KINDS), ("without", frozenset[str]())):
            found = [taking_in(Path(folder) / f"{marking}{n}.db", wanted.events, kinds) for n in range(ROUNDS)]
            print(f"append {marking} marking {wanted.events / statistics.median(found):>10,.0f} events/s of CPU")
    peers(wanted.gists)


def taking_in(path: Path, events: int, kinds: frozenset[str]) -> float:
    """Return the CPU seconds in which the ledger takes in events; only cases of these kinds are marked."""
    marked = vars(intake)["GATHERED_KINDS"]
    vars(intake)["GATHERED_KINDS"] = kinds
    ledger = fresh(path)
    try:
        start = time.process_time()
        store_events(ledger, events, PER_CASE)
        return time.process_time() - start
    finally:
        vars(intake)["GATHERED_KINDS"] = marked
        ledger.close()


def peers(count: int) -> None:
    """Decode the gists of one quarter and compare its units."""
    calendars = open_calendars([])
    terms = terms_of(calendars, calendars.get("cn"))
    stored = [msgspec.json.encode(gist(number)) for number in range(count)]
    decode, window = msgspec.json.Decoder(Gist).decode, Window("peers", "peers/2024-07-01", BEGAN_AT + count)
    tracemalloc.start()
    gists = tuple(decode(each) for each in stored)
    told = list(PEERS.gather(window, gists, terms))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    start = time.process_time()
    list(PEERS.gather(window, tuple(decode(each) for each in stored), terms))
    used = time.process_time() - start
    print(f"peers of {count:,} gists: {peak / 1e6:.0f} MB, {used:.2f} s of CPU, {len(told)} facts")


def gist(number: int) -> Gist:
    """Return the gist of an ordinary case: two acts at windows, one rating."""
    at = BEGAN_AT + number
    return Gist(
        case_id=CaseId("county", "application", f"N{number:08d}"), unit=f"unit-{number % 60}",
        item=f"item-{number % 500}", applicant=f"p{number}", begun_at=at, accepted_at=at, ended_at=at + 900_000,
        ending="completed", window="3", acts=(Act(at, "officer", "3"), Act(at + 900, "other", "4")),
        ratings=(Rating(at + 900_001, "3", "T1", 1.0),),
    )  # fmt: skip


if __name__ == "__main__":
    main()
