"""Comparison of a unit with its peers (同类比较): figures of a dated window, counted in plain code and given as facts.

A unit is compared with the others, never with itself: in a small county a unit that is part of the mean could not exceed
it by two sigma however it behaved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import fsum, sqrt
from typing import Final, NamedTuple

from rules.facts import Case, CaseEvent, Instant

LEAST_CASES: Final = 20
"""A unit with fewer cases in the window is neither compared nor a peer: its shares say nothing."""

LEAST_PEERS: Final = 5


class Share(NamedTuple):
    """So many of so many cases of a unit."""

    part: int
    whole: int

    @property
    def value(self) -> float:
        """The share, 0 to 1."""
        return self.part / self.whole


class Standing(NamedTuple):
    """A unit's figure beside the limit that follows from its peers: their mean + 2 sigma."""

    value: float
    limit: float
    peers: int


def suspension_shares(cases: Iterable[Case], since: Instant, until: Instant) -> dict[str, Share]:
    """Return for each unit how many of its cases accepted in [``since``, ``until``) were ever suspended."""
    found: dict[str, Share] = {}
    for case in cases:
        accepted = next((event for event in case.events if event.name == "accepted"), None)
        unit = case.attribute("unit")
        if accepted is None or accepted.occurred_at is None or unit is None:
            continue
        if since <= accepted.occurred_at < until:
            suspended = any(event.name == "suspension_started" for event in case.events)
            before = found.get(str(unit), Share(0, 0))
            found[str(unit)] = Share(before.part + suspended, before.whole + 1)
    return found


def standings(shares: Mapping[str, Share]) -> dict[str, Standing]:
    """Return each unit beside its peers; a unit with too few cases or peers is left out."""
    counted = {unit: share.value for unit, share in shares.items() if share.whole >= LEAST_CASES}
    if len(counted) <= LEAST_PEERS:
        return {}
    return {unit: _standing(value, [v for u, v in counted.items() if u != unit]) for unit, value in counted.items()}


def _standing(value: float, peers: list[float]) -> Standing:
    mean = fsum(peers) / len(peers)
    sigma = sqrt(fsum((peer - mean) ** 2 for peer in peers) / len(peers))
    return Standing(value, mean + 2 * sigma, len(peers))


def comparisons(
    measure: str, shares: Mapping[str, Share], window: str, at: Instant, source: str, namespace: str
) -> list[CaseEvent]:
    """Return one ``peers_compared`` fact per unit that can be compared, for the case of kind ``unit`` that it is.

    ``window`` names the dated window (``2024Q3``): a later comparison of the same window is a new version of the fact.
    """
    return [
        CaseEvent(
            source=source, event_id=f"{measure}/{window}/{unit}", namespace=namespace, kind="unit", case_no=unit,
            name="peers_compared", occurred_at=at,
            data={"unit": unit, "measure": measure, "window": window, "value": found.value, "limit": found.limit, "peers": found.peers},
        )
        for unit, found in sorted(standings(shares).items())
    ]  # fmt: skip
