"""kill -9 through every step of a card's life: of the people who act, at each deed, and of the daemon beside them.

People are killed right before and right after the commit of each deed; whoever comes after them finds out by looking at
the card what is left to do. The daemon, which judges, urges and sends meanwhile, is killed at its own points.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from alerts.model import Deed
from daemon.alerting import routes_of
from rules.loader import BOOKS
from tests.stories import checks, deeds, evidence, lives, people
from tests.stories.conftest import Placed
from tests.stories.life import Life, survivors
from tests.stories.memory import ServerMemory
from tests.stories.people import DOCUMENT, Doom
from tests.stories.receiver import Receiver
from tests.stories.register import ITEMS, Office
from tests.stories.story import PATIENCE, Story, eventually, told
from tests.stories.verdict import broken_books, post_faults

pytestmark = pytest.mark.timeout(900)  # half a minute each, but a machine may be busy

ROUNDS: Final = 2
STEPS: Final = (*(deed.value for deed in Deed), DOCUMENT)
BEFORE: Final = tuple(Doom("before", step) for step in STEPS)
AFTER: Final = tuple(Doom("after", step) for step in STEPS)
FEW: Final = tuple(Doom("after", step) for step in ("issue", "sign", "appeal", "uphold", "verify", "close", DOCUMENT))
"""On a server, where each takes longer, these within ``make test`` and all with ``make stories``."""

OF_THE_DAEMON: Final = ["before-record:2", "after-attempt:2", "random", "before-finish:1", "after-claim:3"]
"""Where the daemon is killed, each time after some deaths among the people."""

KILLS: Final = ["before-act", "before-document", *OF_THE_DAEMON]
"""The named points of these stories."""


@dataclass
class CardLives(Story):
    """Two processes over one ledger: the daemon, and the people."""

    plans: Sequence[lives.Planned] = ()
    deaths: list[str] = field(default_factory=list)
    daemon: Life | None = None
    heard: bool = False
    others: list[Life] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.plans = lives.planned(ROUNDS)
        self.office = Office(self.folder / "drops", lives.rows(self.plans), pause=0.01)
        (self.folder / "items.yaml").write_text(ITEMS + lives.ITEMS, encoding="utf-8")
        (self.folder / "careful.yaml").write_text(lives.PROFILE, encoding="utf-8")
        (self.folder / "doubts.yaml").write_text(lives.BOOK, encoding="utf-8")
        rules = f'[rules]\nbooks = ["{BOOKS}", "doubts.yaml"]\nprofile = "careful.yaml"\n'
        text = self.settings.read_text(encoding="utf-8").replace("[rules]\n", rules)
        self.settings.write_text(text, encoding="utf-8")

    def works(self) -> None:
        """Let the daemon run, if it does not."""
        if self.daemon is None:
            self.daemon = self._live()
            eventually(self.daemon.runs, "its duties begin", self.log)

    def hear_late(self) -> None:
        """Let the office write what it hears late, once there are cards on it."""
        if not self.heard:
            self.office.give(sum(1 for _ in lives.rows(self.plans)) - len(self.plans))
        self.heard = True

    def daemon_dies(self, where: str, left: set[Doom]) -> None:
        """Kill the daemon at a named point or at a random moment, while people are at work who die where it is ``left``."""
        if self.daemon is not None and where != "random":
            self.orphans += self.daemon.kill()
            self._note("random")
        if where == "random":
            self.works()
        self.daemon = self.daemon or self._live(failpoint=where)
        one, until = self._people(sorted(left)), time.monotonic() + self.chance.uniform(0, 0.5)
        while self.daemon.ended(0.02) is None:
            if where == "random" and time.monotonic() > until:
                self.orphans += self.daemon.kill()
            if one.ended(0) is not None:
                self._find(one, left)
                one = self._people(sorted(left))
            assert time.monotonic() < until + PATIENCE, f"the daemon did not reach {where}. {self.story()}"
        one.kill()
        self._find(one, left)
        self._note(where)

    def _note(self, where: str) -> None:
        self.kills.append(where)
        self.daemon = None
        self.cuts.update(evidence.cut_off(self.memory))
        self.left_held += evidence.held(self.memory, self.clock())

    def people_die(self, left: set[Doom]) -> None:
        """Let people act until one of the points is reached that are ``left``."""
        one = self._people(sorted(left))
        eventually(lambda: one.ended(0) is not None, f"people reach one of {sorted(left)}", self.story)
        self._find(one, left)

    def _find(self, one: Life, left: set[Doom]) -> None:
        """Note where people died who are dead: at a point, which is left no longer, or anywhere."""
        assert one.process.exitcode == -9, self.story()
        died = people.deaths(one.said())
        left -= {*died}
        self._mourn(str(died[0]) if died else "random")

    def people_die_somewhere(self) -> None:
        """Kill the people at a random moment."""
        one = self._people(())
        eventually(one.runs, "people are at work", self.story)
        time.sleep(self.chance.uniform(0, 0.4))
        one.kill()
        self._find(one, set())

    def people_finish(self, *, later: bool) -> int:
        """Let people do whatever is left to do for now, and daemon and people come to rest; return when."""
        self.works()
        one = self._people(())
        eventually(lambda: not self._undone(later=later), "everything is done", self.story)
        one.kill()
        self._mourn("at rest")
        count = len(self.office.close())
        eventually(lambda: evidence.is_quiet(self.memory, count, self.clock()), "it comes to rest", self.story)
        assert self.daemon is not None
        code = self.daemon.stop(10)
        assert code == 0, f"{code}: {self.log()}"
        self.daemon = None
        return int(self.clock())

    def _undone(self, *, later: bool) -> list[str]:
        with self.memory.reading() as connection:
            assert connection is not None
            return deeds.undone(self.plans, deeds.by_case(evidence.card_changes(connection)), later=later)

    def _people(self, dooms: Sequence[Doom]) -> Life:
        url = self.memory.named("people") if isinstance(self.memory, ServerMemory) else self.memory.url
        means = people.Means(url, dict(self.law.books.policies), routes_of(self.means, ""), self.law.default_calendar)
        seed = len(self.others)
        more = (self.clock, means, self.plans, tuple(dooms), seed)
        self.others.append(Life(self.settings, people.work, *more, log=people.LOG, ready=people.READY))
        return self.others[-1]

    def _mourn(self, how: str) -> None:
        """Note how people died; on a server, wait until what they had sent is committed or not."""
        self.deaths.append(how)
        if isinstance(self.memory, ServerMemory):
            self.memory.wait_for_the_end_of("people")

    def story(self) -> str:
        """Return the end of what everybody said."""
        path = self.folder / people.LOG
        said = path.read_text(encoding="utf-8")[-2000:] if path.exists() else ""
        return f"{said} {self.log()} {self._undone(later=False)}"

    def faults(self, rested_at: int) -> list[str]:
        """Return everything that is not as it has to be."""
        said = self.testimony()
        with self.memory.reading() as connection:
            assert connection is not None
            events, papers = deeds.told(connection), deeds.kept(connection)
            documents = deeds.numbered(connection)
        own = deeds.by_case(said.changes)
        return [
            *checks.lost_or_doubled_events([told(row) for row in self.office.written], said.events),
            *checks.broken_lives(evidence.plain(said.changes), said.serials),
            *post_faults(said, list(self.receiver.log), self.cuts, self.means, rested_at),
            *deeds.wrong_deeds(self.plans, own),
            *deeds.wrong_hands(own),
            *deeds.out_of_step(said.changes, events),
            *deeds.wrong_papers(said.changes, papers),
            *deeds.wrong_documents(self.plans, own, documents),
            *(f"an engine outlived its daemon: {process}" for process in survivors(self.orphans)),
            *broken_books(self.memory.url, self.law, rested_at),
        ]

    def counts(self) -> dict[str, int]:
        """Return the figures of the story."""
        said = self.testimony()
        log = (self.folder / people.LOG).read_text(encoding="utf-8")
        return {
            "deaths of people": len(self.deaths),
            "deeds": sum(change.done is not None for change in said.changes),
            "overtaken": log.count("overtaken"),
            "of the daemon": len(self.kills),
            **super().counts(),
        }

    def end(self) -> None:
        """Leave nothing behind, however the story ended."""
        for each in self.others:
            each.kill()
        super().end()


@pytest.fixture
def begun(tmp_path: Path, receiver: Receiver, placed: Placed) -> Iterator[Callable[[str], CardLives]]:
    """Return a function that begins a story over a ledger in a file or on a server."""
    stories = list[CardLives]()

    def begin(where: str) -> CardLives:
        stories.append(CardLives(tmp_path, receiver, 7, placed(where)))
        stories[-1].begin()
        return stories[-1]

    yield begin
    for story in stories:
        story.end()


@pytest.mark.parametrize(
    ("where", "dooms"),
    [
        ("file", BEFORE),
        pytest.param("file", (*BEFORE, *AFTER), marks=pytest.mark.slow),
        ("server", FEW),
        pytest.param("server", (*BEFORE, *AFTER), marks=pytest.mark.slow),
    ],
    ids=["file", "file-all", "server", "server-all"],
)
def test_after_kills_at_every_step_of_a_cards_life_each_deed_stands_once(
    where: str, dooms: tuple[Doom, ...], begun: Callable[[str], CardLives], capsys: pytest.CaptureFixture[str]
) -> None:
    """Deeds, hands, papers, documents, events of the card's case, urges and messages are those of the plan, each once."""
    story = begun(where)
    story.office.give(len(story.plans))
    left, points = set(dooms), list(OF_THE_DAEMON)
    while left or points:
        if len(left) <= len(dooms) * len(points) / (len(OF_THE_DAEMON) + 1):
            story.daemon_dies(points.pop(0), left)
            story.hear_late()
        story.works()
        if left:
            story.people_die(left)
    story.people_finish(later=False)
    story.clock = story.clock.skipped_to(lives.LATER_AT)
    for _ in range(2):
        story.people_die_somewhere()
        story.daemon_dies("random", set())
    rested_at = story.people_finish(later=True)
    with capsys.disabled():
        said = ", ".join(f"{what} {count}" for what, count in story.counts().items())
        print(f"\ncards' lives, ledger on a {where}: {said}", file=sys.stderr, flush=True)

    assert story.faults(rested_at) == []
    assert {*map(str, dooms)} <= {*story.deaths}
