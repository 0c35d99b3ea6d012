"""The screens that hang somewhere: all that show the same share one drawing, and none is drawn while nothing moves."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, NamedTuple

from markupsafe import Markup

from ledger.views import Counters, Followed
from rules.facts import Instant
from rules.statistics import Ratio

AT_LEAST_EVERY: Final = 15
"""Time alone makes cases overdue, so a screen is drawn anew after this many seconds though no counter moved."""

FORGOTTEN_AFTER: Final = 10 * AT_LEAST_EVERY


LOOP_KEPT: Final = 60
"""For how many seconds the figures of the loop are shown before they are counted anew."""


class LoopFigures(NamedTuple):
    """How cards were followed, and how many red ones have their consequence."""

    followed: Followed
    consequence_rate: Ratio


@dataclass(slots=True)
class _Kept:
    """What was drawn last, when and at which counters; ``asked_at`` is when somebody last wanted it."""

    counters: Counters = ()
    drawn_at: Instant = 0
    asked_at: Instant = -1
    parts: Mapping[str, Markup] = field(default_factory=dict)


class Screens:
    """Remembers what was drawn last for each key; safe to be asked from many threads, of which one reads at a time."""

    def __init__(self) -> None:
        self._drawing, self._counting = Lock(), Lock()
        self._kept: dict[Hashable, _Kept] = {}
        self._loops: dict[Hashable, tuple[Instant, LoopFigures]] = {}
        self._streams = 0

    def parts(
        self, key: Hashable, now: Instant, counters: Callable[[], Counters], draw: Callable[[], Mapping[str, Markup]]
    ) -> Mapping[str, Markup]:
        """Return the parts of a screen; they are drawn only if a counter moved or some time has passed."""
        with self._drawing:
            kept = self._kept.setdefault(key, _Kept())
            if kept.asked_at != now:
                found = counters()
                if not kept.parts or found != kept.counters or not 0 <= now - kept.drawn_at < AT_LEAST_EVERY:
                    kept.parts, kept.counters, kept.drawn_at = draw(), found, now
                kept.asked_at = now
                self._forget(now)
            return kept.parts

    def loop(self, key: Hashable, now: Instant, count: Callable[[], LoopFigures]) -> LoopFigures:
        """Return the figures of the loop, counted anew only now and then: they are of ninety days and cost the most."""
        known = self._loops.get(key)
        if known is None or not 0 <= now - known[0] < LOOP_KEPT:
            known = self._loops[key] = (now, count())
        return known[1]

    def enter(self, limit: int) -> bool:
        """Open a stream unless ``limit`` are open; whoever is let in has to ``leave``."""
        with self._counting:
            if self._streams >= limit:
                return False
            self._streams += 1
            return True

    def leave(self) -> None:
        """Close a stream."""
        with self._counting:
            self._streams -= 1

    def _forget(self, now: Instant) -> None:
        for key in [key for key, kept in self._kept.items() if abs(now - kept.asked_at) > FORGOTTEN_AFTER]:
            del self._kept[key]
        for key in [key for key, (at, _) in self._loops.items() if abs(now - at) > FORGOTTEN_AFTER]:
            del self._loops[key]
