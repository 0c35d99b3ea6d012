"""The workshop of the law, lent to the console: texts in force, checks, tests, differences and back-tests of new ones."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from alerts.directory import Directory
from alerts.directorycheck import check_directory
from alerts.directoryimport import read_directory, table_named
from alerts.routing import Routing
from alerts.timing import Timing
from connectors.base import SourceFailed
from console.workshop import BackTest, Held, LawFile, Workshop
from daemon.directorytables import read_tables
from daemon.itemtables import read_table
from daemon.lawinforce import LawInForce
from daemon.published import book_files, book_of, law_files
from daemon.publishing import Desk
from daemon.sampling import sampled
from daemon.settings import Settings
from ledger import LawStory, Ledger
from rules.booktests import Report, run_tests
from rules.calendarbook import open_calendars
from rules.checkup import check_books
from rules.differences import Difference, differences
from rules.documents import parse, read_text
from rules.facts import Instant
from rules.itementries import Entries, read_entries
from rules.itemimport import import_items, load_mapping, onto
from rules.itemwriting import as_yaml
from rules.loader import load_books
from rules.problems import Problem, UserError, refuse
from rules.rulebook import Rulebooks

TEXT_NAME: Final = "text.yaml"
"""The file that a text is laid out in; problems name it, pages do not show it."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Where texts of the console are worked on; each verb has a folder of its own for as long as it takes."""

    settings: Settings
    ledger: Ledger
    law: LawInForce
    now: Callable[[], Instant]

    def files(self) -> Sequence[LawFile]:
        """Return the rulebooks and the catalogue in force with their texts."""
        return self._files(self.ledger.published())

    def ground(self) -> Sequence[LawFile]:
        """Return the rulebooks and the catalogue of the settings, as if nothing had been published."""
        return self._files(())

    def _files(self, laws: Sequence[LawStory]) -> Sequence[LawFile]:
        published = {
            (story.law.kind, story.law.name, story.law.version): story.law for story in laws
        }  # fmt: skip
        files = law_files(self.settings.rules, laws, self.law.folder)
        found = [
            LawFile("rulebook", *key, read_text(path), ("rulebook", *key) in published)
            for path in book_files(files.books)
            if (key := book_of(path)) is not None
        ]
        if files.items is not None:
            versions = [law.version for law in published.values() if law.kind == "catalogue"]
            text = read_text(files.items) if files.items.suffix != ".csv" else _as_catalogue(files.items)
            found.append(LawFile("catalogue", "items", max(versions, default=0), text, bool(versions)))
        return found

    def check(self, text: str) -> tuple[Problem, ...]:
        """Return every problem of a rulebook's text."""
        with _laid_out(text) as path:
            return check_books([path], self._profile(), beside=self.law.law.books.books)

    def run_tests(self, text: str) -> Report:
        """Run the tests that stand in a rulebook's text."""
        rules = self.settings.rules
        with _laid_out(text) as path:
            calendars = open_calendars([*rules.calendars])
            return run_tests(
                [path], calendars, calendar=self.law.law.calendar, beside=self.law.law.books.books
            )  # fmt: skip

    def differences(self, text: str) -> tuple[Difference, ...]:
        """Return what a rulebook's text changes of the version that it corrects or follows."""
        with _laid_out(text) as path:
            new = load_books([path], self._profile())
        own = [book for book in self.law.law.books.books if book.name == new.books[0].name]
        last = max(own, key=lambda book: book.version, default=None)
        same = next((book for book in own if book.version == new.books[0].version), last)
        return differences(Rulebooks((same,) if same is not None else ()), new)

    def hold(self, text: str, who: str) -> Held:
        """Hold a text against the law in force, as whoever proposes it has to."""
        with self._desk(who) as desk, _laid_out(text) as path:
            proposal = desk.proposal(path)
            return Held(proposal.law, proposal.changes)

    def waiting(self, story: LawStory, who: str) -> Held:
        """Hold a proposal against the law once more, as whoever approves it has to."""
        with self._desk(who) as desk:
            proposal = desk.waiting(story)
            return Held(proposal.law, proposal.changes)

    def backtest(self, text: str, who: str, going: Callable[[int, int], bool]) -> BackTest | None:
        """Judge a sample of the ledger's cases by the law in force and by the text."""
        with self._desk(who) as desk, _laid_out(text) as path:
            proposal = desk.proposal(path)
            return sampled(self.ledger, proposal.before, proposal.would_be, self.now(), going)

    def items(self) -> Entries:
        """Return the catalogue in force, drafts included."""
        with self._desk("") as desk:
            standing = desk.files().items
            return read_entries(standing) if standing is not None else Entries(())

    def read_items(self, text: str) -> Entries:
        """Return the versions that a catalogue's text holds."""
        with _laid_out(text) as path:
            return read_entries(path)

    def import_items(self, mapping: str, name: str, content: bytes, who: str) -> str:
        """Return the catalogue's text that a table makes of the one in force."""
        with self._desk(who) as desk, tempfile.TemporaryDirectory(prefix="mingdeng-items-") as made:
            folder = Path(made)
            said, table = folder / "mapping.yaml", folder / f"table{_suffix(name)}"
            said.write_text(mapping, encoding="utf-8")
            table.write_bytes(content)
            part = load_mapping(said)
            try:
                rows = read_table(table, part.read, part.columns())
            except SourceFailed as failed:
                raise refuse("source/failed", name, failed.en, failed.zh) from failed
            imported = import_items(part, rows, name, who)
            standing = desk.files().items
            before = read_entries(standing) if standing is not None else Entries(())
            if before.problems:
                raise UserError(before.problems)
            return as_yaml(onto(before.entries, imported), part.catalogue)

    def mappings(self) -> dict[str, str]:
        """Return the text of each source's mapping."""
        found: dict[str, str] = {}
        for source in self.settings.sources:
            try:
                text = read_text(source.mapping)
                found[_source_of(text)] = text
            except UserError:  # removed or broken since the daemon began: there is nothing to show, and nothing to stop
                continue
        return found

    def read_directory(self, files: Sequence[tuple[str, bytes]]) -> Directory:
        """Return the directory of a workbook or of CSV files, each named after its table."""
        with tempfile.TemporaryDirectory(prefix="mingdeng-directory-") as made:
            folder = Path(made)
            for number, (name, content) in enumerate(files):
                table = table_named(Path(name).stem)
                workbook = Path(name).suffix.lower() != ".csv"
                path = folder / ("workbook.xlsx" if workbook else f"{table or f'unknown-{number}'}.csv")
                path.write_bytes(content)
                if workbook:
                    return read_directory(read_tables(path))
            return read_directory(read_tables(folder))

    def check_directory(self, directory: Directory) -> tuple[Problem, ...]:
        """Return what cannot be right in a directory, and who is missing."""
        today = dt.datetime.fromtimestamp(self.now(), ZoneInfo(self.settings.rules.zone)).date()
        return check_directory(directory, today, tuple(self.settings.channels))

    def lent(self, routing: Callable[[Instant], Routing], timing: Callable[[], Timing | None]) -> Workshop:
        """Return what the pages are lent."""
        return Workshop(
            files=self.files, ground=self.ground, books=lambda: self.law.law.books, check=self.check, run_tests=self.run_tests,
            differences=self.differences, hold=self.hold, waiting=self.waiting, backtest=self.backtest,
            calendars=lambda: self.law.law.calendars, calendar=lambda: self.law.law.calendar, items=self.items, read_items=self.read_items,
            import_items=self.import_items, mappings=self.mappings, routing=routing,
            read_directory=self.read_directory, check_directory=self.check_directory,
            timing=timing,
        )  # fmt: skip

    def _profile(self) -> str | Path | None:
        profile = self.settings.rules.profile
        return Path(profile) if profile is not None and Path(profile).suffix else profile

    @contextmanager
    def _desk(self, who: str) -> Iterator[Desk]:
        with tempfile.TemporaryDirectory(prefix="mingdeng-law-") as folder:
            yield Desk(self.settings.rules, self.ledger, Path(folder), who, self.now(), self.law.folder)


@contextmanager
def _laid_out(text: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mingdeng-text-") as folder:
        path = Path(folder) / TEXT_NAME
        path.write_text(text, encoding="utf-8")
        yield path


def _suffix(name: str) -> str:
    """Return the ending of an uploaded file's name, if it is one that names a format."""
    found = re.search(r"\.[a-z0-9]{1,7}$", name.lower())
    return found[0] if found is not None else ""


def _as_catalogue(path: Path) -> str:
    return as_yaml(read_entries(path).entries, "items")


def _source_of(text: str) -> str:
    data = parse(text, "mapping").data
    return str(data.get("source", "")) if isinstance(data, dict) else ""
