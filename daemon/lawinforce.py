"""Follows the law in force while the daemon runs: a law that cannot be loaded never replaces one that works."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias, TypeVar

from daemon import log
from daemon.duties.watch import Concern, Look
from daemon.law import Law
from daemon.published import law_files
from daemon.settings import RulesSettings
from daemon.settling import settle
from ledger import Ledger
from rules.facts import Instant
from rules.judgement import Light
from rules.policy import Policy
from rules.problems import UserError

Titles: TypeAlias = Mapping[tuple[str, str], Mapping[str, str]]
Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Change:
    """A law that took the place of another; ``revisions`` are the publications that this puts into force."""

    before: Law
    after: Law
    revisions: tuple[int, ...]


class LawInForce:
    """The law by which this process judges, with which ``own`` (the settings' files) is overlaid.

    ``revision`` is the ledger's that it has; ``trouble`` says in English and Chinese why it is not the newest.
    """

    def __init__(self, rules: RulesSettings, ledger: Ledger, own: Law) -> None:
        self._rules, self._ledger, self._own = rules, ledger, own
        self._folder = TemporaryDirectory(prefix="mingdeng-law-")
        self._log = log.get(duty="law")
        self.seen = ledger.law_revision()
        self.trouble: tuple[str, str] = ("", "")
        self.revision, self.law = self._newest()

    @property
    def folder(self) -> Path:
        """Where the published texts are laid out, for whoever holds another text against them."""
        return Path(self._folder.name)

    def books(self) -> tuple[tuple[str, str], ...]:
        """Return the name and version (a correction's with its revision) of every rulebook in force, in order."""
        labels = (book.label.partition("@") for book in self.law.books.books)
        return tuple(sorted((name, version) for name, _, version in labels))

    def close(self) -> None:
        """Remove the texts that were laid out."""
        self._folder.cleanup()

    def look(self) -> Change | None:
        """Take up what was published since the last look; return the change, None if there is none that works."""
        found = self._ledger.law_revision()
        if found == self.seen:
            return None
        self.seen = found
        try:
            after = self._read(found)
        except (UserError, ValueError, OSError) as error:
            self._refused(found, error)
            return None
        change = Change(self.law, after, tuple(range(self.revision + 1, found + 1)))
        self.law, self.revision, self.trouble = after, found, ("", "")
        settle()
        self._log.info("law_taken_up", revision=found)
        return change

    def unfinished(self) -> Change | None:
        """Return the change of which an earlier life of the daemon did not mark every concerned case."""
        revisions = tuple(each for each in self._ledger.unmarked_laws() if each <= self.revision)
        if not revisions:
            return None
        try:
            return Change(self._read(revisions[0] - 1), self.law, revisions)
        except (UserError, ValueError, OSError):  # what judged then cannot be read any more: rather mark too many
            return Change(self._own, self.law, revisions)

    def concern(self) -> Look:
        """Return the look of the watch: red while a published law cannot be taken up."""

        def look(_now: Instant) -> Concern:
            en, zh = self.trouble
            if en:
                return Concern("law", Light.RED, en, zh)
            said = f"Revision {self.revision} of the law is in force.", f"现行法规为第 {self.revision} 次发布。"
            return Concern("law", Light.GREEN, *said)

        return look

    def _newest(self) -> tuple[int, Law]:
        """Return the newest revision that can be loaded, down to the files of the settings alone."""
        for revision in range(self.seen, 0, -1):
            try:
                return revision, self._read(revision)
            except (UserError, ValueError, OSError) as error:
                if not self.trouble[0]:
                    self._refused(revision, error)
        return 0, self._own

    def _read(self, revision: int) -> Law:
        laws = self._ledger.published(revision) if revision else ()
        return law_files(self._rules, laws, self.folder).read() if laws else self._own

    def _refused(self, revision: int, error: Exception) -> None:
        en = zh = str(error).splitlines()[0]
        if isinstance(error, UserError):
            en, zh = (error.problems[0].sentence(language) for language in ("en", "zh"))
        self.trouble = (
            f"The published law, revision {revision}, cannot be loaded, the former one goes on judging: {en}",
            f"第 {revision} 次发布的法规无法加载，继续适用原法规：{zh}",
        )
        self._log.error("law_refused", revision=revision, reason=en)


class Following(Mapping[Key, Value]):
    """A mapping that is always the one that ``read`` gives now."""

    def __init__(self, read: Callable[[], Mapping[Key, Value]]) -> None:
        self._read = read

    def __getitem__(self, key: Key) -> Value:
        return self._read()[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def policies(law: LawInForce) -> Mapping[str, Policy]:
    """Return what the rules in force say of their cards, also after the next publication."""
    return Following(lambda: law.law.books.policies)


def titles(law: LawInForce, more: Titles) -> Titles:
    """Return the titles of clocks and rules in force, also after the next publication, and ``more`` beside them."""
    made: list[tuple[Law, Titles]] = []

    def read() -> Titles:
        known = made[0] if made else None
        if known is None or known[0] is not law.law:
            known = (law.law, {**law.law.titles(), **more})
            made[:] = [known]
        return known[1]

    return Following(read)
