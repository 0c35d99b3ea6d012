"""A departmental interface on a real socket: pages of JSON, and every way of failing that was seen in the field."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Interface:
    """Holds records and serves them; ``failures`` are served first, one for each request."""

    def __init__(self) -> None:
        self.records: list[Mapping[str, object]] = []
        self.page = 500
        self.failures: list[Mapping[str, object]] = []
        self.down = False
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""

    def answer(self, path: str, query: Mapping[str, str]) -> tuple[object, dict[str, str]]:
        """Return the page that is asked for: by cursor, by number, or as a link; only what changed, if asked so."""
        since = query.get("updated_since", "")
        rows = [r for r in self.records if not since or str(r.get("CHANGED")) >= since]
        start = int(query.get("cursor", "0")) if "page" not in query else (int(query["page"]) - 1) * self.page
        part, following = rows[start : start + self.page], start + self.page
        more = following < len(rows)
        link = f"{path}?cursor={following}" if more else None
        headers = {"Link": f'<{link}>; rel="next"'} if link else {}
        return {"data": {"items": part, "next": str(following) if more else None, "link": link}}, headers


@contextmanager
def serving(
    interface: Interface, context: ssl.SSLContext | None = None, address: tuple[str, int] = ("127.0.0.1", 0)
) -> Iterator[Interface]:
    """Serve an interface on a free port of this machine until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(url.query).items()}
            interface.asked.append((url.path, query))
            interface.headers.append({name.lower(): value for name, value in self.headers.items()})
            if interface.down:
                self._send(503, b"", {})
            elif interface.failures:
                self._fail(interface.failures.pop(0))
            else:
                body, headers = interface.answer(url.path, query)
                self._send(200, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})

        def _fail(self, how: Mapping[str, object]) -> None:
            if "sleep" in how:
                time.sleep(float(str(how["sleep"])))
            body = how.get("body", b"")
            assert isinstance(body, bytes)
            headers = how.get("headers", {})
            assert isinstance(headers, dict)
            self._send(int(str(how.get("status", 200))), body, headers, missing=int(str(how.get("missing", 0))))

        def _send(self, status: int, body: bytes, headers: Mapping[str, str], missing: int = 0) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) + missing))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                return
            if missing:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
            pass

    server = ThreadingHTTPServer(address, Handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    interface.url = f"{'http' if context is None else 'https'}://{address[0]}:{server.server_address[1]}/api/cases"
    try:
        yield interface
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
