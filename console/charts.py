"""Pictures of numbers as the coordinates of an SVG: drawn on the server, so that they are printed, need no script and keep to
the strictest policy of browsers. Every one stands beside a table of the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

HEIGHT: Final = 150
LEFT: Final = 46
BOTTOM: Final = 22
TOP: Final = 8
GROUP: Final = 26
BAR: Final = 9


class Bar(NamedTuple):
    """One bar: of which series it is, where it stands, and the number that it shows."""

    series: int
    x: float
    y: float
    width: float
    height: float
    value: int


class Mark(NamedTuple):
    """A label of an axis: where it stands and what it says."""

    at: float
    text: str


class Columns(NamedTuple):
    """Groups of bars side by side, in a box of ``width`` by ``height``; ``base`` is where the bars stand."""

    bars: tuple[Bar, ...]
    groups: tuple[Mark, ...]
    lines: tuple[Mark, ...]
    width: int
    height: int
    base: int
    left: int


def columns(groups: Sequence[tuple[str, Sequence[int]]]) -> Columns:
    """Return the chart of groups of numbers that are not negative, each group under its name."""
    top = _ceiling(max((value for _, values in groups for value in values), default=0))
    bars, names = [], []
    for place, (name, values) in enumerate(groups):
        start = LEFT + place * GROUP + (GROUP - BAR * len(values)) / 2
        names.append(Mark(LEFT + place * GROUP + GROUP / 2, name))
        for series, value in enumerate(values):
            tall = round(HEIGHT * value / top, 2)
            bars.append(Bar(series, start + series * BAR, TOP + HEIGHT - tall, BAR - 1, tall, value))
    lines = tuple(Mark(TOP + HEIGHT - HEIGHT * step / 4, f"{top * step // 4:,}") for step in range(5))
    return Columns(
        tuple(bars), tuple(names), lines, LEFT + GROUP * len(groups) + 6, TOP + HEIGHT + BOTTOM, TOP + HEIGHT, LEFT
    )


def _ceiling(value: int) -> int:
    """Return a round number, not less than this, that four parts make whole."""
    size = int("1" + "0" * max(len(str(value)) - 2, 0))
    return next(step * size for step in (4, 8, 12, 20, 40, 60, 80, 100) if step * size >= value)
