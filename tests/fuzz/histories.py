"""Random histories: those of the rulebooks' own tests, with events moved, dropped, said again, corrected or taken back."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from rules.facts import CaseEvent, Instant
from rules.trials import Trial

DAY: Final = 86_400
SOURCE: Final = "random"


def history(dice: random.Random, trial: Trial, number: int) -> list[CaseEvent]:
    """Return every version of every event of one random history, in no order that means anything."""
    told: list[CaseEvent] = []
    for place, event in enumerate(trial.case.events):
        if dice.random() < 0.08:
            continue
        told += _versions(dice, _own(dice, event, number, str(place)))
        if dice.random() < 0.08:
            told += _versions(dice, _own(dice, event, number, f"{place}-again"))
    return told


def _own(dice: random.Random, event: CaseEvent, number: int, place: str) -> CaseEvent:
    return replace(
        event, source=SOURCE, namespace=f"n{number}", event_id=f"{number}/{place}", version=1,
        occurred_at=_moved(dice, event.occurred_at), inserted_at=_moved(dice, event.inserted_at), sequence=None,
    )  # fmt: skip


def _moved(dice: random.Random, at: Instant | None) -> Instant | None:
    if at is None or dice.random() < 0.6:
        return at
    return at + dice.choice((-1, 1, 3_600, dice.randrange(-4 * DAY, 6 * DAY)))


def _versions(dice: random.Random, event: CaseEvent) -> Iterator[CaseEvent]:
    """Yield the versions of one event: mostly one, sometimes a wrong one before, rarely one that takes it back."""
    yield event
    if dice.random() < 0.2:
        yield replace(event, version=2, occurred_at=_moved(dice, event.occurred_at), data=_fewer(dice, event))
    if dice.random() < 0.03:
        yield replace(event, version=3, retracted=True)


def _fewer(dice: random.Random, event: CaseEvent) -> dict[str, str | int | float | bool | None]:
    return {name: value for name, value in event.data.items() if dice.random() < 0.9}


def delivered(dice: random.Random, events: Sequence[CaseEvent]) -> Iterator[tuple[CaseEvent, ...]]:
    """Yield the events in batches of random size and order, some of them once more in the same or a later batch."""
    mixed = [*events, *(event for event in events if dice.random() < 0.3)]
    dice.shuffle(mixed)
    while mixed:
        size = dice.randrange(1, 60)
        yield tuple(mixed[:size])
        mixed = mixed[size:]
