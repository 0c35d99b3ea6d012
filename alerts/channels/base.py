"""The seam of the channels: one kind of way out per file, each answering one question.

A kind is a module with ``Settings`` (a ``ChannelSettings``) and ``connect(settings, secrets) -> Channel``; its file's
name is the word in the configuration. A channel never raises for what the other side did: it says in its receipt how
the attempt ended, and the outcome says what follows.

``DELIVERED``  the other side took it over.
``PASSING``    it did not, and may later: refused for now, unreachable, not let in.
``UNKNOWN``    it may have: the connection broke after the message was out. Repeated under the same key, marked as such.
``PERMANENT``  it never will: no such address, forbidden, malformed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from pydantic import BaseModel, ConfigDict, SecretStr

from alerts.model import Attempt, Outcome, Receipt
from rules.placeholders import neutral

LONGEST_ANSWER: Final = 300

Secrets = Mapping[str, SecretStr]
"""Secrets by name, as the settings refer to them."""


class ChannelSettings(BaseModel):
    """The settings of a channel; ``kind`` is the word that chose it. A key that it does not know is a problem."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    kind: str

    def inside(self, folder: Path) -> ChannelSettings:
        """Return the settings with every relative path taken from ``folder``."""
        paths = {name: folder / value for name, value in self if isinstance(value, Path)}
        return self.model_copy(update=paths)

    def secret_names(self) -> tuple[str, ...]:
        """Return the names of the secrets that the channel needs."""
        return ()


class Channel(Protocol):
    """A configured way out. One thread uses it at a time."""

    kind: str
    """The word in the configuration: the file's own name."""

    def send(self, attempt: Attempt) -> Receipt:
        """Try one delivery and return what there is to show for it; never raises for what the other side did."""
        ...

    def close(self) -> None:
        """Let go of connections and files; may be called twice."""
        ...


def answered(outcome: Outcome, said: str | bytes, retry_after: int | None = None) -> Receipt:
    """Return a receipt with the provider's own words in one short line."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return Receipt(outcome, neutral(text)[:LONGEST_ANSWER], retry_after)
