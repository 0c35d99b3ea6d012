"""Syslog (RFC 5424) over UDP (RFC 5426), TCP (RFC 6587, octet counting) or TLS (RFC 5425).

Over TCP and TLS each message has a connection of its own, whose end the receiver has to confirm; UDP proves nothing, and
its receipt says so.
"""

from __future__ import annotations

import datetime as dt
import os
import socket
import ssl
import time
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from alerts.channels.base import Channel, ChannelSettings, Secrets, Timeout, answered
from alerts.model import Attempt, Outcome, Receipt
from alerts.network import connect_checked, deadline, resolve_checked
from alerts.plaintext import cut
from rules.addresses import Forbidden, IpNetwork
from rules.placeholders import neutral

SEVERITY: Final = {"red": 3, "yellow": 4}
"""Error and warning; whatever is neither is a notice (5)."""

MOST_DATAGRAM: Final = 2048
"""What every receiver over UDP should take (RFC 5426 3.2)."""

MOST_VALUE: Final = 160
"""Bytes of one value."""

FACTS: Final = ("card", "serial", "change", "colour", "state", "rule", "unit", "case_no")


class Settings(ChannelSettings):
    """Settings of a syslog receiver; the recipient's address is a word that stands in the message.

    ```toml
    [channels.siem]
    kind = "syslog"
    host = "siem.county.example"
    transport = "tls"
    ```
    """

    kind: Literal["syslog"]
    host: Annotated[str, Field(min_length=1)]
    """The receiver."""
    transport: Literal["udp", "tcp", "tls"] = "tls"
    """How it is reached."""
    port: Annotated[int | None, Field(ge=1, le=65_535)] = None
    """Its port; left out: 6514 with `tls`, 601 with `tcp`, 514 with `udp`."""
    facility: Annotated[int, Field(ge=0, le=23)] = 13
    """Facility of the messages; 13 is the audit log."""
    enterprise: Annotated[str, Field(pattern=r"^[0-9]{1,10}(\.[0-9]{1,10})*$")] = "32473"
    """Private enterprise number under which the structured data stand."""
    networks: tuple[IpNetwork, ...] = ()
    """Networks that the receiver's address has to lie in; none given means any machine but this one."""
    ca_file: Path | None = None
    """Certificates to trust instead of the system's own, for an internal authority."""
    timeout: Timeout = 10.0
    """Seconds that the whole exchange may take, 45 at the most."""
    at_once: Annotated[int, Field(ge=1, le=64)] = 8
    """Messages that may be on their way side by side."""


class Syslog:
    """A receiver of syslog messages."""

    kind = "syslog"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.limits = settings.limits()
        self._tls = ssl.create_default_context(cafile=settings.ca_file) if settings.transport == "tls" else None
        self._port = settings.port or {"udp": 514, "tcp": 601, "tls": 6514}[settings.transport]
        self._host = neutral(socket.gethostname()).encode("ascii", "ignore").decode().replace(" ", "")[:255] or "-"

    def send(self, attempt: Attempt) -> Receipt:
        """Send the message once."""
        said = self._message(attempt)
        try:
            return self._datagram(said) if self._settings.transport == "udp" else self._stream(said)
        except Forbidden as error:
            return answered(Outcome.PERMANENT, str(error))
        except OSError as error:
            return answered(Outcome.PASSING, f"{type(error).__name__}: {error}")

    def close(self) -> None:
        """Nothing is held between two messages."""

    def _datagram(self, said: bytes) -> Receipt:
        settings = self._settings
        family, kind, protocol, _, address = resolve_checked(
            settings.host, self._port, settings.networks, socket.SOCK_DGRAM
        )
        with socket.socket(family, kind, protocol) as out:
            out.settimeout(settings.timeout)
            out.sendto(_cut(said), address)
        return answered(Outcome.DELIVERED, "sent over UDP, which proves no arrival")

    def _stream(self, said: bytes) -> Receipt:
        """Send the message and the end of the stream; the receiver's own end says that it read as far."""
        settings = self._settings
        connection = connect_checked(settings.host, self._port, settings.networks, settings.timeout)
        ends = time.monotonic() + settings.timeout
        with deadline(settings.timeout, lambda: connection):
            try:
                if self._tls is not None:
                    connection = self._tls.wrap_socket(
                        connection, server_hostname=settings.host, do_handshake_on_connect=False
                    )
                    connection.do_handshake()
                return self._told(connection, said, ends)
            finally:
                connection.close()

    def _told(self, connection: socket.socket, said: bytes, ends: float) -> Receipt:
        try:
            connection.sendall(str(len(said)).encode() + b" " + said)
            _end(connection)
        except OSError as error:
            return answered(Outcome.UNKNOWN, f"{type(error).__name__}: {error}")
        if time.monotonic() >= ends:  # it was we who cut the connection
            return answered(Outcome.UNKNOWN, f"the receiver did not end within {self._settings.timeout:g} s")
        transport = self._settings.transport.upper()
        return answered(Outcome.DELIVERED, f"taken over {transport}, the receiver closed after it")

    def _message(self, attempt: Attempt) -> bytes:
        delivery, settings = attempt.delivery, self._settings
        priority = settings.facility * 8 + SEVERITY.get(delivery.facts.get("colour", ""), 5)
        at = dt.datetime.fromtimestamp(attempt.started_at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        facts = {"key": delivery.key, "attempt": str(attempt.number), "to": delivery.address, "rank": delivery.rank}
        facts["possibleRepeat"] = str(attempt.possible_repeat).lower()
        facts |= {name: delivery.facts[name] for name in FACTS if name in delivery.facts}
        data = " ".join(f'{name}="{_escaped(value)}"' for name, value in facts.items())
        head = f"<{priority}>1 {at} {self._host} mingdeng {os.getpid()} card [mingdeng@{settings.enterprise} {data}] "
        return head.encode() + b"\xef\xbb\xbf" + neutral(delivery.subject).encode()


def connect(settings: Settings, _secrets: Secrets) -> Channel:
    """Return the receiver of these settings."""
    return Syslog(settings)


def _escaped(value: str) -> str:
    """Return a value of structured data with the three characters escaped that end one (RFC 5424 6.3.3).

    It is kept so short that even a datagram, which is cut, holds the structured data whole.
    """
    return cut(neutral(value), MOST_VALUE).replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")


def _cut(said: bytes) -> bytes:
    return said if len(said) <= MOST_DATAGRAM else said[:MOST_DATAGRAM].decode("utf-8", "ignore").encode()


def _end(connection: socket.socket) -> None:
    """End our side and wait until the other side ends its own; raise ``OSError`` if it does not."""
    if isinstance(connection, ssl.SSLSocket):
        try:
            connection.unwrap()
        except ssl.SSLEOFError as error:
            raise ConnectionResetError("the receiver broke off without an end") from error
        return
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(4096):
        pass
