"""kill -9 while cases come in, are judged, are told: nothing is lost, nothing doubled, and what may be a repeat says so.

Forty-four kills of a real process in four stories; what is done before each, and what is checked at the end, stands in
``story.py`` and ``checks.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger import failpoints
from tests.stories.receiver import Receiver
from tests.stories.story import Story

STORIES = {
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
}
"""By story: where it is killed while rows come in, and where while it catches up after an outage of six days.

The named points of sending come before the random moments of the catching up: there is an end to what is to be sent.
"""


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Callable[[int], Story]]:
    """Return a function that begins the story of a seed, with a receiver that is there from first to last."""
    receiver, stories = Receiver(), list[Story]()

    def begin(seed: int) -> Story:
        stories.append(Story(tmp_path, receiver, seed))
        stories[-1].begin()
        return stories[-1]

    yield begin
    for story in stories:
        story.end()
    receiver.stop()


@pytest.mark.parametrize("name", STORIES)
def test_after_kills_nothing_is_lost_doubled_or_told_again_without_saying_so(
    name: str, begun: Callable[[int], Story], capsys: pytest.CaptureFixture[str]
) -> None:
    """Killed again and again, restarted each time, it ends where a run without crashes ends."""
    meanwhile, afterwards = STORIES[name]
    story = begun(list(STORIES).index(name) + 1)
    for where in meanwhile:
        story.crash(where)
    story.outage()
    for where in afterwards:
        story.crash(where)
    rested_at = story.rest()
    with capsys.disabled():
        said = ", ".join(f"{what} {count}" for what, count in story.counts().items())
        print(f"\nkilled at {name}: {said}", file=sys.stderr, flush=True)  # standard output is lost under xdist

    assert story.faults(rested_at) == []


def test_the_stories_kill_at_every_named_point_and_often_enough() -> None:
    """At least thirty kills, each point of the ledger among them."""
    kills = [where for meanwhile, afterwards in STORIES.values() for where in meanwhile + afterwards]

    assert len(kills) >= 30
    assert {where.partition(":")[0] for where in kills} == {*failpoints.NAMES, "random", "start"}
