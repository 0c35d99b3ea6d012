"""Cases that were entered, rated or completed together (批量补录, 刷好评, 突击办结): one batch is one case of kind ``batch``.

Of everything that happened in a day and a place the densest stretch is a batch, then what is left of it before and
after, and so on: so a batch does not depend on where one begins to count.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rules.facts import CaseEvent, CaseId, Instant, Value
from rules.gathering.base import Gathering, Terms, Window, day_of, fact
from rules.gathering.gists import Gist, Rating
from rules.hits import OURS

LEAST: Final = 5
"""Fewer than these together are no batch; how many are too many is said by the rulebook."""

ENTERED_SECONDS: Final = 300
RATED_SECONDS: Final = 120
LAST_DAYS: Final = 3
"""The end of a period: the last days of its month."""

_DAY: Final = 86_400


def batches(instants: Iterable[Instant], within: int) -> list[tuple[Instant, Instant, int]]:
    """Return (first, last, how many) of each batch of at least ``LEAST`` within ``within`` seconds, in order."""
    return list(_batches(sorted(instants), within))


def _batches(instants: Sequence[Instant], within: int) -> Iterator[tuple[Instant, Instant, int]]:
    pending = [instants]
    found: list[tuple[Instant, Instant, int]] = []
    while pending:
        part = pending.pop()
        ends = [bisect_right(part, at + within) for at in part]
        begin = max(range(len(part)), key=lambda i: (ends[i] - i, -i), default=0)
        if part and ends[begin] - begin >= LEAST:
            found.append((part[begin], part[ends[begin] - 1], ends[begin] - begin))
            pending += [part[:begin], part[ends[begin] :]]
    return iter(sorted(found))


def _told(window: Window, name: str, number: int, at: Instant, data: dict[str, Value]) -> CaseEvent:
    batch = f"{window.key}/{number}"
    return fact(batch, CaseId(OURS, "batch", batch), name, at, data)


# ── entered together ───────────────────────────────────────────────────────────────────────────


def _entered_windows(gist: Gist, terms: Terms) -> Iterator[Window]:
    """A finished case whose whole life its source wrote within minutes falls into the day on which it did."""
    first, last = gist.entered_from_at, gist.entered_at
    finished = gist.unit and gist.ended_at is not None
    if finished and first is not None and last is not None and last - first <= ENTERED_SECONDS:
        yield Window("entered_together", f"entered_together/{day_of(last, terms)}/{gist.unit}")


def _entered(window: Window, gists: Sequence[Gist], _terms: Terms) -> Iterator[CaseEvent]:
    unit = gists[0].unit
    found = batches((gist.entered_at or 0 for gist in gists), ENTERED_SECONDS)
    for number, (first, last, cases) in enumerate(found, 1):
        told: dict[str, Value] = {"unit": unit, "cases": cases, "minutes": -(-(last - first) // 60), "began_at": first}
        yield _told(window, "entered_together", number, last, told)


ENTERED: Final = Gathering("entered_together", _entered_windows, _entered)

# ── rated together ─────────────────────────────────────────────────────────────────────────────


def _rated_key(gist: Gist, rating: Rating, terms: Terms) -> Window:
    key = f"rated_together/{day_of(rating.rated_at, terms)}/{gist.unit}/{rating.window}/{rating.terminal}"
    return Window("rated_together", key)


def _rated_windows(gist: Gist, terms: Terms) -> Iterator[Window]:
    """A rating falls into the day and the terminal on which it was given."""
    if gist.unit:
        yield from dict.fromkeys(_rated_key(gist, rating, terms) for rating in gist.ratings if rating.terminal)


def _rated(window: Window, gists: Sequence[Gist], terms: Terms) -> Iterator[CaseEvent]:
    mine = [(g, r) for g in gists for r in g.ratings if r.terminal and _rated_key(g, r, terms) == window]
    gist, rating = mine[0]
    found = batches((each.rated_at for _, each in mine), RATED_SECONDS)
    for number, (first, last, ratings) in enumerate(found, 1):
        told: dict[str, Value] = {
            "unit": gist.unit, "window": rating.window, "terminal": rating.terminal, "ratings": ratings,
            "seconds": last - first,
        }  # fmt: skip
        yield _told(window, "rated_together", number, last, told)


RATED: Final = Gathering("rated_together", _rated_windows, _rated)

# ── completed together ─────────────────────────────────────────────────────────────────────────


def _rushed_windows(gist: Gist, terms: Terms) -> Iterator[Window]:
    """A case that was completed outside office hours in the last days of a month falls into that day of its unit."""
    at = gist.ended_at
    if gist.unit and gist.ending == "completed" and at is not None and _is_late(at, terms):
        yield Window("completed_together", f"completed_together/{day_of(at, terms)}/{gist.unit}")


def _is_late(at: Instant, terms: Terms) -> bool:
    closed = terms.office.work(at - 1) == terms.office.work(at + 1)
    return closed and day_of(at, terms)[:7] != day_of(at + LAST_DAYS * _DAY, terms)[:7]


def _rushed(window: Window, gists: Sequence[Gist], _terms: Terms) -> Iterator[CaseEvent]:
    if len(gists) >= LEAST:
        at = max(gist.ended_at or 0 for gist in gists)
        yield _told(window, "completed_together", 1, at, {"unit": gists[0].unit, "completions": len(gists)})


RUSHED: Final = Gathering("completed_together", _rushed_windows, _rushed)
