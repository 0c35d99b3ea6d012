"""A house in virtual time that follows cards to the end: office hours, digests, the directory, silent sources, the sweep."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from alerts.directory import Directory
from alerts.model import CardChange, Deed, Done
from alerts.moves import BY_DEED
from alerts.routes import EVERY_UNIT, Recipient, Routes
from alerts.timing import DutyTurn, Timing
from daemon.appeals import counts_from
from daemon.duties.digest import Digest
from daemon.duties.notify import Notify
from daemon.duties.review import Review
from daemon.duties.sweep import Sweep
from daemon.telling import Punctual, RoutingInForce, Telling
from ledger import views
from rules.engine import DirectEngine
from rules.facts import CaseId, Instant
from rules.policy import Rank
from rules.review import review
from tests.stories.reference import OWNER
from tests.stories.virtual import Department, House, Letter

ZONE = "Asia/Shanghai"
DUTY = Recipient(name="值班员", channel="hook", address="duty")


class LoopHouse(House):
    """The duties as the daemon puts them together with its default settings; ``ranks`` are told by the route table."""

    def __init__(
        self, folder: Path, *departments: Department, directory: Directory | None = None, inhibiting: bool = False
    ) -> None:
        self._directory, self._inhibiting = directory, inhibiting
        super().__init__(folder, *departments)

    def start(self) -> None:
        """Put the duties together anew."""
        super().start()
        if self._directory is not None:
            self.ledger.import_directory(self._directory, "admin", 0)
        ranks = {rank: (Recipient(name=rank, channel="hook", address=rank),) for rank in Rank}
        routes = Routes(owner=(OWNER,), units={EVERY_UNIT: {} if self._directory is not None else ranks})
        timing = Timing(self.law.calendars.get("cn-office"), (dt.time(9), dt.time(15)), (DutyTurn(DUTY),))
        context, policies = self.law.context(DirectEngine()), self.law.books.policies
        self.routing = RoutingInForce(self.ledger, routes, ZONE)
        self.counts_from = counts_from(self.law.default_calendar)
        punctual = Punctual(self.ledger, lambda: timing)
        self.tell = Telling(self.routing, policies, punctual, ZONE)
        self.review = Review(
            self.ledger, lambda cases, now: review(cases, context, 0, now), policies, self.routing, self.counts_from,
            ZONE, timed=punctual, inhibiting=self._inhibiting,
        )  # fmt: skip
        self.digest = Digest(self.ledger, ZONE, lambda: self.routing.names)
        self.sweep = Sweep(self.ledger, lambda: policies)
        self.notify = Notify(self.ledger, {"hook": self.post}, lambda: self.now)

    def round(self) -> None:
        """Let every duty do what is due now."""
        super().round()
        self.digest.run_once(self.now)
        self.notify.run_once(self.now)

    def dues(self) -> tuple[Instant | None, ...]:
        """Return when each duty has something to do next."""
        return *super().dues(), self.digest.next_at(self.now)

    def do(self, case: str, deed: Deed, by: str, now: Instant, text: str = "已核实") -> CardChange:
        """Do something to the one card of an application, as the console would."""
        view = views.case(self.ledger, CaseId("county", "application", case))
        assert view is not None
        (card,) = view.cards
        done, side = Done(deed=deed, by=by, role=by, text=text), BY_DEED[deed].side
        return self.ledger.act(card.card_id, card.serial, done, side, now, ZONE, self.counts_from, self.tell)

    def told(self, address: str) -> list[Letter]:
        """Return what an address was told of applications and their cards, in the order of arrival."""
        return [each for each in self.post.letters if each.address == address and each.facts.get("kind") != "feed"]
