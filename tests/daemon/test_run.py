"""The daemon as a process: it starts on a bare folder, tells the office, answers machines, and stops when told to."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ledger import LawText, Ledger
from tests.console.people import signed_in, stranger
from tests.lawtexts import CORRECTED, OWN

COMMAND = (sys.executable, "-c", "from daemon.cli import main; main()")


@dataclass
class Running:
    """A daemon that runs."""

    process: subprocess.Popen[str]
    url: str
    log: Path

    def get(self, path: str) -> tuple[int, str]:
        """Return status and body of a page."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:  # noqa: S310  # our own address
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(20)


class Site:
    """Where a daemon serves, and its ledger."""

    def __init__(self, url: str, deployment: Path) -> None:
        self.url, self.ledger = url, Ledger(f"sqlite:///{deployment / 'var' / 'mingdeng.sqlite3'}")


Start = Callable[..., Running]


@pytest.fixture
def start() -> Iterator[Start]:
    """Return a function that starts the daemon in a folder; all that still run are ended."""
    begun: list[subprocess.Popen[str]] = []

    def start(folder: Path, **environment: str) -> Running:
        log = folder / "daemon.log"
        with log.open("a") as errors:
            process = subprocess.Popen(
                [*COMMAND, "--lang", "en", "run", "--config", str(folder / "mingdeng.toml")], stdout=subprocess.PIPE,
                stderr=errors, text=True, env={**os.environ, **environment}, cwd=folder.parent,
            )  # fmt: skip
        begun.append(process)
        assert process.stdout is not None
        for line in process.stdout:
            found = re.search(r"lights\s+(http://\S+)/", line)
            if found:
                return Running(process, found[1], log)
        raise AssertionError(log.read_text())

    yield start
    for process in begun:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def eventually(said: Callable[[], bool], what: str, seconds: float = 20) -> None:
    """Wait until something holds."""
    until = time.monotonic() + seconds
    while not said():
        assert time.monotonic() < until, what
        time.sleep(0.1)


def inbox(folder: Path) -> list[dict[str, str]]:
    """Return what the office was told."""
    path = folder / "inbox.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def test_it_tells_the_office_of_an_overdue_case_and_stops_on_sigterm(deployment: Path, start: Start) -> None:
    """Source to light to card to message, then the pages, then a clean end with nothing left behind."""
    running = start(deployment)
    eventually(lambda: bool(inbox(deployment)), "nobody was told")
    children = subprocess.run(
        ["pgrep", "-P", str(running.process.pid)], capture_output=True, text=True, check=False
    ).stdout.split()

    assert [note["rank"] for note in inbox(deployment)] == ["owner"]
    assert "L1" in inbox(deployment)[0]["subject"]
    assert running.get("/healthz") == (200, "ok\n")
    eventually(lambda: running.get("/readyz") == (200, '{"ready":true,"reasons":[]}'), "it did not become ready")
    assert 'mingdeng_cases{kind="application",light="red",unit="market"} 1.0' in running.get("/metrics")[1]
    assert running.get("/")[1].count("<form") == 1, "who has not signed in is asked to"
    inspector = signed_in(Site(running.url, deployment), "inspector")
    assert "market" in inspector.get("/")[1]
    status, page, _ = inspector.get("/case/licences/application/L1?lang=en")
    assert (status, "statutory" in page) == (200, True)

    assert running.stop() == 0
    assert children
    eventually(lambda: not any(Path(f"/proc/{child}").exists() for child in children), "a child was left behind", 5)
    assert "Traceback" not in running.log.read_text()


