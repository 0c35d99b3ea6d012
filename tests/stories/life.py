"""One life of a process after the other: it is started, killed at a named point or moment, or stopped.

The daemon is everything that ``mingdeng run`` is from the settings on, with the story's clock in the place of the machine's. It
is forked from a server that has imported the product already: forty starts of two seconds each would not fit into
``make test``, and with the machine's clock a lease of a dead worker would be waited for two minutes.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Thread

from daemon.bootstrap import assemble
from daemon.cli.waiting import until_told
from daemon.log import configure
from daemon.settingsfile import load_settings
from ledger import failpoints
from tests.stories.clock import StoryClock

IMPORTED = [
    "daemon.bootstrap",
    "daemon.cli.waiting",
    "daemon.settingsfile",
    "connectors.files",
    "alerts.channels.webhook",
    "tests.stories.people",
]


LOG = "daemon.log"


class Life:
    """A process that runs; ``does`` is called in it with the settings file and ``more``, and says in its log that it runs.

    ``ready`` is what the log says from then on.
    """

    def __init__(
        self, settings: Path, does: Callable[..., None], *more: object, log: str = LOG, ready: str = "127.0.0.1"
    ) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(IMPORTED)
        self._log, self._ready = settings.parent / log, ready.encode()
        self._begins_at = self._log.stat().st_size if self._log.exists() else 0
        self.process: ForkServerProcess = context.Process(target=_begin, args=(does, self._log, settings, *more))
        self.process.start()

    def runs(self) -> bool:
        """Say whether its work has begun."""
        return self._ready in self.said()

    def said(self) -> bytes:
        """Return what it has said so far."""
        if not self._log.exists():
            return b""
        with self._log.open("rb") as log:
            log.seek(self._begins_at)
            return log.read()

    def kill(self) -> list[int]:
        """Kill it this instant; return the processes that it had started."""
        children = _children(self.process.pid or 0)
        self.process.kill()
        self.ended(30)
        return children

    def ended(self, seconds: float) -> int | None:
        """Wait for its end; return the exit code, None if it still lives."""
        self.process.join(seconds)
        return self.process.exitcode

    def stop(self, seconds: float) -> int | None:
        """Ask it to stop; return the exit code, None if it still lives after so long."""
        os.kill(self.process.pid or 0, signal.SIGTERM)
        return self.ended(seconds)


def _begin(does: Callable[..., None], log: Path, settings: Path, *more: object) -> None:
    """Work until told to stop, or killed; end with the tests, also where these are killed themselves."""
    Thread(target=_end_with_the_tests, name="tests", daemon=True).start()
    written = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(written, 1)
    os.dup2(written, 2)
    sys.stdout = sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1, closefd=False)
    does(settings, *more)


def live(settings: Path, clock: StoryClock, failpoint: str) -> None:
    """Be the daemon, which ends itself at ``failpoint`` ("" for none) as a power cut would."""
    os.environ[failpoints.VARIABLE] = failpoint
    loaded = load_settings(settings)
    configure(loaded.log.level, loaded.log.format)
    house = assemble(loaded, str(settings), clock)
    try:
        until_told(house)
    finally:
        house.stop()


def _end_with_the_tests() -> None:
    tests = multiprocessing.parent_process()
    if tests is not None:
        tests.join()
        os._exit(1)


def survivors(processes: list[int], seconds: float = 5) -> list[int]:
    """Return which processes are still there after so long; a zombie is not."""
    until = time.monotonic() + seconds
    while (left := [each for each in processes if _runs(each)]) and time.monotonic() < until:
        time.sleep(0.05)
    return left


def _children(process: int) -> list[int]:
    with suppress(OSError):
        found = [path.read_text(encoding="ascii") for path in Path(f"/proc/{process}/task").glob("*/children")]
        return [int(child) for text in found for child in text.split()]
    return []


def _runs(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
