"""The machine itself: version, engine, and what the watch saw."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from daemon.metrics.snapshot import Snapshot, counter, gauge
from rules.judgement import Light


def families(snapshot: Snapshot) -> Iterator[Metric]:
    """Yield what concerns the process as a whole."""
    yield gauge("mingdeng_build_info", "Always 1; the version is a label.", ("version",), {(snapshot.version,): 1})
    yield counter(
        "mingdeng_engine_restarts",
        "Times the rule engine was lost and started anew.",
        (),
        {(): snapshot.engine_restarts},
    )
    yield gauge(
        "mingdeng_concern",
        "Whether the watch sees a concern: 1 where its light is not green.",
        ("concern",),
        {(code,): float(light is not Light.GREEN) for code, light in snapshot.concerns.items()},
    )
