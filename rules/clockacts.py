"""What acted upon one clock instance: its suspensions, extensions and restated due instants, each from its instant on.

Facts are valid from the instant at which they occur: an extension granted on Friday changes nothing that was true on
Thursday. What has no effect (unlawful, too late, before the start) is kept as a remark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from rules.clockspecs import Around, ClockSoFar, ClockSpec, Requirement, Terms, Trigger
from rules.facts import CaseEvent, Instant
from rules.limits import Cell, axis, cell_of, due, due_after
from rules.quantities import Quantity

Interval: TypeAlias = tuple[Instant, Instant]

FOREVER: Instant = 2**60
"""Later than every instant that a calendar knows."""


class Remark(NamedTuple):
    """Something that was meant to act upon a clock and did not, or not as it was meant, and since when.

    One that is not ``certain`` notes that a requirement could not be held against the act, for want of data.
    """

    code: str
    at: Instant
    event: CaseEvent
    certain: bool = True


class DueNow(Struct, frozen=True, gc=False):
    """The due instant as known at some instant; None with the reason if it is unknown."""

    at: Instant | None
    provisional: bool = False
    because: str = ""


class Doubt:
    """One reading of what is unknown: every unknown counts as ``answer``; ``met`` says that there was one.

    ``around`` is the case that triggers may ask.
    """

    __slots__ = ("answer", "around", "met")

    def __init__(self, answer: bool, around: Around) -> None:
        self.answer = answer
        self.around = around
        self.met = False

    def settle(self, truth: bool | None) -> bool:
        """Return the truth, or the answer if it is unknown."""
        if truth is None:
            self.met = True
            return self.answer
        return truth

    def met_by(self, trigger: Trigger, event: CaseEvent) -> bool:
        """Say whether the event is meant by a trigger."""
        if trigger.event != event.name:
            return False
        return trigger.where is None or self.settle(trigger.where(event, self.around))

    def any_met(self, triggers: Iterable[Trigger], event: CaseEvent) -> bool:
        """Say whether one of the triggers that bear the event's name means it."""
        for trigger in triggers:  # noqa: SIM110  # asked of every event of every case: a generator costs more than it
            if trigger.where is None or self.settle(trigger.where(event, self.around)):
                return True
        return False


@dataclass(slots=True)
class Pause:
    """A suspension that counts: until it ended, and never longer than to its cap."""

    event: CaseEvent
    from_at: Instant
    cap_at: Instant
    ended_at: Instant | None = None

    @property
    def until_at(self) -> Instant:
        """The instant at which the clock ran again; ``FOREVER`` if it has not."""
        return self.cap_at if self.ended_at is None else min(self.ended_at, self.cap_at)


