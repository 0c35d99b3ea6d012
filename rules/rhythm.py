"""The rhythm of a clock that starts again and again: how long it usually runs, learned from its earlier runs."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from statistics import median_high
from typing import Final

from rules.clocks import ClockRun
from rules.quantities import Quantity, Unit

LEARNED_FROM: Final = 20
"""Runs that are looked back upon."""

AT_LEAST: Final = 5
"""Fewer runs teach nothing: the rhythm is nought, and the clock's own limit decides alone."""

PATIENCE: Final = 2
"""A run is out of rhythm when it lasts twice as long as usual."""


def rhythm(runs: Sequence[ClockRun], of: ClockRun) -> Quantity | None:
    """Return twice the median length of the runs before ``of``, in the unit of its limit; None without a limit."""
    if of.terms.limit is None:
        return None
    earlier = [run for run in runs if run.ordinal < of.ordinal and run.stopped_at is not None][-LEARNED_FROM:]
    lengths = [length for run in earlier if (length := _length(run)) is not None]
    if len(lengths) < AT_LEAST:
        return Quantity(Fraction(0), of.terms.limit.unit)
    usual = median_high(length.amount for length in lengths)
    return Quantity(PATIENCE * usual, lengths[-1].unit)


def _length(run: ClockRun) -> Quantity | None:
    reading = run.reading(run.stopped_at) if run.stopped_at is not None else None
    if reading is None or reading.used is None:
        return None
    return Quantity(Fraction(reading.used.units), Unit(reading.used.unit))
