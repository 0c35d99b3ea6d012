"""``mingdeng run`` told to stop in the middle of its work: at once, nothing cut off, and the next start goes on."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from alerts.model import CardChange, ChangeKind
from daemon.bootstrap import law_of
from daemon.settingsfile import load_settings
from rules.policy import Rank
from tests.stories import checks, evidence
from tests.stories.folder import LEDGER, lay_out
from tests.stories.memory import FileMemory, Memory
from tests.stories.receiver import Receiver
from tests.stories.register import HEADER

pytestmark = pytest.mark.timeout(300)  # seconds, but a machine may be busy

COMMAND = (sys.executable, "-c", "from daemon.cli import main; main()", "--lang", "en", "run", "--config")
SECONDS_TO_STOP = 5.0

READ = "select count(*) from events where source = 'licences'"
JUDGED = "select count(*) from cases where light = 'red'"


@contextmanager
def running(settings: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the command, by the machine's own clock; end it if the test did not."""
    with (settings.parent / "daemon.log").open("ab") as log:
        process = subprocess.Popen([*COMMAND, str(settings)], stdout=log, stderr=log, env=dict(os.environ))
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def eventually(said: Callable[[], bool], what: str) -> None:
    """Wait until something holds."""
    until = time.monotonic() + 40
    while not said():
        assert time.monotonic() < until, what
        time.sleep(0.02)


def told_to_stop(process: subprocess.Popen[bytes]) -> tuple[int, float]:
    """Tell it to stop; return its exit code and how many seconds it took."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    return process.wait(60), time.monotonic() - began


def overdue(folder: Path, cases: int) -> None:
    """Write a drop of cases that have been over their promise since October 2018, and unfinished."""
    lines = [f"R{n},L{n},accepted,2018-10-12 10:00:00,market,slow,\n" for n in range(cases)]
    (folder / "drops" / "drop.csv").write_text(HEADER + "".join(lines), encoding="utf-8")


def count(ledger: Memory, query: str) -> int:
    """Return one number that the ledger says, 0 while it is not there."""
    try:
        with ledger.reading() as connection:
            return int(connection.execute(query).fetchone()[0]) if connection is not None else 0
    except sqlite3.OperationalError:
        return 0


def letters(changes: Sequence[CardChange], settings: Path) -> int:
    """Return how many letters the law asks for: of each change one to the owner, and one to each rank that it tells.

    A proposal goes to the owner alone; the deployment names recipients of the ranks R0 and R2.
    """
    policies = law_of(load_settings(settings)).books.policies
    told = [
        [rank for rank in (Rank.R0, Rank.R2) if change.kind is not ChangeKind.PROPOSED and rank <= tell]
        for change in changes
        if (tell := policies[change.card.rule].tell) is not None
    ]
    return sum(1 + len(ranks) for ranks in told)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a receiver that takes its time, so that there is a middle to stop in."""
    receiver = Receiver(latency=0.02, busy=False)
    yield receiver
    receiver.stop()


def test_told_to_stop_while_it_sends_it_finishes_the_one_in_flight_and_later_sends_the_rest(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Nobody is told twice, nobody is forgotten, and the second start waits for no lease of the first."""
    settings, ledger = lay_out(tmp_path, receiver.url), FileMemory(tmp_path / LEDGER)
    overdue(tmp_path, 40)
    with running(settings) as process:
        eventually(lambda: len(receiver.log) >= 15, "nobody was told")
        code, seconds = told_to_stop(process)
    stopped_after = len(receiver.log)

    assert (code, seconds < SECONDS_TO_STOP) == (0, True), seconds
    assert evidence.cut_off(ledger) == []
    assert evidence.held(ledger, time.time()) == 0

    with running(settings) as process:
        eventually(lambda: len({each.key for each in receiver.log}) > stopped_after, "it did not go on")
        eventually(lambda: evidence.is_quiet(ledger, 40, time.time()), "it did not come to rest")
        assert told_to_stop(process)[0] == 0

    with ledger.reading() as connection:
        assert connection is not None
        tried, states = evidence.attempts(connection), evidence.deliveries(connection)
        wanted = letters(evidence.card_changes(connection), settings)
    assert stopped_after < len(states) == wanted
    assert checks.undelivered(states, states, receiver.log) == []
    assert checks.wrong_repeats(receiver.log, []) == []
    assert checks.wrong_unknowns(tried, []) == []


def test_told_to_stop_while_it_reads_and_while_it_judges_it_goes_on_each_time(
    tmp_path: Path, receiver: Receiver
) -> None:
    """The batch in flight is recorded, the others stay due, nothing stays held, nothing is done twice."""
    cases = 8000
    settings, ledger = lay_out(tmp_path, receiver.url), FileMemory(tmp_path / LEDGER)
    overdue(tmp_path, cases)
    done = 0
    for query in (READ, JUDGED, JUDGED):
        before, done = done, 0
        with running(settings) as process:
            eventually(lambda: count(ledger, query) > before, "it did not go on")  # noqa: B023  # called at once
            code, seconds = told_to_stop(process)
        done = count(ledger, JUDGED)

        assert (code, seconds < SECONDS_TO_STOP) == (0, True), seconds
        assert 0 < count(ledger, query) < cases
        assert evidence.cut_off(ledger) == []
        assert evidence.held(ledger, time.time()) == 0

    assert count(ledger, READ) == count(ledger, READ.replace("count(*)", "count(distinct event_id)"))
    assert count(ledger, "select max(serial) from card_changes") == 1
    assert checks.wrong_repeats(receiver.log, []) == []
