"""Deliveries by channel and state."""

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import Metric

from alerts.breaker import Phase
from daemon.metrics.snapshot import Snapshot, counter, gauge

_OPENNESS: Final = {Phase.CLOSED: 0, Phase.HALF_OPEN: 1, Phase.OPEN: 2}


def families(snapshot: Snapshot) -> Iterator[Metric]:
    """Yield the outbox, and the repeats that a crash may have caused."""
    yield gauge(
        "mingdeng_deliveries",
        "Messages in the outbox, by channel and state.",
        ("channel", "state"),
        {tuple(map(str, key)): n for key, n in snapshot.figures.deliveries.items()},
    )
    yield gauge(
        "mingdeng_channel_breaker",
        "Circuit breaker of a channel: 0 closed, 1 half-open, 2 open.",
        ("channel",),
        {(channel,): float(_OPENNESS[phase]) for channel, phase in snapshot.breakers.items()},
    )
    yield counter(
        "mingdeng_possible_repeats",
        "Attempts that repeat one of unknown outcome.",
        (),
        {(): snapshot.figures.possible_repeats},
    )
