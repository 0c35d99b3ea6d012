"""A dossier (卷宗): everything that the departments wrote of one case, and what an honest inspector has to find in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

Role: TypeAlias = Literal["violation", "look-alike", "ordinary"]
Register: TypeAlias = Literal["applications", "contacts"]
Said: TypeAlias = str | int


class Act(NamedTuple):
    """One thing that happened, in the canonical words; ``written_at`` is when the department wrote it down."""

    at: int
    what: str
    said: Mapping[str, Said] = {}
    written_at: int | None = None

    @property
    def entered_at(self) -> int:
        """When it was written down: some seconds later where the scenario does not say."""
        return self.written_at if self.written_at is not None else self.at + 2 + self.at % 17


class Owed(NamedTuple):
    """A finding that has to begin at this very instant."""

    code: str
    at: int


@dataclass
class Dossier:
    """One case with its acts in any order; ``owed`` is complete: nothing else may be found in it."""

    register: Register
    case_no: str
    unit: str
    item: str = ""
    acts: list[Act] = field(default_factory=list)
    scenario: str = ""
    role: Role = "ordinary"
    variant: str = ""
    owed: list[Owed] = field(default_factory=list)
    zoned: bool = False
    """Whether the department writes times with their zone, in UTC."""

    def note(self, at: int, what: str, **said: Said) -> None:
        """Write down one act."""
        self.acts.append(Act(at, what, said))

    def owe(self, code: str, at: int) -> None:
        """Add what has to be found."""
        self.owed.append(Owed(code, at))

    @property
    def in_order(self) -> list[Act]:
        """The acts in the order of time; those of one instant as they were noted."""
        return sorted(self.acts, key=lambda act: act.at)
