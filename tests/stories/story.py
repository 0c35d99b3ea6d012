"""A story of crashes: a deployment, an office that writes, a receiver, and one life of the daemon after the other."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from daemon.bootstrap import law_of
from daemon.law import Law
from daemon.settings import Settings
from daemon.settingsfile import load_settings
from tests.stories import checks, evidence
from tests.stories.checks import Cut, Told
from tests.stories.clock import StoryClock, at
from tests.stories.folder import AT_ONCE, LEDGER, lay_out
from tests.stories.life import LOG, Life, live, survivors
from tests.stories.memory import Memory
from tests.stories.receiver import Receiver
from tests.stories.reference import undisturbed
from tests.stories.register import LATER, STARTS, Office, Row, rows
from tests.stories.verdict import Testimony, broken_books, post_faults, testimony

SPEED = 60.0
"""Seconds of the story in one of the machine's: a lease of two minutes ends in two seconds."""

LONGEST = {"start": 0.6, "random": 1.8}
"""Seconds within which it is killed: of its birth, while it still starts, or of the moment at which its duties begin."""

ROWS_EACH = 24
"""Rows that the office writes in the first second or two of each life of the daemon."""

PATIENCE = 120.0
"""Seconds to wait for what has to come; much longer than it takes, for a machine may be busy."""


@dataclass
class Story:
    """One deployment from its first start to its rest."""

    folder: Path
    receiver: Receiver
    seed: int
    memory: Memory
    alerts: str = AT_ONCE
    cuts: set[Cut] = field(default_factory=set)
    kills: list[str] = field(default_factory=list)
    left_held: int = 0
    orphans: list[int] = field(default_factory=list)
    lives: list[Life] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.settings = lay_out(self.folder, self.receiver.url, self.memory.url, self.alerts)
        self.office = Office(self.folder / "drops", rows(self.seed), pause=0.05)
        self.chance = random.Random(self.seed)
        self.clock = StoryClock.starting(at(STARTS), SPEED)

    def begin(self) -> None:
        """Let the office write and the clock run."""
        self.clock = StoryClock.starting(at(STARTS), SPEED)
        self.office.open()

    def crash(self, where: str) -> None:
        """Live until the named point (``name:hits``), or a ``random`` moment, or one while it still ``starts``."""
        self.office.give(ROWS_EACH)
        if where in LONGEST:
            life = self._live()
            if where == "random":
                eventually(life.runs, "its duties begin", self.log)
            time.sleep(self.chance.uniform(0.0, LONGEST[where]))
            self.orphans += life.kill()
        else:
            life = self._live(failpoint=where)
            assert life.ended(PATIENCE) is not None, f"{where} was never reached: {self.log()}"
        assert life.process.exitcode == -9, f"{where}: {life.process.exitcode}, {self.log()}"
        self.kills.append(where)
        self.cuts.update(evidence.cut_off(self.memory))
        self.left_held += evidence.held(self.memory, self.clock())

    def outage(self) -> None:
        """Let the daemon stay down for six days, the night after it had done the work of the first."""
        self.rest()
        self.clock = self.clock.skipped_to(at(LATER))

    def rest(self) -> int:
        """Let the daemon work until nothing is left, and stop it; return the instant at which it came to rest."""
        rows = len(self.office.close())
        life = self._live()
        eventually(life.runs, "its duties begin", self.log)
        eventually(
            lambda: evidence.is_quiet(self.memory, rows, self.clock()), "it comes to rest with every row", self.log
        )
        code = life.stop(10)
        assert code == 0, f"{code}: {self.log()}"
        return int(self.clock())

    def faults(self, rested_at: int) -> list[str]:
        """Return everything that is not as it has to be."""
        said = self.testimony()
        with TemporaryDirectory() as folder:
            wanted = undisturbed(self.folder, Path(folder) / LEDGER, at(STARTS), rested_at)
        return [
            *checks.lost_or_doubled_events([told(row) for row in self.office.written], said.events),
            *checks.cards_unlike(wanted, said.faces),
            *checks.broken_lives(evidence.plain(said.changes), said.serials),
            *post_faults(said, list(self.receiver.log), self.cuts, self.means, rested_at),
            *(f"an engine outlived its daemon: {process}" for process in survivors(self.orphans)),
            *broken_books(self.memory.url, self.law, rested_at),
        ]

    @cached_property
    def means(self) -> Settings:
        """What the settings say."""
        return load_settings(self.settings)

    @cached_property
    def law(self) -> Law:
        """The law of the settings."""
        return law_of(self.means)

    def testimony(self) -> Testimony:
        """Return what the ledger says."""
        with self.memory.reading() as connection:
            assert connection is not None, self.log()
            return testimony(connection)

    def counts(self) -> dict[str, int]:
        """Return the figures of the story."""
        said = self.testimony()
        return {
            "kills": len(self.kills),
            "starts": len(self.lives),
            "engines orphaned": len(self.orphans),
            "rows": len(self.office.written),
            "cards": len(said.serials),
            "urges": len(said.urges),
            "deliveries": len(said.deliveries),
            "held by the dead": self.left_held,
            "attempts cut off": len(self.cuts),
            "marked requests": sum(each.marked for each in self.receiver.log),
            "true repeats": said.repeats(self.receiver.log),
        }

    def end(self) -> None:
        """Leave nothing behind, however the story ended."""
        self.office.close()
        for life in self.lives:
            life.kill()

    def _live(self, failpoint: str = "") -> Life:
        self.lives.append(Life(self.settings, live, self.clock, failpoint))
        return self.lives[-1]

    def log(self) -> str:
        """Return the end of what the daemons said."""
        path = self.folder / LOG
        return path.read_text(encoding="utf-8")[-3000:] if path.exists() else "it said nothing"


def eventually(said: Callable[[], bool], what: str, log: Callable[[], str]) -> None:
    """Wait until something holds."""
    until = time.monotonic() + PATIENCE
    while not said():
        assert time.monotonic() < until, f"not so: {what}. {log()}"
        time.sleep(0.05)


def told(row: Row) -> Told:
    """Return a row as the checks take it."""
    return Told(row.row, 1, f"county/application/{row.case}", row.event, at(row.at), row.unit, row.item)
