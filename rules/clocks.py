"""Clocks (限时): from the events of a case to the runs of a clock, each with its due instant at every moment.

A start while an instance of the same key runs is ignored; after a stop a new start is the next ordinal. With ``by``
(a step) instances run in parallel, one per key; a stop that bears no key stops them all. An event may stop an instance
and start the next; any other stop before the first start contradicts it: such a run has no due instant, so that nothing
is held against anybody until the facts are corrected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rules.clockacts import Doubt, Remark, acts_of
from rules.clockgauges import Measure
from rules.clockphases import paired, run_of
from rules.clockruns import ClockRun, ClockState, Phase, Reading
from rules.clockspecs import (
    REOPENED,
    Around,
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
    "Around", "ClockRun", "ClockSoFar", "ClockSpec", "ClockState", "Counting", "Extends", "Heard", "Intake", "Lawful", "Measure",
    "Pauses", "Phase", "Places", "Reading", "Remark", "Requirement", "Terms", "Trigger", "places_of", "run_clock",
]  # fmt: skip


Places: TypeAlias = Mapping[str, Sequence[int]]
"""Where events of each name lie among the events of a case."""


class Alone:
    """Nothing around an event: no item is known, and no other clock."""

    def item_at(self, _: CaseEvent) -> None:
        """No item is known."""

    def over_at(self, _: str, __: CaseEvent) -> None:
        """No other clock is known."""


def run_clock(
    spec: ClockSpec, events: Sequence[CaseEvent], terms: Callable[[CaseEvent], Terms], around: Around | None = None,
    places: Places | None = None,
) -> tuple[ClockRun, ...]:  # fmt: skip
    """Return the runs of a clock in the order of their starts; ``events`` are in fold order.

    ``terms`` is asked once per start, with the event that started it; ``around`` is the case that triggers may ask;
    ``places`` are those of its events, worked out here if they are not given.
    """
    places = places_of(events) if places is None else places
    around = Alone() if around is None else around
    if spec.heard.conditional and not _may_start(spec.heard, events, places, around):
        return ()
    strict = Doubt(False, around)
    runs = _runs(spec, events, places, terms, strict)
    if not strict.met:
        return runs
    generous = _runs(spec, events, places, terms, Doubt(True, around))
    return _in_both(runs, generous)


def places_of(events: Sequence[CaseEvent]) -> Places:
    """Return where events of each name lie."""
    found: dict[str, list[int]] = {}
    for place, event in enumerate(events):
        found.setdefault(event.name, []).append(place)
    return found


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
    spec: ClockSpec, events: Sequence[CaseEvent], places: Places, terms: Callable[[CaseEvent], Terms], doubt: Doubt
) -> tuple[ClockRun, ...]:
    found = _instances(spec, events, places, doubt)
    if not found:
        return ()
    acting = not spec.acting.isdisjoint(places)
    return tuple([_run(spec, events, acting, terms, doubt, instance) for instance in found])


def _instances(spec: ClockSpec, events: Sequence[CaseEvent], places: Places, doubt: Doubt) -> list[_Instance]:
    heard = spec.heard
    found: list[_Instance] = []
    running: dict[str, _Instance] = {}
    begun: set[str | None] = set()
    stopped_unbegun: set[str | None] = set()
    for index in _places_of(heard, places):
        event = events[index]
        if event.occurred_at is None:
            continue
        starts, stops = heard.starts.get(event.name), heard.stops.get(event.name)
        key = None if spec.by is None else _key(spec, event)
        if stops and doubt.any_met(stops, event):
            for stopped in list(running) if key is None else [key]:
                if stopped in running:
                    running.pop(stopped).stop = index
            if key not in begun and event.name not in heard.restarting:
                stopped_unbegun.add(key)
        elif event.name == REOPENED:
            stopped_unbegun.clear()
        start = _start(starts, events, places, index, doubt) if starts and (key or "") not in running else None
        if start is not None:
            early = key not in begun and bool(stopped_unbegun & {key, None})
            known_at = None if start.known_at is None else start.known_at(event, doubt.around)
            running[key or ""] = _Instance(len(found) + 1, key or "", index, None, early, known_at)
            found.append(running[key or ""])
            begun |= {key, None}
    return found


def _may_start(heard: Heard, events: Sequence[CaseEvent], places: Places, around: Around) -> bool:
    """Say whether some start under a condition is not certain to be none: most clocks of this kind never start."""
    for name, starts in heard.starts.items():
        for place in places.get(name, ()):
            for trigger in starts:
                if trigger.where is None or trigger.where(events[place], around) is not False:
                    return True
    return False


def _places_of(heard: Heard, places: Places) -> Sequence[int]:
    """Return where the events lie that a clock hears, in order."""
    found: list[int] = []
    for name, own in places.items():
        if name in heard.names:
            found += own
    found.sort()
    return found


def _start(
    starts: Sequence[Trigger], events: Sequence[CaseEvent], places: Places, index: int, doubt: Doubt
) -> Trigger | None:
    """Return the trigger that lets the clock start with this event, after what had happened before it."""
    for trigger in starts:
        if trigger.unless and any(places[name][0] < index for name in trigger.unless if name in places):
            continue
        if doubt.met_by(trigger, events[index]):
            return trigger
    return None


def _run(
    spec: ClockSpec, events: Sequence[CaseEvent], acting: bool, terms: Callable[[CaseEvent], Terms], doubt: Doubt,
    instance: _Instance,
) -> ClockRun:  # fmt: skip
    start_event = events[instance.start]
    agreed = terms(start_event)
    during: Sequence[CaseEvent] = ()
    if acting or agreed.stated is not None:
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
