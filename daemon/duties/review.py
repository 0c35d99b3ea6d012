"""Review (研判): what is due is judged, cards are decided and deliveries planned, and all of it is recorded at once.

Pass A judges cases, each alone; pass B judges the units whose cards changed. A batch over which the engine or our own
code stumbles is halved until the case is alone; that one is set aside, visible and grey, and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from msgspec.structs import replace

from alerts.bearing import Bearers, borne, reborne
from alerts.cards import CountsFrom, decide
from alerts.inhibition import SILENCE, inhibit, sources_of
from alerts.model import Delivery
from alerts.plan import plan
from alerts.routes import Addressees
from alerts.urgeplan import plan_urges
from alerts.urging import urges
from daemon import log
from ledger import Claimed, Ledger, Recorded
from ledger.rows import OURS
from rules.engine import EngineUnusable
from rules.facts import Case, Instant
from rules.judgement import Judgement, Lost
from rules.judgement import Review as Judged
from rules.policy import Policy

Judge: TypeAlias = Callable[[Sequence[Case], Instant], Judged]
Trace: TypeAlias = Callable[[Case], Bearers]
Claim: TypeAlias = Callable[[Instant], tuple[Claimed, ...]]
Timed: TypeAlias = Callable[[Sequence[Delivery], Instant], Sequence[Delivery]]
"""Moves deliveries to the moments at which they may be read (``daemon.telling``)."""

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
        routes: Addressees,
        counts_from: CountsFrom,
        zone: str,
        batch: int = 500,
        stopping: Callable[[], bool] = lambda: False,
        trace: Trace = lambda _: lambda _card, _at: {},
        timed: Timed = lambda deliveries, _now: deliveries,
        inhibiting: bool = False,
    ) -> None:
        self._ledger, self._judge, self._policies, self._routes = ledger, judge, policies, routes
        self._counts_from, self._zone, self._batch, self._stopping = counts_from, zone, batch, stopping
        self._log, self._trace, self._timed = log.get(duty=self.name), trace, timed
        self._inhibiting = inhibiting

    def run_once(self, now: Instant) -> Reviewed:
        """Judge cases until none is due, also those of sources that speak again, then units until none is due."""
        cases = self._pass(self._claim, now)
        while not self._stopping() and self._release(now):
            cases = cases.and_(self._pass(self._claim, now))
        units = self._pass(self._ledger.claim_subjects, now)
        return cases.and_(units)

    def next_at(self, now: Instant) -> Instant | None:
        """Return when the next light changes by time alone."""
        return self._ledger.next_due_at()

    def _claim(self, now: Instant) -> tuple[Claimed, ...]:
        return self._ledger.claim(now, limit=self._batch)

    def _release(self, now: Instant) -> int:
        """Make the cases due whose cards no longer have to wait, all of them where nothing is held any more."""
        return self._ledger.release_held({SILENCE} if self._inhibiting else (), now)

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
        silent = self._ledger.silent_sources({SILENCE}, now) if self._inhibiting else frozenset()
        results = self._at_their_time(
            [self._result(by_case[judgement.case_id], judgement, silent, now) for judgement in judged.judgements], now
        )
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

    def _result(self, claim: Claimed, judgement: Judgement, silent: frozenset[str], now: Instant) -> Recorded:
        bearers = self._trace(claim.case)
        decided = borne(decide(judgement, claim.cards, self._policies, now, self._counts_from), bearers)
        changes, held, source = inhibit(decided, sources_of(claim.case, OURS) if silent else (), silent)
        told = plan(changes, self._routes, self._policies, now, self._zone)
        urged = urges(judgement, self._policies, claim.urged, now)
        told += plan_urges(urged, self._routes, self._policies, self._zone)
        changes += reborne(claim.cards, changes, bearers, now)
        return Recorded(
            judgement=judgement, changes=changes, deliveries=told, urges=urged, token=claim.token,
            held=held, silent_source=source,
        )  # fmt: skip

    def _at_their_time(self, results: Sequence[Recorded], now: Instant) -> list[Recorded]:
        """Return the results with the messages of all of them moved to their moments together."""
        of = {(each.card_id, each.serial): n for n, result in enumerate(results) for each in result.deliveries}
        told: list[list[Delivery]] = [[] for _ in results]
        for each in self._timed([each for result in results for each in result.deliveries], now):
            told[of[each.card_id, each.serial]].append(each)
        return [replace(result, deliveries=tuple(own)) for result, own in zip(results, told, strict=True)]

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
