"""The duties on a real ledger: what comes in is judged, told, and told again only where it must be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

import msgspec
import pytest

from alerts.backoff import MOST_ATTEMPTS
from alerts.model import Attempt, Outcome, Receipt
from alerts.routes import Recipient, Routes
from connectors.base import Batch, Cursor, SourceFailed
from daemon.appeals import counts_from
from daemon.duties import watch
from daemon.duties.ingest import Ingest
from daemon.duties.notify import Notify
from daemon.duties.review import Review
from daemon.law import read_law
from ledger import Ledger, views
from rules.engine import DirectEngine, EngineUnusable
from rules.facts import Case, CaseEvent, CaseId, Instant
from rules.judgement import Light
from rules.judgement import Review as Judged
from rules.policy import Colour
from rules.review import review


def at(text: str) -> Instant:
    """Return an instant written in Shanghai's time."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


ACCEPTED = at("2018-10-15 10:00:00")
DUE = at("2018-10-24 10:00:00")
LATER = at("2018-10-30 10:00:00")


def accepted(case_no: str, version: int = 1) -> CaseEvent:
    """Return the acceptance of a case with a stated item."""
    return CaseEvent(
        source="licences", event_id=f"{case_no}:accepted", version=version, namespace="licences", kind="application",
        case_no=case_no, name="accepted", occurred_at=ACCEPTED, data={"item": "food", "unit": "market"},
    )  # fmt: skip


@dataclass
class Source:
    """A source that answers with what it is told to: batches, or a failure."""

    kind: ClassVar[str] = "told"
    source: str = "licences"
    answers: list[Batch | Exception] = field(default_factory=list)
    asked: list[Cursor] = field(default_factory=list)

    def fetch(self, cursor: Cursor, now: Instant) -> Iterator[Batch]:
        """Yield the answers up to the first failure."""
        self.asked.append(cursor)
        answers, self.answers = self.answers, []
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
            yield answer

    def close(self) -> None:
        """Nothing is held."""


@dataclass
class Postman:
    """A channel that notes what it is given and answers as told."""

    kind: str = "told"
    receipts: list[Receipt | Exception] = field(default_factory=list)
    sent: list[Attempt] = field(default_factory=list)

    def send(self, attempt: Attempt) -> Receipt:
        """Note the attempt."""
        self.sent.append(attempt)
        answer = self.receipts.pop(0) if self.receipts else Receipt(Outcome.DELIVERED, "250")
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        """Nothing is held."""


def batch(*case_nos: str) -> Batch:
    """Return a batch with the acceptance of these cases."""
    return Batch(
        source="licences", events=tuple(map(accepted, case_nos)), cursor={"row": len(case_nos)}, rows=len(case_nos)
    )


@pytest.fixture
def judging(ledger: Ledger, tmp_path: Path) -> Review:
    """Return the duty of judging by the shipped law, with one office that supervises."""
    items = tmp_path / "items.yaml"
    items.write_text("items: [{code: food, name: 食品, limits: {promised: 7 workdays, statutory: 20 workdays}}]")
    law = read_law(items=items)
    context = law.context(DirectEngine())
    routes = Routes(owner=(Recipient(name="纪检监察室", channel="inbox", address="discipline"),))
    return Review(
        ledger, lambda cases, now: review(cases, context, 0, now), law.books.policies, routes,
        counts_from(law.default_calendar), "Asia/Shanghai",
    )  # fmt: skip


def light_of(ledger: Ledger, case_no: str) -> Light | None:
    """Return the recorded light of a case."""
    view = views.case(ledger, CaseId("licences", "application", case_no))
    return view.judgement.light if view is not None and view.judgement is not None else None


# ── ingest ─────────────────────────────────────────────────────────────────────────────────────


def test_it_reads_from_where_it_left_off(ledger: Ledger) -> None:
    """The cursor of the last batch is what the source is asked for next."""
    source = Source(answers=[batch("L1", "L2")])
    duty = Ingest(ledger, source, 900)

    first, second = duty.run_once(ACCEPTED), duty.run_once(ACCEPTED + 60)

    assert (first.new, first.rows, first.happened, first.ok) == (2, 2, True, True)
    assert (second.new, second.happened, second.ok) == (0, False, True)
    assert source.asked == [{}, {"row": 2}]


