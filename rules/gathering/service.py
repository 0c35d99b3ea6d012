"""How a unit serves (服务质量): complaints to its cases, satisfaction, and named bad ratings called back, of a quarter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rules.facts import CaseEvent, CaseId, Value
from rules.gathering.base import Gathering, Terms, Window, dated, fact
from rules.gathering.gists import Gist, Rating
from rules.hits import OURS
from rules.statistics import Ratio

BAD: Final = 4
"""Levels from this one on are bad ratings: 1 is very satisfied, 5 very dissatisfied."""


def _window_of(at: int, gist: Gist, terms: Terms) -> Window:
    quarter = dated("service", "quarter", at, terms)
    return Window(quarter.gathering, f"{quarter.key}/{gist.unit}", quarter.closes_at)


def _windows(gist: Gist, terms: Terms) -> Iterator[Window]:
    """A case falls into the quarter in which it began, and into those in which it was rated."""
    if gist.unit:
        instants = [gist.begun_at, *(rating.rated_at for rating in gist.ratings if rating.level)]
        yield from dict.fromkeys(_window_of(at, gist, terms) for at in instants if at is not None)


def _measured(window: Window, gists: Sequence[Gist], terms: Terms) -> Iterator[CaseEvent]:
    unit = gists[0].unit
    begun = [gist for gist in gists if gist.begun_at is not None and _window_of(gist.begun_at, gist, terms) == window]
    complaints = sum(gist.case_id.kind == "complaint" for gist in begun)
    cases = len(begun) - complaints
    ratings = [r for g in gists for r in g.ratings if r.level and _window_of(r.rated_at, g, terms) == window]
    named_bad = [rating for rating in ratings if rating.level >= BAD and rating.named]
    told: dict[str, Value] = {
        "unit": unit,
        "measured_cases": cases,
        "complaints": complaints,
        "complaint_percent": _percent(complaints, cases),
        "ratings": len(ratings),
        "satisfaction_percent": _percent(sum(not _is_bad(rating) for rating in ratings), len(ratings)),
        "named_bad": len(named_bad),
        "called_back_percent": _percent(sum(rating.called_back for rating in named_bad), len(named_bad)),
    }
    yield fact(window.key, CaseId(OURS, "unit", unit), "service_measured", window.closes_at, told)


def _is_bad(rating: Rating) -> bool:
    return rating.level >= BAD


def _percent(part: int, whole: int) -> float | None:
    shown = Ratio(part, whole).percent()
    return float(shown) if shown is not None else None


SERVICE: Final = Gathering("service", _windows, _measured, frozenset({"application", "complaint"}))
