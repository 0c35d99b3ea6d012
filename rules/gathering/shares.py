"""A unit beside its peers: how often it suspends, returns and refuses, of a closed quarter (``rules.peers``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from rules.facts import CaseEvent
from rules.gathering.base import Gathering, Terms, Window, dated
from rules.gathering.gists import Gist
from rules.hits import OURS
from rules.peers import Share, comparisons

MEASURES: Final[Mapping[str, Callable[[Gist], bool]]] = {
    "suspension_share": lambda gist: gist.suspended,
    "return_share": lambda gist: gist.ending in {"returned", "withdrawn", "voided"},
    "refusal_share": lambda gist: gist.ending == "refused_accept",
}
"""What is compared: of the cases of a unit that began in the quarter, the part of which this is true."""


def _windows(gist: Gist, terms: Terms) -> Iterator[Window]:
    if gist.unit and gist.begun_at is not None:
        yield dated("peers", "quarter", gist.begun_at, terms)


def _compared(window: Window, gists: Sequence[Gist], _terms: Terms) -> Iterator[CaseEvent]:
    for measure, holds in MEASURES.items():
        shares: dict[str, Share] = {}
        for gist in gists:
            before = shares.get(gist.unit, Share(0, 0))
            shares[gist.unit] = Share(before.part + holds(gist), before.whole + 1)
        yield from comparisons(measure, shares, window.key, window.closes_at, OURS, OURS)


PEERS: Final = Gathering("peers", _windows, _compared)
