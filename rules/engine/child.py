"""The engine's own process: reads batches from its input, judges them, writes answers; a crash in C ends only this.

Started as ``python -m rules.engine.child LIMIT``: a batch that takes longer than LIMIT seconds kills the process from
within, so that an endless loop does not outlive a parent that is gone.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import BinaryIO

import msgspec

from rules.engine.messages import HEADER, KEPT, READY, Answer, Ask, frame
from rules.engine.session import Judge, Truncated


def main() -> None:
    """Answer batches until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever C prints must not stand between two frames
    serve(sys.stdin.buffer, answers, float(sys.argv[1]) if len(sys.argv) > 1 else 0.0)


def serve(asks: BinaryIO, answers: BinaryIO, limit: float) -> None:
    """Answer every frame of ``asks``; the first frame written says that the process is ready."""
    judges: dict[str, Judge] = {}
    decoder = msgspec.json.Decoder(Ask)
    _write(answers, READY)
    while (payload := _read(asks)) is not None:
        signal.setitimer(signal.ITIMER_REAL, limit)
        answer = _answer(judges, decoder.decode(payload))
        signal.setitimer(signal.ITIMER_REAL, 0)
        _write(answers, msgspec.json.encode(answer))


def _answer(judges: dict[str, Judge], ask: Ask) -> Answer:
    """Judge one batch; a program in which a batch failed is closed, for its sessions may hold what is left of it."""
    judge = judges.pop(ask.version, None)
    try:
        if judge is None:
            if ask.plan is None:
                return Answer(failure=f"program {ask.version} is not loaded")
            judge = Judge(ask.plan)
        answer = judge.answer(ask)
    except Exception as error:  # noqa: BLE001  # what the C core raises belongs to this batch, not to the process
        if judge is not None:
            judge.close()
        return Answer(failure="truncated" if isinstance(error, Truncated) else f"{type(error).__name__}: {error}")
    judges[ask.version] = judge
    while len(judges) > KEPT:
        judges.pop(next(iter(judges))).close()
    return answer


def _read(stream: BinaryIO) -> bytes | None:
    """Return the next frame, None at the end of the input."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (length,) = HEADER.unpack(header)
    return stream.read(length)


def _write(stream: BinaryIO, payload: bytes) -> None:
    stream.write(frame(payload))
    stream.flush()


if __name__ == "__main__":
    main()
