"""Explains cases for the pages, by the law in force."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from daemon.lawinforce import LawInForce
from rules.engine import ChildEngine
from rules.explaining import explained
from rules.explanation import Explanation
from rules.facts import Case, Instant
from rules.telling import Units


class Explainer:
    """Explains cases for the pages with an engine of its own, one at a time, so that no review waits for a reader."""

    def __init__(self, law: LawInForce, engine: ChildEngine, now: Callable[[], Instant], units: Units) -> None:
        self._law, self._engine, self._now, self._units, self._lock = law, engine, now, units, Lock()
        self._judging_by = law.law
        self._context = law.law.context(engine)

    def __call__(self, case: Case) -> Explanation:
        with self._lock:
            if self._judging_by is not self._law.law:
                self._judging_by = self._law.law
                self._context = self._judging_by.context(self._engine)
            return explained(case, self._context, self._now(), units=self._units)
