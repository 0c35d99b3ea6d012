"""The gist of a case (摘要): the few facts of it that are compared and counted with those of others."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from rules.facts import Case, CaseEvent, CaseId, Instant
from rules.hits import OURS

GATHERED_KINDS: Final = frozenset({"application", "complaint", "card"})
"""The kinds of case that have a gist."""

_TOLD_BY_THE_LEDGER: Final = frozenset({"card", "feed"})

_BEGINNINGS: Final = frozenset({"received", "accepted", "complained"})
_ENDS: Final = frozenset({"completed", "returned", "withdrawn", "voided", "refused_accept", "forwarded"})


_BESIDE: Final = frozenset({"rated", "called_back", "complained", "investigated", "issue_certificate", "delivered"})
"""What people do about a case at no window, or after it."""


class Rating(Struct, frozen=True):
    """One rating: when it was given, at which window, on which terminal; ``level`` is 1 (very satisfied) to 5, 0 unsaid.

    ``named`` says that the source knows who gave it, ``called_back`` that somebody called back afterwards.
    """

    rated_at: Instant
    window: str
    terminal: str
    level: float = 0
    named: bool = False
    called_back: bool = False


class Act(Struct, frozen=True):
    """One act at a window: when, with which account, at which window."""

    at: Instant
    account: str
    window: str


class Decision(Struct, frozen=True):
    """One decision on a card: when, by whom, and whether it revoked the card."""

    at: Instant
    by: str
    revoked: bool


class Gist(Struct, frozen=True, kw_only=True):
    """What others need to know of a case; "" and None where no event says it.

    ``begun_at`` is when it was first received or accepted, ``ended_at`` and ``ending`` when and by which event it last
    ended. ``entered_from_at`` and ``entered_at`` are when its source wrote the first and the last of its events, None
    unless it says so of each. ``notifier`` is who asked for corrections first, at ``notified_at``. ``window`` is where it was received or accepted. Of a complaint
    ``begun_at`` is when it was made, ``target`` against whom, ``outcome`` what was found last. Of a card only what was decided on it is kept.
    """

    case_id: CaseId
    unit: str = ""
    item: str = ""
    applicant: str = ""
    begun_at: Instant | None = None
    accepted_at: Instant | None = None
    received_at: Instant | None = None
    ended_at: Instant | None = None
    ending: str = ""
    entered_from_at: Instant | None = None
    entered_at: Instant | None = None
    suspended: bool = False
    notified_at: Instant | None = None
    notifier: str = ""
    ratings: tuple[Rating, ...] = ()
    window: str = ""
    acts: tuple[Act, ...] = ()
    target: str = ""
    outcome: str = ""
    decisions: tuple[Decision, ...] = ()


def gist_of(case: Case) -> Gist:
    """Return the gist of a case; what was gathered from many cases before is no part of it."""
    if case.case_id.kind == "card":
        return Gist(case_id=case.case_id, decisions=tuple(each for event in case.events for each in _decisions(event)))
    events = [event for event in case.events if event.source != OURS]
    said = {name: str(value) for event in events for name, value in event.data.items() if value is not None}
    written = [event.inserted_at for event in events]
    whole = [at for at in written if at is not None]
    ends = [event for event in events if event.name in _ENDS]
    notice = _first(events, "correction_notified")
    return Gist(
        case_id=case.case_id,
        unit=said.get("unit", ""),
        item=said.get("item", ""),
        applicant=said.get("applicant", ""),
        begun_at=next((event.occurred_at for event in events if event.name in _BEGINNINGS), None),
        accepted_at=_at(_first(events, "accepted")),
        received_at=_at(_first(events, "received")),
        ended_at=_at(ends[-1] if ends else None),
        ending=ends[-1].name if ends else "",
        entered_from_at=min(whole) if whole and len(whole) == len(written) else None,
        entered_at=max(whole) if whole and len(whole) == len(written) else None,
        suspended=_first(events, "suspension_started") is not None,
        notified_at=_at(notice),
        notifier=str(notice.data.get("officer") or "") if notice is not None else "",
        ratings=tuple(_rating(event, events) for event in events if event.name == "rated"),
        window=next((str(e.data["window"]) for e in events if e.name in _BEGINNINGS and e.data.get("window")), ""),
        acts=tuple(act for event in events for act in _acts(event)),
        target=said.get("target", ""),
        outcome=said.get("outcome", ""),
    )


def _rating(event: CaseEvent, events: list[CaseEvent]) -> Rating:
    told, at = event.data, event.occurred_at or 0
    level = told.get("satisfaction")
    return Rating(
        rated_at=at,
        window=str(told.get("window") or ""),
        terminal=str(told.get("terminal") or ""),
        level=float(level) if isinstance(level, int | float) else 0,
        named=told.get("named") is True,
        called_back=any(e.name == "called_back" and (e.occurred_at or 0) >= at for e in events),
    )


def _acts(event: CaseEvent) -> list[Act]:
    account = event.data.get("account") or event.data.get("officer")
    window = event.data.get("window")
    if event.name in _BESIDE or not account or not window or event.occurred_at is None:
        return []
    return [Act(event.occurred_at, str(account), str(window))]


def _decisions(event: CaseEvent) -> list[Decision]:
    """Return the final decision that an event of a card is; what the facts revoke is nobody's decision."""
    by, result = event.data.get("by"), event.data.get("result")
    if not by or result not in {"upheld", "revoked"} or event.occurred_at is None:
        return []
    return [Decision(event.occurred_at, str(by), result == "revoked")]


def is_gathered(event: CaseEvent) -> bool:
    """Say whether an event is a fact over many cases; what the ledger says of cards and feeds is none."""
    return event.source == OURS and event.kind not in _TOLD_BY_THE_LEDGER


def _first(events: list[CaseEvent], name: str) -> CaseEvent | None:
    return next((event for event in events if event.name == name), None)


def _at(event: CaseEvent | None) -> Instant | None:
    return event.occurred_at if event is not None else None
