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

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Final, NamedTuple, Protocol

import structlog
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from alerts.model import Attempt, Outcome, Receipt
from rules.placeholders import neutral

LONGEST_ANSWER: Final = 300

LONGEST_TIMEOUT: Final = 45
"""Seconds: an attempt without an outcome counts as cut off after 60, and somebody else would make it again."""

NOT_SENT: Final = Receipt(Outcome.PASSING, "not sent: its turn did not come in time")
"""The receipt of an attempt that was written and then not made, because those before it took too long or it is ending."""

Secrets = Mapping[str, SecretStr]
"""Secrets by name, as the settings refer to them."""

Hurry = Callable[[], bool]
"""Says that what was not begun should be left: the time is up, or the daemon is told to stop."""


def _within_the_lease(seconds: float) -> float:
    if seconds > LONGEST_TIMEOUT:
        raise ValueError(
            f"it may be {LONGEST_TIMEOUT} seconds at the most: an attempt that takes longer counts as cut off, and the "
            "message would be sent twice"
        )
    return seconds


Timeout = Annotated[float, Field(gt=0), AfterValidator(_within_the_lease)]
"""Seconds that one exchange may take, less than an attempt's lease."""


class Limits(NamedTuple):
    """How a channel wants to be used.

    ``at_once`` messages side by side; ``per_minute`` of them to one address, 0 for any number; after ``failures``
    passing failures in a row it rests for ``rest`` seconds, longer each time, before one message tries whether it works;
    recipients with a fall-back are told over that one once it has not worked for ``fallback_after`` seconds.
    """

    at_once: int = 1
    per_minute: int = 0
    failures: int = 10
    rest: int = 30
    fallback_after: int = 600


class ChannelSettings(BaseModel):
    """The settings of a channel; ``kind`` is the word that chose it. A key that it does not know is a problem."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    kind: str
    at_once: Annotated[int, Field(ge=1, le=64)] = 1
    """Messages that may be on their way side by side."""
    per_minute: Annotated[int, Field(ge=0, le=100_000)] = 0
    """Messages that one address may get in a minute, as its provider allows; the others wait. 0: any number."""
    failures: Annotated[int, Field(ge=1, le=1_000)] = 10
    """Passing failures in a row after which the channel rests (its circuit breaker opens)."""
    rest: Annotated[int, Field(ge=1, le=3_600)] = 30
    """Seconds of the first rest, after which one message tries whether it works again; doubled each time, up to 15 min."""
    fallback_after: Annotated[int, Field(ge=1, le=86_400)] = 600
    """Seconds that the channel may be out of order before recipients are told over the fall-back that they name."""

    def inside(self, folder: Path) -> ChannelSettings:
        """Return the settings with every relative path taken from ``folder``."""
        paths = {name: folder / value for name, value in self if isinstance(value, Path)}
        return self.model_copy(update=paths)

    def secret_names(self) -> tuple[str, ...]:
        """Return the names of the secrets that the channel needs."""
        return ()

    def limits(self) -> Limits:
        """Return how the channel wants to be used."""
        return Limits(self.at_once, self.per_minute, self.failures, self.rest, self.fallback_after)


class Channel(Protocol):
    """A configured way out, used by one thread at a time; one whose settings allow it sends several side by side."""

    kind: str
    """The word in the configuration: the file's own name."""

    def send(self, attempt: Attempt) -> Receipt:
        """Try one delivery and return what there is to show for it; never raises for what the other side did."""
        ...

    def close(self) -> None:
        """Let go of connections and files; may be called twice."""
        ...


def send_many(channel: Channel, attempts: Sequence[Attempt], limits: Limits, hurry: Hurry) -> tuple[Receipt, ...]:
    """Try the deliveries, so many side by side as the channel wants; return their receipts in the same order.

    What was not begun when ``hurry`` says so gets the receipt ``NOT_SENT``. A channel that has a better way than a thread
    for each has a method ``send_many(attempts, hurry)`` of its own, which is taken.
    """
    own: Callable[[Sequence[Attempt], Hurry], tuple[Receipt, ...]] | None = getattr(channel, "send_many", None)
    if own is not None:
        return own(attempts, hurry)

    def one(attempt: Attempt) -> Receipt:
        if hurry():
            return NOT_SENT
        try:
            return channel.send(attempt)
        except Exception as error:  # noqa: BLE001  # the outcome of each has to be written whatever a channel does
            return own_fault(channel.kind, error)

    if limits.at_once == 1 or len(attempts) == 1:
        return tuple(map(one, attempts))
    with ThreadPoolExecutor(max_workers=min(limits.at_once, len(attempts)), thread_name_prefix="channel") as pool:
        return tuple(pool.map(one, attempts))


def own_fault(kind: str, error: Exception) -> Receipt:
    """Return the receipt of an attempt in which the channel itself failed: nobody knows whether the message left."""
    structlog.get_logger("alerts").error("channel_failed", channel=kind, exc_info=error)
    return Receipt(Outcome.UNKNOWN, f"the channel itself failed: {type(error).__name__}")


def answered(outcome: Outcome, said: str | bytes, retry_after: int | None = None) -> Receipt:
    """Return a receipt with the provider's own words in one short line."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return Receipt(outcome, neutral(text)[:LONGEST_ANSWER], retry_after)
