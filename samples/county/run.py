"""The county as something that runs: prepared once in a folder of its own, then served and fed until it is stopped."""

from __future__ import annotations

import json
import secrets
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from samples.county import catalogue, truth
from samples.county.generator import LIVE_SECONDS, arrivals, plan
from samples.county.postbox import Postbox
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
    mail_port: int = 0


class County:
    """Three departmental systems in one folder; ``serve`` makes them live, ``stop`` ends what ``serve`` began."""

    def __init__(self, home: Path, diary: Diary) -> None:
        self.home, self.diary = home, diary
        self._plan = plan(diary.seed, diary.size, diary.began_at)
        self._ended = threading.Event()
        self._servers: list[http_api.Interface | Postbox] = []
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
        """Open the interface and the postbox, and feed every few seconds, in threads of their own."""
        token = (self.home / "secrets" / "housing_token").read_text(encoding="utf-8").strip()
        store = (self.home / "housing.sqlite").resolve()
        self._open_ports()
        self._servers = [
            http_api.Interface(store, token, self.diary.housing_port),
            Postbox(self.home / "mail", self.diary.mail_port),
        ]
        self._threads = [threading.Thread(target=server.serve_forever, daemon=True) for server in self._servers]
        self._threads.append(threading.Thread(target=self._go_on, args=(clock, every), daemon=True))
        for thread in self._threads:
            thread.start()

    def _go_on(self, clock: Callable[[], float], every: float) -> None:
        while not self._ended.wait(every):
            self.feed(int(clock()))

    def _open_ports(self) -> None:
        """Keep the ports of the last start; where one is taken by now, take a free one and say so in the files."""
        for name in ("housing_port", "mail_port"):
            port: int = getattr(self.diary, name)
            if not _is_free(port):
                setattr(self.diary, name, _free_port())
                for path in (self.config, self.home / "sources" / "housing.yaml"):
                    text = path.read_text(encoding="utf-8").replace(str(port), str(getattr(self.diary, name)))
                    path.write_text(text, encoding="utf-8")
        _save(self.home, self.diary)

    def stop(self) -> None:
        """End the threads and close the ports; may be called twice."""
        self._ended.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join(10)
        self._servers, self._threads = [], []


def prepare(home: Path, seed: int = 2010, size: int = 400, now: int | None = None) -> County:
    """Make the county in ``home``, or go on with the one that is there (seed and size are then its own)."""
    home.mkdir(parents=True, exist_ok=True)
    now = int(time.time()) if now is None else now
    with suppress(FileNotFoundError):
        county = County(home, Diary(**json.loads((home / "county.json").read_text(encoding="utf-8"))))
        if (home / "truth.json").exists():
            county.feed(now)
            return county
    diary = Diary(seed, size, now, housing_port=_free_port(), mail_port=_free_port())
    _save(home, diary)
    county = County(home, diary)
    (home / "secrets").mkdir(exist_ok=True)
    (home / "secrets" / "housing_token").write_text(secrets.token_urlsafe(24), encoding="utf-8")
    exchange_db.create(home / "licensing.sqlite")
    http_api.create(home / "housing.sqlite")
    county.feed(now)
    catalogue.furnish(home, {"HOUSING_PORT": str(diary.housing_port), "MAIL_PORT": str(diary.mail_port)})
    truth.write(home / "truth.json", (t for story in county._plan for t in story.truths), now)  # noqa: SLF001 -- its maker
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


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
