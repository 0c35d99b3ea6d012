"""Words about the steps (环节) of an application, held against the procedure that the catalogue publishes.

An item's version publishes ``steps`` (the mandatory ones, in order), ``optional_steps`` and ``decisive_steps`` (approval
and verification) as lists. The version in force at acceptance judges.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rules.facts import CaseEvent, ItemVersion, Value
from rules.language import Type
from rules.view import History, View
from rules.vocabulary.base import word
from rules.vocabulary.listed import listed
from rules.vocabulary.spent import first_at

AGAINST: Final = frozenset({"disagree", "refuse"})
"""Results of a step that speak against granting (不同意)."""

SITE_VISIT: Final = "site_visit"


def item_of(view: View) -> ItemVersion | None:
    """Return the item's version in force at acceptance, before that at the first event."""
    accepted_at = first_at(view, "accepted")
    if accepted_at is None and view.count:
        accepted_at = view.case.events[0].occurred_at
    return view.item_at(accepted_at) if accepted_at is not None else None


def published(view: View, name: str) -> tuple[str, ...]:
    """Return a list that the item's version publishes; none if it is silent."""
    item = item_of(view)
    return listed(item.data.get(name)) if item is not None else ()


def entered(view: View) -> Mapping[str, int]:
    """Return the steps that were entered, and how often: started, or finished where no start is reported."""
    return view.history.once(_entered)[view.count]


def _entered(history: History) -> list[Mapping[str, int]]:
    """Return the same after each number of events."""
    counts: dict[str, dict[str, int]] = {"step_finished": {}, "step_started": {}}
    found: list[Mapping[str, int]] = [{}]
    for event in history.case.events:
        own, step = counts.get(event.name), event.data.get("step")
        if own is None or not step:
            found.append(found[-1])
            continue
        own[str(step)] = own.get(str(step), 0) + 1
        found.append({**counts["step_finished"], **counts["step_started"]})
    return found


def finished_steps(view: View) -> list[CaseEvent]:
    """Return the events by which steps were finished."""
    return [event for event in view.named("step_finished") if event.data.get("step")]


@word("steps.skipped", Type.NUMBER, turns="accepted or case.item or step_started or step_finished")
def skipped(view: View) -> Value:
    """How many published mandatory steps are absent from the trail so far."""
    steps = published(view, "steps")
    return len(set(steps) - set(entered(view))) if steps else 0


@word("steps.skipped_decisive", Type.NUMBER, turns="accepted or case.item or step_started or step_finished")
def skipped_decisive(view: View) -> Value:
    """How many of these are steps of approval or verification."""
    decisive = set(published(view, "decisive_steps")) & set(published(view, "steps"))
    return len(decisive - set(entered(view))) if decisive else 0


@word(
    "steps.unpublished",
    Type.NUMBER,
    hears="step_started.step or step_finished.step",
    turns="accepted or case.item or step_started or step_finished",
)
def unpublished(view: View) -> Value:
    """How many steps of the trail the catalogue does not publish."""
    known = {*published(view, "steps"), *published(view, "optional_steps")}
    return len(set(entered(view)) - known) if known else 0


@word("steps.most_entries", Type.NUMBER, hears="step_started or step_finished", turns="step_started or step_finished")
def most_entries(view: View) -> Value:
    """How often the step that was entered most often was entered."""
    return max(entered(view).values(), default=0)


@word(
    "steps.out_of_order",
    Type.BOOL,
    hears="step_finished.step",
    turns="accepted or case.item or step_started or step_finished",
)
def out_of_order(view: View) -> Value:
    """Whether a published step was first finished before one that is published before it."""
    order = published(view, "steps")
    if not order:
        return False
    finished = list(dict.fromkeys(str(event.data["step"]) for event in finished_steps(view)))
    places = [order.index(step) for step in finished if step in order]
    return places != sorted(places)


@word(
    "steps.decided_before_acceptance",
    Type.BOOL,
    hears="step_finished.step",
    turns="accepted or case.item or step_started or step_finished",
)
def decided_before_acceptance(view: View) -> Value:
    """Whether a decisive step was finished before the case was accepted."""
    decisive = published(view, "decisive_steps")
    if not decisive:
        return False
    accepted_at = first_at(view, "accepted")
    return any(
        event.data["step"] in decisive and (accepted_at is None or (event.occurred_at or 0) < accepted_at)
        for event in finished_steps(view)
    )


@word("steps.unsigned", Type.NUMBER, hears="step_finished.opinion", turns="step_finished")
def unsigned(view: View) -> Value:
    """How many finished steps report an opinion (意见) and leave it empty."""
    return sum("opinion" in event.data and not event.data["opinion"] for event in finished_steps(view))


@word("steps.against", Type.NUMBER, hears="step_finished.result", turns="step_finished")
def against(view: View) -> Value:
    """How many steps ended with a result that speaks against granting, counting the last end of each step."""
    last = {str(event.data["step"]): event.data.get("result") for event in finished_steps(view)}
    return sum(result in AGAINST for result in last.values())


@word("steps.lone_visits", Type.NUMBER, hears="step_finished.officers", turns="step_finished")
def lone_visits(view: View) -> Value:
    """How many site visits (现场勘验) report fewer than two officers."""
    return sum(
        event.data.get("step_kind", event.data.get("step")) == SITE_VISIT
        and _fewer_than_two(event.data.get("officers"))
        for event in finished_steps(view)
    )


def _fewer_than_two(officers: Value) -> bool:
    if isinstance(officers, int) and not isinstance(officers, bool):
        return officers < 2
    return officers is not None and len(listed(officers)) < 2
