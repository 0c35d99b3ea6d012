"""A process that is killed at a named point leaves the ledger as the last commit left it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ledger import Ledger, failpoints, views
from tests.contracts.ledger_parts.builders import NOW, case

PIPELINE = """
import sys
from alerts.model import Outcome, Receipt
from ledger import Ledger
from tests.contracts.ledger_parts.builders import NOW, send_to

ledger = Ledger(sys.argv[1])
send_to(ledger, 1)
for held in ledger.claim_deliveries(NOW):
    attempt = ledger.start(held, NOW)
    print("sent", flush=True)
    ledger.finish(attempt, Receipt(Outcome.DELIVERED, "250 ok"), None, NOW)
"""


def run(ledger: Ledger, failpoint: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, failpoints.VARIABLE: failpoint}
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", PIPELINE, ledger.url]
    return subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("failpoint", "events", "judged", "deliveries"),
    [
        ("before-append", 0, False, []),
        ("after-claim", 1, False, []),
        ("before-record", 1, False, []),
        ("before-record:2", 1, False, []),
        ("after-claim:2", 1, True, ["waiting"]),
        ("after-attempt", 1, True, ["sending"]),
        ("before-finish", 1, True, ["sending"]),
    ],
)
def test_a_kill_leaves_what_was_committed_and_nothing_half_done(
    sqlite_ledger: Ledger, failpoint: str, events: int, judged: bool, deliveries: list[str]
) -> None:
    killed = run(sqlite_ledger, failpoint)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert ("sent" in killed.stdout) == (failpoint == "before-finish")
    story = views.case(sqlite_ledger, case())
    if story is None:
        assert events == 0
        return
    assert (len(story.received), story.judgement is not None) == (events, judged)
    assert [each.state for each in story.deliveries] == deliveries
    assert sqlite_ledger.verify() == ()
    assert views.recount(sqlite_ledger) == ()


def test_without_the_variable_nothing_happens(sqlite_ledger: Ledger) -> None:
    finished = run(sqlite_ledger, "")
    assert (finished.returncode, finished.stdout) == (0, "sent\n")
    assert sqlite_ledger.claim_deliveries(NOW + 10**6) == ()


def test_a_point_of_another_name_does_not_kill(sqlite_ledger: Ledger) -> None:
    assert run(sqlite_ledger, "elsewhere").returncode == 0


def test_every_name_is_a_point_in_the_code() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in Path(failpoints.__file__).parent.glob("*.py"))
    assert [name for name in failpoints.NAMES if f'hit("{name}")' not in code] == []
