"""The one way out over HTTP: kept connections to listed hosts only, each address checked as it is connected to.

A thread of its own runs the exchanges of one channel, several side by side. No redirect is followed, no proxy and no
password taken from the environment, no cookie kept, no answer read further than its beginning. Every exchange has one
deadline. An error says whether the message may have been out already.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

import aiohttp
from aiohttp import hdrs
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from alerts.network import checked_socket
from rules.addresses import Forbidden, IpNetwork, permitted_text

MOST_READ: Final = 65_536
KEPT_SECONDS: Final = 4.0
"""How long an idle connection is kept: shorter than any usual server keeps its side, so that none is found closed."""

Result = TypeVar("Result")


class Exits(NamedTuple):
    """Where a channel may go: hosts (small letters), networks of their addresses, whether unencrypted, whom to trust,
    seconds for an exchange, how many exchanges side by side."""

    hosts: frozenset[str]
    networks: tuple[IpNetwork, ...] = ()
    plain_http: bool = False
    ca_file: Path | None = None
    timeout: float = 10.0
    at_once: int = 16


class Request(NamedTuple):
    """One request; the body is sent as it is."""

    url: str
    body: bytes = b""
    headers: Mapping[str, str] = {}
    method: str = "POST"


class Answer(NamedTuple):
    """What came back: the status, the headers by small name, the beginning of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NotPosted(Exception):
    """The exchange failed; ``out`` says that the request may have reached the other side."""

    def __init__(self, said: str, *, out: bool) -> None:
        super().__init__(said)
        self.out = out


def checked_url(address: str, exits: Exits) -> URL:
    """Return the URL; raise ``Forbidden`` unless it is plain, of an allowed scheme, and of a listed host."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise Forbidden(f"the address is no URL: {error}") from error
    schemes = {"https", "http"} if exits.plain_http else {"https"}
    if parts.scheme not in schemes or not host or parts.username is not None or not _plain(address):
        raise Forbidden(f"the address has to be a plain {' or '.join(sorted(schemes))} URL")
    if host not in exits.hosts:
        raise Forbidden(f"the host {host} is not among the channel's hosts")
    url = URL(address, encoded=True)
    if url.host != host:  # two readers of one address must not differ in whom they call
        raise Forbidden("the address has to name its host plainly")
    return url


def _plain(address: str) -> bool:
    return address.isascii() and address.isprintable() and " " not in address and "\\" not in address


class Poster:
    """Makes requests from a thread of its own, which begins with the first and ends with ``close``."""

    def __init__(self, exits: Exits) -> None:
        self.exits = exits
        self._tls = ssl.create_default_context(cafile=exits.ca_file)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: aiohttp.ClientSession | None = None

    def run(self, work: Sequence[Coroutine[Any, Any, Result]]) -> tuple[Result, ...]:
        """Run the coroutines on the poster's thread, side by side; return their results in the same order."""

        async def together() -> tuple[Result, ...]:
            return tuple(await asyncio.gather(*work))

        return asyncio.run_coroutine_threadsafe(together(), self._running()).result()

    async def ask(self, request: Request) -> Answer:
        """Make one request; raise ``Forbidden`` if it may not leave, ``NotPosted`` if nothing came back."""
        url = checked_url(request.url, self.exits)
        trace = SimpleNamespace(out=False)
        try:
            async with self._open_session().request(
                request.method, url, data=request.body or None, headers=request.headers,
                allow_redirects=False, trace_request_ctx=trace,
            ) as response:  # fmt: skip
                said = b""
                with suppress(aiohttp.ClientError, OSError):  # the status counts, also if the words break off
                    said = await _beginning(response)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status, headers, said)
        except TimeoutError as error:
            raise NotPosted(f"no answer within {self.exits.timeout:g} s", out=trace.out) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotPosted(_words(error), out=trace.out) from error

    def close(self) -> None:
        """Close the connections and end the thread."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is None:
            return
        asyncio.run_coroutine_threadsafe(self._close_session(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_turn, args=[self._loop], name="poster", daemon=True).start()
            return self._loop

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = self._new_session()
        return self._session

    def _new_session(self) -> aiohttp.ClientSession:
        networks = self.exits.networks
        connector = aiohttp.TCPConnector(
            limit=self.exits.at_once, keepalive_timeout=KEPT_SECONDS, ssl=self._tls,
            resolver=_Permitted(networks), socket_factory=lambda found: checked_socket(found, networks),
        )  # fmt: skip
        return aiohttp.ClientSession(
            connector=connector, timeout=aiohttp.ClientTimeout(total=self.exits.timeout, ceil_threshold=1e9),
            cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, auto_decompress=False,
            trace_configs=[_noting_when_out()], skip_auto_headers=[hdrs.CONTENT_TYPE],
            headers={hdrs.USER_AGENT: "mingdeng", hdrs.ACCEPT_ENCODING: "identity"},
        )  # fmt: skip

    async def _close_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()


class _Permitted(AbstractResolver):
    """Finds the addresses of a host, those only that may be connected to."""

    def __init__(self, networks: Sequence[IpNetwork]) -> None:
        self._networks, self._inner = networks, aiohttp.ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        allowed = [each for each in found if permitted_text(each["host"], self._networks)]
        if not allowed:
            raise Forbidden(f"the addresses of {host} are not among those that may be connected to")
        return allowed

    async def close(self) -> None:
        await self._inner.close()


def _turn(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def _noting_when_out() -> aiohttp.TraceConfig:
    """Note for each exchange when it has a connection: from then on its bytes may be on their way."""

    async def out(_session: aiohttp.ClientSession, context: SimpleNamespace, _what: object) -> None:
        context.trace_request_ctx.out = True

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(out)
    trace.on_connection_reuseconn.append(out)
    return trace


def _words(error: Exception) -> str:
    """Return what went wrong without the address, which for some providers holds a secret."""
    name = type(error).__name__
    if isinstance(error, aiohttp.ClientResponseError):
        return f"{name}: {error.status} {error.message}"
    return name if isinstance(error, aiohttp.InvalidURL | ValueError) else f"{name}: {error}"


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    """Read the beginning of the body; whoever says more is hung up on, so that nobody can keep us listening."""
    said = b""
    while len(said) < MOST_READ:
        part = await response.content.read(MOST_READ - len(said))
        if not part:
            return said
        said += part
    response.close()
    return said
