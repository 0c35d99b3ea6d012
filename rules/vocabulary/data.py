"""Words about the data themselves (数据质量): contradicting histories, impossible dates, unknown items, bad identifiers."""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction
from functools import lru_cache
from typing import Final

from rules.calendars import Calendar
from rules.facts import Instant, Value
from rules.identifiers import is_uscc
from rules.language import Type
from rules.quantities import Quantity
from rules.view import History, View
from rules.vocabulary.base import word
from rules.vocabulary.spent import first_at, workdays_after
from rules.vocabulary.steps import item_of

EARLIEST: Final = int(dt.datetime(1992, 1, 1, tzinfo=dt.UTC).timestamp())
"""The first day of the calendars: nothing that is supervised is older."""

LATEST: Final = int(dt.datetime(2099, 12, 31, tzinfo=dt.UTC).timestamp())

BEGINNINGS: Final = frozenset({"applied", "received", "correction_received", "accepted"})

ENDS_OF_ACCEPTANCE: Final = frozenset({"returned", "withdrawn", "voided", "deleted", "reopened", "refused_accept"})
_REGION: Final = re.compile(r"\d{6}(\d{3}(\d{3})?)?")


@word(
    "data.item_standing",
    Type.CODE,
    ("in_force", "cancelled", "unknown", "unchecked"),
    turns="accepted or case.item",
)
def item_standing(view: View) -> Value:
    """What the catalogue knows of the item: in force at acceptance, known but not then, or unknown.

    ``unchecked`` where there is no catalogue or the case names no item.
    """
    catalogue, code = view.history.catalogue, view.attributes.get("item")
    if catalogue is None or not catalogue.versions or code is None:
        return "unchecked"
    if str(code) not in catalogue.versions:
        return "unknown"
    return "cancelled" if item_of(view) is None else "in_force"


@word("data.limit_missing", Type.BOOL, turns="accepted or case.item")
def limit_missing(view: View) -> Value:
    """Whether the item's version has neither a promised nor a statutory limit, or one of nought without being instant."""
    item = item_of(view)
    if item is None or item.data.get("instant") is True:
        return False
    return _limitless(tuple(item.limits[name] for name in ("promised", "statutory") if name in item.limits))


@lru_cache(maxsize=1024)
def _limitless(limits: tuple[str, ...]) -> bool:
    return not limits or any(Quantity.parse(text).amount == 0 for text in limits)


@word("data.limit_differs", Type.BOOL, hears="case.promised", turns="accepted or case.item or case.promised")
def limit_differs(view: View) -> Value:
    """Whether the promised limit that the feed reports (``promised``) is not the catalogue's."""
    item, told = item_of(view), view.attributes.get("promised")
    if item is None or told is None or "promised" not in item.limits:
        return False
    try:
        stated: Quantity | Fraction = Quantity.parse(str(told))
    except ValueError:
        return not str(told).isdecimal() or Fraction(str(told)) != Quantity.parse(item.limits["promised"]).amount
    return stated != Quantity.parse(item.limits["promised"])


@word("data.accepted_twice", Type.BOOL, hears="accepted", turns="accepted")
def accepted_twice(view: View) -> Value:
    """Whether the case was accepted again at another instant although it had neither ended nor been reopened."""
    if view.number("accepted") < 2:
        return False
    accepted_at: Instant | None = None
    for event in view.events:
        if event.name == "accepted":
            if accepted_at is not None and event.occurred_at != accepted_at:
                return True
            accepted_at = event.occurred_at
        elif event.name in ENDS_OF_ACCEPTANCE:
            accepted_at = None
    return False


@word("data.completed_unaccepted", Type.BOOL, hears="completed", turns="completed")
def completed_unaccepted(view: View) -> Value:
    """Whether the case was completed and nothing says that it was ever received or accepted, not even later.

    A case that was received and decided without an acceptance has its limits: the law deems it accepted.
    """
    return view.number("completed") > 0 and BEGINNINGS.isdisjoint(view.history.by_name)


