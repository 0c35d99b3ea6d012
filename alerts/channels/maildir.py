"""Letters in a local mail folder (Maildir), which any mail program opens; for an inbox on the same machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from pydantic import Field

from alerts.channels.base import Channel, ChannelSettings, Secrets, answered
from alerts.letters import MalformedAddress, letter
from alerts.model import Attempt, Outcome, Receipt


class Settings(ChannelSettings):
    """Settings of a mail folder; the recipient's address only stands in the letter."""

    kind: Literal["maildir"]
    folder: Path
    """The mail folder; it and its `tmp`, `new` and `cur` are made where they are missing."""
    sender: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] = "mingdeng@localhost"
    """Address in the letter's From."""
    sender_name: str = "明灯"
    """Name in the letter's From."""
    at_once: Annotated[int, Field(ge=1, le=64)] = 8
    """Letters that may be written side by side."""


class MailFolder:
    """A folder that letters are put into, each whole or not at all."""

    kind = "maildir"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.limits = settings.limits()

    def send(self, attempt: Attempt) -> Receipt:
        """Put the letter into ``new``; a repeat takes the place of the letter that it repeats."""
        try:
            mail = letter(_addressed(attempt), self._settings.sender, self._settings.sender_name)
        except MalformedAddress as error:
            return answered(Outcome.PERMANENT, str(error))
        name = f"{attempt.delivery.key}.eml"
        folder = self._settings.folder
        try:
            for part in ("tmp", "new", "cur"):
                (folder / part).mkdir(parents=True, exist_ok=True)
            _write(folder / "tmp" / f"{name}.{os.getpid()}", folder / "new" / name, mail.as_bytes())
        except OSError as error:
            return answered(Outcome.PASSING, f"the mail folder cannot be written: {error.strerror}")
        return answered(Outcome.DELIVERED, f"new/{name}")

    def close(self) -> None:
        """Nothing is held."""


def connect(settings: Settings, _secrets: Secrets) -> Channel:
    """Return the mail folder of these settings."""
    return MailFolder(settings)


def _addressed(attempt: Attempt) -> Attempt:
    """Return the attempt with a mail address: on this machine a recipient may be called by a mere name."""
    delivery = attempt.delivery
    if "@" in delivery.address:
        return attempt
    local = msgspec.structs.replace(
        delivery, address="inbox@localhost", recipient=delivery.recipient or delivery.address
    )
    return msgspec.structs.replace(attempt, delivery=local)


def _write(draft: Path, target: Path, content: bytes) -> None:
    """Write ``target`` by way of ``draft``, so that a reader never sees half a letter, also not after a power cut."""
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)
