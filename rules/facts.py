"""The facts that are judged: events, the cases that are their fold, and the items of the catalogue.

An *instant* is a whole number of seconds since 1970-01-01T00:00:00Z (names end in ``_at``); a *date* is a civil date in
the calendar's zone (names end in ``_on``). Nothing in this module reads a clock, a file or a database.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

from msgspec import Struct, field

Instant: TypeAlias = int
Value: TypeAlias = str | int | float | bool | None

_ID_FORBIDDEN: Final = re.compile(r"[/\x00-\x1f]")

EVENT_RANK: Final[Mapping[str, int]] = {
    name: rank
    for rank, name in enumerate(
        (
            "applied", "pre_accepted", "pre_refused", "pre_correct", "arrived", "received", "correction_notified",
            "correction_received", "accepted", "refused_accept", "enquired", "complained", "extended",
            "supervised", "milestone_set", "hearing_applied", "hearing_notified", "lower_received", "cosign_asked",
            "suspension_ended", "suspension_started", "step_started", "sent_back", "transferred", "objected", "signed",
            "arbitration_opened", "arbitration_decided", "escalated", "refused", "came_back", "hearing_held",
            "lower_replied", "cosign_replied", "milestone_reached", "step_finished", "replied", "answered", "completed", "returned", "withdrawn", "voided", "deleted",
            "forwarded", "closed", "reopened", "feedback_given", "certificate_issued", "delivered", "collected",
            "fee_charged", "rated", "called_back", "restated", "published", "peers_compared",
        )
    )
}  # fmt: skip
"""Order of events that bear the same instant and sequence (domain.md 2.2): what must come first in law comes first."""

LAST_RANK: Final = 1_000


class CaseId(NamedTuple):
    """The identity of a case: the namespace of its number, its kind, and the number itself."""

    namespace: str
    kind: str
    case_no: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.kind}/{self.case_no}"

    @classmethod
    def parse(cls, text: str) -> CaseId:
        """Return the identity written as ``namespace/kind/case_no``; the number itself may contain slashes."""
        namespace, kind, case_no = text.split("/", 2)
        return cls(namespace, kind, case_no)


class CaseEvent(Struct, frozen=True, kw_only=True, gc=False):
    """One thing that happened to a case, as one version of one row of a source says it.

    ``occurred_at`` is when it happened, ``inserted_at`` when the source wrote it, ``received_at`` when the ledger took
    it in. ``version`` None asks the ledger to number it by changed content. A ``retracted`` version says that the
    event did not happen after all; it has no ``occurred_at`` of its own.
    """

    source: str
    event_id: str
    version: int | None = None
    namespace: str
    kind: str
    case_no: str
    name: str
    occurred_at: Instant | None
    inserted_at: Instant | None = None
    received_at: Instant | None = None
    sequence: int | None = None
    data: Mapping[str, Value] = field(default_factory=dict)
    retracted: bool = False

    @property
    def case_id(self) -> CaseId:
        """The case that this event belongs to."""
        return CaseId(self.namespace, self.kind, self.case_no)


class Case(Struct, frozen=True, kw_only=True, gc=False):
    """A case: its events in fold order, the highest version of each, without the retracted ones."""

    namespace: str
    kind: str
    case_no: str
    events: tuple[CaseEvent, ...]
    revision: int = 0

    @property
    def case_id(self) -> CaseId:
        """The identity of this case."""
        return CaseId(self.namespace, self.kind, self.case_no)

    def attributes(self, at: Instant | None = None) -> dict[str, Value]:
        """Return what the events up to and including ``at`` (all of them if None) say, later ones overruling."""
        said: dict[str, Value] = {}
        for event in self.events:
            if at is not None and event.occurred_at is not None and event.occurred_at > at:
                break
            said.update({name: value for name, value in event.data.items() if value is not None})
        return said

    def attribute(self, name: str, at: Instant | None = None) -> Value:
        """Return the latest value of one attribute up to ``at``, None if no event says it."""
        for event in reversed(self.events):
            if at is not None and event.occurred_at is not None and event.occurred_at > at:
                continue
            value = event.data.get(name)
            if value is not None:
                return value
        return None


def fold(case_id: CaseId, events: Iterable[CaseEvent], revision: int = 0) -> Case:
    """Return the case that these events make: of each (source, event id) the highest version, retracted ones dropped.

    The order is (``occurred_at``, ``sequence``, rank of the event's name, event id), so the order of arrival and
    repeated deliveries change nothing.
    """
    latest: dict[tuple[str, str], CaseEvent] = {}
    for event in events:
        key = (event.source, event.event_id)
        known = latest.get(key)
        if known is None or (event.version or 0) >= (known.version or 0):
            latest[key] = event
    standing = sorted((e for e in latest.values() if not e.retracted and e.occurred_at is not None), key=fold_order)
    return Case(**case_id._asdict(), events=tuple(standing), revision=revision)


def fold_order(event: CaseEvent) -> tuple[Instant, int, int, str]:
    """Return the sort key of an event within its case (architecture.md, States or events)."""
    sequence = event.sequence if event.sequence is not None else 0
    return (event.occurred_at or 0, sequence, EVENT_RANK.get(event.name, LAST_RANK), event.event_id)


class ItemVersion(Struct, frozen=True, kw_only=True):
    """One version of a service item (事项): its limits as published for the dates [``from_on``, ``until_on``).

    ``limits`` maps a limit's name (``promised``, ``statutory``, ``step.<code>``) to its text, such as ``7 workdays``;
    ``data`` holds every other published attribute (``instant``, ``unit``, fees in fen).
    """

    code: str
    name: str
    version: str = "1"
    from_on: dt.date = dt.date.min
    until_on: dt.date | None = None
    limits: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Value] = field(default_factory=dict)


def valid_identifier(text: str) -> bool:
    """Say whether ``text`` can stand as namespace, kind or number in a case identity (no slash, no control character)."""
    return bool(text) and len(text) <= 200 and _ID_FORBIDDEN.search(text) is None
