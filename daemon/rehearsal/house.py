"""A house for a play: the real duties of reading and judging on a real ledger, in virtual time, without threads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from alerts.model import Card, CardState, Deed, Done, Evidence
from alerts.moves import BY_DEED
from alerts.routes import Recipient, Routes
from connectors.registry import load_source, open_connector
from daemon.appeals import counts_from
from daemon.duties.ingest import Ingest, Ingested
from daemon.duties.review import Review
from daemon.law import Law
from daemon.rehearsal.found import Found, found_in
from ledger import Ledger, views
from rules.affected import by_calendar
from rules.calendarbook import CalendarBook
from rules.calendars import DayName
from rules.engine import Engine
from rules.facts import Case, CaseId, Instant
from rules.judgement import Judgement
from rules.judgement import Review as Judged
from rules.review import review
from rules.tracing import tracing

OWNER: Final = Routes(owner=(Recipient(name="纪检监察室", channel="inbox", address="discipline"),))
PAPER: Final = Evidence(name="整改报告.pdf", sha256="0" * 64, media_type="application/pdf", size=1)
SUPERVISED: Final = frozenset({"application", "contact", "feed"})


class House:
    """What the daemon puts together for one folder of feeds; it remembers the last judgement of every case."""

    def __init__(self, folder: Path, law: Law, engine: Engine, sources: Sequence[str]) -> None:
        self.law, self._engine = law, engine
        self.judged: dict[CaseId, Judgement] = {}
        self.ledger = Ledger(f"sqlite:///{folder / 'ledger.sqlite3'}")
        self.ledger.upgrade()
        connectors = [open_connector(load_source(folder / f"{name}.yaml"), {}, folder) for name in sources]
        self._ingests = [Ingest(self.ledger, connector, 900) for connector in connectors]
        self._prepare()

    def _prepare(self) -> None:
        context = self.law.context(self._engine)

        def judge(cases: Sequence[Case], now: Instant) -> Judged:
            found = review(cases, context, 0, now)
            self.judged |= {judgement.case_id: judgement for judgement in found.judgements}
            return found

        calendar = self.law.default_calendar
        self._zone, self._counts_from = calendar.zone, counts_from(calendar)
        self._review = Review(
            self.ledger, judge, self.law.books.policies, OWNER, self._counts_from, self._zone,
            trace=lambda case: tracing(case, context),
        )  # fmt: skip

    def read(self, now: Instant) -> list[Ingested]:
        """Read every source from its cursor on."""
        return [ingest.run_once(now) for ingest in self._ingests]

    def judge_until(self, begin: Instant, end: Instant) -> None:
        """Judge at ``begin`` and then at every instant at which something is due, up to and including ``end``."""
        now = begin
        while True:
            self._review.run_once(now)
            due_at = self.ledger.next_due_at()
            if due_at is None or due_at > end:
                return
            now = max(due_at, now + 1)

    def declare_off(self, day: dt.date, now: Instant) -> None:
        """Publish a corrected calendar in which ``day`` is a holiday, and mark due what that concerns."""
        before, definitions = self.law.default_calendar, self.law.calendars.definitions
        former = definitions[self.law.calendar]
        named = {**former.holidays, day: DayName("临时放假", "extra holiday", "国办发明电")}
        book = CalendarBook({**definitions, self.law.calendar: replace(former, holidays=named)})
        self.law = replace(self.law, calendars=book)
        self._prepare()
        affected = by_calendar(before, self.law.default_calendar)
        for kind in (*sorted(SUPERVISED), "card"):
            after: str | None = ""
            while after is not None:
                after = self.ledger.mark_due(kind, now, after, batch=500, affected=affected)

    def do(self, case_no: str, deed: Deed, by: str, now: Instant) -> None:
        """Do something to the standing card of a case, with a paper attached and every field filled in."""
        (card,) = [card for card in self.cards(case_no) if card.state is CardState.ISSUED]
        done = Done(
            deed=deed, by=by, role=by, text="已核实", ground="duplicate", measure="supervision_order", document="效能〔2026〕1号",
            decided_on=dt.datetime.fromtimestamp(now, dt.UTC).date(),
            evidence=(PAPER,) if deed in {Deed.RECTIFY, Deed.VERIFY} else (),
        )  # fmt: skip
        side = BY_DEED[deed].side
        self.ledger.act(card.card_id, card.serial, done, side, now, self._zone, self._counts_from, lambda _: [])

    def cards(self, case_no: str = "") -> list[Card]:
        """Return the cards of supervised cases, of one number if it is given."""
        wanted = [case_id for case_id in self.judged if case_id.kind in SUPERVISED and case_no in {"", case_id.case_no}]
        shown = [views.case(self.ledger, case_id) for case_id in wanted]
        return [card for view in shown if view is not None for card in view.cards]

    def found(self, until: Instant, *, feeds: bool) -> list[Found]:
        """Return what stands of cases and feeds, and what of cards under their case, with revocations."""
        cards = {card.card_id: card for card in self.cards()}
        told: list[Found] = []
        for case_id, judgement in self.judged.items():
            if case_id.kind in SUPERVISED - (set() if feeds else {"feed"}):
                told += found_in(judgement, until=until)
            elif case_id.kind == "card" and case_id.case_no in cards:
                told += found_in(judgement, cards[case_id.case_no].case_id.case_no, until)
        told += [
            Found(card.case_id.case_no, f"{card.rule} revoked: {card.reason}", card.revoked_at or 0)
            for card in cards.values()
            if card.state is CardState.REVOKED
        ]
        return told

    def state(self) -> object:
        """Return what may not change when nothing new was said: spans, clocks, lights and cards of every case."""
        cases = {
            str(each.case_id): (each.light, each.state, each.spans, each.clocks)
            for each in self.judged.values()
            if each.case_id.kind in SUPERVISED - {"feed"}
        }
        return cases, sorted(
            (card.card_id, card.rule, card.state, card.serial, card.raised_at) for card in self.cards()
        )

    def close(self) -> None:
        """Let go of the ledger."""
        self.ledger.close()
