"""What the rules say of a case: spans, clock readings, the light. Frozen values that every higher floor understands."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct, field

from rules.facts import CaseId, Instant, Value


class Truth(StrEnum):
    """The three truths of a condition (Kleene); *false* is what is not stored."""

    TRUE = "true"
    UNDETERMINED = "undetermined"


class Light(StrEnum):
    """The traffic light (红绿灯) of a case, unit or feed. Grey means unknown; it is never shown as green."""

    RED = "red"
    YELLOW = "yellow"
    GREY = "grey"
    GREEN = "green"

    @property
    def gravity(self) -> int:
        """Order red > yellow > grey > green: 3, 2, 1, 0."""
        return _GRAVITY[self]


_GRAVITY = {Light.RED: 3, Light.YELLOW: 2, Light.GREY: 1, Light.GREEN: 0}


class CaseState(StrEnum):
    """Whether the case's clocks run: a suspended case keeps its colour and shows a pause sign."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    FINISHED = "finished"


class Moment(Struct, frozen=True, tag="moment", gc=False):
    """An instant to be shown to a person, in the zone of the calendar that gave it."""

    at: Instant
    zone: str
    provisional: bool = False


class Amount(Struct, frozen=True, tag="amount", gc=False):
    """A length of time to be shown: ``units`` in the unit of its clock (workday, hour, ...), as an exact decimal text."""

    units: str
    unit: str


Shown: TypeAlias = str | Moment | Amount
"""A value of a placeholder in a message: text as it is, or an instant or amount that is worded per language."""


class Pin(Struct, frozen=True, gc=False):
    """The versions that a finding rests on: rulebook, calendar and item version (rulebook as ``name@version``)."""

    rulebook: str
    calendar: str = ""
    item: str = ""


class Span(Struct, frozen=True, kw_only=True, gc=False):
    """A stretch of time [``from_at``, ``until_at``) in which one rule's condition holds for one clock instance.

    ``clock`` is "" for a rule that reads no clock; ``ordinal`` numbers the starts of that clock in the case from 1.
    ``values`` are the allow-listed placeholders as known at the review; ``evidence`` the words of the condition with
    the values that they had at ``from_at``; ``because`` names what is missing when the truth is undetermined. ``unit`` is
    the unit at fault where the rule names it ("" if the facts do not), None where it is the unit of the case.
    """

    rule: str
    family: str
    clock: str = ""
    ordinal: int = 0
    truth: Truth = Truth.TRUE
    from_at: Instant
    until_at: Instant | None = None
    light: Light | None = None
    pin: Pin
    provisional: bool = False
    because: str = ""
    unit: str | None = None
    values: Mapping[str, Shown] = field(default_factory=dict)
    evidence: Mapping[str, Value] = field(default_factory=dict)


class ClockReading(Struct, frozen=True, kw_only=True, gc=False):
    """One clock instance as it stands at the review. ``used`` and ``left`` are amounts in the unit of the limit."""

    clock: str
    ordinal: int
    state: CaseState
    started_at: Instant
    due_at: Instant | None = None
    stopped_at: Instant | None = None
    used: Amount | None = None
    left: Amount | None = None
    limit: str = ""
    over: bool | None = None
    provisional: bool = False
    because: str = ""


class Judgement(Struct, frozen=True, kw_only=True, gc=False):
    """What a review says of one case: its state and light, every span, every clock, and when to look again.

    ``clock`` names the clock instance that decided the light, else the one that is due first. ``revision`` is the
    revision of the case that was judged. ``versions`` are the rulebooks, calendars and items that judged, each as
    ``name@version``.
    """

    case_id: CaseId
    revision: int
    unit: str
    item: str
    item_name: str = ""
    person: str = ""
    state: CaseState
    light: Light
    because: str = ""
    clock: str = ""
    ordinal: int = 0
    spans: tuple[Span, ...] = ()
    clocks: tuple[ClockReading, ...] = ()
    figures: Mapping[str, Value] = field(default_factory=dict)
    versions: tuple[str, ...] = ()
    next_review_at: Instant | None = None


class Lost(Struct, frozen=True):
    """A case that could not be judged (the engine or the projection failed on it alone) and why."""

    case_id: CaseId
    revision: int
    reason: str


class Review(Struct, frozen=True):
    """The outcome of one review: a judgement per case, and the cases that could not be judged."""

    judgements: tuple[Judgement, ...] = ()
    lost: tuple[Lost, ...] = ()
