"""The law in force: its revision, and the rulebooks that judge."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from daemon.metrics.snapshot import Snapshot, gauge


def families(snapshot: Snapshot) -> Iterator[Metric]:
    """Yield what is known of the law."""
    yield gauge(
        "mingdeng_law_revision", "How often a law was published, as far as this process judges by it.", (),
        {(): float(snapshot.law_revision)},
    )  # fmt: skip
    yield gauge(
        "mingdeng_law_info", "Always 1; rulebook and version (a correction's with its revision) are labels.",
        ("rulebook", "version"), dict.fromkeys(snapshot.law, 1.0),
    )  # fmt: skip
