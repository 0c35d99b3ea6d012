"""What follows from a rule: colour of the card, mode of issue, whom to tell, in which words. Data, never a condition."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from rules.judgement import Light


class Colour(StrEnum):
    """The colour of a card (牌): a reminder (提示), a yellow card (黄牌), a red card (红牌)."""

    REMINDER = "reminder"
    YELLOW = "yellow"
    RED = "red"

    @property
    def gravity(self) -> int:
        """Order reminder < yellow < red: 1, 2, 3."""
        return {Colour.REMINDER: 1, Colour.YELLOW: 2, Colour.RED: 3}[self]


class IssueMode(StrEnum):
    """How a card is issued (发牌): by the system, after a person confirmed it, or only by a person."""

    AUTOMATIC = "automatic"
    CONFIRM = "confirm"
    MANUAL = "manual"


class Rank(StrEnum):
    """Who is told on the supervised side, cumulative: each rank includes all below (domain.md 4.1)."""

    R0 = "R0"
    R1 = "R1"
    R2 = "R2"
    R3 = "R3"
    R4 = "R4"
    R5 = "R5"

    def and_below(self) -> tuple[Rank, ...]:
        """Return this rank and every rank below it, the lowest first."""
        return tuple(rank for rank in Rank if rank.value <= self.value)


class Policy(Struct, frozen=True, kw_only=True):
    """The consequences of one rule after the severity profile was applied.

    ``of`` is the kind of case; ``card`` None means that the rule only sets a light; ``proposes`` names the measure of an
    accountability proposal. Texts are {"zh": ..., "en": ...} with ``{placeholder}`` words from the allow-list.
    """

    rule: str
    family: str
    of: str
    title: Mapping[str, str]
    light: Light | None = None
    card: Colour | None = None
    issue: IssueMode = IssueMode.AUTOMATIC
    tell: Rank | None = None
    proposes: str = ""
    basis: Mapping[str, str] = field(default_factory=dict)
    say: Mapping[str, str] = field(default_factory=dict)
