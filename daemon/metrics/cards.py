"""Cards by unit, rule and colour."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from daemon.metrics.snapshot import Snapshot, counter


def families(snapshot: Snapshot) -> Iterator[Metric]:
    """Yield how many cards were issued."""
    yield counter(
        "mingdeng_cards",
        "Cards issued, by unit, rule and colour.",
        ("unit", "rule", "colour"),
        {tuple(map(str, key)): n for key, n in snapshot.figures.cards_total.items()},
    )
