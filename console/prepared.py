"""What takes longer to count than a reader should wait: counted in the background, kept, and counted anew when it is old."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Lock
from typing import Final, Generic, TypeVar

from rules.facts import Instant

Kept = TypeVar("Kept")

PATIENCE: Final = 0.1
"""Seconds that a reader waits for something that is being counted."""

MOST: Final = 64
"""So many answers are kept, those asked for last."""


@dataclass(slots=True)
class _Answer(Generic[Kept]):
    """One answer: ``ready`` as it was counted last, ``coming`` what is being counted."""

    asked_at: Instant
    counted_at: Instant = 0
    ready: Kept | None = None
    coming: Future[Kept] | None = None


class Prepared(Generic[Kept]):
    """Answers by key; safe to be asked from many threads. At most one thread counts, so that pages are not slowed down."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(1, "counting")
        self._answers: dict[Hashable, _Answer[Kept]] = {}

    def get(self, key: Hashable, now: Instant, keep: int, count: Callable[[], Kept]) -> Kept | None:
        """Return the answer, an old one while a new one is being counted, None while there is none.

        ``keep`` is for how many seconds an answer is good; what ``count`` raises is raised to one who asks.
        """
        with self._lock:
            answer = self._answers.setdefault(key, _Answer(now))
            answer.asked_at = now
            self._settle(answer)
            if answer.coming is None and (answer.ready is None or not 0 <= now - answer.counted_at < keep):
                answer.coming, answer.counted_at = self._pool.submit(count), now
            coming, patience = answer.coming, PATIENCE if answer.ready is None else 0
            self._forget()
        if coming is not None:
            wait([coming], patience)
        with self._lock:
            self._settle(answer)
            return answer.ready

    def _settle(self, answer: _Answer[Kept]) -> None:
        """Take over what has been counted meanwhile."""
        if answer.coming is not None and answer.coming.done():
            counted, answer.coming = answer.coming, None
            answer.ready = counted.result()

    def _forget(self) -> None:
        while len(self._answers) > MOST:
            del self._answers[min(self._answers, key=lambda key: self._answers[key].asked_at)]
