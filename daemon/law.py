"""Reads the law that settings or a command line name: rulebooks, profile, calendars, catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from rules.calendarbook import CalendarBook, open_calendars
from rules.calendars import Calendar
from rules.catalogue import Catalogue, load_catalogue
from rules.context import Context
from rules.engine import Engine
from rules.loader import load_books
from rules.problems import Problem, UserError
from rules.rulebook import Rulebooks

Found = TypeVar("Found")

DEFAULT_CALENDAR: Final = "cn"


@dataclass(frozen=True, slots=True)
class Law:
    """What cases are judged by."""

    books: Rulebooks
    calendars: CalendarBook
    catalogue: Catalogue
    calendar: str

    def context(self, engine: Engine) -> Context:
        """Return the context of a review; each thread needs one of its own."""
        return Context(self.books, self.calendars, engine, self.catalogue, self.calendar)

    def titles(self) -> dict[tuple[str, str], Mapping[str, str]]:
        """Return the titles of clocks and rules in both languages, by (``clock`` or ``rule``, name)."""
        found: dict[tuple[str, str], Mapping[str, str]] = {}
        for book in self.books.books:
            found |= {("clock", name): clock.title.model_dump() for name, clock in book.part.clocks.items()}
            found |= {("rule", rule.id): rule.title.model_dump() for rule in book.part.rules}
        return found

    @property
    def default_calendar(self) -> Calendar:
        """The calendar of clocks that name none of their own."""
        return self.calendars.get(self.calendar)


class Problems:
    """Collects what is wrong in several things that are read, so that all is told at once."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def attempt(self, read: Callable[[], Found]) -> Found | None:
        """Return what ``read`` gives, None where it raises ``UserError``, whose problems are kept."""
        try:
            return read()
        except UserError as error:
            self.found += error.problems
            return None

    def error(self) -> UserError:
        """Return the error that tells what was found, each problem once."""
        return UserError(dict.fromkeys(self.found))


def read_law(
    books: Sequence[Path] = (),
    *,
    profile: str | None = None,
    calendar: str | None = None,
    calendars: Sequence[Path] = (),
    items: Path | None = None,
) -> Law:
    """Read everything; raise ``UserError`` with the problems of all files.

    Without ``calendar`` it is the one that the rulebooks name, if they agree on one, else that of China.
    """
    problems = Problems()
    chosen = Path(profile) if profile is not None and Path(profile).suffix else profile
    loaded = problems.attempt(lambda: load_books(books, chosen))
    opened = problems.attempt(lambda: open_calendars(calendars))
    catalogue = problems.attempt(lambda: load_catalogue(items)) if items is not None else Catalogue()
    name = calendar or (_named_by(loaded) if loaded is not None else DEFAULT_CALENDAR)
    if opened is not None:
        problems.attempt(lambda: opened.get(name))
    if loaded is None or opened is None or catalogue is None or problems.found:
        raise problems.error()
    return Law(loaded, opened, catalogue, name)


def _named_by(books: Rulebooks) -> str:
    named = {book.part.calendar for book in books.books if book.part.calendar}
    return named.pop() if len(named) == 1 else DEFAULT_CALENDAR
