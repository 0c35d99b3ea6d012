"""Figures for Prometheus: one file per group of families, each ``families(snapshot)``, found by listing the folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Final, TypeAlias

from prometheus_client import CollectorRegistry, disable_created_metrics
from prometheus_client.core import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from daemon.metrics.snapshot import Snapshot

disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus-client leaves it untyped

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_NO_GROUPS: Final = frozenset({"snapshot"})

Families: TypeAlias = Callable[[Snapshot], Iterator[Metric]]


def groups() -> tuple[Families, ...]:
    """Return the ``families`` function of every file in this folder, in the order of their names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}").families for name in names if name not in _NO_GROUPS)


class Exposition:
    """What Prometheus scrapes. ``take`` gives the snapshot; an unchanged one is not rendered again."""

    def __init__(self, take: Callable[[], Snapshot]) -> None:
        self._take, self._groups = take, groups()
        self._lock = Lock()
        self._last: tuple[Snapshot, bytes] | None = None

    def render(self) -> bytes:
        """Return the figures in the text format 0.0.4."""
        snapshot = self._take()
        with self._lock:
            if self._last is None or self._last[0] != snapshot:
                registry = CollectorRegistry(auto_describe=False)
                registry.register(_OfSnapshot(snapshot, self._groups))
                self._last = (snapshot, generate_latest(registry))
            return self._last[1]


class _OfSnapshot(Collector):
    def __init__(self, snapshot: Snapshot, of: tuple[Families, ...]) -> None:
        self._snapshot, self._groups = snapshot, of

    def collect(self) -> Iterator[Metric]:
        """Yield every family of the snapshot."""
        for families in self._groups:
            yield from families(self._snapshot)
