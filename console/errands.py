"""What a button asks for and takes longer than a person should look at an empty page: done in the background.

Who asked is led to a page that says so and renews itself until the answer is there. Answers live in memory only: a
restart forgets them, and nothing is lost but the wait.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

PATIENCE: Final = 0.1
"""Seconds that a person waits before being led to the page that renews itself."""

KEPT: Final = 50
"""Errands that are remembered; the oldest that is done is forgotten first."""


class Outcome(NamedTuple):
    """What came of it: how it is shown, in the language of whoever asks then, and whether it was refused."""

    shown: Callable[[Request], Response]
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Errand:
    """Something that was asked for by an account."""

    number: int
    who: str
    coming: Future[Outcome]

    def outcome(self, patience: float = 0) -> Outcome | None:
        """Return what came of it, None while it is not there; what the work raised is raised to whoever asks."""
        wait([self.coming], patience)
        return self.coming.result() if self.coming.done() else None


@dataclass(slots=True)
class Errands:
    """The errands of this process: at most two are done at once, so that pages are not slowed down."""

    patience: float = PATIENCE
    known: dict[int, Errand] = field(default_factory=dict)
    last: int = 0
    lock: Lock = field(default_factory=Lock)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "errands"))

    def begin(self, who: str, work: Callable[[], Outcome]) -> Errand:
        """Begin something in the background."""
        with self.lock:
            self.last += 1
            errand = self.known[self.last] = Errand(self.last, who, self.pool.submit(work))
            done = [number for number, each in self.known.items() if each.coming.done() and number != self.last]
            for number in done[: max(len(self.known) - KEPT, 0)]:
                del self.known[number]
        return errand

    def find(self, number: int, who: str) -> Errand | None:
        """Return what an account asked for, None if it was forgotten or somebody else's."""
        found = self.known.get(number)
        return found if found is not None and found.who == who else None