def test_an_empty_reading_is_remembered_as_a_success(ledger: Ledger) -> None:
    """A feed that says nothing new has not fallen silent."""
    Ingest(ledger, Source(), 900).run_once(ACCEPTED)

    assert [s.last_success_at for s in views.sources(ledger)] == [ACCEPTED]


def test_a_source_that_fails_rests_longer_each_time_and_recovers(ledger: Ledger) -> None:
    """5, 10, 20 seconds and so on up to the limit; while it rests it is not asked, and counts as not done."""
    source = Source()
    duty = Ingest(ledger, source, 15)
    now, rests = ACCEPTED, []
    for _ in range(4):
        source.answers = [SourceFailed("It is down.", "不可用。")]
        result = duty.run_once(now)
        rests.append(result.rest)
        asked = len(source.asked)
        resting = duty.run_once(now + result.rest - 1)

        assert (len(source.asked), resting.ok, resting.happened) == (asked, False, False)
        assert duty.next_at(now) == now + result.rest

        now += result.rest

    assert rests == [5, 10, 15, 15]
    assert [(s.failing_since, s.reason_zh) for s in views.sources(ledger)] == [(ACCEPTED, "不可用。")]

    source.answers = [batch("L1")]

    assert duty.run_once(now).new == 1
    assert [s.failing_since for s in views.sources(ledger)] == [None]
    assert duty.next_at(now) is None


def test_what_came_before_the_failure_is_kept(ledger: Ledger) -> None:
    """Half a page is half a page: its events are in, and the next reading goes on after them."""
    source = Source(answers=[batch("L1"), SourceFailed("It broke off.", "中断。")])
    duty = Ingest(ledger, source, 900)

    assert not duty.run_once(ACCEPTED).ok

    duty.run_once(ACCEPTED + 5)

    assert source.asked == [{}, {"row": 1}]


def test_a_failure_that_does_not_pass_waits_the_longest(ledger: Ledger) -> None:
    """A wrong password is not tried every five seconds."""
    source = Source(answers=[SourceFailed("The password is wrong.", "口令错误。", passing=False)])

    assert Ingest(ledger, source, 900).run_once(ACCEPTED).rest == 900


def test_our_own_fault_in_a_connector_turns_the_source_grey_and_is_raised(ledger: Ledger) -> None:
    """The loop has to hear of it, and the page has to show it."""
    duty = Ingest(ledger, Source(answers=[KeyError("x")]), 900)

    with pytest.raises(KeyError):
        duty.run_once(ACCEPTED)
    assert [s.failing_since for s in views.sources(ledger)] == [ACCEPTED]


# ── review ─────────────────────────────────────────────────────────────────────────────────────


def test_a_light_turns_red_one_second_after_the_last_that_is_in_time(ledger: Ledger, judging: Review) -> None:
    """Nothing is polled: the ledger knows the instant, the duty asks for it, and the card bears it."""
    ledger.append(batch("L1"), ACCEPTED)
    judging.run_once(ACCEPTED)

    assert light_of(ledger, "L1") is Light.GREEN

    while (due := judging.next_at(ACCEPTED)) is not None and due <= DUE:
        judging.run_once(due)

    assert light_of(ledger, "L1") is Light.YELLOW
    assert due == DUE + 1

    overdue = judging.run_once(DUE + 1)
    cards = {line.card.rule: line.card for line in views.latest_cards(ledger)}

    assert (overdue.cards, overdue.deliveries) == (1, 1)
    assert cards["T04"].raised_at == DUE + 1
    assert cards["T04"].colour is Colour.YELLOW


def test_judging_again_changes_nothing(ledger: Ledger, judging: Review) -> None:
    """The first run judges two cases, their feed, their two cards and the unit; a second run finds nothing due."""
    ledger.append(batch("L1", "L2"), LATER)
    first = judging.run_once(LATER)
    second = judging.run_once(LATER)

    assert (first.judged, first.cards) == (6, 2)
    assert (second.judged, second.cards, second.happened) == (0, 0, False)


def test_a_late_fact_is_judged_though_the_case_was_judged_before(ledger: Ledger, judging: Review) -> None:
    """A completion that arrives late revokes the card that rested on its absence, and the light turns green."""
    ledger.append(batch("L1"), LATER)
    judging.run_once(LATER)
    completed = msgspec.structs.replace(
        accepted("L1"), event_id="L1:completed", name="completed", occurred_at=DUE - 3600, data={}
    )
    ledger.append(Batch(source="licences", events=(completed,), cursor={}), LATER + 60)

    judging.run_once(LATER + 60)

    assert light_of(ledger, "L1") is Light.GREEN
    assert [line.card.state.value for line in views.latest_cards(ledger)] == ["revoked"]


