"""What every duty is: a name, one round of work, and a result that is logged only when something happened."""

from __future__ import annotations

from typing import Protocol

from rules.facts import Instant


class Result(Protocol):
    """What one round did, as a frozen dataclass whose fields become the fields of the log line."""

    @property
    def happened(self) -> bool:
        """Whether there is anything to say."""
        ...

    @property
    def ok(self) -> bool:
        """Whether the duty counts as done: False turns its light, though the loop goes on."""
        ...


class Duty(Protocol):
    """A duty of the daemon."""

    name: str
    """The word in logs and metrics, such as ``review`` or ``ingest:water``."""

    def run_once(self, now: Instant) -> Result:
        """Do one round as of ``now``; what is left over is due again."""
        ...

    def next_at(self, now: Instant) -> Instant | None:
        """Return the instant at which there is something to do next, None if only the interval says so."""
        ...
