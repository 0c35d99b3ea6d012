"""Cases that came and went, for tests of figures and lists: accepted, perhaps completed, judged as if by the rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from connectors.base import Batch
from ledger import Ledger, Recorded
from rules.facts import CaseEvent, CaseId
from rules.judgement import Amount, CaseState, ClockReading, Judgement, Light

DAY = 86_400


class Went(NamedTuple):
    """A case: its number and unit, when it was accepted and how it ended; ``left`` are working days of its promise."""

    number: str
    unit: str
    accepted_at: int
    ended_at: int | None = None
    ended_by: str = "completed"
    used: str = "3"
    left: str = "4"
    due_at: int | None = None
    light: Light = Light.GREEN

    @property
    def case_id(self) -> CaseId:
        """The identity of the case."""
        return CaseId("licences", "application", self.number)


def flow(ledger: Ledger, cases: Sequence[Went], now: int) -> None:
    """Write the cases: what the source says of them, and their judgements."""
    events = [event for case in cases for event in _events(case)]
    ledger.append(Batch(source="licences", events=tuple(events), cursor={}), now - 1)
    by_id = {case.case_id: case for case in cases}
    while claimed := ledger.claim(now, lease=0):
        ledger.record(
            [
                Recorded(judgement=_judged(by_id[each.case.case_id], each.case.revision, now), token=each.token)
                for each in claimed
                if each.case.case_id in by_id
            ],
            now,
        )
        if not any(each.case.case_id in by_id for each in claimed):
            return


def _events(case: Went) -> list[CaseEvent]:
    def event(name: str, at: int) -> CaseEvent:
        return CaseEvent(
            source="licences", event_id=f"{case.number}-{name}", version=1, **case.case_id._asdict(), name=name,
            occurred_at=at, data={"unit": case.unit, "item": "food"},
        )  # fmt: skip

    ended = [event(case.ended_by, case.ended_at)] if case.ended_at is not None else []
    return [event("accepted", case.accepted_at), *ended]


def _judged(case: Went, revision: int, now: int) -> Judgement:
    ended = case.ended_at is not None
    state = CaseState.FINISHED if ended else CaseState.RUNNING
    over = case.left.startswith("-") or (case.due_at is not None and case.due_at < now)
    clocks = tuple(
        ClockReading(
            clock=name, ordinal=1, state=state, started_at=case.accepted_at, due_at=case.due_at,
            stopped_at=case.ended_at, used=Amount(case.used, "workday"), left=Amount(left, "workday"), limit="7 workdays",
            over=over if name == "promise" else False,
        )
        for name, left in (("promise", case.left), ("statutory", "13"))
    )  # fmt: skip
    return Judgement(
        case_id=case.case_id, revision=revision, unit=case.unit, item="food", item_name="食品经营许可", person="承办甲",
        state=state, light=case.light, clock="promise", ordinal=1, clocks=clocks,
    )  # fmt: skip
