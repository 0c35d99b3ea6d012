"""Connections that go nowhere else: to listed hosts only, at addresses that are checked as they are connected to.

The address that was checked is the address that is connected to, so a name that answers differently the second time
gains nothing. Every exchange has one deadline, which a peer that speaks a byte now and then cannot stretch.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from rules.addresses import Forbidden, IpNetwork, permitted_text


def connect_checked(host: str, port: int, networks: Sequence[IpNetwork], timeout: float) -> socket.socket:
    """Return a connection to a permitted address of ``host``; raise ``Forbidden`` if it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    allowed = [text for text in addresses if permitted_text(text, networks)]
    if not allowed:
        raise Forbidden(f"the addresses of {host} are not among those that may be connected to")
    failed: OSError | None = None
    for text in allowed:
        try:
            return socket.create_connection((text, port), timeout)
        except OSError as error:
            failed = error
    raise failed or OSError(f"{host} has no address")


def checked_socket(found: tuple[Any, ...], networks: Sequence[IpNetwork]) -> socket.socket:
    """Return a socket, not yet connected, for an entry of ``getaddrinfo``; raise ``Forbidden`` if it may not be called.

    For libraries that connect by themselves: this is asked for each address at the moment of connecting to it.
    """
    family, kind, protocol, _, address = found
    if not permitted_text(str(address[0]), networks):
        raise Forbidden(f"the address {address[0]} is not among those that may be connected to")
    made = socket.socket(family, kind, protocol)
    made.setblocking(False)
    return made


def resolve_checked(host: str, port: int, networks: Sequence[IpNetwork], kind: socket.SocketKind) -> tuple[Any, ...]:
    """Return the first permitted entry of ``getaddrinfo``; raise ``Forbidden`` if the host has none."""
    for entry in socket.getaddrinfo(host, port, type=kind):
        if permitted_text(str(entry[4][0]), networks):
            return entry
    raise Forbidden(f"the addresses of {host} are not among those that may be connected to")


@contextmanager
def deadline(seconds: float, connection: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Cut the connection when the time is up, so that the exchange inside ends with an error instead of never."""

    def cut() -> None:
        open_now = connection()
        if open_now is not None:
            with suppress(OSError):
                socket.socket.shutdown(open_now, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
