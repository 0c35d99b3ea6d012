"""The desk at which scenarios are made up: dice, days that lie near holidays, items, officers, numbers."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import count, takewhile

from samples.county.departments import MATTERS, UNIT, UNITS
from samples.county.scenarios.dossier import Dossier
from samples.county.scenarios.products import Product
from samples.county.workdays import DAY, instant, is_workday

FIRST_ON, LAST_ON = dt.date(2025, 1, 6), dt.date(2026, 6, 26)
"""Cases begin between these dates, so that the slowest has ended when the county is judged."""
MORNING, AFTERNOON = (31_200, 40_800), (48_600, 59_400)


@dataclass
class Desk:
    """Where one scenario is made up, from its own dice."""

    rng: random.Random
    products: tuple[Product, ...]
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def day(self) -> dt.date:
        """Return a working day; every second one lies near a holiday or is a make-up day."""
        return self.rng.choice(_near_holidays() if self.rng.random() < 0.5 else _workdays())

    def holiday_eve(self) -> dt.date:
        """Return the last working day before a holiday of three days or more."""
        return self.rng.choice([day for day in _workdays() if len(_days_off_after(day)) >= 3 and _room(day)])

    def quiet_day(self) -> dt.date:
        """Return an ordinary working day from Tuesday to Thursday."""
        return self.rng.choice([day for day in _workdays() if day.weekday() in {1, 2, 3} and _room(day)])

    def moment(self, day: dt.date | None = None) -> int:
        """Return an instant in the office hours of a day."""
        return instant(day or self.day(), self.rng.randint(*self.rng.choice((MORNING, AFTERNOON))))

    def day_off(self) -> int:
        """Return an instant on a day off, weekends and holidays alike."""
        day = self.day()
        while is_workday(day):
            day += DAY
        return instant(day, self.rng.randint(*MORNING))

    def product(self, wanted: Callable[[Product], bool] = bool) -> Product:
        """Return one of the items that are wanted, of those whose versions do not change."""
        return self.rng.choice([each for each in self.products if not each.later and wanted(each)])

    def officers(self, unit: str, many: int) -> list[str]:
        """Return different officers of a unit."""
        return [f"{UNIT[unit].letter}-{number:03d}" for number in self.rng.sample(range(1, 200), many)]

    def units(self, many: int) -> list[str]:
        """Return different units."""
        return [unit.code for unit in self.rng.sample(UNITS, many)]

    def matter(self) -> str:
        """Return what somebody asks about."""
        return self.rng.choice(MATTERS)

    def number(self) -> str:
        """Return a number that no other case bears."""
        return f"{next(self.numbers):05d}"

    def contact(self, unit: str) -> Dossier:
        """Open the dossier of a first contact."""
        return Dossier("contacts", f"SW{self.number()}", unit)


@cache
def _workdays() -> tuple[dt.date, ...]:
    days = (FIRST_ON + DAY * n for n in range((LAST_ON - FIRST_ON).days + 1))
    return tuple(day for day in days if is_workday(day))


@cache
def _near_holidays() -> tuple[dt.date, ...]:
    """Return make-up days and the four working days before a weekday off."""
    return tuple(
        day
        for day in _workdays()
        if day.weekday() > 4
        or any((day + DAY * n).weekday() < 5 and not is_workday(day + DAY * n) for n in range(1, 5))
    )


def _days_off_after(day: dt.date) -> list[dt.date]:
    following = (day + DAY * n for n in range(1, 12))
    return list(takewhile(lambda each: not is_workday(each), following))


def _room(day: dt.date) -> bool:
    """Say whether there is room for a play around a day."""
    return dt.date(2025, 4, 1) <= day <= dt.date(2026, 3, 31)
