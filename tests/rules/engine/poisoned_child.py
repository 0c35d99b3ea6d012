"""The engine's child, which dies for real when a fact bears the name of a way to die. Started by the tests as a script."""

from __future__ import annotations

import os
import signal
import sys
import time

from rules.engine import child, session
from rules.engine.messages import Answer, Ask

_judge = session.Judge.answer


def answer(self: session.Judge, ask: Ask) -> Answer:
    """Judge the batch, unless a fact in it is poisoned."""
    facts = b"".join(bytes(array) for array in ask.facts.values())
    for name in ("SIGSEGV", "SIGFPE", "SIGKILL"):
        if f'"{name}"'.encode() in facts:
            os.kill(os.getpid(), getattr(signal, name))
            time.sleep(10)
    if b'"exit"' in facts:
        os._exit(3)
    while b'"hang"' in facts:
        pass
    return _judge(self, ask)


if __name__ == "__main__":
    if sys.argv[1:2] == ["refuse"]:
        sys.exit(1)
    session.Judge.answer = answer  # type: ignore[method-assign]  # the poison
    child.main()
