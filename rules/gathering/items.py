"""Items as subjects (事项): each version of the catalogue that publishes step limits, told on its first day.

Only these: a rule about items can ask nothing else of a catalogue, and a case for each item would say nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from rules.env import steps_total
from rules.facts import CaseEvent, CaseId, Instant, ItemVersion
from rules.gathering.base import Terms, fact
from rules.hits import OURS

EARLIEST: Final = dt.date(2004, 7, 1)
"""A version without a first date holds from the day from which the rulebooks judge."""


def published_items(terms: Terms) -> Iterator[CaseEvent]:
    """Yield an event ``published`` for each version of an item that publishes step limits."""
    for code, versions in sorted(terms.catalogue.versions.items()):
        for item in versions:
            if steps_total(item) is not None:
                told = {"item": code, "unit": item.data.get("unit"), "version": item.version}
                key, subject = f"item/{code}/{item.version}/{item.from_on}", CaseId(OURS, "item", code)
                yield fact(key, subject, "published", _begins_at(item, terms), told)


def _begins_at(item: ItemVersion, terms: Terms) -> Instant:
    first = max(item.from_on, EARLIEST)
    return int(dt.datetime.combine(first, dt.time(), ZoneInfo(terms.zone)).timestamp())
