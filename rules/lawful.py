"""When a suspension (中止) or an extension (延期) counts: the predicates that ``only_if: lawful`` names.

Each answers True, False, or None where what it needs is not known.
"""

from __future__ import annotations

from typing import Final

from rules.clockspecs import ClockSoFar
from rules.facts import CaseEvent
from rules.quantities import Quantity, Unit

MOST_DAYS: Final = 10
"""Administrative Licensing Law art. 42: at most ten more working days, approved by the head of the agency."""

MOST_JOINT_DAYS: Final = 15
"""The same article for unified, joint and centralised handling: at most fifteen more."""


def suspension(event: CaseEvent, clock: ClockSoFar) -> bool | None:
    """Say whether a suspension is lawful: it has a reason and an approver, and began before the limit expired.

    A ``reason`` or ``approver`` that the source leaves empty is missing; one that it does not report at all is unknown.
    """
    return _all(_given(event, "reason"), _given(event, "approver"), _in_time(event, clock))


def extension(event: CaseEvent, clock: ClockSoFar) -> bool | None:
    """Say whether an extension is lawful: the first one, granted before expiry, no longer than article 42 allows.

    ``joint`` on the event or on the start of the clock marks unified, joint or centralised handling.
    """
    return _all(not clock.extended, _in_time(event, clock), _short_enough(event, clock))


def _given(event: CaseEvent, name: str) -> bool | None:
    if name not in event.data:
        return None
    value = event.data[name]
    return value is not None and str(value).strip() != ""


def _in_time(event: CaseEvent, clock: ClockSoFar) -> bool | None:
    if clock.due_at is None or event.occurred_at is None:
        return None
    return event.occurred_at <= clock.due_at


def _short_enough(event: CaseEvent, clock: ClockSoFar) -> bool | None:
    try:
        granted = Quantity.parse(str(event.data["days"]))
    except (KeyError, ValueError):
        return None
    joint = event.data.get("joint", clock.start_event.data.get("joint"))
    most = MOST_JOINT_DAYS if joint is True else MOST_DAYS
    return granted.unit is Unit.WORKDAY and granted.amount <= most


def _all(*truths: bool | None) -> bool | None:
    """Return the conjunction by Kleene's tables: one False decides, else one unknown leaves it unknown."""
    if False in truths:
        return False
    return None if None in truths else True
