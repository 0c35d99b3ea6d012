"""Whom a unit and a rank mean on a day: the route table of the settings first, then the organisation directory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from alerts.directory import NOBODY, Address, Held, Holders, Told
from alerts.routes import Elsewhere, Recipient, Routes
from rules.facts import Instant
from rules.placeholders import language_of, neutral
from rules.policy import Policy, Rank

ACTING: Final = "deputy"
MOST_ADDRESS: Final = 500


class Routing:
    """The route table together with the directory in force; what is asked twice is looked up once."""

    def __init__(self, routes: Routes, directory: Holders = NOBODY, zone: str = "Asia/Shanghai") -> None:
        self._routes, self.directory, self._zone = routes, directory, ZoneInfo(zone)
        self._known: dict[tuple[str, Rank, dt.date], tuple[Recipient, ...]] = {}
        self.owner, self.base_url, self.contact = routes.owner, routes.base_url, routes.contact
        self.names: Mapping[str, Mapping[str, str]] = {**directory.names, **routes.names}

    def recipients(self, unit: str, rank: Rank, at: Instant) -> tuple[Recipient, ...]:
        """Return who holds this rank for the unit at an instant; nobody is a finding."""
        about = unit, rank, dt.datetime.fromtimestamp(at, self._zone).date()
        if about not in self._known:
            explicit = self._routes.recipients(unit, rank, at)
            self._known[about] = explicit or tuple(_reached(self.directory.holders(*about)))
        return self._known[about]

    def asked(self, unit: str, rank: Rank, at: Instant) -> Held | None:
        """Return what the directory says, None where the route table of the settings decides."""
        if self._routes.recipients(unit, rank, at):
            return None
        return self.directory.holders(unit, rank, dt.datetime.fromtimestamp(at, self._zone).date())


def without_recipient(
    routing: Routing, units: Iterable[str], policies: Mapping[str, Policy], now: Instant
) -> tuple[tuple[str, Rank], ...]:
    """Return each (unit, rank) that a rule in force may tell and that nobody holds now."""
    ranks = [policy.tell for policy in policies.values() if policy.tell is not None]
    told = max(ranks, default=None, key=lambda rank: rank.value)
    asked = told.and_below() if told is not None else ()
    return tuple((unit, rank) for unit in sorted(units) for rank in asked if not routing.recipients(unit, rank, now))


def _reached(held: Held) -> Iterable[Recipient]:
    for told in held.people:
        if told.person.addresses:
            yield _recipient(told, *told.person.addresses[:2])


def _one_line(address: Address) -> str:
    return neutral(address.address)[:MOST_ADDRESS].strip() or "?"


def _recipient(told: Told, first: Address, second: Address | None = None) -> Recipient:
    """Return the recipient; what a table of the directory says is kept to one line and to what an address may be."""
    person = told.person
    acting_for = language_of(told.acting_for, person.language) if told.acting_for is not None else ""
    return Recipient(
        name=neutral(person.name), channel=first.channel, address=_one_line(first), language=person.language,
        fallback=Elsewhere(channel=second.channel, address=_one_line(second)) if second is not None else None,
        acting_for=neutral(acting_for),
    )  # fmt: skip
