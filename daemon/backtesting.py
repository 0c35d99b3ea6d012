"""What a back-test carries to its worker processes: a law by the files that hold it, opened again in each of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from alerts.cards import CountsFrom
from alerts.replay import replay
from daemon.appeals import counts_from
from daemon.law import Law, read_law
from daemon.version import product_version
from rules.engine import ChildEngine
from rules.facts import Instant
from rules.frames import Dossier
from rules.hits import Carded
from rules.judgement import Judgement
from rules.loader import BOOKS
from rules.policy import Policy
from rules.profiles import PROFILES
from rules.subjects import Bench
from rules.tracing import shares_of


@dataclass(frozen=True, slots=True)
class LawFiles:
    """The files and names from which a law is read, as ``mingdeng review`` reads them; equal ones judge equally.

    ``digest`` is that of their contents, taken when the law was named.
    """

    books: tuple[Path, ...]
    profile: str | None
    calendar: str | None
    calendars: tuple[Path, ...]
    items: Path | None
    digest: str

    @classmethod
    def of(
        cls,
        books: Iterable[Path] = (),
        profile: str | None = None,
        calendar: str | None = None,
        calendars: Iterable[Path] = (),
        items: Path | None = None,
    ) -> LawFiles:
        """Return the law of these files, not read yet."""
        named, folders = tuple(books), tuple(calendars)
        digest = _digest((*(named or (BOOKS,)), *folders, *([items] if items else ())), profile, calendar)
        return cls(named, profile, calendar, folders, items, digest)

    def read(self) -> Law:
        """Read the law; raise ``UserError`` with the problems of all files."""
        return read_law(
            self.books, profile=self.profile, calendar=self.calendar, calendars=self.calendars, items=self.items
        )

    def open(self) -> Bench:
        """Return the law ready to judge, with an engine of its own."""
        law, engine = self.read(), ChildEngine()
        context = law.context(engine)
        cards = partial(_cards, policies=law.books.policies, begins=counts_from(law.default_calendar))
        return Bench(context, cards, engine.close)


def _cards(
    judgement: Judgement, dossier: Dossier, until: Instant, *, policies: Mapping[str, Policy], begins: CountsFrom
) -> Iterator[Carded]:
    """Yield the cards of a judgement, each with the shares that a trace-back finds where a clock ran over."""
    for card in replay(judgement, policies, until, begins):
        yield card if card.proposed else replace(card, shares=shares_of(dossier, card, card.at))


def _digest(paths: Iterable[Path], profile: str | None, calendar: str | None) -> str:
    """Return what tells these files, names and this version of the product from any others."""
    known = hashlib.blake2b(repr((product_version(), profile, calendar)).encode(), digest_size=16)
    named = Path(profile) if profile is not None and Path(profile).suffix else PROFILES / f"{profile}.yaml"
    for path in (*paths, named):
        inside = (
            sorted(file for file in path.iterdir() if file.suffix in {".yaml", ".yml"}) if path.is_dir() else [path]
        )
        for file in inside:
            if file.is_file():
                known.update(file.name.encode() + b"\0" + file.read_bytes())
    return known.hexdigest()
