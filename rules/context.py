"""Everything that a judgement rests on besides the cases: rulebooks, calendars, catalogue, registers and the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rules.calendarbook import CalendarBook
from rules.calendars import Calendar
from rules.catalogue import Catalogue
from rules.engine.base import Engine
from rules.facts import Value
from rules.reasons import Reasons, shipped_reasons
from rules.rulebook import Rulebooks


@dataclass(frozen=True, slots=True)
class Context:
    """What ``review`` is given. ``calendar`` names the calendar of clocks that name none of their own;
    ``reasons`` are the statutory reasons for a suspension.

    ``prepared`` keeps what is derived once from the rest (clocks with their calendars); it says nothing of its own.
    """

    books: Rulebooks
    calendars: CalendarBook
    engine: Engine
    catalogue: Catalogue = field(default_factory=Catalogue)
    calendar: str = "cn"
    registers: Mapping[str, Sequence[Mapping[str, Value]]] = field(default_factory=dict)
    reasons: Reasons = field(default_factory=shipped_reasons)
    prepared: dict[str, object] = field(default_factory=dict, compare=False, repr=False)

    @property
    def default_calendar(self) -> Calendar:
        """The calendar of clocks that name none of their own; its zone is the zone of civil dates."""
        return self.calendars.get(self.calendar)
