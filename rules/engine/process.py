"""One child process and the pipe to it: start, ask with a deadline, and say by its name how it ended."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

from rules.engine.messages import HEADER, MAX_FRAME, READY, frame

ROOT: Final = Path(__file__).resolve().parents[2]
COMMAND: Final = (sys.executable, "-P", "-m", "rules.engine.child")
STARTING: Final = 30.0
"""Seconds that a child has to come up."""


class Died(Exception):
    """The child ended or did not answer in time; the message says how: a signal's name, an exit code, 'hang'."""


class EngineUnusable(Exception):
    """The engine's process does not come up, or cannot load the program; trying again later may help."""


class Process:
    """A running child. ``limit`` seconds per batch are enforced here, and after twice as long by the child itself."""

    def __init__(self, command: Sequence[str], limit: float) -> None:
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join([str(ROOT), *_given_paths()]))
        self._popen = subprocess.Popen(
            [*command, str(2 * limit)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, bufsize=0
        )
        self._input, self._output = _pipe(self._popen.stdin), _pipe(self._popen.stdout)
        os.set_blocking(self._input.fileno(), False)
        os.set_blocking(self._output.fileno(), False)
        if self._receive(time.monotonic() + STARTING) != READY:
            self.close()
            raise Died("no greeting")

    @property
    def pid(self) -> int:
        """The process id, for logs and tests."""
        return self._popen.pid

    def ask(self, payload: bytes, seconds: float) -> bytes:
        """Return the answer to one frame; raise ``Died`` (the process is gone then) if there is none in time."""
        deadline = time.monotonic() + seconds
        self._send(frame(payload), deadline)
        return self._receive(deadline)

    def close(self) -> None:
        """End the process; closing twice, or one that is dead, is fine."""
        self._popen.kill()
        self._popen.wait()
        self._input.close()
        self._output.close()

    def _send(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            self._wait([], [self._input], deadline)
            try:
                view = view[os.write(self._input.fileno(), view) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise self._died() from None

    def _receive(self, deadline: float) -> bytes:
        (length,) = HEADER.unpack(self._exactly(HEADER.size, deadline))
        if length > MAX_FRAME:
            self.close()
            raise Died("garbled answer")
        return self._exactly(length, deadline)

    def _exactly(self, length: int, deadline: float) -> bytes:
        parts: list[bytes] = []
        while length:
            self._wait([self._output], [], deadline)
            part = os.read(self._output.fileno(), min(length, 1 << 20))
            if not part:
                raise self._died()
            parts.append(part)
            length -= len(part)
        return b"".join(parts)

    def _wait(self, reading: list[IO[bytes]], writing: list[IO[bytes]], deadline: float) -> None:
        left = deadline - time.monotonic()
        ready = select.select(reading, writing, [], left) if left > 0 else ([], [], [])
        if not any(ready):
            self.close()
            raise Died("hang")

    def _died(self) -> Died:
        """Return how the process ended, once its pipe is closed."""
        try:
            code = self._popen.wait(1)
        except subprocess.TimeoutExpired:
            self.close()
            return Died("closed its pipe")
        self.close()
        return Died(signal.Signals(-code).name if code < 0 else f"exit {code}")


def _given_paths() -> list[str]:
    return [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise Died("no pipe")
    return stream
