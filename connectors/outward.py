"""Connections of connectors over HTTP: the address that was checked is the address that is connected to."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Sequence
from typing import Any, Final

import httpcore2
import httpx2

from rules.addresses import Forbidden, IpNetwork, is_address, permitted_text

_KEPT: Final = 5.0
"""For how many seconds an idle connection is kept."""


class Outward(httpx2.HTTPTransport):
    """A transport that looks a name up once for each connection and connects to an address that may be connected to.

    A host that the mapping writes as an address is meant as it stands, this machine too, unless ``networks`` say where
    everything has to lie. Raises ``rules.addresses.Forbidden`` before anything is sent.
    """

    def __init__(self, verify: ssl.SSLContext, networks: Sequence[IpNetwork]) -> None:
        super().__init__(verify=verify, trust_env=False)
        self._pool = httpcore2.ConnectionPool(  # the base class offers no other way to choose how it connects
            ssl_context=verify, keepalive_expiry=_KEPT, network_backend=_Checked(networks)
        )


class _Checked(httpcore2.NetworkBackend):
    def __init__(self, networks: Sequence[IpNetwork]) -> None:
        self._networks, self._inner = networks, httpcore2.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:  # fmt: skip
        failed: Exception | None = None
        for address in self._addresses(host, port):
            try:
                return self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore2.ConnectError(f"{host} has no address")

    def _addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host that may be connected to; raise ``Forbidden`` if it has none of them."""
        if is_address(host) and not self._networks:
            return [host]
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(str(error)) from error
        addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
        allowed = [each for each in addresses if permitted_text(each, self._networks)]
        if not allowed:
            raise Forbidden(", ".join(addresses))
        return allowed