@word("data.out_of_order", Type.BOOL, hears="accepted", turns="accepted or applied or completed or reopened")
def out_of_order(view: View) -> Value:
    """Whether it was completed before its acceptance, or accepted on a day before it was applied for."""
    accepted_at, completed_at = first_at(view, "accepted"), first_at(view, "completed")
    applied_at, calendar = first_at(view, "applied"), view.calendar
    if accepted_at is None or calendar is None:
        return False
    early = completed_at is not None and completed_at < accepted_at and first_at(view, "reopened") is None
    if applied_at is None or applied_at <= accepted_at:
        return early
    return early or calendar.on(accepted_at) < calendar.on(applied_at)


@word("data.resumed_unsuspended", Type.BOOL, hears="suspension_ended", turns="suspension_started or suspension_ended")
def resumed_unsuspended(view: View) -> Value:
    """Whether a suspension ended that had not begun."""
    open_now = 0
    for event in view.events:
        if event.name == "suspension_started":
            open_now += 1
        elif event.name == "suspension_ended":
            open_now -= 1
            if open_now < 0:
                return True
    return False


@word("data.impossible_dates", Type.NUMBER, turns="")
def impossible_dates(view: View) -> Value:
    """How many events bear a date that no case can bear, such as 1900 or 2200; those to come are looked at, too."""
    return view.history.once(_impossible_dates)


def _impossible_dates(history: History) -> int:
    return sum(not EARLIEST <= at <= LATEST for at in history.instants)


@word("data.written_ahead", Type.NUMBER, hears="case.inserted_at", turns="")
def written_ahead(view: View) -> Value:
    """How many events had been written by the source before they are said to have happened.

    An hour is forgiven to the clocks of two machines, not the eight by which a clock in UTC is off (domain.md 3.5,
    item 24); where the source writes down only the day, that day is.
    """
    return view.history.once(_written_ahead)


def _written_ahead(history: History) -> int:
    return sum(
        event.inserted_at is not None and _ahead(event.occurred_at or 0, event.inserted_at, history.calendar)
        for event in history.case.events
    )


def _ahead(at: Instant, written_at: Instant, calendar: Calendar | None) -> bool:
    if at <= written_at + 3_600:
        return False
    day_alone = calendar is not None and calendar.local(written_at).time() == dt.time()
    return not day_alone or at > written_at + 86_400


@word("data.entry_workdays", Type.NUMBER, hears="case.inserted_at")
def entry_workdays(view: View) -> Value:
    """How many working days after it happened the event that was entered last of all was entered."""
    return view.history.once(_entry_workdays)[view.count]


def _entry_workdays(history: History) -> list[int]:
    """Return the greatest lag after each number of events; nothing was entered before the first that says when."""
    view, lags = history.view(0), [0]
    greatest: int | None = None
    for event in history.case.events:
        lag = workdays_after(view, event.occurred_at, event.inserted_at)
        if lag is not None:
            greatest = lag if greatest is None else max(greatest, lag)
        lags.append(greatest or 0)
    return lags


@word("data.bad_uscc", Type.BOOL, hears="case.uscc", turns="case.uscc")
def bad_uscc(view: View) -> Value:
    """Whether a unified social credit code was reported whose check digit is wrong."""
    code = view.attributes.get("uscc")
    return code is not None and not is_uscc(str(code).strip().upper())


@word("data.bad_region", Type.BOOL, hears="case.region", turns="case.region")
def bad_region(view: View) -> Value:
    """Whether an administrative division was reported that is not 6, 9 or 12 digits (GB/T 2260)."""
    region = view.attributes.get("region")
    return region is not None and _REGION.fullmatch(str(region).strip()) is None


@word("data.restated_after_end", Type.BOOL, hears="restated")
def restated_after_end(view: View) -> Value:
    """Whether the case was restated (重报) after it had ended."""
    ended = False
    for event in view.events:
        if ended and event.name == "restated":
            return True
        ended = ended or event.name in {"completed", "forwarded", "returned", "withdrawn", "voided"}
    return False
