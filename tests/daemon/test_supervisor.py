"""The loop: no wake is lost, a failing duty stops no other, and stopping waits for what is in flight."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from daemon.supervisor import Job, Supervisor
from ledger import Ledger, views
from rules.facts import Instant


@dataclass(frozen=True)
class Did:
    """What a run did."""

    happened: bool = False
    ok: bool = True


@dataclass
class Told:
    """A duty that does what it is told and signals each run."""

    name: str
    work: Callable[[], Did] = Did
    due: Instant | None = None
    runs: list[float] = field(default_factory=list)
    ran: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def run_once(self, now: Instant) -> Did:
        """Do the work and signal that it was done."""
        try:
            return self.work()
        finally:
            self.runs.append(time.time())
            self.ran.release()

    def next_at(self, now: Instant) -> Instant | None:
        """Return the instant that was told, once."""
        due, self.due = self.due, None
        return due

    def wait(self, times: int = 1) -> None:
        """Wait until it ran so many times more."""
        for _ in range(times):
            assert self.ran.acquire(timeout=10), f"{self.name} did not run"


@pytest.fixture
def supervise(ledger: Ledger) -> Iterator[Callable[..., Supervisor]]:
    """Return a function that starts a loop over jobs; all loops are stopped at the end."""
    begun: list[Supervisor] = []

    def start(*jobs: Job) -> Supervisor:
        supervisor = Supervisor(ledger, jobs)
        begun.append(supervisor)
        supervisor.start()
        return supervisor

    yield start
    for supervisor in begun:
        supervisor.stop()


def test_every_duty_runs_at_once_and_leaves_a_heartbeat(supervise: Callable[..., Supervisor], ledger: Ledger) -> None:
    """Nobody waits an interval for the first light."""
    first, second = Told("review"), Told("notify")
    supervisor = supervise(Job(first, 600), Job(second, 600))
    first.wait()
    second.wait()
    supervisor.stop()

    assert set(views.figures(ledger).duty_last_success) == {"review", "notify"}
    assert supervisor.duties == {"review": 600, "notify": 600}


def test_a_duty_is_woken_at_the_instant_that_it_names(supervise: Callable[..., Supervisor]) -> None:
    """A light changes at its moment, not at the next poll."""
    due = int(time.time()) + 2
    duty = Told("review", due=due)
    supervise(Job(duty, 600))
    duty.wait(2)

    assert 0 <= duty.runs[1] - due < 0.5


@pytest.mark.parametrize("years", [-8, 8])
def test_instants_are_those_of_the_clock_that_was_handed_in(ledger: Ledger, years: int) -> None:
    """Also where that is another than the machine's: what is due in a second runs in a second."""

    def clock() -> float:
        return time.time() + years * 31_557_600

    due = int(clock()) + 2
    duty = Told("review", due=due)
    supervisor = Supervisor(ledger, [Job(duty, 600)], clock)
    supervisor.start()
    duty.wait(2)
    ran_at = clock()
    supervisor.stop()

    assert 0 <= ran_at - due < 0.5


def test_what_happened_in_one_duty_wakes_another(supervise: Callable[..., Supervisor]) -> None:
    """A review that wrote deliveries does not leave them for the next poll."""
    review, notify = Told("review", lambda: Did(happened=True)), Told("notify")
    supervise(Job(notify, 600))
    notify.wait()
    supervise(Job(review, 600, wakes=("notify",)), Job(notify, 600))
    review.wait()
    notify.wait(2)

    assert len(notify.runs) == 3


def test_a_wake_that_comes_while_the_duty_runs_is_not_lost(supervise: Callable[..., Supervisor]) -> None:
    """The duty runs once more as soon as it can start."""
    begun, go_on = threading.Event(), threading.Event()

    def work() -> Did:
        begun.set()
        assert go_on.wait(10)
        return Did()

    duty = Told("review", work)
    supervisor = supervise(Job(duty, 600))
    assert begun.wait(10)
    supervisor.wake("review")
    time.sleep(0.3)
    go_on.set()
    duty.wait(2)

    assert len(duty.runs) == 2


def test_a_duty_that_raises_is_counted_and_tried_again_and_stops_no_other(
    supervise: Callable[..., Supervisor], ledger: Ledger
) -> None:
    """Its failure is in the figures; its success stays where it was."""

    def fail() -> Did:
        raise ZeroDivisionError("boom")

    failing, other = Told("review", fail), Told("notify")
    supervisor = supervise(Job(failing, 1), Job(other, 1))
    failing.wait(2)
    other.wait(2)
    supervisor.stop()

    assert supervisor.tallies.failures["review"] >= 2
    assert supervisor.tallies.failures["notify"] == 0
    assert "review" not in views.figures(ledger).duty_last_success


def test_a_slow_source_stops_no_other(supervise: Callable[..., Supervisor]) -> None:
    """Each source has a job of its own."""
    go_on = threading.Event()
    slow, quick = Told("ingest:slow", lambda: Did(go_on.wait(10))), Told("ingest:quick")
    supervise(Job(slow, 1), Job(quick, 1))
    quick.wait(3)

    assert slow.runs == []

    go_on.set()


def test_stopping_waits_for_what_is_in_flight(ledger: Ledger) -> None:
    """The duty that runs comes to its end, nothing starts any more; one may stop twice, or without having started."""
    begun = threading.Event()

    def work() -> Did:
        begun.set()
        time.sleep(0.5)
        return Did()

    duty = Told("review", work)
    supervisor = Supervisor(ledger, [Job(duty, 1)])
    supervisor.start()
    assert begun.wait(10)
    supervisor.stop()
    supervisor.stop()

    assert len(duty.runs) == 1
    assert supervisor.stopping()

    Supervisor(ledger, [Job(duty, 1)]).stop()
