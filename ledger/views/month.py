"""The picture of a month: how cases came and went, which cards were issued, how they were followed to the end."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger.ledger import Ledger
from ledger.views.consequences import MOST, Consequence, consequence_rate, consequences
from ledger.views.flow import handled, open_at
from ledger.views.followed import Followed, followed
from ledger.views.issued import CardTally, issued
from ledger.views.service import Service, service
from ledger.views.within import ALL, Within
from rules.facts import Instant
from rules.statistics import COMPLETED, Handled, Period, Ratio, Tally, tallied


class DayFlow(Struct, frozen=True):
    """How many cases were accepted and completed on a day."""

    on: dt.date
    accepted: int
    completed: int


class Month(Struct, frozen=True, kw_only=True):
    """Everything that the ledger can say of a month, by the data of ``at``; ``units`` by unit, ``days`` in order.

    ``consequences`` lists the latest red cards, ``cut_off`` says that there are more of them; the rates are of all.
    """

    period: Period
    at: Instant
    units: Mapping[str, Tally]
    days: tuple[DayFlow, ...]
    cards: tuple[CardTally, ...]
    followed: Followed
    service: Service
    consequences: tuple[Consequence, ...]
    consequence_rate: Ratio
    cut_off: bool

    @property
    def over(self) -> bool:
        """Say whether the month had ended when this was counted."""
        return self.at >= self.period.until_at


def month(ledger: Ledger, first_on: dt.date, zone: str, now: Instant, within: Within = ALL) -> Month:
    """Return the picture of the month that begins on ``first_on``, of the units that may be seen.

    Its cut-off is the end of the month, or ``now`` while it lasts. Not one snapshot: the parts are read one after another.
    """
    until_on = (first_on + dt.timedelta(days=31)).replace(day=1)
    from_at, until_at = _midnight(first_on, zone), _midnight(until_on, zone)
    cut_off = min(until_at, now + 1)
    period = Period(from_at, until_at, cut_off)
    reds = consequences(ledger, from_at, cut_off, within)
    cases = handled(ledger, from_at, cut_off, within)
    return Month(
        period=period,
        at=now,
        units=tallied(cases, period, open_at(ledger, cut_off, within)),
        days=_days(cases, period, first_on, until_on, zone),
        cards=issued(ledger, from_at, cut_off, within),
        service=service(ledger, cases, period, zone, within),
        followed=followed(ledger, from_at, until=cut_off, within=within),
        consequences=reds[:MOST],
        consequence_rate=consequence_rate(ledger, from_at, cut_off, within),
        cut_off=len(reds) > MOST,
    )


def _midnight(on: dt.date, zone: str) -> Instant:
    return int(dt.datetime.combine(on, dt.time.min, ZoneInfo(zone)).timestamp())


def _days(
    cases: Iterable[Handled], period: Period, first_on: dt.date, until_on: dt.date, zone: str
) -> tuple[DayFlow, ...]:
    known = ZoneInfo(zone)
    accepted: Counter[dt.date] = Counter()
    completed: Counter[dt.date] = Counter()
    for case in cases:
        if case.accepted_at is not None and period.holds(case.accepted_at):
            accepted[dt.datetime.fromtimestamp(case.accepted_at, known).date()] += 1
        if case.ended_at is not None and case.ended_by == COMPLETED and period.holds(case.ended_at):
            completed[dt.datetime.fromtimestamp(case.ended_at, known).date()] += 1
    days = [first_on + dt.timedelta(days=n) for n in range((until_on - first_on).days)]
    return tuple(DayFlow(on, accepted[on], completed[on]) for on in days)