class Acts(Struct):
    """Everything that acted upon one clock instance, in the order in which it became valid.

    ``ends`` keeps the due instants that were worked out, by how many extensions and paused ticks they allow for.
    """

    spec: ClockSpec
    terms: Terms
    start_event: CaseEvent
    started_at: Instant
    doubt: Doubt
    stated: list[tuple[Instant, Instant | None]] = []
    extensions: list[tuple[Instant, Quantity]] = []
    pauses: list[Pause] = []
    remarks: list[Remark] = []
    unmeasured_at: Instant = FOREVER
    contradicted: bool = False
    ends: dict[tuple[int, int], DueNow] = {}
    cell: Cell | None = None  # looked up below

    def __post_init__(self) -> None:
        """Look up how the limit is counted; there is no cell where there is no limit."""
        limit = self.terms.limit
        self.cell = None if limit is None else cell_of(self.terms.calendar, limit.unit, self.spec.counting)

    @property
    def happened(self) -> bool:
        """Whether anything acted upon the clock at all."""
        return bool(self.stated or self.extensions or self.pauses or self.unmeasured_at != FOREVER)

    def add(self, event: CaseEvent, at: Instant) -> None:
        """Let an event act that occurred at ``at``, while the clock runs."""
        self.state(event, at)
        pauses, extends = self.spec.pauses, self.spec.extends
        if pauses is not None and self.doubt.met_by(pauses.ends, event):
            self._end_pause(event, at)
        if pauses is not None and self.doubt.met_by(pauses.begins, event):
            self._begin_pause(event, at, capped=pauses.cap)
        if extends is not None and self.doubt.met_by(extends.by, event):
            self._extend(event, at)

    def state(self, event: CaseEvent, at: Instant) -> None:
        """Take note of the due instant that an event states, if it states one."""
        if self.terms.stated is None or self.terms.stated not in event.data:
            return
        value = event.data[self.terms.stated]
        known = isinstance(value, int) and not isinstance(value, bool)
        self.stated.append((at, value if known else None))  # type: ignore[arg-type]  # narrowed by ``known``

    def _begin_pause(self, event: CaseEvent, at: Instant, *, capped: bool) -> None:
        due_at = self.due_at(at).at
        asked = [Requirement("pause/after-due", None if due_at is None else at <= due_at, presumed=True)]
        lawful = self.spec.pauses.lawful if self.spec.pauses else None
        if lawful is not None:
            asked.extend(lawful(event, self.so_far(at)))
        if not self._stands(asked, event, at):
            return
        cap_at = FOREVER
        if capped:
            approved = _quantity(event.data.get("approved"))
            if approved is None:
                self.remarks.append(Remark("pause/approved-unknown", at, event))
                if not self.doubt.settle(None):
                    return
            else:
                cap_at = due(self.terms.calendar, at, approved, self.spec.counting).at
        self.pauses.append(Pause(event, at, cap_at))

    def _end_pause(self, event: CaseEvent, at: Instant) -> None:
        meant = event.data.get("suspension")
        for pause in self.pauses:
            if pause.ended_at is None and meant in {None, pause.event.data.get("suspension")}:
                pause.ended_at = at
                return

    def _extend(self, event: CaseEvent, at: Instant) -> None:
        granted = _quantity(event.data.get("days"))
        lawful = self.spec.extends.lawful if self.spec.extends else None
        if lawful is not None and not self._stands(lawful(event, self.so_far(at)), event, at):
            return
        if granted is None:
            self.remarks.append(Remark("extension/length-unknown", at, event))
            if self.doubt.settle(None):
                self.unmeasured_at = at
        else:
            self.extensions.append((at, granted))

    def _stands(self, asked: Iterable[Requirement], event: CaseEvent, at: Instant) -> bool:
        """Say whether an act counts, and remark each requirement that it fails or that nothing is known about."""
        stands = True
        for code, met, presumed in asked:
            if met is None and presumed:
                self.remarks.append(Remark(code, at, event, certain=False))
            elif not self.doubt.settle(met):
                self.remarks.append(Remark(code, at, event))
                stands = False
        return stands

    def overruns(self, stopped_at: Instant | None) -> tuple[Remark, ...]:
        """Return a remark for each suspension that lasted beyond its approved term, from the second after it."""
        return tuple(
            Remark("pause/longer-than-approved", pause.cap_at + 1, pause.event)
            for pause in self.pauses
            if pause.cap_at < (FOREVER if pause.ended_at is None else pause.ended_at)
            and (stopped_at is None or pause.cap_at < stopped_at)
        )

    def so_far(self, at: Instant) -> ClockSoFar:
        """Return the clock as it stands at ``at``."""
        extended = tuple(quantity for since, quantity in self.extensions if since <= at)
        return ClockSoFar(
            self.terms.calendar, self.spec.counting, self.start_event, self.started_at,
            self.due_at(at).at, extended, len(self.pauses),
        )  # fmt: skip

    # ── as known at an instant ─────────────────────────────────────────────────────────────────

    def limits(self, at: Instant) -> tuple[Quantity, ...]:
        """Return the limit in force at ``at`` as its parts: what was granted in the same unit is added to it."""
        if self.terms.limit is None or self.contradicted:
            return ()
        if not self.extensions:
            return (self.terms.limit,)
        parts = [self.terms.limit]
        for since, granted in self.extensions:
            if since > at:
                continue
            if granted.unit is parts[-1].unit:
                parts[-1] = Quantity(parts[-1].amount + granted.amount, granted.unit)
            else:
                parts.append(granted)
        return tuple(parts)

    def stated_at(self, at: Instant) -> tuple[bool, Instant | None]:
        """Say whether the source had stated a due instant by ``at``, and which."""
        if not self.stated:
            return (False, None)
        said = [value for since, value in self.stated if since <= at]
        return (True, said[-1]) if said else (False, None)

    def snap(self, at: Instant) -> Instant:
        """Return the instant from which something that happens at ``at`` acts: the close of its day if days count."""
        return self.terms.calendar.day_end(at) if self.cell is not None and self.cell.by_day else at

    def frozen(self) -> tuple[Interval, ...]:
        """Return the stretches in which no time is used, united; an open suspension without a cap has no end."""
        return united(
            (self.snap(pause.from_at), self.snap(pause.until_at) if pause.until_at < FOREVER else FOREVER)
            for pause in self.pauses
        )

    def paused_ticks(self, paused: Sequence[Interval]) -> int:
        """Return how long some stretches are on the axis of the limit."""
        if self.terms.limit is None or not paused:
            return 0
        counter = axis(self.terms.calendar, self.terms.limit.unit).counter
        return sum(counter.value(end) - counter.value(begin) for begin, end in paused)

    def due_at(self, at: Instant, paused_ticks: int | None = None) -> DueNow:
        """Return the due instant as known at ``at``; an open suspension counts to then."""
        if self.contradicted:
            return DueNow(None, because="stopped_before_start")
        stated, value = self.stated_at(at)
        if stated and value is not None:
            return DueNow(value)
        limits = self.limits(at)
        if not limits:
            missing = "no_stated_due" if self.terms.stated is not None else "no_limit"
            return DueNow(None, because=missing)
        if at >= self.unmeasured_at:
            return DueNow(None, because="extension_unmeasured")
        if paused_ticks is None and not self.pauses:
            paused_ticks = 0
        elif paused_ticks is None:
            paused_ticks = self.paused_ticks(clipped(self.frozen(), self.snap(at)))
        key = (sum(since <= at for since, _ in self.extensions) if self.extensions else 0, paused_ticks)
        if key not in self.ends:
            found = due_after(self.terms.calendar, self.started_at, limits, self.spec.counting, paused_ticks)
            self.ends[key] = DueNow(found.at, found.provisional)
        return self.ends[key]


def united(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the union of intervals as disjoint ones in order."""
    found: list[Interval] = []
    for begin, end in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found)


def clipped(intervals: Iterable[Interval], until: Instant) -> tuple[Interval, ...]:
    """Return the parts of intervals that lie before ``until``."""
    return tuple((begin, min(end, until)) for begin, end in intervals if begin < until)


def acts_of(
    spec: ClockSpec, terms: Terms, start_event: CaseEvent, earlier: Sequence[CaseEvent],
    during: Iterable[CaseEvent], doubt: Doubt,
) -> Acts:  # fmt: skip
    """Return what acted upon an instance ``during`` its course; ``earlier`` events may have stated the due instant."""
    started_at = spec.intake.received_at(terms.calendar, start_event.occurred_at or 0)
    acts = Acts(spec, terms, start_event, started_at, doubt)
    if terms.stated is not None:
        for event in earlier:
            acts.state(event, started_at)
    for event in during:
        acts.add(event, event.occurred_at or 0)
    return acts


def _quantity(text: object) -> Quantity | None:
    try:
        return Quantity.parse(text) if isinstance(text, str) else None
    except ValueError:
        return None
