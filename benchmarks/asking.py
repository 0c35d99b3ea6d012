"""Asks a page over loopback as somebody who is signed in, and says how long the answer took."""

from __future__ import annotations

import http.client
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from benchmarks.county import DAY, NOW
from console.access.callers import PLAIN_COOKIE
from console.access.roles import Role
from ledger import Ledger
from ledger.sessions import WHOLE

Form = Mapping[str, str | Sequence[str]]


class Answer(NamedTuple):
    """What came back, after how many seconds it was all there, and how many of them this process worked."""

    status: int
    seconds: float
    worked: float
    size: int
    kind: str
    location: str
    text: str


class Times(NamedTuple):
    """How long the same question took, each time, in seconds."""

    each: tuple[float, ...]

    @property
    def median(self) -> float:
        """The time within which half of the answers came."""
        return statistics.median(self.each)

    @property
    def most(self) -> float:
        """The 95th percentile: of twenty answers the slowest but one."""
        return sorted(self.each)[-(-len(self.each) * 95 // 100) - 1]


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with a session; the form token goes with every form."""

    port: int
    secret: str
    form_token: str

    def get(self, path: str) -> Answer:
        """Ask for a page; of a stream only its beginning is read."""
        return self._ask("GET", path, None)

    def post(self, path: str, form: Form) -> Answer:
        """Send a form."""
        return self._ask("POST", path, urlencode({"form_token": self.form_token, **form}, doseq=True).encode())

    def _ask(self, method: str, path: str, body: bytes | None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"cookie": f"{PLAIN_COOKIE}={self.secret}"}
        if body is not None:
            origin = f"http://127.0.0.1:{self.port}"
            headers |= {"content-type": "application/x-www-form-urlencoded", "origin": origin}
        began, working = time.perf_counter(), time.process_time()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        kind = answer.headers.get("content-type", "")
        told = b"" if kind.startswith("text/event-stream") else answer.read()
        taken, worked = time.perf_counter() - began, time.process_time() - working
        connection.close()
        place = answer.headers.get("location", "")
        return Answer(answer.status, taken, worked, len(told), kind, place, told.decode("utf-8", "replace"))


def callers(ledger: Ledger, port: int) -> dict[Role, Caller]:
    """Return somebody of every role, each responsible for every unit."""
    return {role: signed_in(ledger, port, role) for role in Role if role is not Role.SERVICE}


def signed_in(ledger: Ledger, port: int, role: Role) -> Caller:
    """Return a new account of a role with a session."""
    name, now = f"bench-{role.value}-{time.time_ns()}", NOW + DAY
    ledger.accounts.add(name, name, [role], now, units=["*"])
    secret = ledger.accounts.sessions.begin(name, now, stage=WHOLE, address="127.0.0.1", agent="bench")
    session = ledger.accounts.sessions.find(secret, now, DAY, DAY)
    if session is None:
        raise AssertionError(name)
    return Caller(port, secret, session.form_token)
