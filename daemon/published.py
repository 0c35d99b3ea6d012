"""The law in force: the files of the settings, overlaid by what was published through the ledger.

Published wins: a published version takes the place of the file's version of the same rulebook and number, of the same
calendar or year, of the catalogue, of the profile in use. Other versions stand beside it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import get_ident
from typing import Final

from daemon.backtesting import LawFiles
from daemon.settings import RulesSettings, Settings
from ledger import LawStory, Ledger
from rules.documents import load_rest
from rules.facts import Instant
from rules.itementries import Entry, read_entries
from rules.itemwriting import as_yaml
from rules.loader import BOOKS
from rules.problems import UserError

_NAME: Final = re.compile(r"^rulebook:\s*['\"]?([a-z0-9-]+)", re.MULTILINE)
_VERSION: Final = re.compile(r"^version:\s*(\d+)", re.MULTILINE)


def law_files(rules: RulesSettings, laws: Sequence[LawStory], folder: Path, would_be: Path | None = None) -> LawFiles:
    """Return the law that the settings and these publications make; their texts are laid out in ``folder``.

    The texts of what is not published yet, which bear no number, go into the folder ``would_be`` if there is one.
    """

    def laid(story: LawStory) -> Path:
        return laid_out(story, folder if story.number or would_be is None else would_be)

    books = {(story.law.name, story.law.version): story for story in laws if story.law.kind == "rulebook"}
    catalogues = [story for story in laws if story.law.kind == "catalogue"]
    calendars = {story.law.name: story for story in laws if story.law.kind == "calendar"}
    return LawFiles.of(
        _books(rules.books, {key: laid(story) for key, story in books.items()}),
        _profile(rules.profile, laws, laid),
        rules.calendar,
        (*rules.calendars, *map(laid, calendars.values())),
        laid(catalogues[-1]) if catalogues else rules.items,
    )


@contextmanager
def in_use(settings: Settings, at: Instant | None = None) -> Iterator[RulesSettings]:
    """Give the settings of the law in force, or of the law as it was ``at``; the files that they name go at the end.

    Raises ``UserError`` if the ledger cannot be read.
    """
    ledger = Ledger(settings.ledger.url)
    try:
        ledger.check()
        laws = [story for story in ledger.published() if at is None or (story.decided_at or 0) <= at]
    finally:
        ledger.close()
    with TemporaryDirectory(prefix="mingdeng-law-") as folder:
        files = law_files(settings.rules, laws, Path(folder))
        names = ("books", "profile", "calendars", "items")
        yield settings.rules.model_copy(update={name: getattr(files, name) for name in names})


def laid_out(story: LawStory, folder: Path) -> Path:
    """Return the file that holds a law as it judges, written if it is not there yet.

    A published catalogue's drafts bear their approval: it was published by two persons. Raises ``ValueError`` if the
    text is not the one that was approved.
    """
    name = story.law.name.replace("/", "-")
    path = folder / f"{name}-{story.law.version}.{story.law.revision}-{story.sha256[:12]}-{story.number}.yaml"
    if not path.exists():
        if sha256(story.law.text.encode()).hexdigest() != story.sha256:
            raise ValueError(f"the text of {story.law.label} is not the one that was approved")
        part = path.with_suffix(f".{get_ident()}.part.yaml")  # another thread may be about the same text
        part.write_text(story.law.text, encoding="utf-8")
        if story.law.kind == "catalogue":
            part.write_text(_approved(part, story), encoding="utf-8")
        part.replace(path)
    return path


def _approved(path: Path, story: LawStory) -> str:
    read = read_entries(path)
    if read.problems:
        raise UserError(read.problems)
    on = dt.datetime.fromtimestamp(story.decided_at or story.proposed_at, dt.UTC).date()
    return as_yaml((_by_two(entry, story, on) for entry in read.entries), story.law.label)


def _by_two(entry: Entry, story: LawStory, on: dt.date) -> Entry:
    """Return a draft as approved; a version that stood in the file without these words was published before."""
    if entry.approved_by:
        return entry
    entered = entry.entered_by or story.proposed_by
    return replace(entry, entered_by=entered, approved_by=story.decided_by, approved_on=on, draft=False)


def book_of(path: Path) -> tuple[str, int] | None:
    """Return the name and version of a rulebook file, None if it does not say."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        name, version = _NAME.search(text), _VERSION.search(text)
        if name is not None and version is not None:
            return name[1], int(version[1])
        data = load_rest(path).data
    except (OSError, UnicodeError, UserError):
        return None
    said = (data.get("rulebook"), data.get("version")) if isinstance(data, dict) else (None, None)
    return (said[0], said[1]) if isinstance(said[0], str) and isinstance(said[1], int) else None


def book_files(books: Sequence[Path]) -> list[Path]:
    """Return every file of the rulebooks that settings name (the shipped ones if none)."""
    files: list[Path] = []
    for path in books or (BOOKS,):
        files += sorted(p for p in path.iterdir() if p.suffix in {".yaml", ".yml"}) if path.is_dir() else [path]
    return files


def _books(named: Sequence[Path], laws: dict[tuple[str, int], Path]) -> Iterable[Path]:
    if not laws:
        return named
    return [*(path for path in book_files(named) if book_of(path) not in laws), *laws.values()]


def _profile(profile: str | None, laws: Sequence[LawStory], laid: Callable[[LawStory], Path]) -> str | None:
    if profile is None:
        return None
    found = [story for story in laws if story.law.kind == "profile" and story.law.name == Path(profile).stem]
    return str(laid(found[-1])) if found else profile
