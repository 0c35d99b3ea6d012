"""The loop that all duties share: APScheduler as an in-memory ticker, one job per duty, each with its own thread.

What is due is a column of the ledger; a tick only asks. A job that was woken while it still ran is woken again when it
can start, so that no wake is lost.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobEvent,
)
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

from daemon import log
from daemon.duties.base import Duty, Result
from ledger import Ledger
from rules.facts import Instant

HEARTBEAT_SECONDS: Final = 5
"""A duty that ran again so soon after its last heartbeat, with the same outcome, writes none."""

AGAIN_SECONDS: Final = 0.05
STILL_DUE_SECONDS: Final = 1.0
"""How soon to look again for what is due and could not be taken (another worker holds it)."""


@dataclass(slots=True)
class Job:
    """One duty in the loop: how often it looks by itself, and what to wake after it did something."""

    duty: Duty
    interval: int
    wakes: Sequence[str] = ()


@dataclass(slots=True)
class Tallies:
    """What the loop counts, for metrics: runs, failures and missed ticks by duty."""

    runs: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    misses: Counter[str] = field(default_factory=Counter)


class Supervisor:
    """Runs duties until it is stopped. May be stopped twice, or without having been started."""

    def __init__(self, ledger: Ledger, jobs: Sequence[Job], clock: Callable[[], float] = time.time) -> None:
        self.tallies = Tallies()
        self._ledger, self._clock = ledger, clock
        self._jobs = {job.duty.name: job for job in jobs}
        self._beats: dict[str, tuple[Instant, bool]] = {}
        self._woken: set[str] = set()
        self._stopping = threading.Event()
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(max_workers=max(1, len(jobs)))},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
            timezone=dt.UTC,
        )
        self._scheduler.add_listener(self._on_error, EVENT_JOB_ERROR)
        self._scheduler.add_listener(self._on_missed, EVENT_JOB_MISSED)
        self._scheduler.add_listener(self._on_still_running, EVENT_JOB_MAX_INSTANCES)

    @property
    def duties(self) -> dict[str, int]:
        """The duties by name, with the interval in seconds at which each looks by itself."""
        return {name: job.interval for name, job in self._jobs.items()}

    def stopping(self) -> bool:
        """Whether duties should come to an end at the next good place."""
        return self._stopping.is_set()

    def start(self) -> None:
        """Begin to tick; every duty runs once at once."""
        for job in self._jobs.values():
            self._scheduler.add_job(
                self._run, "interval", args=[job], id=job.duty.name, seconds=job.interval,
                next_run_time=dt.datetime.now(dt.UTC),
            )  # fmt: skip
        self._scheduler.start()

    def stop(self) -> None:
        """Let the duties in flight finish, then end."""
        self._stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def wake(self, name: str, at: float | None = None) -> None:
        """Let a duty run at the instant ``at`` (now if None), unless it runs earlier anyway."""
        if name not in self._jobs or self._stopping.is_set():
            return
        wanted = self._in(max(0.0, at - self._clock()) if at is not None else 0.0)
        job = self._scheduler.get_job(name)
        if job is None or (job.next_run_time is not None and job.next_run_time <= wanted):
            return
        self._woken.add(name)
        try:
            self._scheduler.modify_job(name, next_run_time=wanted)
        except JobLookupError:
            self._woken.discard(name)

    def _run(self, job: Job) -> None:
        name = job.duty.name
        if self._stopping.is_set():
            return
        self._woken.discard(name)
        now = int(self._clock())
        logger = log.get(duty=name)
        try:
            result = job.duty.run_once(now)
        except Exception:
            logger.exception("duty_failed")
            self._beat(name, now, ok=False, detail="failed")
            raise
        self.tallies.runs[name] += 1
        self._beat(name, now, ok=result.ok)
        if result.happened:
            said = {key: value for key, value in asdict(result).items() if value}  # type: ignore[call-overload]  # a dataclass
            logger.info("duty_done", **said)
            for other in job.wakes:
                self.wake(other)
        self._rest(job, result)

    def _rest(self, job: Job, result: Result) -> None:
        """Wake the duty at the next instant that the ledger knows, earlier than its interval would."""
        due = job.duty.next_at(int(self._clock()))
        if due is not None:
            soonest = self._clock() + (0 if result.happened else STILL_DUE_SECONDS)
            self.wake(job.duty.name, max(float(due), soonest))

    @staticmethod
    def _in(seconds: float) -> dt.datetime:
        """Return a time of the ticker, which goes by the machine's clock whatever ``clock`` says."""
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)

    def _beat(self, name: str, now: Instant, *, ok: bool, detail: str = "") -> None:
        last = self._beats.get(name)
        if last is not None and last[1] == ok and 0 <= now - last[0] < HEARTBEAT_SECONDS:
            return
        self._ledger.heartbeat(name, now, ok, detail)
        self._beats[name] = (now, ok)

    def _on_error(self, event: JobEvent) -> None:
        self.tallies.failures[event.job_id] += 1

    def _on_missed(self, event: JobEvent) -> None:
        self.tallies.misses[event.job_id] += 1
        log.get(duty=event.job_id).warning("duty_missed")

    def _on_still_running(self, event: JobEvent) -> None:
        """The tick came while the duty still ran: one that was woken for a reason is tried again shortly."""
        if event.job_id in self._woken and not self._stopping.is_set():
            self._scheduler.modify_job(event.job_id, next_run_time=self._in(AGAIN_SECONDS))
        else:
            self.tallies.misses[event.job_id] += 1
