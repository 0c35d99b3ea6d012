"""What a rulebook declares about a clock: what starts, stops, pauses and extends it, and on which terms it runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from msgspec import Struct, field
from msgspec.structs import force_setattr

from rules.calendars import Calendar
from rules.facts import CaseEvent, Instant, ItemVersion
from rules.limits import Counting, Intake
from rules.quantities import Quantity

REOPENED: Final = "reopened"
"""The event after which an earlier stop contradicts nothing any more."""


@dataclass(frozen=True, slots=True)
class ClockSoFar:
    """One clock instance as it stood when an event occurred: what a judgement of lawfulness may look at."""

    calendar: Calendar
    counting: Counting
    start_event: CaseEvent
    started_at: Instant
    due_at: Instant | None
    extended: tuple[Quantity, ...] = ()
    pauses: int = 0


class Around(Protocol):
    """What a trigger may ask of the case around its event."""

    def item_at(self, event: CaseEvent) -> ItemVersion | None:
        """Return the version of the item that is in force where an event happened."""

    def over_at(self, clock: str, event: CaseEvent) -> Instant | None:
        """Return when the run of another clock that this event started ran over, None if it did not."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event that acts upon a clock, under a condition on that event if there is one; None from it means unknown.

    A start is no start where one of the events ``unless`` came before it. ``known_at`` says from which instant a start
    is known that the law only deems to have happened (视为受理): until then the clock reads nothing.
    """

    event: str
    where: Callable[[CaseEvent, Around], bool | None] | None = None
    unless: Collection[str] = ()
    known_at: Callable[[CaseEvent, Around], Instant] | None = None


class Requirement(NamedTuple):
    """One thing that the law asks of an act upon a clock: a code, and whether it was met (None: unknown).

    Where a ``presumed`` requirement is unknown the act counts all the same, until it is known to have failed.
    """

    code: str
    met: bool | None
    presumed: bool = False


Lawful = Callable[[CaseEvent, ClockSoFar], Sequence[Requirement]]
"""What the law asks of an act upon a clock as it stood then; the act counts if nothing of it failed."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """What suspends a clock (中止): never longer than approved if ``cap``, and only if lawful."""

    begins: Trigger
    ends: Trigger
    cap: bool = True
    lawful: Lawful | None = None


@dataclass(frozen=True, slots=True)
class Extends:
    """What extends a limit (延期), only if lawful."""

    by: Trigger
    lawful: Lawful | None = None


class Heard(NamedTuple):
    """What starts and what stops a clock, by the name of the event; ``names`` are all that matter, ``REOPENED`` too.

    ``restarting`` are those that may do both. It is ``conditional`` if no event starts the clock by its name alone.
    """

    starts: Mapping[str, Sequence[Trigger]]
    stops: Mapping[str, Sequence[Trigger]]
    names: frozenset[str] = frozenset()
    restarting: frozenset[str] = frozenset()
    conditional: bool = False

    @classmethod
    def of(cls, starts: Sequence[Trigger], stops: Sequence[Trigger]) -> Heard:
        """Return triggers arranged."""
        begins, ends = by_event(starts), by_event(stops)
        names, both = frozenset((*begins, *ends, REOPENED)), frozenset(begins.keys() & ends.keys())
        return cls(begins, ends, names, both, all(trigger.where is not None for trigger in starts))


def by_event(triggers: Iterable[Trigger]) -> dict[str, list[Trigger]]:
    """Return triggers by the names of their events."""
    found: dict[str, list[Trigger]] = {}
    for trigger in triggers:
        found.setdefault(trigger.event, []).append(trigger)
    return found


class ClockSpec(Struct, frozen=True):
    """A clock over cases of the kind ``of``; ``by`` names the event attribute (a step) that has a clock of its own.

    ``acting`` are the names of the events that suspend or extend it.
    """

    name: str
    of: str
    starts: tuple[Trigger, ...]
    stops: tuple[Trigger, ...]
    counting: Counting
    by: str | None = None
    pauses: Pauses | None = None
    extends: Extends | None = None
    intake: Intake = Intake.AT_ONCE
    title: Mapping[str, str] = field(default_factory=dict)
    heard: Heard = Heard({}, {})  # worked out below
    acting: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Arrange the triggers by the names of events, so that all other events are passed over."""
        acting = {self.pauses.begins.event, self.pauses.ends.event} if self.pauses else set()
        if self.extends:
            acting.add(self.extends.by.event)
        force_setattr(self, "heard", Heard.of(self.starts, self.stops))
        force_setattr(self, "acting", frozenset(acting))


class Terms(Struct, frozen=True, gc=False):
    """On which terms one instance runs: its limit and calendar, as in force at its start.

    ``stated`` names the event attribute in which the source itself states the due instant; what it states last is
    due. ``item`` names the item version, for the record.
    """

    limit: Quantity | None
    calendar: Calendar
    stated: str | None = None
    item: str = ""
