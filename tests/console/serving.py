"""The console on a free port over a ledger of its own, for tests of who may do what."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from console.access.access import Access
from console.app import create_app
from console.desk import Desk
from console.errands import Errands
from console.workshop import Workshop
from ledger import Ledger
from rules.explanation import Explanation
from rules.facts import Case
from rules.policy import Policy

NOW = 1_800_000_000


@dataclass
class Clock:
    """The clock of the console under test."""

    at: int = NOW

    def __call__(self) -> int:
        """Return the instant."""
        return self.at


@dataclass
class Site:
    """Where the console serves, its ledger, its clock and what its pages do in the background."""

    url: str
    ledger: Ledger
    clock: Clock
    errands: Errands


def explain_nothing(case: Case) -> Explanation:
    """Refuse to explain; the page is shown all the same."""
    raise LookupError(case.case_no)


_EMPTY: list[bytes] = []


def _ledger(path: Path) -> Ledger:
    """Return an empty ledger; it is migrated once and copied afterwards."""
    if not _EMPTY:
        first = Ledger(f"sqlite:///{path}")
        first.upgrade()
        first.close()
        _EMPTY.append(path.read_bytes())
    path.write_bytes(_EMPTY[0])
    return Ledger(f"sqlite:///{path}")


@contextmanager
def serving(
    folder: Path,
    access: Access | Callable[[str], Access],
    explain: Callable[[Case], Explanation] = explain_nothing,
    workshop: Callable[[Ledger, Clock], Workshop] = lambda _ledger, _clock: Workshop(),
    policies: Mapping[str, Policy] = {},  # never written to
) -> Iterator[Site]:
    """Serve the console; ``access`` may be made from the address that it gets, ``workshop`` of ledger and clock."""
    ledger, clock = _ledger(folder / "ledger.sqlite3"), Clock()
    desks: list[Desk] = []

    def app(url: str) -> FastAPI:
        made = create_app(
            ledger, access=access(url) if callable(access) else access, metrics=lambda: b"# HELP x y\n",
            troubles=list, explain=explain, now=clock, workshop=workshop(ledger, clock), policies=policies,
        )  # fmt: skip
        desks.append(made.state.desk)
        desks[0].errands.patience = 60  # on a busy machine too a button's answer is the one that it brings
        return made

    with served(app) as url:
        yield Site(url, ledger, clock, desks[0].errands)
    ledger.close()


@contextmanager
def served(made: Callable[[str], FastAPI]) -> Iterator[str]:
    """Serve the app that is made for an address on a free port, and yield the address."""
    bound = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(made(url), log_config=None))
    thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    try:
        yield url
    finally:
        server.should_exit = True
        thread.join(10)
        bound.close()
