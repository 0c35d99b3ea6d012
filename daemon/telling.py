"""Who is told and when, by the settings and the directory in force: what review and console share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from alerts.directory import NOBODY, Directory
from alerts.model import CardChange, Delivery
from alerts.plan import plan
from alerts.routes import Recipient, Routes
from alerts.routing import Routing
from alerts.timing import Timing, placed, within_budget
from ledger import Ledger
from rules.facts import Instant
from rules.policy import Policy, Rank


class RoutingInForce:
    """The route table with the directory that was imported last; another import holds from the next instant on."""

    def __init__(self, ledger: Ledger, routes: Routes, zone: str) -> None:
        self._ledger, self._routes, self._zone = ledger, routes, zone
        self._version, self._looked_at = 0, -1
        self._routing = Routing(routes, NOBODY, zone)

    @property
    def owner(self) -> tuple[Recipient, ...]:
        """The supervision owner's recipients."""
        return self._routes.owner

    @property
    def base_url(self) -> str:
        """The address of the console for links."""
        return self._routes.base_url

    @property
    def contact(self) -> str:
        """Whom a recipient asks."""
        return self._routes.contact

    @property
    def names(self) -> Mapping[str, Mapping[str, str]]:
        """The units' names by language."""
        return self._routing.names

    def recipients(self, unit: str, rank: Rank, at: Instant) -> tuple[Recipient, ...]:
        """Return who holds this rank for the unit at an instant."""
        return self.at(at).recipients(unit, rank, at)

    def at(self, now: Instant) -> Routing:
        """Return the routing in force; the ledger is asked once for each instant."""
        if now != self._looked_at:
            self._looked_at = now
            version = self._ledger.directory_version()
            if version != self._version:
                self._routing = Routing(self._routes, self._ledger.directory() or Directory(), self._zone)
                self._version = version
        return self._routing


class Punctual:
    """Moves deliveries to their moments; where ``timing`` gives None everything is told at once."""

    def __init__(self, ledger: Ledger, timing: Callable[[], Timing | None]) -> None:
        self._ledger, self._timing = ledger, timing

    def __call__(self, deliveries: Sequence[Delivery], now: Instant) -> tuple[Delivery, ...]:
        """Return the deliveries at their moments, those beyond an address's daily budget in its next digest."""
        timing = self._timing() if deliveries else None
        if timing is None:
            return tuple(deliveries)
        moved = placed(deliveries, timing, now)
        addresses = sorted({each.address for each in moved if each.counted_on})
        today = timing.calendar.on(now).isoformat()
        told = self._ledger.told_counts(addresses, today) if addresses else {}
        return within_budget(moved, told, timing, now)


class Telling:
    """What the console tells of a deed, in the transaction that writes it."""

    def __init__(self, routing: RoutingInForce, policies: Mapping[str, Policy], punctual: Punctual, zone: str) -> None:
        self._routing, self._policies, self._punctual, self._zone = routing, policies, punctual, zone

    def __call__(self, change: CardChange) -> tuple[Delivery, ...]:
        """Return the deliveries of one change."""
        now = change.at
        return self._punctual(plan([change], self._routing, self._policies, now, self._zone), now)
