"""Figures that tests measure are printed at the end of the run, also from several workers."""

from __future__ import annotations

from typing import Any

import pytest


def pytest_terminal_summary(terminalreporter: Any) -> None:  # pytest's own reporter has no public type
    """Print what tests recorded under the name ``figure``."""
    reports: list[pytest.TestReport] = [
        report for outcome in ("passed", "failed") for report in terminalreporter.getreports(outcome)
    ]
    figures = [value for report in reports for name, value in report.user_properties if name == "figure"]
    if figures:
        terminalreporter.section("figures")
        for figure in figures:
            terminalreporter.write_line(str(figure))
