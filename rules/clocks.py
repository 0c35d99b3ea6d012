"""Clocks (限时): from the events of a case to the runs of a clock, each with its due instant at every moment.

A start while an instance of the same key runs is ignored; after a stop a new start is the next ordinal. With ``by``
(a step) instances run in parallel, one per key; a stop that bears no key stops them all. An event may stop an instance
and start the next; any other stop before the first start contradicts it: such a run has no due instant, so that nothing
is held against anybody until the facts are corrected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rules.clockacts import Doubt, Remark, acts_of
from rules.clockgauges import Measure
from rules.clockphases import paired, run_of
from rules.clockruns import ClockRun, ClockState, Phase, Reading
from rules.clockspecs import (
    REOPENED,
    ClockSoFar,
    ClockSpec,
    Extends,
    Heard,
    Lawful,
    Pauses,
    Requirement,
    Terms,
    Trigger,
)
from rules.facts import CaseEvent, Instant
from rules.limits import Counting, Intake

__all__ = [
    "ClockRun", "ClockSoFar", "ClockSpec", "ClockState", "Counting", "Extends", "Heard", "Intake", "Lawful", "Measure",
    "Pauses", "Phase", "Reading", "Remark", "Requirement", "Terms", "Trigger", "run_clock",
]  # fmt: skip


def run_clock(
    spec: ClockSpec, events: Sequence[CaseEvent], terms: Callable[[CaseEvent], Terms], heard: Heard | None = None
) -> tuple[ClockRun, ...]:
    """Return the runs of a clock in the order of their starts; ``events`` are in fold order.

    ``terms`` is asked once per start, with the event that started it. ``heard`` are the triggers where they ask more
    of this case than the spec itself can know.
    """
    heard = heard or spec.heard
    strict = Doubt(answer=False)
    runs = _runs(spec, heard, events, terms, strict)
    if not strict.met:
        return runs
    generous = _runs(spec, heard, events, terms, Doubt(answer=True))
    return _in_both(runs, generous)


@dataclass(slots=True)
class _Instance:
    """Where one instance lies among the events of its case."""

    ordinal: int
    key: str
    start: int
    stop: int | None = None
    contradicted: bool = False
    known_at: Instant | None = None


def _runs(
    spec: ClockSpec, heard: Heard, events: Sequence[CaseEvent], terms: Callable[[CaseEvent], Terms], doubt: Doubt
) -> tuple[ClockRun, ...]:
    return tuple([_run(spec, events, terms, doubt, instance) for instance in _instances(spec, heard, events, doubt)])


def _instances(spec: ClockSpec, heard: Heard, events: Sequence[CaseEvent], doubt: Doubt) -> list[_Instance]:
    found: list[_Instance] = []
    running: dict[str, _Instance] = {}
    begun: set[str | None] = set()
    stopped_unbegun: set[str | None] = set()
    restarting = {trigger.event for trigger in spec.starts} & {trigger.event for trigger in spec.stops}
    for index, event in enumerate(events):
        if event.name not in heard.names or event.occurred_at is None:
            continue
        starts, stops = heard.starts.get(event.name), heard.stops.get(event.name)
        key = _key(spec, event)
        if stops and doubt.any_met(stops, event):
            for stopped in list(running) if key is None else [key]:
                if stopped in running:
                    running.pop(stopped).stop = index
            if key not in begun and event.name not in restarting:
                stopped_unbegun.add(key)
        elif event.name == REOPENED:
            stopped_unbegun.clear()
        start = _start(starts, events, index, doubt) if starts and (key or "") not in running else None
        if start is not None:
            early = key not in begun and bool(stopped_unbegun & {key, None})
            known_at = None if start.known_at is None else start.known_at(event)
            running[key or ""] = _Instance(len(found) + 1, key or "", index, None, early, known_at)
            found.append(running[key or ""])
            begun |= {key, None}
    return found


def _start(starts: Sequence[Trigger], events: Sequence[CaseEvent], index: int, doubt: Doubt) -> Trigger | None:
    """Return the trigger that lets the clock start with this event, after what had happened before it."""
    asked = (
        trigger
        for trigger in starts
        if not (trigger.unless and any(event.name in trigger.unless for event in events[:index]))
    )
    return next((trigger for trigger in asked if doubt.any_met((trigger,), events[index])), None)


def _run(
    spec: ClockSpec, events: Sequence[CaseEvent], terms: Callable[[CaseEvent], Terms], doubt: Doubt, instance: _Instance
) -> ClockRun:
    start_event = events[instance.start]
    agreed = terms(start_event)
    during = [
        event
        for event in events[instance.start : instance.stop]
        if (event.name in spec.acting or agreed.stated is not None)
        and event.occurred_at is not None
        and _key(spec, event) in {None, instance.key}
    ]
    acts = acts_of(spec, agreed, start_event, events[: instance.start], during, doubt)
    acts.contradicted = instance.contradicted
    stop_event = None if instance.stop is None else events[instance.stop]
    return run_of(acts, instance.ordinal, instance.key, stop_event, instance.known_at)


def _key(spec: ClockSpec, event: CaseEvent) -> str | None:
    """Return the key of the instance that an event concerns, None if it concerns the whole case."""
    if spec.by is None:
        return None
    value = event.data.get(spec.by)
    return None if value is None else str(value)


def _in_both(strict: tuple[ClockRun, ...], generous: tuple[ClockRun, ...]) -> tuple[ClockRun, ...]:
    """Return the runs of both readings, matched by the event that started them; one that has no match is in doubt."""
    others = {run.start_event.event_id: run for run in generous}
    found = [paired(run, others.pop(run.start_event.event_id, None)) for run in strict]
    return tuple(sorted((*found, *(paired(run, None) for run in others.values())), key=_started))


def _started(run: ClockRun) -> tuple[int, int]:
    return (run.started_at, run.ordinal)
