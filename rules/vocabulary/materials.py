"""Words about materials (材料) and correction notices (补正告知): what was handed in, demanded, and published.

Events list materials as one text: ``received.materials`` what came, ``correction_notified.materials`` what is missing.
An item's version publishes ``materials`` and those that the state holds itself (``held_materials``).
"""

from __future__ import annotations

from rules.facts import CaseEvent, Value
from rules.language import Type
from rules.view import View
from rules.vocabulary.base import word
from rules.vocabulary.listed import listed
from rules.vocabulary.spent import first_at, workdays_after
from rules.vocabulary.steps import published

BRINGING = frozenset({"applied", "received", "correction_received"})


def notices(view: View) -> list[CaseEvent]:
    """Return the correction notices so far."""
    return list(view.named("correction_notified"))


def demanded(event: CaseEvent) -> tuple[str, ...]:
    """Return what a notice lists."""
    return listed(event.data.get("materials"))


@word("materials.unpublished", Type.NUMBER, hears="correction_notified.materials")
def materials_unpublished(view: View) -> Value:
    """How many materials were demanded that the catalogue does not publish."""
    known = {*published(view, "materials"), *published(view, "held_materials")}
    return len({entry for event in notices(view) for entry in demanded(event)} - known) if known else 0


@word("notice.workdays", Type.NUMBER, hears="correction_notified")
def notice_workdays(view: View) -> Value:
    """On which working day after receipt the first correction notice was given; missing before there is one."""
    return workdays_after(view, first_at(view, "received"), first_at(view, "correction_notified"))


@word("notice.new_items", Type.NUMBER, hears="correction_notified.materials")
def new_items(view: View) -> Value:
    """How many materials a later notice lists that the first one did not (一次性告知)."""
    given = [set(demanded(event)) for event in notices(view)]
    return len(set().union(*given[1:]) - given[0]) if len(given) > 1 else 0


@word("notice.unlisted", Type.NUMBER, hears="correction_notified.materials")
def unlisted(view: View) -> Value:
    """How many notices report their list and leave it empty."""
    return sum("materials" in event.data and not demanded(event) for event in notices(view))


@word("notice.asked_again", Type.NUMBER, hears="correction_notified.materials")
def asked_again(view: View) -> Value:
    """How many materials were demanded although the applicant had brought them, or the state holds them itself."""
    brought = set(published(view, "held_materials"))
    again: set[str] = set()
    for event in view.events:
        if event.name == "correction_notified":
            again |= brought & set(demanded(event))
        elif event.name in BRINGING:
            brought |= set(listed(event.data.get("materials")))
    return len(again)


@word("notice.untold", Type.NUMBER, hears="extended.told or suspension_started.told")
def untold(view: View) -> Value:
    """How many extensions and suspensions report that the applicant was not told (``told`` empty or false)."""
    acts = (event for event in view.events if event.name in {"extended", "suspension_started"})
    return sum("told" in event.data and event.data["told"] in {None, "", False} for event in acts)
