"""The engine's child, which dies for real when a fact bears the name of a way to die. Started by the tests as a script."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from rules.engine import child, session
from rules.engine.messages import Answer, Ask
from rules.plan import Plan

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


def load_weakly(deaths: Path) -> None:
    """Let every loading of a program end the process, as long as a line is left in the file."""
    load = session.Judge.__init__

    def dying(self: session.Judge, plan: Plan) -> None:
        left = deaths.read_text(encoding="utf-8").splitlines()
        if left:
            deaths.write_text("\n".join(left[1:]), encoding="utf-8")
            os.kill(os.getpid(), signal.SIGKILL)
        load(self, plan)

    session.Judge.__init__ = dying  # type: ignore[method-assign]  # the weakness


if __name__ == "__main__":
    if sys.argv[1:2] == ["weak"]:
        load_weakly(Path(sys.argv[2]))
        del sys.argv[1:3]
    if sys.argv[1:2] == ["refuse"]:
        sys.exit(1)
    session.Judge.answer = answer  # type: ignore[method-assign]  # the poison
    child.main()
