"""What every gathering is: which windows a case falls into, and what follows from the cases of one window."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from rules.calendarbook import CalendarBook
from rules.calendars import Calendar
from rules.catalogue import Catalogue
from rules.facts import CaseEvent, CaseId, Instant, Value
from rules.gathering.gists import Gist
from rules.hits import OURS
from rules.windows import leaves_at

OFFICE: Final = "cn-office"
"""The calendar that knows office hours, where the law has it."""


NO_ITEMS: Final[Catalogue] = Catalogue()


class Window(NamedTuple):
    """A stretch of time, or a bundle of cases in it, that is looked at as a whole.

    ``key`` names it for ever (``peers/2024-07-01``, ``entered_together/2024-09-24/water``). ``closes_at`` is when
    its facts can be told: the end of a quarter; a bundle that is looked at as soon as cases arrive closes at 0.
    """

    gathering: str
    key: str
    closes_at: Instant = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """What gatherings may ask besides the cases: the calendar of working days, that of office hours, the catalogue."""

    calendar: Calendar
    office: Calendar
    catalogue: Catalogue = NO_ITEMS

    @property
    def zone(self) -> str:
        """The zone of civil dates."""
        return self.calendar.zone


WindowsOf: TypeAlias = Callable[[Gist, Terms], Iterable[Window]]
Gather: TypeAlias = Callable[[Window, Sequence[Gist], Terms], Iterable[CaseEvent]]


@dataclass(frozen=True, slots=True)
class Gathering:
    """A kind of fact over many cases: the windows of a case, and the facts of a window from the gists that fall into it.

    ``gather`` is given the gists in the order of their cases and gives events whose ids depend on the window alone.
    """

    name: str
    falls_into: WindowsOf
    gather: Gather
    kinds: frozenset[str] = frozenset({"application"})

    def windows_of(self, gist: Gist, terms: Terms) -> Iterable[Window]:
        """Return the windows of a case, none if it is of another kind."""
        return self.falls_into(gist, terms) if gist.case_id.kind in self.kinds else ()


def terms_of(calendars: CalendarBook, calendar: Calendar, catalogue: Catalogue = NO_ITEMS) -> Terms:
    """Return what gatherings may ask; without a calendar of office hours every working day is one whole."""
    return Terms(calendar, calendars.get(OFFICE) if OFFICE in calendars.names() else calendar, catalogue)


def midnight_after(at: Instant, terms: Terms) -> Instant:
    """Return the first instant of the next civil day."""
    tomorrow = _local(at, terms).date() + dt.timedelta(days=1)
    return int(dt.datetime.combine(tomorrow, dt.time(), ZoneInfo(terms.zone)).timestamp())


def day_of(at: Instant, terms: Terms) -> str:
    """Return the civil date of an instant, as it is written in keys."""
    return _local(at, terms).date().isoformat()


def dated(gathering: str, window: str, at: Instant, terms: Terms) -> Window:
    """Return the calendar window (``month``, ``quarter``, ``year``) that holds an instant; it closes when it is over."""
    on = _local(at, terms).date()
    month = {"month": on.month, "quarter": on.month - (on.month - 1) % 3, "year": 1}[window]
    return Window(gathering, f"{gathering}/{on.replace(month=month, day=1)}", leaves_at(window, at, terms.zone))


def fact(
    event_id: str, subject: CaseId, name: str, at: Instant, data: Mapping[str, Value], sequence: int | None = None
) -> CaseEvent:
    """Return an event of our own; the ledger numbers its versions by their content."""
    return CaseEvent(
        source=OURS, event_id=event_id, **subject._asdict(), name=name, occurred_at=at, data=data, sequence=sequence
    )


def _local(at: Instant, terms: Terms) -> dt.datetime:
    return dt.datetime.fromtimestamp(at, ZoneInfo(terms.zone))
