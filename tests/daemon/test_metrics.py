"""The figures are what Prometheus and its own linter accept, bounded, and rendered once for one snapshot."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from prometheus_client.parser import text_string_to_metric_families

from daemon.metrics import Exposition, groups
from daemon.metrics.snapshot import MOST_SERIES, Snapshot
from ledger.views import Figures, SourceHealth
from rules.judgement import Light

HEALTH = SourceHealth(
    source="water", last_event_at=90, last_success_at=95, failing_since=99, reason_en="down", reason_zh="中断",
    runs=3, quarantined=2,
)  # fmt: skip

FIGURES = Figures(
    cases={("城管局", "application", "red"): 2, ('a"b\\c\n', "contact", "green"): 1},
    finished={("城管局", "application", "green"): 7},
    cards_total={("城管局", "T04", "yellow"): 3},
    source_last_event={"water": 90},
    duty_last_success={"review": 1_700_000_000},
    deliveries={("inbox", "delivered"): 4},
    quarantined={("water", "time/format"): 2},
    possible_repeats=1,
    waiting=5,
    sources=(HEALTH,),
)

SNAPSHOT = Snapshot(
    FIGURES, {"review": 9}, {"review": 1}, {"review": 2}, 3, {"disk": Light.RED, "clock": Light.GREEN}, "0.1"
)


def samples(rendered: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return the samples as Prometheus' own parser reads them."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(rendered.decode())
        for sample in family.samples
    }


def test_every_figure_is_exported_with_its_labels() -> None:
    """Also those with Chinese names, quotes and line ends in a label."""
    found = samples(Exposition(lambda: SNAPSHOT).render())

    assert found["mingdeng_cases", (("kind", "application"), ("light", "red"), ("unit", "城管局"))] == 2
    assert found["mingdeng_cases", (("kind", "contact"), ("light", "green"), ("unit", 'a"b\\c\n'))] == 1
    assert found["mingdeng_cards_total", (("colour", "yellow"), ("rule", "T04"), ("unit", "城管局"))] == 3
    assert found["mingdeng_source_last_event_timestamp_seconds", (("source", "water"),)] == 90
    assert found["mingdeng_source_failing", (("source", "water"),)] == 1
    assert found["mingdeng_duty_last_success_timestamp_seconds", (("duty", "review"),)] == 1_700_000_000
    assert found["mingdeng_duty_misses_total", (("duty", "review"),)] == 2
    assert found["mingdeng_duty_failures_total", (("duty", "review"),)] == 1
    assert found["mingdeng_deliveries", (("channel", "inbox"), ("state", "delivered"))] == 4
    assert found["mingdeng_quarantined_rows_total", (("reason", "time/format"), ("source", "water"))] == 2
    assert found["mingdeng_possible_repeats_total", ()] == 1
    assert found["mingdeng_engine_restarts_total", ()] == 3
    assert found["mingdeng_concern", (("concern", "disk"),)] == 1
    assert not [name for name, _ in found if name.endswith("_created")]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_finds_nothing_to_say() -> None:
    """Names, units, help texts and types are as Prometheus wants them."""
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=Exposition(lambda: SNAPSHOT).render(), capture_output=True, check=False
    )

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")


def test_an_unchanged_snapshot_is_rendered_once() -> None:
    """Two scrapes of the same figures give the same object; another figure gives another."""
    now = [SNAPSHOT]
    exposition = Exposition(lambda: now[0])
    first = exposition.render()

    assert exposition.render() is first

    now[0] = Snapshot(FIGURES)

    assert exposition.render() != first


def test_labels_are_bounded_and_nothing_is_lost() -> None:
    """Beyond the bound the smallest series are added up as one."""
    many = {(f"unit {n:05}", "application", "green"): n for n in range(MOST_SERIES + 100)}
    figures = Figures(**{name: getattr(FIGURES, name) for name in FIGURES.__struct_fields__} | {"cases": many})
    found = {key: value for key, value in samples(Exposition(lambda: Snapshot(figures)).render()).items()
             if key[0] == "mingdeng_cases"}  # fmt: skip

    assert len(found) == MOST_SERIES
    assert sum(found.values()) == sum(many.values())
    assert found["mingdeng_cases", (("kind", "other"), ("light", "other"), ("unit", "other"))] == sum(range(101))


def test_a_metric_is_a_file() -> None:
    """Every file of the folder takes part without being listed anywhere."""
    assert {group.__module__.rpartition(".")[2] for group in groups()} == {
        "cards", "cases", "deliveries", "duties", "law", "machine", "routing", "sources",
    }  # fmt: skip
