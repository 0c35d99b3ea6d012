"""Deliveries by channel and state."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from daemon.metrics.snapshot import Snapshot, counter, gauge


def families(snapshot: Snapshot) -> Iterator[Metric]:
    """Yield the outbox, and the repeats that a crash may have caused."""
    yield gauge(
        "mingdeng_deliveries",
        "Messages in the outbox, by channel and state.",
        ("channel", "state"),
        {tuple(map(str, key)): n for key, n in snapshot.figures.deliveries.items()},
    )
    yield counter(
        "mingdeng_possible_repeats",
        "Attempts that repeat one of unknown outcome.",
        (),
        {(): snapshot.figures.possible_repeats},
    )