def test_a_published_law_is_taken_up_while_it_runs(deployment: Path, start: Start) -> None:
    """Fifteen working days had been meant, not seven: the card goes, its light clears, the figures say by which law."""
    settings = deployment / "mingdeng.toml"
    text = settings.read_text(encoding="utf-8").replace(
        'items = "items.yaml"', 'items = "items.yaml"\nbooks = ["own.yaml"]'
    )
    settings.write_text(text + '\n[duties]\nreview = "1s"\n', encoding="utf-8")
    (deployment / "own.yaml").write_text(OWN, encoding="utf-8")
    running = start(deployment)
    eventually(lambda: len(inbox(deployment)) == 1, "nobody was told")
    ledger = Ledger(f"sqlite:///{deployment / 'var' / 'mingdeng.sqlite3'}")
    law = LawText(kind="rulebook", name="own", version=1, revision=2, text=CORRECTED.replace("15 work", "9999 work"))
    ledger.approve_law(ledger.propose_law(law, "first", int(time.time())), "second", int(time.time()))
    ledger.close()

    eventually(lambda: len(inbox(deployment)) == 2, "nobody was told that the card was revoked")
    figures = running.get("/metrics")[1]
    assert "mingdeng_law_revision 1.0" in figures
    assert 'mingdeng_law_info{rulebook="own",version="1.2"} 1.0' in figures
    assert 'mingdeng_cases{kind="application",light="red",unit="market"} 0.0' in figures
    assert running.stop() == 0
    assert "Traceback" not in running.log.read_text()


def test_a_first_start_prints_a_link_for_its_one_administrator(deployment: Path, start: Start) -> None:
    """It is printed once, on the terminal and not in the log, and opens the console."""
    running = start(deployment)
    assert running.process.stdout is not None
    link = next(found[1] for line in running.process.stdout if (found := re.search(r"administrator\s+(http\S+)", line)))
    browser = stranger(Site(running.url, deployment))

    assert browser.post(link.removeprefix(running.url))[2]["location"] == "/sign-in/password"
    assert browser.post(link.removeprefix(running.url))[0] == 403, "a browser that is signed in brings its form token"
    assert running.stop() == 0
    assert "/sign-in/link/" not in running.log.read_text()


def test_a_second_start_goes_on_where_the_first_stopped(deployment: Path, start: Start) -> None:
    """No card is issued twice and nobody is told twice; what came meanwhile is judged."""
    running = start(deployment)
    eventually(lambda: len(inbox(deployment)) == 1, "nobody was told")
    assert running.stop(signal.SIGINT) == 0
    with (deployment / "licences.csv").open("a", encoding="utf-8") as file:
        file.write("L3,food,market,2018-10-15 10:00:00,\n")

    running = start(deployment)
    eventually(lambda: "L3" in cases_told(deployment), "what came meanwhile was not told")
    assert running.stop() == 0

    assert cases_told(deployment) == ["L1", "L3"]


def cases_told(deployment: Path) -> list[str]:
    """Return the cases of which the inbox tells, each as often as it does; a feed that lags is told of beside them."""
    return sorted(re.findall(r"L\d", " ".join(note["subject"] for note in inbox(deployment))))


def test_a_source_that_is_gone_turns_grey_and_comes_back(deployment: Path, start: Start) -> None:
    """It stops neither the daemon nor its readiness, and recovers by itself."""
    (deployment / "licences.csv").rename(deployment / "away.csv")
    running = start(deployment)
    failing = 'mingdeng_source_failing{source="licences"} '
    eventually(lambda: failing + "1.0" in running.get("/metrics")[1], "it was not seen to fail")
    eventually(lambda: running.get("/readyz")[0] == 200, "it did not become ready")

    (deployment / "away.csv").rename(deployment / "licences.csv")
    eventually(lambda: failing + "0.0" in running.get("/metrics")[1], "it was not seen to recover")
    eventually(lambda: bool(inbox(deployment)), "nobody was told")

    assert running.stop() == 0


def test_a_port_that_is_taken_is_the_users_to_mend(deployment: Path) -> None:
    """One sentence, exit 1, no traceback, nothing started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*COMMAND, "--lang", "en", "run", "--config", str(deployment / "mingdeng.toml")], capture_output=True,
            text=True, check=False, env={**os.environ, "MINGDENG_CONSOLE__PORT": port}, timeout=60,
        )  # fmt: skip

    assert done.returncode == 1
    assert f"127.0.0.1:{port}: The pages cannot be opened there: Address already in use." in done.stderr
    assert "Traceback" not in done.stderr
