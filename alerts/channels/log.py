"""One structured line per notice, in the daemon's own log or in a file of its own."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import structlog
from pydantic import Field

from alerts.channels.base import Channel, ChannelSettings, Secrets, answered
from alerts.model import Attempt, Outcome, Receipt
from rules.placeholders import neutral


class Settings(ChannelSettings):
    """Settings of a log."""

    kind: Literal["log"]
    file: Path | None = None
    """File that lines of JSON are appended to; without it they go to the daemon's log."""
    at_once: Annotated[int, Field(ge=1, le=64)] = 8
    """Lines that may be written side by side."""


class LogLines:
    """A log that every notice becomes one line of."""

    kind = "log"

    def __init__(self, settings: Settings) -> None:
        self._file = settings.file
        self.limits = settings.limits()
        self._log = structlog.get_logger("alerts")

    def send(self, attempt: Attempt) -> Receipt:
        """Write the line, with the key by which a repeat is known."""
        line = _line(attempt)
        if self._file is None:
            self._log.info("notice", **line)
            return answered(Outcome.DELIVERED, "logged")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            _append(self._file, msgspec.json.encode({"event": "notice", **line}) + b"\n")
        except OSError as error:
            return answered(Outcome.PASSING, f"the log cannot be written: {error.strerror}")
        return answered(Outcome.DELIVERED, self._file.name)

    def close(self) -> None:
        """Nothing is held."""


def connect(settings: Settings, _secrets: Secrets) -> Channel:
    """Return the log of these settings."""
    return LogLines(settings)


def _line(attempt: Attempt) -> dict[str, str | int | bool | dict[str, str]]:
    delivery = attempt.delivery
    return {
        "key": delivery.key,
        "to": delivery.recipient or delivery.address,
        "rank": delivery.rank,
        "subject": neutral(delivery.subject),
        "facts": dict(delivery.facts),
        "attempt": attempt.number,
        "possible_repeat": attempt.possible_repeat,
        "at": dt.datetime.fromtimestamp(attempt.started_at, dt.UTC).isoformat(),
    }


def _append(file: Path, line: bytes) -> None:
    """Append the line in one write, so that two processes never mix theirs."""
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(handle, line)
    finally:
        os.close(handle)