def test_one_case_that_cannot_be_judged_is_set_aside_and_the_rest_goes_on(ledger: Ledger, judging: Review) -> None:
    """The batch is halved until the case is alone; it is grey with its reason, and not tried again until it changes."""
    good = judging._judge

    def breaking(cases: Sequence[Case], now: Instant) -> Judged:
        if any(case.case_no == "L2" for case in cases):
            raise ZeroDivisionError("boom")
        return good(cases, now)

    judging._judge = breaking
    ledger.append(batch("L1", "L2", "L3", "L4", "L5"), LATER)

    done = judging.run_once(LATER)
    again = judging.run_once(LATER)
    view = views.case(ledger, CaseId("licences", "application", "L2"))

    assert (done.judged, done.cards, done.lost) == (10, 4, 1)
    assert (again.judged, again.lost) == (0, 0)
    assert view is not None
    assert view.judgement is not None
    assert view.judgement.light is Light.GREY
    assert view.judgement.because == "lost:ZeroDivisionError: boom"


def test_an_engine_that_does_not_come_up_sets_nothing_aside(ledger: Ledger, judging: Review) -> None:
    """It is no case's fault: the duty fails, and all of it is due again when the lease ends."""

    def unusable(cases: Sequence[Case], now: Instant) -> Judged:
        raise EngineUnusable("no child")

    good, judging._judge = judging._judge, unusable
    ledger.append(batch("L1", "L2"), LATER)
    with pytest.raises(EngineUnusable):
        judging.run_once(LATER)
    judging._judge = good

    recovered = judging.run_once(LATER + 300)

    assert (recovered.judged, recovered.cards, recovered.lost) == (6, 2, 0)


# ── notify ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def outbox(ledger: Ledger, judging: Review) -> Ledger:
    """Return a ledger in which one message waits."""
    ledger.append(batch("L1"), LATER)
    judging.run_once(LATER)
    return ledger


def test_a_message_is_sent_once(outbox: Ledger) -> None:
    """A second run finds nothing to do."""
    postman = Postman()
    duty = Notify(outbox, {"inbox": postman}, lambda: LATER)

    assert duty.run_once(LATER).delivered == 1
    assert not duty.run_once(LATER + 3600).happened
    assert [(a.delivery.recipient, a.number, a.possible_repeat) for a in postman.sent] == [("纪检监察室", 1, False)]
    assert duty.next_at(LATER) is None


def test_a_passing_failure_is_tried_again_and_a_permanent_one_is_not(outbox: Ledger) -> None:
    """The next try is a column of the ledger, and the duty asks for it."""
    postman = Postman(receipts=[Receipt(Outcome.PASSING, "451"), Receipt(Outcome.PERMANENT, "550")])
    duty = Notify(outbox, {"inbox": postman}, lambda: LATER)

    assert duty.run_once(LATER).passing == 1

    retry_at = duty.next_at(LATER)

    assert retry_at is not None
    assert not duty.run_once(retry_at - 1).happened
    assert duty.run_once(retry_at).permanent == 1
    assert duty.next_at(LATER) is None
    assert [a.number for a in postman.sent] == [1, 2]


def test_a_channel_that_raises_leaves_an_outcome_and_a_possible_repeat(outbox: Ledger) -> None:
    """Nobody knows whether the message left, so the repeat says that it may be one."""
    postman = Postman(receipts=[RuntimeError("bug")])
    duty = Notify(outbox, {"inbox": postman}, lambda: LATER)

    assert duty.run_once(LATER).unknown == 1

    retry_at = duty.next_at(LATER)

    assert retry_at is not None
    assert duty.run_once(retry_at).delivered == 1
    assert [(a.number, a.possible_repeat) for a in postman.sent] == [(1, False), (2, True)]
    assert views.figures(outbox).possible_repeats == 1


