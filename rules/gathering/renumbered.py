"""A return and a new number (退件后重新编号): how many days before it began the same applicant had been turned away with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Final

from rules.facts import CaseEvent, Value
from rules.gathering.base import Gathering, Terms, Window, fact
from rules.gathering.gists import Gist

_TURNED_AWAY: Final = frozenset({"returned", "withdrawn", "voided"})


def _windows(gist: Gist, _terms: Terms) -> Iterator[Window]:
    """Cases of one applicant about one item are looked at together, whenever they were; the key does not name them."""
    if gist.applicant and gist.item:
        both = blake2b(f"{gist.applicant}\x1f{gist.item}".encode(), digest_size=16).hexdigest()
        yield Window("renumbered", f"renumbered/{both}")


def _renumbered(window: Window, gists: Sequence[Gist], terms: Terms) -> Iterator[CaseEvent]:
    for gist in gists:
        began_at = gist.begun_at
        before = [
            (other.ended_at, other.case_id)
            for other in gists
            if other.ending in _TURNED_AWAY
            and other.case_id != gist.case_id
            and began_at is not None
            and other.ended_at is not None
            and other.ended_at <= began_at
        ]
        if before and began_at is not None:
            ended_at, former = max(before)
            days = (terms.calendar.on(began_at) - terms.calendar.on(ended_at or 0)).days
            told: dict[str, Value] = {"days_since_return": days, "former_case": str(former)}
            yield fact(f"{window.key}/{gist.case_id}", gist.case_id, "renumbered", began_at, told)


RENUMBERED: Final = Gathering("renumbered", _windows, _renumbered)
