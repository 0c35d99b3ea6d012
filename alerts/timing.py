"""When a message may be read: reminders in digests, yellow in office hours, red at once, off hours by the duty officer.

Deliveries are planned for now; ``placed`` moves each to its moment and ``within_budget`` moves into the next digest
what would be too much for one address on one day. Nothing is ever dropped here.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from msgspec.structs import replace

from alerts.model import Delivery, delivery_key
from alerts.plan import OWNER, fallback_of
from alerts.routes import Recipient
from rules.calendars import Calendar
from rules.facts import Instant

DUTY: Final = "duty"
"""The rank of what the duty officer is told on behalf of all who rest."""

NEWS: Final = frozenset({"issued", "risen", "reopened", "proposed", "urged"})
"""Changes for which somebody is disturbed off hours; whatever relieves can wait for the morning."""

Told: TypeAlias = Mapping[tuple[str, str, str], int]
"""How many single messages (channel, address, day) has had or is going to have."""


class Urgency(StrEnum):
    """How soon a message has to be read."""

    REMINDER = "reminder"
    YELLOW = "yellow"
    RED = "red"


class DutyTurn(NamedTuple):
    """Who is on duty off hours from one date to another, both included; None is open."""

    recipient: Recipient
    from_on: dt.date | None = None
    until_on: dt.date | None = None

    def covers(self, on: dt.date) -> bool:
        """Say whether a date is within the turn."""
        return (self.from_on is None or self.from_on <= on) and (self.until_on is None or on <= self.until_on)


class Timing(NamedTuple):
    """The office hours of ``calendar``, the ``slots`` of digests, who is on ``duty``, and the daily ``budget``.

    ``programs`` are the (channel, address) that are told at once whatever the hour, for no person reads there.
    """

    calendar: Calendar
    slots: tuple[dt.time, ...] = (dt.time(9), dt.time(15))
    duty: tuple[DutyTurn, ...] = ()
    budget: int = 30
    programs: frozenset[tuple[str, str]] = frozenset()

    def on_duty(self, at: Instant) -> tuple[Recipient, ...]:
        """Return who is on duty: those with a turn on that date, else those who always are."""
        on = self.calendar.on(at)
        turns = [turn for turn in self.duty if turn.covers(on)]
        dated = [turn for turn in turns if turn.from_on is not None or turn.until_on is not None]
        return tuple(turn.recipient for turn in dated or turns)

    def next_slot(self, after: Instant) -> Instant:
        """Return the instant of the first digest after this one."""
        on = self.calendar.on(after)
        today = [self.calendar.at(on, slot) for slot in sorted(self.slots)] if self.calendar.is_workday(on) else []
        later = [slot for slot in today if slot > after]
        return later[0] if later else self.calendar.at(self.calendar.workday(on, 1), min(self.slots))


def urgency(delivery: Delivery) -> Urgency:
    """Return how soon this has to be read, by the colour of its card or the light of what it urges."""
    said = delivery.facts.get("colour") or delivery.facts.get("light") or ""
    if said == "red":
        return Urgency.RED
    return Urgency.YELLOW if said in {"yellow", "grey"} else Urgency.REMINDER


def placed(deliveries: Sequence[Delivery], timing: Timing, now: Instant) -> tuple[Delivery, ...]:
    """Return each delivery at its moment, and with red news off hours what the duty officer is told at once.

    Without a duty officer the supervision owner is told at once: red waits for nobody.
    """
    opens_at = timing.calendar.next_opening(now)
    moved = tuple(_moved(each, timing, now, opens_at) for each in deliveries)
    if opens_at == now:
        return moved
    return tuple(_with_duty(moved, timing, now))


def within_budget(deliveries: Sequence[Delivery], told: Told, timing: Timing, now: Instant) -> tuple[Delivery, ...]:
    """Return the deliveries, those that are too many for their address on their day put off to its next digest.

    Red is counted and never put off.
    """
    counted: Counter[tuple[str, str, str]] = Counter()
    found: list[Delivery] = []
    for each in deliveries:
        about = each.channel, each.address, each.counted_on
        enough = told.get(about, 0) + counted[about] >= timing.budget
        if each.counted_on and enough and urgency(each) is not Urgency.RED:
            found.append(replace(each, digest=True, deferred=True, not_before_at=timing.next_slot(now)))
        else:
            counted[about] += bool(each.counted_on)
            found.append(each)
    return tuple(found)


def _moved(delivery: Delivery, timing: Timing, now: Instant, opens_at: Instant) -> Delivery:
    if (delivery.channel, delivery.address) in timing.programs:
        return delivery
    if urgency(delivery) is Urgency.REMINDER:
        return replace(delivery, digest=True, not_before_at=timing.next_slot(now))
    return replace(delivery, not_before_at=opens_at, counted_on=_day(timing, opens_at))


def _with_duty(deliveries: Sequence[Delivery], timing: Timing, now: Instant) -> Iterator[Delivery]:
    """Yield the deliveries, and for each red news one to everybody on duty; who is told anyway is told now instead."""
    news: dict[tuple[str, ...], list[Delivery]] = {}
    for each in deliveries:
        if urgency(each) is Urgency.RED and each.facts.get("change") in NEWS:
            news.setdefault(_about(each), []).append(each)
    on_duty = timing.on_duty(now)
    for each in deliveries:
        same = news.get(_about(each), [])
        named = (each.channel, each.address) in {(who.channel, who.address) for who in on_duty}
        at_once = each in same and (named or (not on_duty and each.rank == OWNER))
        yield replace(each, not_before_at=now, counted_on=_day(timing, now)) if at_once else each
    for same in news.values():
        told = {(each.channel, each.address) for each in same}
        for who in on_duty:
            if (who.channel, who.address) not in told:
                yield _for_duty(same, who, timing, now)


def _about(delivery: Delivery) -> tuple[str, ...]:
    facts = delivery.facts
    return (
        delivery.card_id,
        str(delivery.serial),
        facts.get("change", ""),
        facts.get("rule", ""),
        facts.get("due_at", ""),
    )


def _for_duty(same: Sequence[Delivery], who: Recipient, timing: Timing, now: Instant) -> Delivery:
    """Return what the duty officer is told: what the owner is, in his own language where somebody is told in it."""
    like = min(same, key=lambda each: (each.facts.get("language") != who.language, each.rank != OWNER))
    return replace(
        like, key=delivery_key(like.key, like.serial, who.channel, who.address), channel=who.channel, address=who.address,
        recipient=who.name, rank=DUTY, not_before_at=now, counted_on=_day(timing, now), fallback=fallback_of(who),
    )  # fmt: skip


def _day(timing: Timing, at: Instant) -> str:
    return timing.calendar.on(at).isoformat()
