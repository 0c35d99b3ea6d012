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
    yield counter(
        "mingdeng_quarantined_rows",
        "Rows that did not fit and were put aside, by source and reason.",
        ("source", "reason"),
        dict(snapshot.figures.quarantined),
    )
