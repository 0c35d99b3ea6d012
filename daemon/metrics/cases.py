"""Cases by unit, kind and light."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from daemon.metrics.snapshot import Snapshot, gauge


def families(snapshot: Snapshot) -> Iterator[Metric]:
    """Yield how many running cases show which light."""
    yield gauge(
        "mingdeng_cases",
        "Supervised cases by unit, kind of case and light.",
        ("unit", "kind", "light"),
        {tuple(map(str, key)): n for key, n in snapshot.figures.cases.items()},
    )
    yield gauge(
        "mingdeng_cases_finished",
        "Finished cases by unit, kind of case and light.",
        ("unit", "kind", "light"),
        {tuple(map(str, key)): n for key, n in snapshot.figures.finished.items()},
    )
    yield gauge(
        "mingdeng_cases_waiting", "Cases and units with facts not judged yet.", (), {(): snapshot.figures.waiting}
    )
