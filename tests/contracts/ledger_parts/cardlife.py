"""What the ledger promises of the deeds that people do to cards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from alerts.model import CardChange, ChangeKind, Deed, Delivery, Done, Evidence, Stage
from alerts.moves import BY_DEED
from ledger import Ledger, failpoints, views
from ledger.cardlife import Paper
from rules.facts import Instant
from rules.judgement import Light
from rules.policy import Colour
from rules.problems import UserError
from tests.contracts.ledger_parts.builders import (
    NOW,
    Crash,
    append,
    case,
    claim_cases,
    clock,
    crash_at,
    happened,
    issued,
    judged,
    message,
)  # fmt: skip

ZONE = "Asia/Shanghai"
CARD = issued(case()).card.card_id


def counts_from(colour: Colour, issued_at: Instant) -> Instant:
    return issued_at + 1000


def tell(change: CardChange) -> list[Delivery]:
    return [message(change, at=change.at)]


def with_a_card(ledger: Ledger) -> None:
    append(ledger, happened())
    (claimed,) = claim_cases(ledger)
    ledger.record([judged(claimed, Light.RED, changes=(issued(case()),))], NOW)


def act(
    ledger: Ledger, deed: Deed, serial: int, by: str = "clerk", now: Instant = NOW + 5, **said: object
) -> CardChange:
    done = Done(deed=deed, by=by, role="inspector", text=str(said.get("text", "what was found")), ground="duplicate")
    return ledger.act(CARD, serial, done, BY_DEED[deed].side, now, ZONE, counts_from, tell)


def card_of(ledger: Ledger) -> tuple[Stage, int]:
    view = views.case(ledger, case())
    assert view is not None
    return view.cards[0].stage, view.cards[0].serial


class CardLifeContract:
    """One deed is one transaction: it happens whole, once, in order, and everybody can see who did it."""

    def test_a_deed_is_written_with_its_event_its_message_and_its_hand(self, ledger: Ledger) -> None:
        with_a_card(ledger)
        change = act(ledger, Deed.SIGN, 1)
        assert (change.kind, change.card.hands) == (ChangeKind.SIGNED, {"sign": "clerk"})
        view = views.case(ledger, case())
        assert view is not None
        assert [(c.kind, c.done.by if c.done else None) for c in view.changes] == [
            (ChangeKind.ISSUED, None), (ChangeKind.SIGNED, "clerk"),
        ]  # fmt: skip
        assert [each.delivery.serial for each in view.deliveries] == [2]
        own = next(c for c in ledger.claim(NOW + 6) if c.case.kind == "card")
        assert [event.name for event in own.case.events] == ["issued", "signed"]
        assert own.case.events[-1].data["by"] == "clerk"
        assert ledger.verify() == ()

    def test_of_two_who_act_at_once_one_wins_and_the_other_is_told_what_happened(self, ledger: Ledger) -> None:
        with_a_card(ledger)
        act(ledger, Deed.SIGN, 1)

        def attempt(deed: Deed, by: str) -> str:
            try:
                return act(ledger, deed, 2, by).kind.value
            except UserError as refused:
                return refused.problems[0].code

        with ThreadPoolExecutor(2) as pool:
            found = list(pool.map(attempt, (Deed.EXPLAIN, Deed.REVOKE), ("clerk", "judge")))
        assert sorted(found) in (["card/overtaken", "explained"], ["card/overtaken", "revoked"])
        assert card_of(ledger)[1] == 3

    def test_who_comes_second_is_told_who_was_first(self, ledger: Ledger) -> None:
        with_a_card(ledger)
        act(ledger, Deed.SIGN, 1, "clerk")
        with pytest.raises(UserError, match="signed for by clerk"):
            act(ledger, Deed.REVOKE, 1, "judge")

    def test_what_may_not_be_done_leaves_no_trace(self, ledger: Ledger) -> None:
        with_a_card(ledger)
        with pytest.raises(UserError):
            act(ledger, Deed.VERIFY, 1)
        assert card_of(ledger) == (Stage.ISSUED, 1)

    def test_a_crash_within_a_deed_leaves_the_card_as_it_was(
        self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with_a_card(ledger)
        monkeypatch.setattr(failpoints, "hit", crash_at("before-act"))
        with pytest.raises(Crash):
            act(ledger, Deed.SIGN, 1)
        assert card_of(ledger) == (Stage.ISSUED, 1)

    def test_a_review_that_knew_the_card_before_the_deed_is_discarded(self, ledger: Ledger) -> None:
        with_a_card(ledger)
        append(ledger, happened("completed"), now=NOW + 1)
        (early,) = claim_cases(ledger, NOW + 1)
        act(ledger, Deed.SIGN, 1)
        assert ledger.record([judged(early, Light.RED)], NOW + 6).discarded == (case(),)

    def test_a_paper_is_kept_under_its_digest(self, ledger: Ledger) -> None:
        with_a_card(ledger)
        paper = Paper("photo.png", "image/png", b"\x89PNG")
        shown = Evidence(paper.name, paper.sha256, paper.media_type, len(paper.content))
        act(ledger, Deed.SIGN, 1)
        done = Done(deed=Deed.RECTIFY, by="clerk", role="unit_user", text="mended", evidence=(shown,))
        side = BY_DEED[Deed.RECTIFY].side
        ledger.act(CARD, 2, done, side, NOW + 6, ZONE, counts_from, tell, [paper])
        assert ledger.paper(CARD, paper.sha256) == paper
        assert ledger.paper(CARD, "0" * 64) is None
        huge = Paper("film.mp4", "video/mp4", bytes(11 * 1024 * 1024))
        with pytest.raises(UserError, match="10 MB"):
            ledger.act(CARD, 3, done, side, NOW + 7, ZONE, counts_from, tell, [huge])

    def test_a_card_by_hand_stands_beside_those_of_the_rules(self, ledger: Ledger) -> None:
        with_a_card(ledger)
        by_hand = partial(ledger.issue_by_hand, case(), Colour.YELLOW, "Article 42")
        done = Done(deed=Deed.ISSUE, by="judge", role="inspector", text="seen at the window")
        first, second = (by_hand(done, NOW + n, counts_from, tell) for n in (5, 6))
        assert first.card.card_id != second.card.card_id
        view = views.case(ledger, case())
        assert view is not None
        assert len(view.cards) == 3

    def test_the_queue_shows_the_earliest_due_first_page_by_page_and_only_what_was_asked_for(
        self, ledger: Ledger
    ) -> None:
        numbers = range(1, 6)
        append(ledger, *(happened(number=n) for n in numbers))
        results = [judged(each, Light.RED, changes=(issued(each.case.case_id),)) for each in claim_cases(ledger)]
        ledger.record(results, NOW)
        due: dict[str, Instant] = {}
        for own in ledger.claim(NOW + 1):
            due[own.case.case_no] = NOW + 100 * (1 + len(due))
            ledger.record([judged(own, Light.GREEN, clocks=(clock(due[own.case.case_no]),))], NOW + 1)
        first = views.queue(ledger, views.Wanted(), NOW + 250, limit=2)
        second = views.queue(ledger, views.Wanted(), NOW + 250, limit=2, after=first.next)
        third = views.queue(ledger, views.Wanted(), NOW + 250, limit=2, after=second.next)
        pages = [line for page in (first, second, third) for line in page.lines]
        assert [line.due_at for line in pages] == sorted(due.values())
        assert {line.card.card_id for line in pages} == set(due)
        assert third.next == ""
        late = views.queue(ledger, views.Wanted(lateness="late"), NOW + 250)
        assert [line.due_at for line in late.lines] == [NOW + 100, NOW + 200]
        assert views.queue_counts(ledger, views.Wanted(), NOW + 250) == {Stage.ISSUED: views.StageCount(5, 2)}
        assert len(views.queue(ledger, views.Wanted(text="county/application/3"), NOW).lines) == 1
        assert views.queue(ledger, views.Wanted(text="%"), NOW).lines == ()
        assert views.queue(ledger, views.Wanted(), NOW, views.Within(frozenset({"water"}))).lines == ()
        assert len(views.queue(ledger, views.Wanted(), NOW, views.Within(frozenset({"health"}))).lines) == 5

    def test_a_card_tells_its_whole_story(self, ledger: Ledger) -> None:
        with_a_card(ledger)
        act(ledger, Deed.SIGN, 1)
        story = views.card_story(ledger, CARD)
        assert story is not None
        assert [change.kind for change in story.changes] == [ChangeKind.ISSUED, ChangeKind.SIGNED]
        assert story.own is not None
        assert [event.name for event in story.own.case.events] == ["issued", "signed"]
        assert (views.card_story(ledger, "nothing"), views.unit_of_card(ledger, "nothing")) == (None, None)
        assert views.unit_of_card(ledger, CARD) == "health"
