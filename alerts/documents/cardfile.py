"""What a document is made from: the card's file (案卷) as the ledger and the law tell it, gathered by the caller."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from alerts.documents.model import Office, Said
from alerts.model import Card, CardChange
from rules.explanation import Explanation
from rules.facts import Instant
from rules.policy import Policy


class Joint(Struct, frozen=True):
    """Where one change of the card stands in the hash chain of the ledger; ``hash`` in hexadecimal."""

    serial: int
    position: int
    hash: str


class CardFile(Struct, frozen=True, kw_only=True):
    """A card with everything that documents say of it.

    ``explanation`` is None where the case cannot be explained just now: its arithmetic is then left out. ``deadlines``
    are the due instants of the card's own clocks (``sign``, ``explain``, ``appeal``, ``rectify``, ``verify``);
    ``revision`` is that of the case's data.
    """

    card: Card
    changes: tuple[CardChange, ...]
    office: Office
    zone: str
    unit: Said
    explanation: Explanation | None = None
    policy: Policy | None = None
    deadlines: Mapping[str, Instant] = {}
    revision: int = 0
    joints: tuple[Joint, ...] = ()


class Numbered(Struct, frozen=True):
    """Under which number, in which year and when a document is made."""

    number: int
    year: int
    at: Instant
