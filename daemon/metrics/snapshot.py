"""What the figures are made of: the ledger's own, and what only this process knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from alerts.breaker import Phase
from ledger.views import Figures, RoutingFigures
from rules.judgement import Light

MOST_SERIES: Final = 5_000
"""Series of one family; what is beyond goes into one series whose labels are ``other``, so that no scrape explodes."""

OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The figures at one moment. Counters by duty begin anew with the process, as Prometheus expects."""

    figures: Figures
    runs: Mapping[str, int] = field(default_factory=dict)
    failures: Mapping[str, int] = field(default_factory=dict)
    misses: Mapping[str, int] = field(default_factory=dict)
    engine_restarts: int = 0
    concerns: Mapping[str, Light] = field(default_factory=dict)
    version: str = ""
    breakers: Mapping[str, Phase] = field(default_factory=dict)
    law_revision: int = 0
    law: tuple[tuple[str, str], ...] = ()
    routing: RoutingFigures | None = None
    vacancies: tuple[tuple[str, str], ...] = ()
    steps: Mapping[str, int] = field(default_factory=dict)


def gauge(name: str, text: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]) -> Metric:
    """Return a gauge family of bounded size."""
    family = GaugeMetricFamily(name, text, labels=labels)
    for key, value in bounded(values, len(labels)):
        family.add_metric(key, value)
    return family


def counter(name: str, text: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]) -> Metric:
    """Return a counter family of bounded size; ``name`` without its ``_total``."""
    family = CounterMetricFamily(name, text, labels=labels)
    for key, value in bounded(values, len(labels)):
        family.add_metric(key, value)
    return family


def bounded(values: Mapping[tuple[str, ...], float], width: int) -> Iterable[tuple[tuple[str, ...], float]]:
    """Return the series in the order of their labels, the smallest beyond ``MOST_SERIES`` added up as ``other``."""
    if len(values) <= MOST_SERIES:
        return sorted(values.items())
    ranked = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    kept, rest = ranked[: MOST_SERIES - 1], ranked[MOST_SERIES - 1 :]
    return [*sorted(kept), ((OTHER,) * width, sum(value for _, value in rest))]
