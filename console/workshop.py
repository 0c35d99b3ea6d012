"""What only the daemon knows of the law and of the sources, lent to the pages of the administrator.

Every callable may raise ``UserError`` with everything that is wrong. Texts are those of files as people write them; the
places of problems name lines and columns of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from alerts.directory import Directory
from alerts.routing import Routing
from alerts.timing import Timing
from ledger import LawStory, LawText
from ledger.laws import LawKind
from rules.booktests import Report
from rules.calendarbook import CalendarBook
from rules.differences import Difference
from rules.facts import Instant
from rules.hits import Carded
from rules.itementries import Entries
from rules.problems import Problem, refuse
from rules.rulebook import Rulebooks


@dataclass(frozen=True, slots=True)
class LawFile:
    """A text that is in force; ``published`` tells one that two persons published from one of the settings."""

    kind: LawKind
    name: str
    version: int
    text: str
    published: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A text held against the law in force and found fit to be published: what it is and what it changes."""

    law: LawText
    changes: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class BackTest:
    """Who would be carded: over ``cases`` of the ledger's ``every``, the cards by the law in force and by the proposed one,
    those that only one of them gives, and how many cases show another light.
    """

    cases: int
    every: int
    cards: tuple[int, int]
    carded: tuple[Carded, ...]
    spared: tuple[Carded, ...]
    lights: int


def _closed(*_: object) -> NoReturn:
    raise refuse(
        "workshop/closed", "console", "Law cannot be worked on here.", "此处不能编写法规。",
        mend_en="Open the console of a running daemon.", mend_zh="请使用运行中服务的控制台。",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Workshop:
    """The callables.

    ``files`` are the texts in force, ``ground`` those of the settings beneath what was published, ``books`` what the first
    make. ``check`` finds every problem of a rulebook's text, ``run_tests`` runs the tests in it, ``differences``
    compares it with the standing version; ``hold`` does all of this and more for somebody who is to propose any law's
    text, ``waiting`` for a proposal that somebody is to approve. ``backtest`` tells (done, all) as it goes and stops with
    None where that is answered with False. ``read_items`` reads a catalogue's text, ``import_items`` makes a catalogue's text from a mapping's text, a table's
    name and content, and who enters it. ``mappings`` are the texts of the sources' mappings by source; ``read_directory`` reads one from uploaded
    files by name, ``check_directory`` finds what cannot be right in it; ``routing`` says
    whom a unit and a rank mean at an instant, ``timing`` when messages may be read (None: at once).
    """

    files: Callable[[], Sequence[LawFile]] = tuple
    ground: Callable[[], Sequence[LawFile]] = tuple
    books: Callable[[], Rulebooks] = lambda: Rulebooks(())
    check: Callable[[str], Sequence[Problem]] = lambda _: ()
    run_tests: Callable[[str], Report] = _closed
    differences: Callable[[str], Sequence[Difference]] = lambda _: ()
    hold: Callable[[str, str], Held] = _closed
    waiting: Callable[[LawStory, str], Held] = _closed
    backtest: Callable[[str, str, Callable[[int, int], bool]], BackTest | None] = lambda *_: None
    calendars: Callable[[], CalendarBook] = lambda: CalendarBook({})
    calendar: Callable[[], str] = str
    items: Callable[[], Entries] = lambda: Entries(())
    read_items: Callable[[str], Entries] = lambda _: Entries(())
    import_items: Callable[[str, str, bytes, str], str] = _closed
    mappings: Callable[[], Mapping[str, str]] = dict
    read_directory: Callable[[Sequence[tuple[str, bytes]]], Directory] = _closed
    check_directory: Callable[[Directory], Sequence[Problem]] = lambda _: ()
    routing: Callable[[Instant], Routing | None] = lambda _: None
    timing: Callable[[], Timing | None] = lambda: None
