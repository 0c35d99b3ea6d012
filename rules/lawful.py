"""When a suspension (中止) or an extension (延期) counts: what ``only_if: lawful`` asks, each requirement by itself.

Legality comes before arithmetic: a requirement that failed keeps the act off the clock and is remarked, so that rules
make a finding of it. What every register of such acts keeps (reason, approver) leaves the clock uncertain where it is
not reported; what only some keep (rank, notice to the applicant) is presumed to be in order until known not to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from rules.clockspecs import ClockSoFar, Requirement
from rules.facts import CaseEvent
from rules.quantities import Quantity, Unit
from rules.reasons import Reasons, shipped_reasons

MOST_DAYS: Final = 10
"""Administrative Licensing Law art. 42: at most ten more working days, approved by the head of the agency."""

MOST_JOINT_DAYS: Final = 15
"""The same article for unified, joint and centralised handling: at most fifteen more."""


class Rank(IntEnum):
    """Who approved (审批人职级), from the window to the head of the people's government."""

    STAFF = 0
    SECTION_HEAD = 1
    DEPUTY_HEAD = 2
    AGENCY_HEAD = 3
    GOVERNMENT_HEAD = 4


SUSPENSION_RANK: Final = Rank.SECTION_HEAD
"""Usual delegation: a suspension is approved by a section head at least."""


def suspension(event: CaseEvent, clock: ClockSoFar, reasons: Reasons | None = None) -> Sequence[Requirement]:
    """Return what the law asks of a suspension: a statutory reason, an approver, and one of sufficient rank.

    That it begins before the limit expires is asked of every suspension by the clock itself. A ``reason`` or
    ``approver`` that the source leaves empty is missing; one that it does not report at all is unknown.
    """
    return (
        Requirement("pause/no-reason", _statutory(event, clock, reasons or shipped_reasons())),
        Requirement("pause/no-approver", _given(event, "approver")),
        Requirement("pause/low-rank", _ranks(event, SUSPENSION_RANK), presumed=True),
    )


def extension(event: CaseEvent, clock: ClockSoFar) -> Sequence[Requirement]:
    """Return what article 42 asks of an extension: before expiry, once, short, by the head, the applicant told.

    ``joint`` on the event or on the start of the clock marks unified, joint or centralised handling. A length that is
    not known is presumed short enough: the due instant is unknown anyway.
    """
    joint = event.data.get("joint", clock.start_event.data.get("joint")) is True
    most, rank = (MOST_JOINT_DAYS, Rank.GOVERNMENT_HEAD) if joint else (MOST_DAYS, Rank.AGENCY_HEAD)
    return (
        Requirement("extension/after-due", _in_time(event, clock)),
        Requirement("extension/second", not clock.extended),
        Requirement("extension/too-long", _at_most(event, most), presumed=True),
        Requirement("extension/low-rank", _ranks(event, rank), presumed=True),
        Requirement("extension/not-told", _told(event), presumed=True),
    )


def _given(event: CaseEvent, name: str) -> bool | None:
    if name not in event.data:
        return None
    value = event.data[name]
    return value is not None and str(value).strip() != ""


def _statutory(event: CaseEvent, clock: ClockSoFar, reasons: Reasons) -> bool | None:
    given = _given(event, "reason")
    if not given:
        return given
    on = clock.calendar.on(event.occurred_at or 0)
    return reasons.covering(str(event.data["reason"]), on) is not None


def _in_time(event: CaseEvent, clock: ClockSoFar) -> bool | None:
    if clock.due_at is None or event.occurred_at is None:
        return None
    return event.occurred_at <= clock.due_at


def _at_most(event: CaseEvent, days: int) -> bool | None:
    try:
        granted = Quantity.parse(str(event.data["days"]))
    except (KeyError, ValueError):
        return None
    return granted.unit is Unit.WORKDAY and granted.amount <= days


def _ranks(event: CaseEvent, least: Rank) -> bool | None:
    """Say whether the approver's rank suffices; a rank that is not one of the known words is unknown."""
    written = str(event.data.get("approver_rank") or "").strip().upper()
    return Rank[written] >= least if written in Rank.__members__ else None


def _told(event: CaseEvent) -> bool | None:
    """Say whether the applicant was told the reason: ``told`` is a truth, or when it was done (empty: it was not)."""
    if "told" not in event.data:
        return None
    return event.data["told"] not in {None, "", False}
