"""A process that is killed at a named point leaves the ledger as the last commit left it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

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


FOLLOWED = """
import sys
from msgspec.structs import replace
from alerts.documents.cardfile import CardFile
from alerts.documents.composing import compose
from alerts.documents.model import DocumentKind, Office, Said
from alerts.model import Deed
from ledger import Ledger
from tests.contracts.ledger_parts.builders import NOW, case, issued, message
from tests.contracts.ledger_parts.cardlife import act, with_a_card
from tests.contracts.ledger_parts.documents import make

ledger = Ledger(sys.argv[1])
with_a_card(ledger)
act(ledger, Deed.SIGN, 1)
print("signed", flush=True)
make(ledger, serial=2)
print("written", flush=True)
parts = [replace(message(issued(case(number)), f"office{number}"), digest=True, not_before_at=NOW) for number in (1, 2)]
ledger.give_back([], NOW, parts)
ledger.send_digest(parts, message(issued(case(3)), "office"), NOW)
"""
"""What people do to a card, and a digest of two messages."""


def run(ledger: Ledger, failpoint: str, script: str = PIPELINE) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, failpoints.VARIABLE: failpoint}
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", script, ledger.url]
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


@pytest.mark.parametrize(
    ("failpoint", "said", "counts"),
    [
        ("before-act", "", (1, 0, 0, 0)),
        ("before-document", "signed\n", (2, 0, 0, 0)),
        ("before-digest", "signed\nwritten\n", (2, 1, 2, 0)),
        ("", "signed\nwritten\n", (2, 1, 0, 2)),
    ],
)
def test_a_kill_leaves_the_card_the_numbers_and_the_digest_as_they_were(
    sqlite_ledger: Ledger, failpoint: str, said: str, counts: tuple[int, int, int, int]
) -> None:
    """Changes of the card, documents, messages that wait for a digest, messages that one has carried."""
    killed = run(sqlite_ledger, failpoint, FOLLOWED)
    assert (killed.returncode, killed.stdout) == (-signal.SIGKILL if failpoint else 0, said), killed.stderr
    queries = ("card_changes", "documents", "deliveries where state = 'digest'", "deliveries where state = 'bundled'")
    with sqlite_ledger.store.reading() as connection:
        found = tuple(connection.execute(text(f"select count(*) from {query}")).scalar() for query in queries)  # noqa: S608
    assert found == counts
    assert sqlite_ledger.verify() == ()


def test_without_the_variable_nothing_happens(sqlite_ledger: Ledger) -> None:
    finished = run(sqlite_ledger, "")
    assert (finished.returncode, finished.stdout) == (0, "sent\n")
    assert sqlite_ledger.claim_deliveries(NOW + 10**6) == ()


def test_a_point_of_another_name_does_not_kill(sqlite_ledger: Ledger) -> None:
    assert run(sqlite_ledger, "elsewhere").returncode == 0


def test_the_names_are_the_points_in_the_code() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in Path(failpoints.__file__).parent.rglob("*.py"))
    assert set(re.findall(r'failpoints\.hit\("([^"]+)"\)', code)) == {*failpoints.NAMES}
