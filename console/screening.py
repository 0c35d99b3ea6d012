"""What the big screen shows, read from the ledger and drawn part by part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from alerts.model import Card
from console.desk import HERE, Desk
from console.screens import LoopFigures
from console.shown import helpers
from ledger import views
from ledger.views import Within
from ledger.views.flow import ACCEPTED, by_hour
from rules.facts import Instant
from rules.judgement import Light
from rules.problems import Language
from rules.statistics import COMPLETED, Ratio

PARTS: Final = ("flow", "lights", "units", "hours", "loop", "feeds", "reds")
UNITS: Final = 12
"""So many units fit on a screen, the worst lamp first; of the others the lights are counted."""

OPENS: Final = 8
CLOSES: Final = 17
"""The first and the last hour of a day's picture, where nothing moved before or after them."""

REDS: Final = 3
FEEDS: Final = 3
LOOP_SECONDS: Final = 90 * 86_400
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything on the screen at one instant; ``feeds`` None for those who do not see all units."""

    at: Instant
    flow: Mapping[str, int]
    by_hour: Mapping[tuple[str, int], int]
    open: int
    overdue: int
    cards_today: int
    units: tuple[views.UnitLights, ...]
    loop: LoopFigures
    reds: tuple[Card, ...]
    feeds: tuple[views.SourceHealth, ...] | None

    @property
    def totals(self) -> dict[Light, int]:
        """How many units have which lamp."""
        return {light: sum(unit.lamp is light for unit in self.units) for light in Light}

    @property
    def last_event_at(self) -> Instant | None:
        """When the latest of what the sources told happened, None for those who do not see all units."""
        return max((feed.last_event_at for feed in self.feeds or () if feed.last_event_at is not None), default=None)

    @property
    def hours(self) -> range:
        """The hours of the day that are drawn: those of offices, and whichever else saw something."""
        moved = [hour for name, hour in self.by_hour if name in {ACCEPTED, COMPLETED}]
        return range(min([OPENS, *moved]), max([CLOSES, *moved]) + 1)


def look(desk: Desk, seen: Within, now: Instant) -> Seen:
    """Read everything that the screen shows, of the units that may be seen."""
    since = midnight(desk.zone, now)
    units = views.units(desk.ledger, seen)
    return Seen(
        at=now,
        flow=views.counted(desk.ledger, since, now + 1, seen),
        by_hour=by_hour(desk.ledger, since, now + 1, seen),
        open=sum(sum(unit.running.values()) + unit.suspended for unit in units),
        overdue=views.late_count(desk.ledger, now, seen),
        cards_today=sum(each.issued for each in views.issued(desk.ledger, since, now + 1, seen)),
        units=tuple(unit for unit in units if unit.unit),
        loop=desk.screens.loop(seen, now, partial(_loop, desk, seen, now)),
        reds=views.latest_reds(desk.ledger, now - LOOP_SECONDS, REDS, seen),
        feeds=views.sources(desk.ledger) if seen.units is None else None,
    )


def _loop(desk: Desk, seen: Within, now: Instant) -> LoopFigures:
    since = now - LOOP_SECONDS
    return LoopFigures(
        views.followed(desk.ledger, since, within=seen),
        views.consequence_rate(desk.ledger, since, now + 1, seen),
    )


def midnight(zone: str, now: Instant) -> Instant:
    """Return the instant at which the day of ``now`` began."""
    local = dt.datetime.fromtimestamp(now, ZoneInfo(zone))
    return int(local.replace(hour=0, minute=0, second=0).timestamp())


def drawn(desk: Desk, seen: Seen, language: Language) -> dict[str, Markup]:
    """Return each part of the screen as HTML, by its name."""
    told = _TEMPLATES.get_template("screen_parts.html").make_module(
        {
            "seen": seen, "language": language, "most_units": UNITS,  "most_feeds": FEEDS,
            "ratio": lambda share: Ratio(share.count, share.of),
            "title": lambda kind, name: desk.titles.get((kind, name), {}).get(language, ""),
            **helpers(language, desk.zone, seen.at),
        }
    )  # fmt: skip
    return {part: Markup(getattr(told, part)()) for part in PARTS}  # noqa: S704  # escaped by the template


def as_of(desk: Desk, language: Language) -> str:
    """Return the instant of which a screen tells, as it is shown."""
    return helpers(language, desk.zone, 0)["at"](desk.now(), seconds=True)


def parts(desk: Desk, seen: Within, language: Language) -> Mapping[str, Markup]:
    """Return the parts as they stand now; screens that show the same share one drawing."""
    now = desk.now()
    return desk.screens.parts(
        (seen, language),
        now,
        partial(views.counters, desk.ledger),
        lambda: drawn(desk, look(desk, seen, now), language),
    )
