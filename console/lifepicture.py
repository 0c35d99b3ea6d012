"""Where a card stands in its life, as a drawing: the stages it went through, where it is, and what can follow.

The stages that may follow come from ``alerts.moves.MOVES``; only where a stage is drawn is said here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Final, NamedTuple

from alerts.model import Card, CardChange, Deed, Stage
from alerts.moves import MOVES, Side
from rules.facts import Instant

WIDTH: Final = 112
HEIGHT: Final = 38
COLUMN: Final = 140
ROW: Final = 76
MARGIN: Final = 10

SEATS: Final[Mapping[Stage, tuple[int, int]]] = {
    Stage.PROPOSED: (0, 1), Stage.ISSUED: (1, 1), Stage.SIGNED: (2, 1), Stage.EXPLAINED: (3, 1),
    Stage.UPHELD: (4, 1), Stage.RECTIFIED: (5, 1), Stage.VERIFIED: (6, 1), Stage.CLOSED: (7, 1),
    Stage.APPEALED: (3, 0), Stage.ESCALATED: (4, 0), Stage.RETURNED: (2, 0), Stage.REVOKED: (6, 2),
}  # fmt: skip
"""Column and row of each stage."""


class Node(NamedTuple):
    """A stage: its box, and whether it is ``now``, ``passed``, ``next`` or none of these (``""``)."""

    stage: Stage
    x: int
    y: int
    standing: str
    since: Instant | None


class Edge(NamedTuple):
    """An arrow, as the path of an SVG: ``passed``, or ``next`` for what can follow."""

    path: str
    standing: str


class Next(NamedTuple):
    """What can follow: the deed, on whose side, and the stage to which it leads."""

    deed: Deed
    side: Side
    to: Stage


class LifePicture(NamedTuple):
    """The drawing in a box of ``width`` by ``height``, and the same in words: what was passed, what can follow.

    ``column`` is where the present stage stands, counted from 0.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    following: tuple[Next, ...]
    width: int
    height: int
    column: int


def life(card: Card, changes: Iterable[CardChange]) -> LifePicture:
    """Return the picture of a card's life."""
    since: dict[Stage, Instant] = {}
    way: list[Stage] = []
    for change in changes:
        stage = change.card.stage
        if not way or way[-1] is not stage:
            way.append(stage)
            since[stage] = change.at
    following = tuple(
        Next(move.deed, move.side, move.to) for move in MOVES if move.to is not None and card.stage in move.stages
    )
    ahead = {step.to for step in following}
    nodes = tuple(
        Node(stage, *_corner(stage), _standing(stage, card.stage, since, ahead), since.get(stage)) for stage in SEATS
    )
    passed = dict.fromkeys(pairwise(way))
    possible = dict.fromkeys((card.stage, step.to) for step in following)
    edges = (
        *(Edge(_path(start, end), "next") for start, end in possible if start is not end),
        *(Edge(_path(start, end), "passed") for start, end in passed),
    )
    columns, rows = (max(seat[axis] for seat in SEATS.values()) for axis in (0, 1))
    return LifePicture(
        nodes, edges, following, columns * COLUMN + WIDTH + 2 * MARGIN, rows * ROW + HEIGHT + 2 * MARGIN,
        SEATS[card.stage][0],
    )  # fmt: skip


def _standing(stage: Stage, now: Stage, since: Mapping[Stage, Instant], ahead: set[Stage]) -> str:
    if stage is now:
        return "now"
    return "passed" if stage in since else "next" if stage in ahead else ""


def _corner(stage: Stage) -> tuple[int, int]:
    column, row = SEATS[stage]
    return MARGIN + column * COLUMN, MARGIN + row * ROW


def _path(start: Stage, end: Stage) -> str:
    """Return an arrow from box to box: straight to a neighbour, else around what lies between."""
    (x1, y1), (x2, y2) = _corner(start), _corner(end)
    half = HEIGHT // 2
    if y1 == y2 and x2 - x1 == COLUMN:
        return f"M{x1 + WIDTH} {y1 + half}H{x2 - 4}"
    if y1 == y2:
        over = y1 - 30 if x2 > x1 else y1 + HEIGHT + 30
        edge = y1 if x2 > x1 else y1 + HEIGHT
        a, b = x1 + WIDTH // 2, x2 + WIDTH // 2
        return f"M{a} {edge}C{a} {over} {b} {over} {b} {edge - 4 if x2 > x1 else edge + 4}"
    if x1 == x2:
        return f"M{x1 + WIDTH // 2} {y1 + HEIGHT}V{y2 - 4}" if y2 > y1 else f"M{x1 + WIDTH // 2} {y1}V{y2 + HEIGHT + 4}"
    if x2 - x1 > COLUMN:  # down the gap beside the box, then along under what lies between
        gap, level, landing = x1 + WIDTH + (COLUMN - WIDTH) // 2, y1 + half, y2 + half
        turn = 8 if y2 > y1 else -8
        return (
            f"M{x1 + WIDTH} {level}H{gap - 8}Q{gap} {level} {gap} {level + turn}"
            f"V{landing - turn}Q{gap} {landing} {gap + 8} {landing}H{x2 - 4}"
        )
    a, b = (x1 + WIDTH, x2 - 4) if x2 > x1 else (x1, x2 + WIDTH + 4)
    middle = (a + b) // 2
    return f"M{a} {y1 + half}C{middle} {y1 + half} {middle} {y2 + half} {b} {y2 + half}"
