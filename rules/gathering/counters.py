"""Windows of the hall (窗口): how many of their instant cases they decide on the spot, and accounts at two of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from rules.facts import CaseEvent, CaseId, Value
from rules.gathering.base import Gathering, Terms, Window, dated, day_of, fact, midnight_after
from rules.gathering.gists import Act, Gist
from rules.hits import OURS

AT_ONCE_SECONDS: Final = 60
"""Nobody walks from one window to another and serves there within so many seconds."""


def _windows(gist: Gist, terms: Terms) -> Iterator[Window]:
    """A case of an instant item falls into the month in which its window received it."""
    if gist.unit and gist.window and gist.begun_at is not None:
        item = terms.catalogue.version_at(gist.item, terms.calendar.on(gist.begun_at))
        if item is not None and item.data.get("instant") is True:
            month = dated("counters", "month", gist.begun_at, terms)
            yield Window("counters", f"{month.key}/{gist.unit}/{gist.window}", month.closes_at)


def _measured(window: Window, gists: Sequence[Gist], terms: Terms) -> Iterator[CaseEvent]:
    unit, no = gists[0].unit, gists[0].window
    decided = sum(
        gist.ending in {"completed", "refused_accept"}
        and day_of(gist.ended_at or 0, terms) == day_of(gist.begun_at or 0, terms)
        for gist in gists
    )
    told: dict[str, Value] = {"unit": unit, "window": no, "cases": len(gists), "decided": decided}
    yield fact(window.key, CaseId(OURS, "window", f"{unit}/{no}"), "window_measured", window.closes_at, told)


COUNTERS: Final = Gathering("counters", _windows, _measured)


def _day(act: Act, terms: Terms) -> Window:
    return Window("two_windows", f"two_windows/{day_of(act.at, terms)}/{act.account}")


def _days(gist: Gist, terms: Terms) -> Iterator[Window]:
    """A case falls into the day of each account that acted on it at a window."""
    yield from dict.fromkeys(_day(act, terms) for act in gist.acts)


def _seen(window: Window, gists: Sequence[Gist], terms: Terms) -> Iterator[CaseEvent]:
    """Yield the instants at which an account was at several windows at once, and that the day is over."""
    acts = sorted({(a.at, a.window, a.account, g.unit) for g in gists for a in g.acts if _day(a, terms) == window})
    if not acts:
        return
    person, unit = CaseId(OURS, "person", acts[0][2]), acts[0][3]
    most = 1
    for at, together in groupby(acts, key=lambda act: act[0]):
        here = {act[1] for act in together}
        near = here | {act[1] for act in acts if at - AT_ONCE_SECONDS < act[0] <= at}
        if len(near) > most:
            most = len(near)
            yield fact(f"{window.key}/{most}", person, "windows_seen", at, {"windows": most, "unit": unit})
    if most > 1:
        over = midnight_after(acts[0][0], terms)
        yield fact(f"{window.key}/over", person, "windows_seen", over, {"windows": 1, "unit": unit})


TWO_WINDOWS: Final = Gathering("two_windows", _days, _seen)
