"""A real HTTP receiver on the loopback that notes each request; a provider's own behaviour is a subclass's ``answer``."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from alerts.model import delivery_key
from tests.contracts.channel_contract import Mood

ODD: str = "taken\r\n\x1b[31m" * 400


class Asked(NamedTuple):
    """One request as it came."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        """The body as an object."""
        said = json.loads(self.body)
        assert isinstance(said, dict)
        return said


class Said(NamedTuple):
    """One answer."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = MappingProxyType({})


class Provider(ThreadingHTTPServer):
    """A provider; ``accepted`` are the messages that it took over: the beginning of the key, and whether marked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.mood = Mood.ACCEPTS
        self.requests: list[Asked] = []
        self.accepted: list[tuple[str, bool]] = []
        self.texts: list[str] = []
        self.leave = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def base(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, asked: Asked) -> Said:
        """Return what the provider says."""
        raise NotImplementedError

    def take(self, text: str) -> None:
        """Note a message that is taken over, by the number in its last line."""
        number = text.rpartition("No.: ")[2].split()[0]
        self.texts.append(text)
        self.accepted.append((whole_key(number, self.address_of_tests), "可能重复" in text))

    address_of_tests: str = "office"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what these tests are about."""

    def stop(self) -> None:
        """Go away."""
        self.leave.set()
        if self.thread.is_alive():
            self.shutdown()
            self.thread.join()
            self.server_close()


def whole_key(beginning: str, address: str) -> str:
    """Return the key of the test's delivery that begins like this."""
    keys = [delivery_key(card, 1, "post", address) for card in ("card-1", "card-2", "card-3")]
    return next((key for key in keys if key.startswith(beginning)), f"unknown {beginning}")


class _Exchange(BaseHTTPRequestHandler):
    server: Provider
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        provider = self.server
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        asked = Asked(url.path, query, dict(self.headers.items()), body)
        provider.requests.append(asked)
        said = provider.answer(asked)
        if provider.mood is Mood.IS_SILENT and not asked.path.endswith("/gettoken"):
            provider.leave.wait(20)
            self.close_connection = True
            return
        if provider.mood is Mood.HANGS_UP and not asked.path.endswith("/gettoken"):
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said.body)))
        self.end_headers()
        self.wfile.write(said.body)

    do_GET = do_POST  # noqa: N815  # the base class looks for these names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class calls it so
        """The test says what it needs."""


def json_said(status: int = 200, headers: dict[str, str] | None = None, **fields: object) -> Said:
    """Return an answer of JSON."""
    return Said(json.dumps(fields, ensure_ascii=False).encode(), status, headers or {})
