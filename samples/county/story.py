"""The words of a scenario: what happened to a case, when it was written down, what it owes the truth file."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from samples.county.departments import ITEMS, UNIT, UNITS, Item, Unit
from samples.county.truth import Truth
from samples.county.workdays import date_of, instant, shift

Fact: TypeAlias = str | int
Register: TypeAlias = Literal["housing", "licensing", "contacts"]
PREFIX: Mapping[Register, str] = {"housing": "ZJ", "licensing": "SP", "contacts": "SW"}


class Happening(NamedTuple):
    """One thing that happened, in the canonical words; writers put it into their department's own."""

    at: int
    what: str
    data: Mapping[str, Fact] = {}

    @property
    def written_at(self) -> int:
        """When the department wrote it into its system: some seconds later, as clerks do."""
        return self.at + 2 + self.at % 17


@dataclass(frozen=True)
class Story:
    """The whole life of one case, also what is still to come, in the order of time."""

    register: Register
    case_no: str
    unit: str
    item: str
    happenings: tuple[Happening, ...]
    truths: tuple[Truth, ...] = ()

    def known(self, at: int) -> tuple[Happening, ...]:
        """Return what the department has written down by the instant ``at``."""
        return tuple(h for h in self.happenings if h.written_at <= at)


@dataclass(frozen=True)
class Stage:
    """Where one scenario is told: its own dice, the instant that histories are laid out around, and its number."""

    rng: random.Random
    now: int
    number: str

    def item(self, wanted: Callable[[Item], bool]) -> Item:
        """Return one of the items that are wanted."""
        return self.rng.choice([item for item in ITEMS if wanted(item)])

    def officer(self, unit: str) -> str:
        """Return the number of one of a unit's officers."""
        return f"{UNIT[unit].letter}-{self.rng.randint(1, 14):03d}"

    def units(self, count: int) -> list[Unit]:
        """Return different units, the first contact's own first."""
        return self.rng.sample(UNITS, count)

    def office(self, workdays_ago: int) -> int:
        """Return an instant in the morning or afternoon, so many working days before today (0: the last begun one)."""
        opens, closes = self.rng.choice(((31_200, 41_400), (49_200, 60_300)))
        return instant(shift(date_of(self.now), -workdays_ago), self.rng.randint(opens, closes))

    def story(
        self, register: Register, unit: str, item: str, happenings: list[Happening], scenario: str, *owed: Truth
    ) -> Story:
        """Bind the happenings to a case number; what is owed takes the same number."""
        told = tuple(sorted(happenings, key=lambda h: h.at))
        number = f"{PREFIX[register]}{date_of(told[0].at):%Y%m%d}{self.number}"
        truths = tuple(t._replace(case_no=number, unit=unit, scenario=scenario) for t in owed)
        return Story(register, number, unit, item, told, truths)


def owes(rule: str, may_from: int | None = None, yes_from: int | None = None, yes_until: int | None = None) -> Truth:
    """Return what a story owes one rule; without instants it is a look-alike that no review may find."""
    return Truth(rule, "", "", "", may_from, yes_from, yes_until)
