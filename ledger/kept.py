"""Sorts what arrives: versions of events that are not known yet, and repetitions of those that are."""

from __future__ import annotations

from dataclasses import dataclass, field

from ledger.rows import EventRow, event_content, event_row
from rules.facts import CaseEvent, Instant


@dataclass(slots=True)
class Known:
    """What is stored of one event: its versions, and of the highest the content and the case."""

    versions: set[int]
    highest: int
    content: bytes
    retracted: bool
    case_id: str


@dataclass(slots=True)
class Kept:
    """Sorts the events of a batch into rows to be written and duplicates.

    ``stale`` counts versions below one that is known, ``fresh`` holds when what was never told before had happened.
    """

    known: dict[tuple[str, str], Known]
    now: Instant
    rows: list[EventRow] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    new: int = 0
    changed: int = 0
    duplicates: int = 0
    stale: int = 0
    fresh: list[Instant] = field(default_factory=list)

    def take(self, event: CaseEvent) -> None:
        """Keep an event unless this version (or, unnumbered, this content) is known already."""
        known = self.known.get((event.source, event.event_id))
        content = event_content(event)
        version = _version(event, content, known)
        if version is None:
            self.duplicates += 1
            return
        case_id = f"{event.namespace}/{event.kind}/{event.case_no}"
        self.rows.append(event_row(event, case_id, version, content, self.now))
        self.touched.add(case_id)
        if known is None:
            self.new += 1
            if event.occurred_at is not None and event.occurred_at <= self.now:
                self.fresh.append(event.occurred_at)
            self.known[event.source, event.event_id] = Known({version}, version, content, event.retracted, case_id)
            return
        self.changed += 1
        known.versions.add(version)
        self.stale += version < known.highest
        if version > known.highest:
            self.touched.add(known.case_id)  # the event may have moved away from the case that had it
            known.highest, known.content = version, content
            known.retracted, known.case_id = event.retracted, case_id


def _version(event: CaseEvent, content: bytes, known: Known | None) -> int | None:
    """Return the number of this version, or None if it brings nothing new."""
    if event.version is not None:
        return None if known is not None and event.version in known.versions else event.version
    if known is None:
        return None if event.retracted else 1
    if known.content == content or (known.retracted and event.retracted):
        return None
    return known.highest + 1
