"""kill -9 while cases come in, are judged, are told: nothing is lost, nothing doubled, and what may be a repeat says so.

A real process is killed again and again, over a ledger in a file and over one on a PostgreSQL server; what is done before
each kill, and what is checked at the end, stands in ``story.py``, ``checks.py`` and ``verdict.py``. What people do to
cards meanwhile is another story (``test_card_lives.py``).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger import failpoints
from tests.stories.conftest import Placed
from tests.stories.folder import AT_ONCE, IN_DIGESTS
from tests.stories.receiver import Receiver
from tests.stories.story import Story
from tests.stories.test_card_lives import KILLS as KILLS_OF_CARD_LIVES

pytestmark = pytest.mark.timeout(900)  # half a minute each, but a machine may be busy

Kills = tuple[list[str], list[str]]

STORIES: dict[str, Kills] = {
    "ingest": (
        [
            "before-append:1",
            "start",
            "before-append:2",
            "random",
            "before-append:2",
            "random",
            "before-append:3",
            "random",
        ],
        ["before-append:1", "random", "before-record:2"],
    ),
    "review": (
        ["after-claim:1", "before-record:1", "random", "before-record:3", "after-claim:4", "start", "before-record:2"],
        ["before-record:1", "after-claim:2", "before-record:4", "random"],
    ),
    "notify": (
        ["after-attempt:1", "before-finish:1", "random", "after-attempt:7", "before-finish:12", "before-finish:3"],
        ["after-attempt:2", "before-finish:5", "before-finish:1", "random", "random"],
    ),
    "any moment": (
        ["random", "random", "start", "random", "random", "random", "start", "random"],
        ["random", "random", "start"],
    ),
    "digest": (
        ["before-record:1", "random"],
        ["before-digest:1", "before-digest:2", "after-attempt:1", "random"],
    ),
    "server": (
        ["before-append:1", "after-claim:2", "before-record:1", "random", "after-attempt:1", "before-finish:2"],
        ["before-record:2", "after-attempt:3", "before-finish:1", "random"],
    ),
}
"""By story: where it is killed while rows come in, and where while it catches up after an outage of six days.

The named points of sending come before the random moments of the catching up: there is an end to what is to be sent.
"""

QUICK = [("file", "ingest"), ("file", "review"), ("file", "notify"), ("file", "any moment"), ("file", "digest"),
         ("server", "server")]  # fmt: skip
LONG = [("server", name) for name in ("ingest", "review", "notify", "any moment")]
MARKED = (("kills", QUICK), ("slow", LONG))
"""Neither is part of ``make test``: ``make kills`` and ``make stories`` run them."""
"""The same kills on PostgreSQL: ``make stories``."""


@pytest.fixture
def begun(tmp_path: Path, receiver: Receiver, placed: Placed) -> Iterator[Callable[[str, str], Story]]:
    """Return a function that begins a story of a name, over a ledger in a file or on a server."""
    stories = list[Story]()

    def begin(where: str, name: str) -> Story:
        alerts = IN_DIGESTS if name == "digest" else AT_ONCE
        stories.append(Story(tmp_path, receiver, list(STORIES).index(name) + 1, placed(where), alerts))
        stories[-1].begin()
        return stories[-1]

    yield begin
    for story in stories:
        story.end()


@pytest.mark.parametrize(
    ("where", "name"), [pytest.param(*each, marks=getattr(pytest.mark, mark)) for mark, all_ in MARKED for each in all_]
)
def test_after_kills_nothing_is_lost_doubled_or_told_again_without_saying_so(
    where: str, name: str, begun: Callable[[str, str], Story], capsys: pytest.CaptureFixture[str]
) -> None:
    """Killed again and again, restarted each time, it ends where a run without crashes ends."""
    meanwhile, afterwards = STORIES[name]
    story = begun(where, name)
    for point in meanwhile:
        story.crash(point)
    story.outage()
    for point in afterwards:
        story.crash(point)
    rested_at = story.rest()
    with capsys.disabled():
        said = ", ".join(f"{what} {count}" for what, count in story.counts().items())
        print(f"\nkilled at {name}, ledger on a {where}: {said}", file=sys.stderr, flush=True)  # lost under xdist else

    assert story.faults(rested_at) == []


def test_the_stories_kill_at_every_named_point_and_often_enough() -> None:
    """At least thirty kills over a file and twenty over a server, each point of the ledger among them."""
    kills = {place: [k for where, name in [*QUICK, *LONG] if where == place for part in STORIES[name] for k in part]
             for place in ("file", "server")}  # fmt: skip
    named = {where.partition(":")[0] for where in [*kills["file"], *KILLS_OF_CARD_LIVES]}

    assert len(kills["file"]) >= 30
    assert len(kills["server"]) >= 20
    assert named == {*failpoints.NAMES, "random", "start"}
