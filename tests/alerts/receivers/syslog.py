"""Syslog receivers on the loopback: datagrams, and octet-counted streams with or without TLS, ended as RFC 5425 says."""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
from contextlib import suppress

from tests.contracts.channel_contract import Mood

_FRAME = re.compile(rb"(\d+) ")


class Datagrams:
    """A receiver over UDP."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(2)
        self.port = int(self._socket.getsockname()[1])
        self.messages: list[bytes] = []

    def take(self) -> None:
        """Take what has arrived."""
        self._socket.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                self.messages.append(self._socket.recv(65_536))

    def stop(self) -> None:
        """Go away."""
        self._socket.close()


class Streams:
    """A receiver over TCP, or TLS where it is given a context."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._tls, self.mood = tls, Mood.ACCEPTS
        self.port = int(self._listening.getsockname()[1])
        self.messages: list[bytes] = []
        self._leave = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._listening.accept()
            except OSError:
                return
            if self._leave.is_set():
                peer.close()
                return
            with suppress(OSError):
                self._exchange(peer)

    def _exchange(self, peer: socket.socket) -> None:
        with self._tls.wrap_socket(peer, server_side=True) if self._tls else peer as connection:
            connection.settimeout(5)
            if self.mood is Mood.HANGS_UP:
                connection.recv(4)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if self.mood is Mood.IS_SILENT:
                self._leave.wait(5)
                return
            said = b""
            while part := connection.recv(4096):
                said += part
            self.messages += unframed(said)
            if isinstance(connection, ssl.SSLSocket):
                connection.unwrap().close()

    def stop(self) -> None:
        """Go away."""
        self._leave.set()
        if self._thread.is_alive():
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            self._listening.close()
            self._thread.join(10)


def unframed(said: bytes) -> list[bytes]:
    """Return the messages of an octet-counted stream (RFC 6587 3.4.1)."""
    found = []
    while said:
        frame = _FRAME.match(said)
        assert frame is not None, said
        end = frame.end() + int(frame[1])
        assert len(said) >= end, "the last message is not whole"
        found.append(said[frame.end() : end])
        said = said[end:]
    return found
