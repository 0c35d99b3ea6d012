"""Words about how a case was handled: its suspensions as events (中止), corrections after acceptance, deletion.

Whether a suspension moves a limit is judged by the clock (``clock.promise.suspension_unapproved``); these words say what
can be said without one. All of them are known of every case, save ``case.suspension_hours_late``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rules.facts import CaseEvent, Instant, Value
from rules.language import Type
from rules.view import FINISHING, History, View
from rules.vocabulary.base import word

HOUR = 3_600


@dataclass(slots=True)
class Suspension:
    """One suspension as reported: its start, and the instant of its end if that was reported."""

    event: CaseEvent
    from_at: Instant
    ended_at: Instant | None = None


def suspensions(events: Sequence[CaseEvent]) -> list[Suspension]:
    """Return the suspensions in order; an end belongs to the one that it names, else to the first that is open."""
    found: list[Suspension] = []
    for event in events:
        if event.name == "suspension_started":
            found.append(Suspension(event, event.occurred_at or 0))
        elif event.name == "suspension_ended":
            meant = event.data.get("suspension")
            for each in found:
                if each.ended_at is None and meant in {None, each.event.data.get("suspension")}:
                    each.ended_at = event.occurred_at
                    break
    return found


@word("case.deleted", Type.BOOL, hears="deleted or case.result", turns="deleted or case.result")
def case_deleted(view: View) -> Value:
    """Whether the case was technically deleted (技术性删除): such a case was never one."""
    deleted_at = view.history.once(_deleted_at)
    return deleted_at is not None and deleted_at < view.count


def _deleted_at(history: History) -> int | None:
    """Return the place of the event that says so first."""
    said = (p for p, e in enumerate(history.case.events) if e.name == "deleted" or e.data.get("result") == "deleted")
    return next(said, None)


@word("case.suspension_open", Type.BOOL, hears="suspension_started", turns="suspension_started or suspension_ended")
def suspension_open(view: View) -> Value:
    """Whether a suspension was begun whose end nobody has reported."""
    return any(each.ended_at is None for each in suspensions(view.events))


@word("case.suspensions_overlap", Type.BOOL, hears="suspension_started", turns="suspension_started or suspension_ended")
def suspensions_overlap(view: View) -> Value:
    """Whether a suspension began while another one lasted."""
    begun = suspensions(view.events)
    return any(
        later.from_at < (earlier.ended_at if earlier.ended_at is not None else later.from_at + 1)
        for index, earlier in enumerate(begun)
        for later in begun[index + 1 :]
    )


@word("case.suspension_misplaced", Type.BOOL, hears="suspension_started")
def suspension_misplaced(view: View) -> Value:
    """Whether a suspension began before acceptance or after the end of the case, where there is no clock to stop."""
    names = [event.name for event in view.events]
    accepted = names.index("accepted") if "accepted" in names else -1
    finished = next((place for place, name in enumerate(names) if name in FINISHING), len(names))
    return any(name == "suspension_started" and not accepted < place < finished for place, name in enumerate(names))


@word("case.suspension_hours_late", Type.NUMBER, hears="suspension_started", turns="suspension_started")
def suspension_hours_late(view: View) -> Value:
    """How many whole hours after its beginning the source wrote a suspension down, the most of all; None if it says nothing."""
    begun = [(e.inserted_at, e.occurred_at) for e in view.events if e.name == "suspension_started"]
    late = [(written - at) // HOUR for written, at in begun if written is not None and at is not None]
    return max(late, default=None)


@word("case.correction_after_acceptance", Type.BOOL, hears="correction_notified")
def correction_after_acceptance(view: View) -> Value:
    """Whether papers were asked for again after the case had been accepted."""
    names = [event.name for event in view.events]
    accepted = names.index("accepted") if "accepted" in names else len(names)
    return "correction_notified" in names[accepted:]
