"""A case as it stood at an instant: only the events up to then, and what they say."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

from msgspec import Struct

from rules.asking import Reported, reported
from rules.calendars import Calendar
from rules.catalogue import Catalogue
from rules.facts import Case, CaseEvent, Instant, ItemVersion, Value

FINISHING = frozenset(
    {"completed", "returned", "withdrawn", "voided", "deleted", "forwarded", "refused_accept", "closed", "not_required"}
)
"""Events after which nothing more is owed in the case, until it is reopened."""


class History:
    """A case arranged once for reading at any instant: after each event, the attributes said so far."""

    __slots__ = ("_attributes", "_finished", "_reported", "calendar", "case", "catalogue", "instants", "zone")

    def __init__(
        self, case: Case, zone: str, calendar: Calendar | None = None, catalogue: Catalogue | None = None
    ) -> None:
        self.case = case
        self.zone = zone
        self.calendar = calendar
        self.catalogue = catalogue
        self._reported: Reported | None = None
        self.instants: list[Instant] = [event.occurred_at or 0 for event in case.events]
        self._attributes: list[dict[str, Value]] = [{}]
        self._finished = [False]
        for event in case.events:
            said = {name: value for name, value in event.data.items() if value is not None}
            before = self._attributes[-1]
            self._attributes.append({**before, **said} if said else before)
            self._finished.append(event.name in FINISHING or (self._finished[-1] and event.name != "reopened"))

    def view(self, at: Instant) -> View:
        """Return the case as it stood at ``at``."""
        return View(self, at, bisect_right(self.instants, at))

    @property
    def reported(self) -> Reported:
        """What the events of the case report, each from its first instant on; made when first asked for."""
        if self._reported is None:
            self._reported = reported(self.case.events)
        return self._reported

    def attributes_after(self, count: int) -> Mapping[str, Value]:
        """Return what the first ``count`` events say."""
        return self._attributes[count]

    def finished_after(self, count: int) -> bool:
        """Say whether the first ``count`` events leave the case finished."""
        return self._finished[count]


class View(Struct, frozen=True, gc=False):
    """A case at one instant; ``count`` is the number of events up to it."""

    history: History
    at: Instant
    count: int

    @property
    def case(self) -> Case:
        """The whole case, also what happened later: for its identity only."""
        return self.history.case

    @property
    def zone(self) -> str:
        """The zone of the calendar, for civil dates."""
        return self.history.zone

    @property
    def calendar(self) -> Calendar | None:
        """The default calendar, for lengths in working days."""
        return self.history.calendar

    def item_at(self, at: Instant) -> ItemVersion | None:
        """Return the version of the case's item that was in force at an instant, as far as the item is known by now."""
        code, calendar, catalogue = self.attributes.get("item"), self.history.calendar, self.history.catalogue
        if code is None or calendar is None or catalogue is None:
            return None
        return catalogue.version_at(str(code), calendar.on(at))

    @property
    def events(self) -> tuple[CaseEvent, ...]:
        """The events up to this instant, in fold order."""
        return self.history.case.events[: self.count]

    @property
    def attributes(self) -> Mapping[str, Value]:
        """What the events up to this instant say, later ones overruling."""
        return self.history.attributes_after(self.count)

    @property
    def finished(self) -> bool:
        """Whether the case is finished at this instant."""
        return self.history.finished_after(self.count)
