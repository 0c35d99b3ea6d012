"""Review (研判): what is due is judged, cards are decided and deliveries planned, and all of it is recorded at once.

Pass A judges cases, each alone; pass B judges the units whose cards changed. A batch over which the engine or our own
code stumbles is halved until the case is alone; that one is set aside, visible and grey, and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from alerts.bearing import Bearers, borne, reborne
from alerts.cards import CountsFrom, decide
from alerts.plan import plan
from alerts.routes import Routes
from alerts.urgeplan import plan_urges
from alerts.urging import urges
from daemon import log
from ledger import Claimed, Ledger, Recorded
from rules.engine import EngineUnusable
from rules.facts import Case, Instant
from rules.judgement import Judgement, Lost
from rules.judgement import Review as Judged
from rules.policy import Policy

Judge: TypeAlias = Callable[[Sequence[Case], Instant], Judged]
Trace: TypeAlias = Callable[[Case], Bearers]
Claim: TypeAlias = Callable[[Instant], tuple[Claimed, ...]]

MOST_ROUNDS: Final = 200
"""Rounds in one run; what is still due then is taken up at once by the next run, after the others had their turn."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What one run of the review did."""

    judged: int = 0
    cards: int = 0
    deliveries: int = 0
    lost: int = 0
    discarded: int = 0

    @property
    def happened(self) -> bool:
        """Whether a case was judged or could not be."""
        return bool(self.judged or self.lost or self.discarded)

    @property
    def ok(self) -> bool:
        """A case that was set aside is shown as such and does not fail the duty."""
        return True

    def and_(self, other: Reviewed) -> Reviewed:
        """Return both together."""
        return Reviewed(
            self.judged + other.judged,
            self.cards + other.cards,
            self.deliveries + other.deliveries,
            self.lost + other.lost,
            self.discarded + other.discarded,
        )


class Review:
    """The duty of judging. ``judge`` is ``rules.review`` with its context."""

    name = "review"

    def __init__(
        self,
        ledger: Ledger,
        judge: Judge,
        policies: Mapping[str, Policy],
        routes: Routes,
        counts_from: CountsFrom,
        zone: str,
        batch: int = 500,
        stopping: Callable[[], bool] = lambda: False,
        trace: Trace = lambda _: lambda _card, _at: {},
    ) -> None:
        self._ledger, self._judge, self._policies, self._routes = ledger, judge, policies, routes
        self._counts_from, self._zone, self._batch, self._stopping = counts_from, zone, batch, stopping
        self._log, self._trace = log.get(duty=self.name), trace

    def run_once(self, now: Instant) -> Reviewed:
        """Judge cases until none is due, then units until none is due."""
        cases = self._pass(lambda at: self._ledger.claim(at, limit=self._batch), now)
        units = self._pass(self._ledger.claim_subjects, now)
        return cases.and_(units)

    def next_at(self, now: Instant) -> Instant | None:
        """Return when the next light changes by time alone."""
        return self._ledger.next_due_at()

    def _pass(self, claim: Claim, now: Instant) -> Reviewed:
        total = Reviewed()
        for _ in range(MOST_ROUNDS):
            claimed = () if self._stopping() else claim(now)
            if not claimed:
                break
            done = self._round(claimed, now)
            total = total.and_(done)
            if not done.judged and not done.lost:  # everything was discarded: what came in between is due, but not now
                break
        return total

    def _round(self, claimed: Sequence[Claimed], now: Instant) -> Reviewed:
        judged = self._judged(claimed, now)
        by_case = {claim.case.case_id: claim for claim in claimed}
        results = [self._result(by_case[judgement.case_id], judgement, now) for judgement in judged.judgements]
        outcome = self._ledger.record(results, now)
        for lost in judged.lost:
            self._log.error("case_set_aside", case=str(lost.case_id), reason=lost.reason)
            self._ledger.set_aside(lost, now)
        return Reviewed(
            judged=outcome.recorded,
            cards=sum(len(result.changes) for result in results),
            deliveries=sum(len(result.deliveries) for result in results),
            lost=len(judged.lost),
            discarded=len(outcome.discarded),
        )

    def _result(self, claim: Claimed, judgement: Judgement, now: Instant) -> Recorded:
        bearers = self._trace(claim.case)
        changes = borne(decide(judgement, claim.cards, self._policies, now, self._counts_from), bearers)
        told = plan(changes, self._routes, self._policies, now, self._zone)
        urged = urges(judgement, self._policies, claim.urged, now)
        told += plan_urges(urged, self._routes, self._policies, self._zone)
        changes += reborne(claim.cards, changes, bearers, now)
        return Recorded(judgement=judgement, changes=changes, deliveries=told, urges=urged, token=claim.token)

    def _judged(self, claimed: Sequence[Claimed], now: Instant) -> Judged:
        """Judge the batch; where that raises, judge its halves, and set a case aside that raises alone."""
        try:
            return self._judge([claim.case for claim in claimed], now)
        except EngineUnusable:
            raise  # no case's fault: nothing is set aside, and the lease brings all of it back
        except Exception as error:  # noqa: BLE001  # one case that our own code cannot judge must not stop the rest
            if len(claimed) == 1:
                case = claimed[0].case
                self._log.exception("case_not_judged", case=str(case.case_id))
                return Judged(lost=(Lost(case.case_id, case.revision, f"{type(error).__name__}: {error}"),))
            half = len(claimed) // 2
            first, second = self._judged(claimed[:half], now), self._judged(claimed[half:], now)
            return Judged(first.judgements + second.judgements, first.lost + second.lost)
