"""The share of instant cases (即办件占比) of a unit in a quarter beside that of the quarter before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rules.facts import CaseEvent, CaseId, Value
from rules.gathering.base import Gathering, Terms, Window, dated, day_of, fact
from rules.gathering.gists import Gist
from rules.hits import OURS
from rules.peers import LEAST_CASES


def _quarter(at: int, gist: Gist, terms: Terms) -> Window:
    quarter = dated("instant", "quarter", at, terms)
    return Window("instant", f"{quarter.key}/{gist.unit}", quarter.closes_at)


def _windows(gist: Gist, terms: Terms) -> Iterator[Window]:
    """A completed case falls into its quarter, and into the next one, which is compared with it."""
    if gist.unit and gist.ending == "completed" and gist.ended_at is not None and gist.begun_at is not None:
        own = _quarter(gist.ended_at, gist, terms)
        yield own
        yield _quarter(own.closes_at, gist, terms)


def _compared(window: Window, gists: Sequence[Gist], terms: Terms) -> Iterator[CaseEvent]:
    own = [gist for gist in gists if _quarter(gist.ended_at or 0, gist, terms) == window]
    former = [gist for gist in gists if _quarter(gist.ended_at or 0, gist, terms) != window]
    if min(len(own), len(former)) >= LEAST_CASES:
        share, before = (100 * sum(_is_instant(each, terms) for each in part) / len(part) for part in (own, former))
        told: dict[str, Value] = {
            "unit": gists[0].unit,
            "instant_percent": round(share, 2),
            "instant_rise": round(share - before, 2),
        }
        yield fact(window.key, CaseId(OURS, "unit", gists[0].unit), "instant_share_measured", window.closes_at, told)


def _is_instant(gist: Gist, terms: Terms) -> bool:
    """A case that was finished on the day on which it began passes for instant."""
    return day_of(gist.begun_at or 0, terms) == day_of(gist.ended_at or 0, terms)


INSTANT: Final = Gathering("instant", _windows, _compared)
