"""What the ledger promises of its read-only questions and of its hash chains."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from alerts.model import CardState, ChangeKind, Outcome, Receipt
from ledger import Ledger, chain, views
from rules.facts import CaseId
from rules.judgement import CaseState, Light
from rules.policy import Colour
from tests.contracts.ledger_parts.builders import (
    NOW,
    append,
    case,
    changed,
    claim_cases,
    clock,
    happened,
    issued,
    judged,
    message,
    send_to,
)  # fmt: skip


def judge(ledger: Ledger, *lights: tuple[str, CaseState, Light]) -> None:
    """Judge one new case for each (unit, state, light)."""
    append(ledger, *(happened(number=n) for n in range(len(lights))))
    results = []
    for held in claim_cases(ledger):
        unit, state, light = lights[int(held.case.case_no)]
        results.append(judged(held, light, unit=unit, state=state))
    ledger.record(results, NOW)


def spoil(ledger: Ledger, statement: str) -> None:
    with ledger.store.writing() as connection:
        assert connection.execute(text(statement)).rowcount >= 1


class ReadingContract:
    """What is shown is what was recorded."""

    def test_a_units_lamp_looks_at_running_cases_and_open_cards_only(self, ledger: Ledger) -> None:
        running, suspended, finished = CaseState.RUNNING, CaseState.SUSPENDED, CaseState.FINISHED
        judge(
            ledger,
            ("health", finished, Light.RED), ("health", running, Light.GREEN), ("health", running, Light.GREEN),
            ("housing", suspended, Light.RED), ("housing", running, Light.YELLOW),
            ("tax", running, Light.GREY), ("tax", running, Light.GREEN),
            ("customs", finished, Light.RED),
        )  # fmt: skip
        shown = {u.unit: (u.lamp, dict(u.running), u.suspended) for u in views.units(ledger)}
        assert shown == {
            "health": (Light.GREEN, {Light.GREEN: 2}, 0),
            "housing": (Light.YELLOW, {Light.YELLOW: 1}, 1),
            "tax": (Light.GREY, {Light.GREY: 1, Light.GREEN: 1}, 0),
        }
        assert [u.unit for u in views.units(ledger)] == ["housing", "tax", "health"]

    def test_an_open_card_keeps_the_lamp_red_and_its_end_lets_it_turn_green(self, ledger: Ledger) -> None:
        append(ledger, happened())
        (held,) = claim_cases(ledger)
        card = issued(case(), Colour.RED)
        done = CaseState.FINISHED
        ledger.record([judged(held, Light.RED, state=done, changes=(card,), next_review_at=NOW + 5)], NOW)
        (unit,) = views.units(ledger)
        assert (unit.lamp, unit.open_cards, unit.running) == (Light.RED, {Colour.RED: 1}, {})
        (held,) = claim_cases(ledger, NOW + 5)
        over = changed(card, ChangeKind.ENDED, NOW + 5, ended_at=NOW + 4)
        ledger.record([judged(held, Light.RED, state=done, changes=(over,))], NOW + 5)
        assert views.units(ledger) == ()

    def test_the_latest_cards_come_with_the_words_in_which_the_owner_was_told(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        send_to(ledger, 2, now=NOW + 10)
        lines = views.latest_cards(ledger, 5)
        assert [(line.card.case_id, line.changed_at, line.subject) for line in lines] == [
            (case(2), NOW + 10, "Card yellow"),
            (case(1), NOW, "Card yellow"),
        ]
        assert len(views.latest_cards(ledger, 1)) == 1

    def test_a_case_tells_its_whole_story(self, ledger: Ledger) -> None:
        append(ledger, happened("applied"), happened("accepted", data={"limit": 20}))
        append(ledger, happened("accepted", data={"limit": 15}), now=NOW + 1)
        card = issued(case())
        (held,) = claim_cases(ledger, NOW + 1)
        told = (message(card, "a@example.org"), message(card, "b@example.org"))
        result = judged(held, Light.RED, clocks=(clock(NOW + 9),), changes=(card,), deliveries=told)
        ledger.record([result], NOW + 1)
        for each in ledger.claim_deliveries(NOW + 1, limit=1):
            ledger.finish(ledger.start(each, NOW + 1), Receipt(Outcome.DELIVERED, "250 ok"), None, NOW + 2)
        story = views.case(ledger, case())
        assert story is not None
        assert [event.data.get("limit") for event in story.received] == [None, 20, 15]
        assert [event.data.get("limit") for event in story.case.events if event.name == "accepted"] == [15]
        assert story.judgement == result.judgement
        assert (story.cards, story.changes) == ((card.card,), (card,))
        assert sorted(each.state for each in story.deliveries) == ["delivered", "waiting"]
        assert [(each.outcome, each.answer) for each in story.attempts] == [("delivered", "250 ok")]

    def test_a_case_that_is_not_known_has_no_story(self, ledger: Ledger) -> None:
        assert views.case(ledger, case("none")) is None

    def test_a_unit_has_a_story_as_a_subject(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        (held,) = ledger.claim_subjects(NOW)
        ledger.record([judged(held, Light.RED, unit="health")], NOW)
        story = views.case(ledger, CaseId("mingdeng", "unit", "health"))
        assert story is not None
        assert story.judgement is not None
        assert story.judgement.light is Light.RED
        assert views.figures(ledger).cases == {
            ("health", "application", "red"): 1,
            ("health", "feed", "green"): 1,
        }

    def test_the_figures_count_open_cases_cards_deliveries_and_duties(self, ledger: Ledger) -> None:
        judge(ledger, ("tax", CaseState.FINISHED, Light.RED), ("tax", CaseState.SUSPENDED, Light.YELLOW))
        ledger.heartbeat("review", NOW, ok=True)
        ledger.heartbeat("review", NOW + 5, ok=False, detail="the engine did not start")
        ledger.heartbeat("notify", NOW + 5, ok=False)
        figures = views.figures(ledger)
        assert {k: n for k, n in figures.cases.items() if k[1] == "application"} == {
            ("tax", "application", "yellow"): 1
        }
        assert figures.finished == {("tax", "application", "red"): 1}
        assert figures.duty_last_success == {"review": NOW}
        append(ledger, happened("replied", number=0))
        assert views.figures(ledger).waiting == figures.waiting + 2

    def test_the_count_of_cards_only_grows(self, ledger: Ledger) -> None:
        append(ledger, happened())
        (held,) = claim_cases(ledger)
        first = issued(case())
        risen = changed(first, ChangeKind.RISEN, NOW, colour=Colour.RED)
        gone = changed(risen, ChangeKind.REVOKED, NOW, state=CardState.REVOKED)
        ledger.record([judged(held, Light.GREEN, changes=(first, risen, gone))], NOW)
        assert views.figures(ledger).cards_total == {("health", "T03", "yellow"): 1, ("health", "T03", "red"): 1}

    def test_lists_of_what_is_due_and_what_is_late_follow_the_inclusive_end(self, ledger: Ledger) -> None:
        append(ledger, *(happened(number=n) for n in range(4)))
        results = [
            judged(held, Light.GREEN, clocks=(clock(NOW + int(held.case.case_no) - 1),)) for held in claim_cases(ledger)
        ]
        ledger.record(results, NOW)
        assert [line.due_at for line in views.late(ledger, NOW)] == [NOW - 1]
        assert [line.due_at for line in views.due(ledger, NOW, NOW + 1)] == [NOW, NOW + 1]
        assert views.due(ledger, NOW, NOW + 9, unit="elsewhere") == ()

    def test_a_recount_finds_a_counter_that_is_wrong(self, ledger: Ledger) -> None:
        judge(ledger, ("tax", CaseState.RUNNING, Light.RED))
        spoil(ledger, "update light_counts set cases = cases + 2 where unit = 'tax'")
        (wrong,) = views.recount(ledger)
        assert (wrong.unit, wrong.counted, wrong.found) == ("tax", 3, 1)

    def test_chains_that_nobody_touched_hold(self, ledger: Ledger) -> None:
        assert ledger.verify() == ()
        send_to(ledger, 1, 2, 3)
        assert ledger.verify() == ()
        assert {name: head[0] for name, head in chain.heads(ledger.store).items()} == {
            "judgements": 4, "card_changes": 3,
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("statement", "code"),
        [
            ("update judgements set light = 'green' where position = 2", "chain/altered"),
            ("update judgements set at = at + 1 where position = 2", "chain/altered"),
            (
                "update judgements set hash = (select min(hash) from judgements)",
                "chain/altered",
            ),
            ("delete from judgements where position = 2", "chain/missing"),
            ("delete from judgements where position = (select max(position) from judgements)", "chain/missing"),
            ("delete from judgements", "chain/missing"),
            ("update card_changes set at = 0 where position = 1", "chain/altered"),
            ("delete from card_changes where position = 3", "chain/missing"),
            ("delete from chain_heads where chain = 'judgements'", "chain/missing"),
            ("update cards set card_json = (select max(card_json) from cards)", "chain/card"),
            ("update cards set serial = 7", "chain/card"),
            ("update card_changes set change_json = '{'", "chain/unreadable"),
        ],
    )
    def test_whoever_alters_or_removes_a_row_breaks_the_chain(self, ledger: Ledger, statement: str, code: str) -> None:
        send_to(ledger, 1, 2, 3)
        spoil(ledger, statement)
        assert code in {problem.code for problem in ledger.verify()}
