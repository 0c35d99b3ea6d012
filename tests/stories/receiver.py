"""The other end of the webhook: a real HTTP server that notes each request and whether its signature is ours."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

SECRET = "story-密钥"


class Received(NamedTuple):
    """One request: the key and the number of its attempt, whether it says that it may be a repeat, our answer."""

    key: str
    attempt: int
    marked: bool
    status: int
    signed: bool = True
    arrived: float = 0.0


class Receiver(ThreadingHTTPServer):
    """Takes notices, each after ``latency`` seconds; a busy one turns the first attempt of every twentieth away."""

    daemon_threads = True

    def __init__(self, latency: float = 0.003, *, busy: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.latency, self.busy = latency, busy
        self.log: list[Received] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, name="receiver")
        self._thread.start()

    @property
    def url(self) -> str:
        """Where notices are taken."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that is killed in the middle is what the stories are about."""

    def stop(self) -> None:
        """Take no more."""
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Taking(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        said = json.loads(body)
        key, attempt = str(self.headers["Idempotency-Key"]), int(said["attempt"])
        marked = self.headers["Mingdeng-Possible-Repeat"] == "yes"
        told_alike = said["key"] == key and said["possible_repeat"] is marked
        status = 503 if self.server.busy and attempt == 1 and int(key[:8], 16) % 20 == 0 else 200
        signed = told_alike and self.headers["Mingdeng-Signature"] == _signature(
            str(self.headers["Mingdeng-Timestamp"]), body
        )
        self.server.log.append(Received(key, attempt, marked, status, signed, time.monotonic()))
        time.sleep(self.server.latency)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class calls it so
        """The test says what it needs."""


def _signature(timestamp: str, body: bytes) -> str:
    digest = hmac.new(SECRET.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1={digest.hexdigest()}"
