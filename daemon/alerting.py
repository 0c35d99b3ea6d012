"""From settings to who is told when: the route table, the timing of messages, and the ranks that nobody holds."""

from __future__ import annotations

import datetime as dt

from alerts.cards import CountsFrom
from alerts.routes import EVERY_UNIT, Elsewhere, Routes
from alerts.routes import Recipient as AlertRecipient
from alerts.routing import without_recipient
from alerts.timing import DutyTurn, Timing
from console.loop import Loop
from daemon.appeals import counts_from
from daemon.duties.watch import Concern
from daemon.law import Law
from daemon.lawinforce import LawInForce, policies
from daemon.settings import Recipient, Settings
from daemon.telling import Punctual, RoutingInForce, Telling
from ledger import Ledger, views
from rules.facts import Instant
from rules.judgement import Light
from rules.policy import Colour, Rank
from rules.telling import unit_name

RECIPIENTS = "recipients"
"""The word for ranks that nobody holds."""


def routes_of(settings: Settings, base_url: str) -> Routes:
    """Return the route table of the settings; a unit's recipients of one rank are told together."""
    owner = tuple(_recipient(each, settings.owner.name, settings) for each in settings.owner.tell)
    units: dict[str, dict[Rank, tuple[AlertRecipient, ...]]] = {EVERY_UNIT: {}}
    for route in settings.routes:
        ranks = units.setdefault(route.unit, {})
        rank = Rank(route.rank)
        told = tuple(_recipient(each, route.name, settings) for each in route.tell)
        ranks[rank] = ranks.get(rank, ()) + told
    names = {code: {"zh": name.zh, "en": name.en} for code, name in settings.units.items()}
    contact = " ".join(part for part in (settings.owner.name, settings.owner.contact) if part)
    return Routes(owner=owner, units=units, base_url=base_url, contact=contact, names=names)


def timing_of(settings: Settings, law: Law) -> Timing | None:
    """Return when messages may be read; None where everything is told at once. Raise ``UserError`` without the calendar."""
    alerts = settings.alerts
    if alerts.at_once:
        return None
    turns = [
        DutyTurn(_recipient(each, turn.name, settings), turn.from_on, turn.until_on)
        for turn in alerts.duty
        for each in turn.tell
    ]
    told = (*settings.owner.tell, *(each for route in settings.routes for each in route.tell))
    programs = frozenset((each.channel, each.address) for each in told if each.at_once)
    slots = tuple(dt.time.fromisoformat(slot) for slot in alerts.digests)
    return Timing(law.calendars.get(alerts.calendar), slots, tuple(turns), alerts.budget, programs)


class Alerting:
    """What review, console and metrics share of it."""

    def __init__(self, settings: Settings, ledger: Ledger, law: LawInForce, base_url: str) -> None:
        zone = settings.rules.zone
        self._ledger, self._policies = ledger, policies(law)
        self.routing = RoutingInForce(ledger, routes_of(settings, base_url), zone)
        self.punctual = Punctual(ledger, lambda: timing_of(settings, law.law))
        self.loop = Loop(_counts_from(law), Telling(self.routing, self._policies, self.punctual, zone))
        self.vacancies: tuple[tuple[str, Rank], ...] = ()

    def look(self, now: Instant) -> Concern:
        """Look which ranks nobody holds: a card that goes to them is told to the owner instead."""
        units = views.routing_figures(self._ledger).units
        routing = self.routing.at(now)
        self.vacancies = without_recipient(routing, units, self._policies, now)
        few = [(unit_name(unit, "en", routing.names), unit_name(unit, "zh", routing.names), rank.value)
               for unit, rank in self.vacancies[:5]]  # fmt: skip
        en, zh = ", ".join(f"{en} {rank}" for en, _, rank in few), "、".join(f"{zh} {rank}" for _, zh, rank in few)
        light = Light.YELLOW if self.vacancies else Light.GREEN
        return Concern(
            RECIPIENTS, light,
            f"{len(self.vacancies)} ranks have no recipient{f': {en}' if few else ''}.",
            f"{len(self.vacancies)} 个层级没有接收人{f'：{zh}' if few else ''}。",
        )  # fmt: skip


def _counts_from(law: LawInForce) -> CountsFrom:
    """Return when a card counts by the calendar in force, whatever is published later."""

    def begins(colour: Colour, issued_at: Instant) -> Instant:
        return counts_from(law.law.default_calendar)(colour, issued_at)

    return begins


def _recipient(recipient: Recipient, name: str, settings: Settings) -> AlertRecipient:
    language = recipient.language or settings.console.language
    other = Elsewhere.model_validate(recipient.fallback.model_dump()) if recipient.fallback is not None else None
    return AlertRecipient(
        name=name, channel=recipient.channel, address=recipient.address, language=language, fallback=other
    )
