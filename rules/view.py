"""A case as it stood at an instant: only the events up to then, and what they say."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from msgspec import Struct

from rules.asking import Need, Reported, reported
from rules.calendars import Calendar
from rules.catalogue import Catalogue
from rules.facts import Case, CaseEvent, Instant, ItemVersion, Value

FINISHING = frozenset(
    {"completed", "returned", "withdrawn", "voided", "deleted", "forwarded", "refused_accept", "closed", "not_required"}
)
"""Events after which nothing more is owed in the case, until it is reopened."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Reads a word from a case at an instant, so that different values are never equal (1 is not true).

    ``turns`` is what alone may change it, by what is reported; None if anything may.
    """

    read: Callable[[View], Hashable]
    turns: tuple[Need, ...] | None = None


class History:
    """A case arranged once for reading at any instant: after each event, the attributes said so far."""

    __slots__ = (
        "_attributes", "_courses", "_finished", "_items", "_once", "_reported", "_said_at", "by_name",
        "calendar", "case", "catalogue", "instants", "zone",
    )  # fmt: skip

    def __init__(
        self, case: Case, zone: str, calendar: Calendar | None = None, catalogue: Catalogue | None = None
    ) -> None:
        self.case = case
        self.zone = zone
        self.calendar = calendar
        self.catalogue = catalogue
        self._reported: Reported | None = None
        self._courses: dict[Answer, Sequence[tuple[Instant, Hashable]]] = {}
        self._items: dict[tuple[str, Instant], ItemVersion | None] = {}
        self._once: dict[object, object] = {}
        self.by_name: dict[str, list[int]] = {}
        self._said_at: dict[str, list[int]] = {}
        self.instants: list[Instant] = [event.occurred_at or 0 for event in case.events]
        self._attributes: list[dict[str, Value]] = [{}]
        self._finished = [False]
        before, finished = self._attributes[0], False
        for place, event in enumerate(case.events):
            name = event.name
            said = {attribute: value for attribute, value in event.data.items() if value is not None}
            if said:
                before = {**before, **said}
                for attribute in said:
                    self._said_at.setdefault(attribute, []).append(place)
            self._attributes.append(before)
            finished = name in FINISHING or (finished and name != "reopened")
            self._finished.append(finished)
            self.by_name.setdefault(name, []).append(place)

    def view(self, at: Instant) -> View:
        """Return the case as it stood at ``at``."""
        return View(self, at, bisect_right(self.instants, at))

    @property
    def reported(self) -> Reported:
        """What the events of the case report, each from its first instant on; made when first asked for."""
        if self._reported is None:
            self._reported = reported(self.case.events)
        return self._reported

    def course(self, answer: Answer) -> Sequence[tuple[Instant, Hashable]]:
        """Return how an answer that only events change goes over time: what it is from each instant on, worked out once."""
        found = self._courses.get(answer)
        if found is None:
            changes: list[tuple[Instant, Hashable]] = []
            for at in self._turns(answer.turns):
                value = answer.read(self.view(at))
                if not changes or value != changes[-1][1]:
                    changes.append((at, value))
            found = self._courses[answer] = changes
        return found

    def _turns(self, turns: Sequence[Need] | None) -> Iterable[Instant]:
        """Return the instants, the first of all in front, at which what turns with these reports may change."""
        instants = self.instants
        if turns is None:
            return dict.fromkeys(instants)
        places = set[int]()
        for need in turns:
            places.update(self._said_at.get(need[1], ()) if need[0] == "case" else self.by_name.get(need[0], ()))
        return dict.fromkeys([*instants[:1], *[instants[place] for place in sorted(places)]])

    def once(self, work_out: Callable[[History], T]) -> T:
        """Return what a function works out of the whole history, asking it once."""
        if work_out not in self._once:
            self._once[work_out] = work_out(self)
        return self._once[work_out]  # type: ignore[return-value]  # kept by the function that made it

    def places(self, name: str) -> Sequence[int]:
        """Return the places of the events of that name."""
        return self.by_name.get(name, ())

    def item_at(self, code: str, at: Instant) -> ItemVersion | None:
        """Return the version of an item that was in force at an instant."""
        if (code, at) not in self._items:
            calendar, catalogue = self.calendar, self.catalogue
            known = None if calendar is None or catalogue is None else catalogue.version_at(code, calendar.on(at))
            self._items[code, at] = known
        return self._items[code, at]

    @property
    def said(self) -> Mapping[str, Value]:
        """What all events say, later ones overruling."""
        return self._attributes[-1]

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
        code = self.attributes.get("item")
        return None if code is None else self.history.item_at(str(code), at)

    @property
    def events(self) -> tuple[CaseEvent, ...]:
        """The events up to this instant, in fold order."""
        return self.history.case.events[: self.count]

    def first(self, name: str) -> CaseEvent | None:
        """Return the first event of that name, None if there is none by now."""
        places = self.history.places(name)
        return self.history.case.events[places[0]] if places and places[0] < self.count else None

    def last(self, name: str) -> CaseEvent | None:
        """Return the last event of that name by now, None if there is none."""
        number = self.number(name)
        return self.history.case.events[self.history.places(name)[number - 1]] if number else None

    def named(self, name: str) -> Sequence[CaseEvent]:
        """Return the events of that name by now."""
        events = self.history.case.events
        return [events[place] for place in self.history.places(name)[: self.number(name)]]

    def number(self, name: str) -> int:
        """Return how many events of that name there are by now."""
        return bisect_left(self.history.places(name), self.count)

    @property
    def attributes(self) -> Mapping[str, Value]:
        """What the events up to this instant say, later ones overruling."""
        return self.history.attributes_after(self.count)

    @property
    def finished(self) -> bool:
        """Whether the case is finished at this instant."""
        return self.history.finished_after(self.count)
