"""Who sends notices of correction on the last lawful day, again and again (屡次在最后一日告知补正): of a closed month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rules.facts import CaseEvent, CaseId, Instant, Value
from rules.gathering.base import Gathering, Terms, Window, dated, fact
from rules.gathering.gists import Gist
from rules.hits import OURS

LAST_WORKDAY: Final = 5
"""The notice is due on the fifth working day after receipt (行政许可法第三十二条)."""


def _windows(gist: Gist, terms: Terms) -> Iterator[Window]:
    if gist.notifier and gist.notified_at is not None and gist.received_at is not None:
        yield dated("last_day_notices", "month", gist.notified_at, terms)


def _last_day(window: Window, gists: Sequence[Gist], terms: Terms) -> Iterator[CaseEvent]:
    told: dict[str, list[bool]] = {}
    units = {gist.notifier: gist.unit for gist in gists}
    for gist in gists:
        told.setdefault(gist.notifier, []).append(_workday(gist.received_at, gist.notified_at, terms) == LAST_WORKDAY)
    for person, last in sorted(told.items()):
        data: dict[str, Value] = {
            "last_day_notices": sum(last),
            "last_day_share": sum(last) / len(last),
            "unit": units[person],
        }
        yield fact(f"{window.key}/{person}", CaseId(OURS, "person", person), "notices_counted", window.closes_at, data)


def _workday(begun_at: Instant | None, ended_at: Instant | None, terms: Terms) -> int:
    """Return which working day after the day of the one instant the day of the other is."""
    calendar = terms.calendar
    gone = calendar.work(calendar.day_end(ended_at or 0)) - calendar.work(calendar.day_end(begun_at or 0))
    return gone // calendar.day_ticks


LAST_DAY: Final = Gathering("last_day_notices", _windows, _last_day)
