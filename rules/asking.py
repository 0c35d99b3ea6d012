"""Whether a rule can be asked at all: a rule may name what a source has to report (``asks``), else it is silent there.

A need is an event (``fee_charged``), an attribute of an event (``completed.reason``), of any event (``case.officer``) or
of the item's version (``item.fee``); ``a or b`` is met by either. An attribute that a source reports *empty* is reported.
So a rule whose data a source never delivers makes no case grey; ``unanswered`` names it once for the source instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, Protocol, TypeAlias

from rules.facts import CaseEvent, Instant, ItemVersion

Need: TypeAlias = tuple[str, ...]
"""``(event,)``, ``(event, attribute)``, ``("case", attribute)`` or ``("item", attribute)``."""

Asks: TypeAlias = tuple[tuple[Need, ...], ...]
"""All needs of a rule, each as its alternatives."""

Reported: TypeAlias = Mapping[Need, Instant]
"""What a case reports, each from its first instant on."""

_NEED: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")


def parse_asks(text: str) -> tuple[Need, ...]:
    """Return the alternatives written as ``a or b.c``; raise ``ValueError`` with a sentence if one is neither."""
    found = [part.strip() for part in text.split(" or ")]
    for part in found:
        if _NEED.fullmatch(part) is None:
            raise ValueError(f"'{part}' is not an event or an attribute")
    return tuple(tuple(part.split(".")) for part in found)


def written(need: Need) -> str:
    """Return a need as it is written in a rulebook."""
    return ".".join(need)


def reported(events: Iterable[CaseEvent]) -> Reported:
    """Return what these events report; ``events`` are in fold order."""
    found: dict[Need, Instant] = {}
    for event in events:
        at, name = event.occurred_at or 0, event.name
        found.setdefault((name,), at)
        for attribute in event.data:
            found.setdefault((name, attribute), at)
            found.setdefault(("case", attribute), at)
        if event.inserted_at is not None:
            found.setdefault(("case", "inserted_at"), at)
    return found


def asked_from(asks: Asks, told: Reported, item: ItemVersion | None, begins_at: Instant) -> Instant | None:
    """Return the instant from which every need is met, None if one never is."""
    begun = begins_at
    for alternatives in asks:
        instants = [at for need in alternatives if (at := _met_from(need, told, item, begins_at)) is not None]
        if not instants:
            return None
        begun = max(begun, min(instants))
    return begun


def _met_from(need: Need, told: Reported, item: ItemVersion | None, begins_at: Instant) -> Instant | None:
    if need[0] != "item":
        return told.get(need)
    says = item is not None and (need[1] in item.data or need[1] in item.limits)
    return begins_at if says else None


class Asking(Protocol):
    """A rule as far as its needs are concerned."""

    @property
    def id(self) -> str:
        """The rule's number."""

    @property
    def asks(self) -> Asks:
        """What it asks for."""


class Unanswered(NamedTuple):
    """A rule that no case of a source can be asked, and what the source does not report."""

    rule: str
    lacks: tuple[str, ...]


def unanswered(rules: Iterable[Asking], told: Iterable[Need]) -> tuple[Unanswered, ...]:
    """Return the rules that have no data in a source or unit that reports ``told``, each with what is lacking."""
    known = frozenset(told)
    found = []
    for rule in rules:
        lacks = [alternatives for alternatives in rule.asks if known.isdisjoint(alternatives)]
        if lacks:
            found.append(Unanswered(rule.id, tuple(" or ".join(map(written, each)) for each in lacks)))
    return tuple(found)
