"""Words about how a case ended: reasons of withdrawal and return, the truth of completion, how long it really took."""

from __future__ import annotations

from typing import Final

from rules.facts import CaseEvent, Value
from rules.language import Type
from rules.view import View
from rules.vocabulary.base import word
from rules.vocabulary.spent import first_at, last_at, workdays_after

GIVEN_UP: Final = frozenset({"returned", "withdrawn", "voided", "deleted"})
"""Ends without a decision: return, withdrawal, voiding, technical deletion."""

UNDONE: Final = ("没办", "未办", "办不成", "没有办", "not done")
"""What people write when a case that counts as completed is not done."""


def end(view: View) -> CaseEvent | None:
    """Return the last event that ended the case without a decision."""
    return next((event for event in reversed(view.events) if event.name in GIVEN_UP), None)


@word("ending.given_up", Type.BOOL, hears="returned or withdrawn or voided or deleted")
def given_up(view: View) -> Value:
    """Whether the case ended by return, withdrawal, voiding or deletion."""
    return view.finished and end(view) is not None


@word(
    "ending.reason_missing", Type.BOOL, hears="returned.reason or withdrawn.reason or voided.reason or deleted.reason"
)
def reason_missing(view: View) -> Value:
    """Whether that end reports its reason and leaves it empty."""
    ended = end(view)
    return ended is not None and "reason" in ended.data and not ended.data["reason"]


@word("ending.refusal_reason_missing", Type.BOOL, hears="completed.reason or refused_accept.reason")
def refusal_reason_missing(view: View) -> Value:
    """Whether a refusal (of the decision or of acceptance) reports its reason and leaves it empty."""
    return any(_refuses(event) and "reason" in event.data and not event.data["reason"] for event in view.events)


@word("ending.remedy_untold", Type.BOOL, hears="completed.remedy or refused_accept.remedy")
def remedy_untold(view: View) -> Value:
    """Whether a refusal reports the remedies told (``remedy``) and leaves them empty or says no."""
    return any(_refuses(e) and "remedy" in e.data and e.data["remedy"] in {None, "", False} for e in view.events)


def _refuses(event: CaseEvent) -> bool:
    return event.name == "refused_accept" or (event.name == "completed" and event.data.get("result") == "refused")


@word("completion.minutes", Type.NUMBER, hears="completed", turns="accepted or completed")
def minutes(view: View) -> Value:
    """Minutes from acceptance to the decision; missing before it, and where a source gives only dates."""
    accepted_at, completed_at = first_at(view, "accepted"), last_at(view, "completed")
    calendar = view.calendar
    if accepted_at is None or completed_at is None or calendar is None:
        return None
    if calendar.local(accepted_at).time() == calendar.local(completed_at).time():
        return None
    return (completed_at - accepted_at) // 60


@word("completion.certificate_workdays", Type.NUMBER, hears="certificate_issued")
def certificate_workdays(view: View) -> Value:
    """On which working day after completion the certificate was issued; missing before that."""
    return workdays_after(view, last_at(view, "completed"), last_at(view, "certificate_issued"))


@word("completion.denied", Type.BOOL, hears="complained.reason or rated.text")
def denied(view: View) -> Value:
    """Whether, after completion, a complaint or a rating says that the matter is not done."""
    done = False
    for event in view.events:
        done = done or event.name == "completed"
        if done and event.name == "complained" and event.data.get("reason") == "not_done":
            return True
        if done and event.name == "rated" and any(sign in str(event.data.get("text") or "") for sign in UNDONE):
            return True
    return False
