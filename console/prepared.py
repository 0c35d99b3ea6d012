"""What takes longer to count than a reader should wait: counted in the background, kept, and counted anew when it is old."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Unfinished
from dataclasses import dataclass
from threading import Lock
from typing import Final, Generic, TypeVar

from rules.facts import Instant

Kept = TypeVar("Kept")

PATIENCE: Final = 0.15
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

        ``keep`` is for how many seconds an answer is good; what ``count`` raises is raised to the first who asks.
        """
        with self._lock:
            answer = self._answers.setdefault(key, _Answer(now))
            answer.asked_at = now
            if answer.coming is None and (answer.ready is None or not 0 <= now - answer.counted_at < keep):
                answer.coming, answer.counted_at = self._pool.submit(count), now
            coming = answer.coming
            self._forget()
        if coming is None:
            return answer.ready
        try:
            ready = coming.result(PATIENCE if answer.ready is None else 0)
        except Unfinished:
            return answer.ready
        except BaseException:
            self._settle(answer, coming, None)
            raise
        self._settle(answer, coming, ready)
        return ready

    def _settle(self, answer: _Answer[Kept], coming: Future[Kept], ready: Kept | None) -> None:
        with self._lock:
            if answer.coming is coming:
                answer.coming = None
                answer.ready = ready if ready is not None else answer.ready

    def _forget(self) -> None:
        while len(self._answers) > MOST:
            del self._answers[min(self._answers, key=lambda key: self._answers[key].asked_at)]
