"""The figures of bulletins (domain.md 7): what happened to cases in a period, counted on both bases and never rounded up to
a perfection that is not there.

*Flow* compares what was completed in the period with what was accepted in it, which are different cases and may exceed
100 %. *Cohort* asks of the cases accepted in the period how many were completed by the cut-off. No figure here is of both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Final

from msgspec import Struct, field

from rules.facts import Instant
from rules.glossary import label
from rules.problems import Language

COMPLETED: Final = "completed"
REFUSED: Final = "refused_accept"
ENDINGS: Final = (COMPLETED, REFUSED, "returned", "withdrawn", "voided", "deleted", "forwarded")
"""The events that end a case; all but the first are reported apart, so that they can raise no rate."""


class Ratio(Struct, frozen=True):
    """So many ``of`` so many; of nothing there is no figure."""

    count: int | Decimal
    of: int | Decimal

    @property
    def share(self) -> Decimal | None:
        """The exact share, None of nothing."""
        return Decimal(self.count) / Decimal(self.of) if self.of else None

    def percent(self, places: int = 2) -> Decimal | None:
        """Return the share in percent, half up; None of nothing.

        While something is missing from the whole it is never rounded up to 100, and what there is never down to 0.
        """
        share = self.share
        if share is None:
            return None
        step = Decimal(1).scaleb(-places)
        shown = (share * 100).quantize(step, ROUND_HALF_UP)
        if share < 1 <= shown / 100:
            return 100 - step
        return step if share > 0 and not shown else shown

    def text(self, places: int = 2, language: Language = "zh") -> str:
        """Return the share as ``percent`` with its sign; "—" of nothing, "less than" before what is nearly nothing."""
        shown, share = self.percent(places), self.share
        if shown is None or share is None:
            return label("marks", "missing", language)
        return f"{label('marks', 'less_than', language) if 0 < share * 100 < shown / 2 else ''}{shown}%"


class Limit(Struct, frozen=True, kw_only=True):
    """How a case fared against one limit: used and left in ``measure`` (workday, hour ...), and whether it is over."""

    over: bool | None = None
    used: Decimal | None = None
    left: Decimal | None = None
    measure: str = ""

    @property
    def length(self) -> Decimal | None:
        """The limit itself."""
        return self.used + self.left if self.used is not None and self.left is not None else None


class Handled(Struct, frozen=True, kw_only=True):
    """A case as the figures see it: when it was accepted, how it ended, and how it fared against promise and law.

    ``instant_kept`` says of an instant item (即办件) whether it was done on its day, None of any other.
    """

    unit: str
    accepted_at: Instant | None = None
    ended_at: Instant | None = None
    ended_by: str = ""
    promise: Limit = Limit()
    law: Limit = Limit()
    instant_kept: bool | None = None


class Period(Struct, frozen=True):
    """A stretch of time [``from_at``, ``until_at``); what is known ends at ``cut_off_at``."""

    from_at: Instant
    until_at: Instant
    cut_off_at: Instant

    def holds(self, at: Instant | None) -> bool:
        """Say whether an instant lies in the period and before the cut-off."""
        return at is not None and self.from_at <= at < min(self.until_at, self.cut_off_at)


class Tally(Struct, frozen=True, kw_only=True):
    """The counts of a period, of one unit or of all; ``used`` and ``spare`` are of the completed cases, by measure.

    ``cohort`` counts those of the ``accepted`` that were completed by the cut-off, ``set_aside`` what ended otherwise, by
    event. ``judged`` are the completed cases of which it is known whether they kept their promise.
    """

    accepted: int = 0
    completed: int = 0
    cohort: int = 0
    open: int = 0
    overdue_open: int = 0
    judged: int = 0
    on_time: int = 0
    judged_by_law: int = 0
    lawful: int = 0
    early: int = 0
    set_aside: Mapping[str, int] = field(default_factory=dict)
    used: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)
    promised: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)

    @property
    def completion(self) -> Ratio:
        """办结率, flow."""
        return Ratio(self.completed, self.accepted)

    @property
    def completion_of_accepted(self) -> Ratio:
        """办结率, cohort."""
        return Ratio(self.cohort, self.accepted)

    @property
    def punctual(self) -> Ratio:
        """按时办结率 against the promise."""
        return Ratio(self.on_time, self.judged)

    @property
    def lawfully_punctual(self) -> Ratio:
        """按时办结率 against the statutory limit."""
        return Ratio(self.lawful, self.judged_by_law)

    @property
    def ahead(self) -> Ratio:
        """提前办结率: a working day or more before the promise ends."""
        return Ratio(self.early, self.judged)

    @property
    def overdue(self) -> Ratio:
        """超期率: over the promise, completed or open, of the completed and open."""
        return Ratio(self.judged - self.on_time + self.overdue_open, self.completed + self.open)

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures in which completed cases were timed; they are never mixed."""
        return tuple(sorted(self.used))

    def mean(self, measure: str) -> Decimal | None:
        """Return 平均办理时间."""
        used = self.used.get(measure, ())
        return sum(used, Decimal(0)) / len(used) if used else None

    def middle(self, measure: str) -> Decimal | None:
        """Return the median of the time used."""
        used = self.used.get(measure, ())
        return median(used) if used else None

    def ninetieth(self, measure: str) -> Decimal | None:
        """Return the time within which nine of ten cases were completed."""
        used = sorted(self.used.get(measure, ()))
        return used[-(-len(used) * 9 // 10) - 1] if used else None

    def mean_promise(self, measure: str) -> Decimal | None:
        """Return the mean promise of the completed cases."""
        promised = self.promised.get(measure, ())
        return sum(promised, Decimal(0)) / len(promised) if promised else None

    def speed_up(self, measure: str) -> Ratio:
        """Return 提速率: what was left of the promises, of the promises; it shows loose promises as much as speed."""
        promised = sum(self.promised.get(measure, ()), Decimal(0))
        return Ratio(promised - sum(self.used.get(measure, ()), Decimal(0)), promised)


def tallied(
    cases: Iterable[Handled], period: Period, open_now: Mapping[str, tuple[int, int]] | None = None
) -> dict[str, Tally]:
    """Return the tally of each unit.

    ``open_now`` gives (open, overdue among them) at the cut-off by unit, where they are too many to be handed in as
    cases; None counts them among ``cases``.
    """
    by_unit: dict[str, list[Handled]] = {}
    for case in cases:
        by_unit.setdefault(case.unit, []).append(case)
    for unit in open_now or {}:
        by_unit.setdefault(unit, [])
    return {
        unit: _tally(found, period, (open_now or {}).get(unit, (0, 0)) if open_now is not None else None)
        for unit, found in by_unit.items()
    }


def together(tallies: Iterable[Tally]) -> Tally:
    """Return the tally of all units, from those of each."""
    each = list(tallies)
    counts = {name: sum(getattr(tally, name) for tally in each) for name in _COUNTS}
    aside: Counter[str] = Counter()
    used: dict[str, tuple[Decimal, ...]] = {}
    promised: dict[str, tuple[Decimal, ...]] = {}
    for tally in each:
        aside.update(tally.set_aside)
        for measure in tally.used:
            used[measure] = used.get(measure, ()) + tally.used[measure]
            promised[measure] = promised.get(measure, ()) + tally.promised[measure]
    return Tally(**counts, set_aside=dict(aside), used=used, promised=promised)


_COUNTS: Final = (
    "accepted", "completed", "cohort", "open", "overdue_open", "judged", "on_time", "judged_by_law", "lawful", "early",
)  # fmt: skip


def _tally(cases: list[Handled], period: Period, open_now: tuple[int, int] | None) -> Tally:
    accepted = [case for case in cases if period.holds(case.accepted_at)]
    ended = [case for case in cases if period.holds(case.ended_at)]
    completed = [case for case in ended if case.ended_by == COMPLETED]
    timed = [case.promise for case in completed if case.promise.length is not None]
    by_measure: dict[str, list[Limit]] = {}
    for limit in timed:
        by_measure.setdefault(limit.measure, []).append(limit)
    is_open, overdue = open_now if open_now is not None else _open(cases, period)
    return Tally(
        accepted=len(accepted),
        completed=len(completed),
        cohort=sum(case.ended_by == COMPLETED and _before(case.ended_at, period) for case in accepted),
        open=is_open,
        overdue_open=overdue,
        judged=sum(case.promise.over is not None for case in completed),
        on_time=sum(case.promise.over is False for case in completed),
        judged_by_law=sum(case.law.over is not None for case in completed),
        lawful=sum(case.law.over is False for case in completed),
        early=sum(_early(case.promise) for case in completed),
        set_aside=dict(Counter(case.ended_by for case in ended if case.ended_by != COMPLETED)),
        used={measure: tuple(_known(each.used) for each in found) for measure, found in by_measure.items()},
        promised={measure: tuple(_known(each.length) for each in found) for measure, found in by_measure.items()},
    )


def _open(cases: list[Handled], period: Period) -> tuple[int, int]:
    """Return how many of these cases are open at the cut-off, and how many of them are over their promise."""
    is_open = [case for case in cases if _before(case.accepted_at, period) and not _before(case.ended_at, period)]
    return len(is_open), sum(case.promise.over is True for case in is_open)


def _before(at: Instant | None, period: Period) -> bool:
    return at is not None and at < period.cut_off_at


def _early(promise: Limit) -> bool:
    return promise.measure == "workday" and promise.left is not None and promise.left >= 1


def _known(amount: Decimal | None) -> Decimal:
    return amount if amount is not None else Decimal(0)
