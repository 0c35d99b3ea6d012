"""Sources: when each last said something, and the rows that did not fit."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from daemon.metrics.snapshot import Snapshot, counter, gauge


def families(snapshot: Snapshot) -> Iterator[Metric]:
    """Yield the age and the quarantine of every source."""
    yield gauge(
        "mingdeng_source_last_event_timestamp_seconds",
        "When the latest event of the source happened.",
        ("source",),
        {(source,): float(at) for source, at in snapshot.figures.source_last_event.items()},
    )
    yield gauge(
        "mingdeng_source_failing",
        "Whether the source cannot be read at present: 1 if so.",
        ("source",),
        {(health.source,): float(health.failing_since is not None) for health in snapshot.figures.sources},
    )
    yield counter(
        "mingdeng_quarantined_rows",
        "Rows that did not fit and were put aside, by source and reason.",
        ("source", "reason"),
        {key: float(n) for key, n in snapshot.figures.quarantined.items()},
    )
