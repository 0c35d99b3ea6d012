"""The county as something that runs: prepared once in a folder of its own, then served and fed until it is stopped."""

from __future__ import annotations

import json
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from samples.county import catalogue, truth
from samples.county.generator import LIVE_SECONDS, arrivals, plan
from samples.county.sources import csv_drops, exchange_db, http_api
from samples.county.story import Story

FEED_SECONDS: Final = 3.0
AWAY_SECONDS: Final = 600
"""After so long a pause the windows were closed: nobody arrived meanwhile, but what was promised went on."""


@dataclass
class Diary:
    """What the county remembers of itself, in ``county.json``; in ``sessions`` its windows were open."""

    seed: int
    size: int
    began_at: int
    fed_until: int = 0
    sessions: list[list[int]] = field(default_factory=list)
    housing_port: int = 0


class County:
    """Three departmental systems in one folder; ``serve`` makes them live, ``stop`` ends what ``serve`` began."""

    def __init__(self, home: Path, diary: Diary) -> None:
        self.home, self.diary = home, diary
        self._plan = plan(diary.seed, diary.size, diary.began_at)
        self._ended = threading.Event()
        self._interface: http_api.Interface | None = None
        self._threads: list[threading.Thread] = []

    @property
    def config(self) -> Path:
        """The settings file for the daemon."""
        return self.home / "mingdeng.toml"

    @property
    def inbox(self) -> Path:
        """The mail folder of the discipline-inspection office."""
        return self.home / "mail" / "discipline"

    @property
    def url(self) -> str:
        """The address of the housing bureau's interface."""
        return f"http://127.0.0.1:{self.diary.housing_port}"

    def furnish(self) -> None:
        """Write stores, settings and truth, unless they are all there; the truth comes last."""
        if (self.home / "truth.json").exists():
            return
        (self.home / "secrets").mkdir(exist_ok=True)
        (self.home / "secrets" / "housing_token").write_text(secrets.token_urlsafe(24), encoding="utf-8")
        exchange_db.create(self.home / "licensing.sqlite")
        http_api.create(self.home / "housing.sqlite")
        catalogue.furnish(self.home, {"HOUSING_URL": self.url})
        owed = (t for story in self._plan for t in story.truths)
        truth.write(self.home / "truth.json", owed, self.diary.began_at)

    def feed(self, now: int) -> int:
        """Write what the departments have noted since the last feeding, and who has arrived; return how many rows."""
        after = self.diary.fed_until
        if now <= after:
            return 0
        stories = [s for s in (*self._plan, *self._arrived(after, now)) if _has_news(s, after, now)]
        written = exchange_db.write(self.home / "licensing.sqlite", _of("licensing", stories), now)
        written += http_api.write(self.home / "housing.sqlite", _of("housing", stories), now)
        written += csv_drops.write(self.home / "contacts", _of("contacts", stories), after, now)
        self.diary.fed_until = now
        _save(self.home, self.diary)
        return written

    def _arrived(self, after: int, now: int) -> list[Story]:
        """Return the stories of people who came while the windows were open, as far back as one may still go on."""
        sessions = self.diary.sessions
        if not sessions or now - sessions[-1][1] > AWAY_SECONDS:
            sessions.append([now if after else self.diary.began_at, now])
        fresh = list(arrivals(self.diary.seed, max(sessions[-1]), now))
        sessions[-1][1] = now
        truth.append(self.home / "truth-live.jsonl", (t for story in fresh for t in story.truths))
        oldest = after - LIVE_SECONDS
        sessions[:] = [session for session in sessions if session[1] >= oldest]
        return [s for begin, end in sessions for s in arrivals(self.diary.seed, max(begin, oldest), end)]

    def serve(self, clock: Callable[[], float] = time.time, every: float = FEED_SECONDS) -> None:
        """Open the interface and feed every few seconds, in threads of their own."""
        token = (self.home / "secrets" / "housing_token").read_text(encoding="utf-8").strip()
        store = (self.home / "housing.sqlite").resolve()
        self._interface = self._open(store, token)
        self._threads = [
            threading.Thread(target=self._interface.serve_forever, daemon=True),
            threading.Thread(target=self._go_on, args=(clock, every), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _go_on(self, clock: Callable[[], float], every: float) -> None:
        while not self._ended.wait(every):
            self.feed(int(clock()))

    def _open(self, store: Path, token: str) -> http_api.Interface:
        """Open the port of the last start, or where that is taken by now a free one, and say so in the mapping."""
        known = self.diary.housing_port
        try:
            return http_api.Interface(store, token, known)
        except OSError:
            interface = http_api.Interface(store, token)
        self.diary.housing_port = interface.server_address[1]
        mapping = self.home / "sources" / "housing.yaml"
        text = mapping.read_text(encoding="utf-8").replace(f":{known}/", f":{self.diary.housing_port}/")
        mapping.write_text(text, encoding="utf-8")
        _save(self.home, self.diary)
        return interface

    def stop(self) -> None:
        """End the threads and close the ports; may be called twice."""
        self._ended.set()
        if self._interface is not None:
            self._interface.shutdown()
            self._interface.server_close()
        for thread in self._threads:
            thread.join(10)
        self._interface, self._threads = None, []


def prepare(home: Path, seed: int = 2010, size: int = 400, now: int | None = None) -> County:
    """Make the county in ``home``, or go on with the one that is there (seed and size are then its own).

    A preparation that was cut off is taken up where it stopped.
    """
    home.mkdir(parents=True, exist_ok=True)
    now = int(time.time()) if now is None else now
    known = home / "county.json"
    if known.exists():
        county = County(home, Diary(**json.loads(known.read_text(encoding="utf-8"))))
    else:
        county = County(home, Diary(seed, size, now, housing_port=_free_port()))
        _save(home, county.diary)
    county.furnish()
    county.feed(now)
    return county


def _of(register: str, stories: list[Story]) -> list[Story]:
    return [story for story in stories if story.register == register]


def _has_news(story: Story, after: int, until: int) -> bool:
    return any(after < told.written_at <= until for told in story.happenings)


def _save(home: Path, diary: Diary) -> None:
    part = home / "county.json.part"
    part.write_text(json.dumps(asdict(diary), indent=1), encoding="utf-8")
    part.replace(home / "county.json")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
