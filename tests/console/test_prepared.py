"""What is counted in the background: nobody waits long, nobody counts twice, and what is old is counted anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event

import pytest

from console.prepared import MOST, Prepared


@pytest.fixture
def ready() -> Iterator[Event]:
    """Let counting go on when this is set, at the latest when the test is over."""
    event = Event()
    yield event
    event.set()


def until_there(ask: Callable[[], int | None]) -> int:
    """Ask until there is an answer."""
    for _ in range(200):
        found = ask()
        if found is not None:
            return found
    raise AssertionError("it was never counted")


def test_nobody_waits_for_what_takes_long_and_it_is_counted_once(ready: Event) -> None:
    prepared, counted = Prepared[int](), list[int]()

    def count() -> int:
        ready.wait(20)
        counted.append(1)
        return 7

    assert prepared.get("a", 100, 60, count) is None
    assert prepared.get("a", 101, 60, count) is None
    ready.set()

    assert until_there(lambda: prepared.get("a", 102, 60, count)) == 7
    assert prepared.get("a", 159, 60, count) == 7
    assert counted == [1]


def test_an_old_answer_is_shown_while_a_new_one_is_counted(ready: Event) -> None:
    prepared = Prepared[int]()
    until_there(lambda: prepared.get("a", 100, 60, lambda: 1))

    def anew() -> int:
        ready.wait(20)
        return 2

    assert prepared.get("a", 160, 60, anew) == 1
    assert prepared.get("a", 161, 60, anew) == 1
    ready.set()
    while prepared.get("a", 162, 60, anew) == 1:
        pass

    assert prepared.get("a", 162, 60, anew) == 2


def test_what_goes_wrong_is_told_and_tried_again() -> None:
    prepared = Prepared[int]()

    def broken() -> int:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        until_there(lambda: prepared.get("a", 100, 60, broken))
    assert until_there(lambda: prepared.get("a", 101, 60, lambda: 3)) == 3


def test_only_so_many_answers_are_kept() -> None:
    prepared, counted = Prepared[int](), list[int]()

    def counting(key: int) -> int:
        counted.append(key)
        return key

    def ask(key: int, now: int) -> None:
        until_there(lambda: prepared.get(key, now, 10**6, lambda: counting(key)))

    for key in range(MOST + 1):
        ask(key, key)
    ask(0, MOST + 2)
    ask(MOST, MOST + 3)

    assert (counted.count(0), counted.count(MOST)) == (2, 1)