def test_a_stop_in_the_middle_gives_back_what_was_not_sent(ledger: Ledger, judging: Review) -> None:
    """What is in flight is finished; the next start sends the rest at once, not when a lease ends."""
    ledger.append(batch("L1", "L2", "L3"), LATER)
    judging.run_once(LATER)
    postman = Postman()
    done = Notify(ledger, {"inbox": postman}, lambda: LATER, lambda: len(postman.sent) == 1).run_once(LATER)

    assert (done.delivered, ledger.next_delivery_at()) == (1, LATER)
    assert Notify(ledger, {"inbox": postman}, lambda: LATER).run_once(LATER).delivered == 2
    assert [(attempt.number, attempt.possible_repeat) for attempt in postman.sent] == [(1, False)] * 3


def test_a_stop_before_the_review_leaves_nothing_claimed(ledger: Ledger, judging: Review) -> None:
    """Else the next start would have to wait for the leases to end."""
    ledger.append(batch("L1"), LATER)
    judging._stopping = lambda: True

    assert judging.run_once(LATER).judged == 0
    assert len(ledger.claim(LATER)) == 2


def test_a_receiver_that_never_answers_is_given_up_in_the_end(outbox: Ledger) -> None:
    """It is neither tried for ever nor without a rest, and the failure is seen."""
    postman = Postman(receipts=[Receipt(Outcome.UNKNOWN, "timed out")] * (MOST_ATTEMPTS + 5))
    duty = Notify(outbox, {"inbox": postman}, lambda: now)
    now, runs = LATER, 0
    while (due := duty.next_at(now)) is not None:
        now, runs = max(now, due), runs + 1
        assert duty.run_once(now).unknown == 1

    assert (runs, len(postman.sent)) == (MOST_ATTEMPTS, MOST_ATTEMPTS)
    assert views.figures(outbox).deliveries == {("inbox", "failed"): 1}


def test_a_message_over_a_channel_that_is_gone_fails_visibly(outbox: Ledger) -> None:
    """It is neither lost nor tried for ever."""
    assert Notify(outbox, {}, lambda: LATER).run_once(LATER).permanent == 1
    assert views.figures(outbox).deliveries == {("inbox", "failed"): 1}


# ── watch ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("today", "light"),
    [("2026-10-31 12:00:00", Light.GREEN), ("2026-11-01 12:00:00", Light.RED), ("2027-02-01 12:00:00", Light.RED)],
)
def test_the_horizon_turns_red_sixty_days_before_the_calendar_ends(today: str, light: Light) -> None:
    """The last published day is 2026-12-31; on 1 November sixty days are left."""
    look = watch.calendar_horizon("cn", dt.date(2026, 12, 31))

    assert look(at(today)).light is light


def test_a_clock_that_goes_backwards_is_noticed_until_it_has_caught_up() -> None:
    """A second or two is a correction; more is a fault, and it stays one while time repeats itself."""
    look = watch.clock()
    seen = [look(now).light for now in (1000, 1060, 1059, 900, 960, 1059, 1061)]

    assert seen == [Light.GREEN, Light.GREEN, Light.GREEN, Light.RED, Light.RED, Light.GREEN, Light.GREEN]


def test_work_that_is_not_done_is_noticed(ledger: Ledger) -> None:
    """Nothing due is green; a case that has waited for ten minutes is not."""
    look = watch.work_in_time(ledger)

    assert look(ACCEPTED).light is Light.GREEN

    ledger.append(batch("L1"), ACCEPTED)

    assert look(ACCEPTED + 60).light is Light.GREEN
    assert look(ACCEPTED + 601).light is Light.RED


def test_the_watch_speaks_only_when_a_light_changes() -> None:
    """Red at every look is one line, not one line each half minute."""
    lights = iter([Light.GREEN, Light.RED, Light.RED, Light.GREEN])
    duty = watch.Watch([lambda _now: watch.Concern("disk", next(lights), "full", "满")])

    assert [duty.run_once(now).happened for now in range(4)] == [False, True, False, True]


def test_a_card_counts_after_the_days_for_an_appeal() -> None:
    """Three working days for a yellow card, five for a red one, none for a reminder (domain.md 6.4)."""
    counts = counts_from(read_law().default_calendar)
    friday = at("2018-10-19 15:00:00")

    assert counts(Colour.REMINDER, friday) == friday
    assert counts(Colour.YELLOW, friday) == at("2018-10-25 00:00:00")
    assert counts(Colour.RED, friday) == at("2018-10-27 00:00:00")
