"""The county's mail: a small SMTP receiver that puts every letter into its recipient's folder."""

from __future__ import annotations

import re
import socketserver
import time
from itertools import count
from pathlib import Path

_NUMBERS = count(1)


class Postbox(socketserver.ThreadingTCPServer):
    """Receives mail on 127.0.0.1 and writes ``<folder>/<recipient>/<time>-<n>.eml``, whole or not at all."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, folder: Path, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Visit)
        self.folder = folder

    def put(self, recipient: str, letter: bytes) -> None:
        """Lay one letter into the folder of ``recipient`` (the part before the @)."""
        folder = self.folder / re.sub(r"[^\w-]", "_", recipient.split("@", maxsplit=1)[0])
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{time.time_ns()}-{next(_NUMBERS)}"
        part.write_bytes(letter)
        part.rename(folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{part.name[1:]}.eml")


class _Visit(socketserver.StreamRequestHandler):
    """One SMTP conversation (RFC 5321, the least set of commands)."""

    server: Postbox
    timeout = 60

    def handle(self) -> None:
        recipients: list[str] = []
        self._say("220 county postbox")
        while line := self.rfile.readline(2_000):
            command = line[:4].decode("ascii", "replace").upper().strip()
            if command == "QUIT":
                self._say("221 bye")
                return
            if command == "RCPT":
                found = re.search(rb"<([^>]*)>", line)
                recipients.append(found[1].decode("utf-8", "replace") if found else "")
            elif command == "DATA":
                self._say("354 end with a single dot")
                letter = self._letter()
                for recipient in recipients:
                    self.server.put(recipient, letter)
            if command in {"RSET", "MAIL", "DATA"}:
                recipients = []
            self._say("250-county\r\n250-8BITMIME\r\n250 SMTPUTF8" if command == "EHLO" else "250 ok")

    def _letter(self) -> bytes:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in {b".\r\n", b".\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode("ascii"))
