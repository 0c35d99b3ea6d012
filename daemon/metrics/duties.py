"""Duties: when each last succeeded, and how often it ran, failed or missed its tick since the start."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import Metric

from daemon.metrics.snapshot import Snapshot, counter, gauge


def families(snapshot: Snapshot) -> Iterator[Metric]:
    """Yield the health of the loop."""
    yield gauge(
        "mingdeng_duty_last_success_timestamp_seconds",
        "When the duty last succeeded.",
        ("duty",),
        {(duty,): float(at) for duty, at in snapshot.figures.duty_last_success.items()},
    )
    yield counter("mingdeng_duty_runs", "Runs since the start.", ("duty",), _by_duty(snapshot.runs))
    yield counter("mingdeng_duty_failures", "Runs that raised since the start.", ("duty",), _by_duty(snapshot.failures))
    yield counter(
        "mingdeng_duty_misses", "Ticks that came while the duty still ran.", ("duty",), _by_duty(snapshot.misses)
    )


def _by_duty(counted: Mapping[str, int]) -> dict[tuple[str, ...], float]:
    return {(duty,): float(n) for duty, n in counted.items()}
