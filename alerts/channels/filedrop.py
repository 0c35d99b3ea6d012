"""File drop (文件投递): one file per message in a folder that another system empties, each whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from pydantic import Field

from alerts.channels.base import Channel, ChannelSettings, Secrets, answered
from alerts.channels.webhook import payload
from alerts.letters import REPEAT_MARK
from alerts.model import Attempt, Outcome, Receipt
from rules.placeholders import neutral


class Settings(ChannelSettings):
    """Settings of a file drop; the recipient's address is a word that stands in the file.

    ```toml
    [channels.drop]
    kind = "filedrop"
    folder = "outgoing"
    ```
    """

    kind: Literal["filedrop"]
    folder: Path
    """The folder; it is made where it is missing. What is not yet whole has a name that begins with a dot."""
    format: Literal["json", "text"] = "json"
    """`json` for programs, `text` for people."""
    at_once: Annotated[int, Field(ge=1, le=64)] = 8
    """Files that may be written side by side."""


class FileDrop:
    """A folder that messages are put into."""

    kind = "filedrop"

    def __init__(self, settings: Settings) -> None:
        self._folder, self._json = settings.folder, settings.format == "json"
        self.limits = settings.limits()

    def send(self, attempt: Attempt) -> Receipt:
        """Write the file under its key; a repeat takes the place of the file that it repeats."""
        name = f"{attempt.delivery.key}.{'json' if self._json else 'txt'}"
        content = _json(attempt) if self._json else _text(attempt)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _write(self._folder / f".{name}.{os.getpid()}", self._folder / name, content)
        except OSError as error:
            return answered(Outcome.PASSING, f"the folder cannot be written: {error.strerror}")
        return answered(Outcome.DELIVERED, name)

    def close(self) -> None:
        """Nothing is held."""


def connect(settings: Settings, _secrets: Secrets) -> Channel:
    """Return the folder of these settings."""
    return FileDrop(settings)


def _json(attempt: Attempt) -> bytes:
    said = msgspec.json.decode(payload(attempt))
    return msgspec.json.encode({**said, "address": neutral(attempt.delivery.address)}) + b"\n"


def _text(attempt: Attempt) -> bytes:
    delivery = attempt.delivery
    mark = REPEAT_MARK if attempt.possible_repeat else ""
    to = neutral(delivery.recipient or delivery.address)
    return f"{neutral(delivery.subject)}{mark}\n{to}\n\n{delivery.body}\n消息号 No.: {delivery.key}\n".encode()


def _write(draft: Path, target: Path, content: bytes) -> None:
    """Write ``target`` by way of ``draft``, whole also after a power cut."""
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)
