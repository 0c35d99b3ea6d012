"""Deals out the scenarios: the county's first day from (seed, size, now), and who arrives while it runs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from samples.county import encounters as met
from samples.county import scenario as done
from samples.county.story import Stage, Story

Scenario: TypeAlias = Callable[[Stage], Story]

HISTORY: Final[Mapping[Scenario, int]] = {
    done.finished_in_time: 60, done.running_in_time: 70, done.decided_in_the_last_minute: 8, done.withdrawn: 6,
    done.promise_overdue: 6, done.statutory_overdue: 4, done.near_its_promise: 5, done.accepted_too_late: 3,
    done.noticed_on_the_fifth_day: 4, done.step_overdue: 3, done.step_at_its_limit: 6, done.suspended_too_long: 3,
    done.suspended_within_its_term: 6, done.instant_on_the_next_day: 2, done.instant_before_closing: 14,
    done.express_due_soon: 3, done.express_saved: 3,
    met.answered_at_once: 30, met.handed_over: 16, met.signed_in_the_last_minutes: 5, met.unsigned_transfer: 3,
    met.two_hops: 5, met.bounced: 2, met.ping_pong: 2, met.forgotten: 3, met.told_on_the_last_day: 4,
}  # fmt: skip
"""How often each scenario is told, in parts; each at least once where the size allows it."""

ARRIVALS: Final[Mapping[Scenario, int]] = {
    done.express_arrives: 60, done.express_dawdles: 8, met.asks_now: 28, met.bounced_now: 4,
}  # fmt: skip

ARRIVAL_SECONDS: Final = 30
LIVE_SECONDS: Final = 3_600
"""No story of an arrival is longer than this, so that a restart knows how far to look back."""


def plan(seed: int, size: int, now: int) -> tuple[Story, ...]:
    """Return the stories of the first day: ``size`` cases laid out around the instant ``now``."""
    rng = random.Random(seed)
    told = list(HISTORY)[:size]
    told += rng.choices(list(HISTORY), list(HISTORY.values()), k=size - len(told))
    return tuple(
        scenario(Stage(random.Random(f"{seed}/{number}"), now, f"{number:05d}"))
        for number, scenario in enumerate(told, 1)
    )


def arrivals(seed: int, after: int, until: int) -> Iterator[Story]:
    """Yield the stories that begin in (``after``, ``until``]: one every half minute, the same for the same seed."""
    for slot in range(after // ARRIVAL_SECONDS + 1, until // ARRIVAL_SECONDS + 1):
        rng = random.Random(f"{seed}/live/{slot}")
        (scenario,) = rng.choices(list(ARRIVALS), list(ARRIVALS.values()))
        yield scenario(Stage(rng, slot * ARRIVAL_SECONDS, f"L{slot % 10_000_000:07d}"))
