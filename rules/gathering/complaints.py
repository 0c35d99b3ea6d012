"""Complaints about one person or post (重复投诉): counted in the quarter in which they are made, as they arrive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rules.facts import CaseEvent, CaseId
from rules.gathering.base import Gathering, Terms, Window, dated, fact
from rules.gathering.gists import Gist
from rules.hits import OURS
from rules.windows import leaves_at

UNFOUNDED: Final = "unfounded"


def _windows(gist: Gist, terms: Terms) -> Iterator[Window]:
    """A complaint that names somebody, and was not found to be unfounded, is looked at as soon as it is made."""
    if gist.target and gist.begun_at is not None and gist.outcome != UNFOUNDED:
        quarter = dated("complained_of", "quarter", gist.begun_at, terms)
        yield Window("complained_of", f"{quarter.key}/{gist.target}")


def _counted(window: Window, gists: Sequence[Gist], terms: Terms) -> Iterator[CaseEvent]:
    """Yield the count at each complaint, and that it begins anew with the next quarter."""
    person, unit = CaseId(OURS, "person", gists[0].target), gists[0].unit
    instants = sorted(gist.begun_at or 0 for gist in gists)
    for number, at in enumerate(instants, 1):
        yield fact(f"{window.key}/{number}", person, "complaints_counted", at, {"complaints": number, "unit": unit})
    over = leaves_at("quarter", instants[-1], terms.zone)
    yield fact(f"{window.key}/over", person, "complaints_counted", over, {"complaints": 0, "unit": unit})


COMPLAINED_OF: Final = Gathering("complained_of", _windows, _counted, frozenset({"complaint"}))
