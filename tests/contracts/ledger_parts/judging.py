"""What the ledger promises of claiming and recording."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from sqlalchemy import text

from alerts.model import CardChange, CardState, ChangeKind
from ledger import Claimed, Ledger, Recorded, failpoints, views
from rules.doubts import doubt
from rules.facts import CaseId
from rules.hits import Former
from rules.judgement import CaseState, Light, Lost
from rules.policy import Colour
from tests.contracts.ledger_parts.builders import (
    NOW,
    Crash,
    append,
    case,
    changed,
    claim_cases,
    clock,
    crash_at,
    happened,
    issued,
    judged,
    message,
    send_to,
    span,
)  # fmt: skip


def view(ledger: Ledger, number: int | str = 1) -> views.CaseView:
    found = views.case(ledger, case(number))
    assert found is not None
    return found


def claim_one(ledger: Ledger, now: int = NOW) -> Claimed:
    (claimed,) = claim_cases(ledger, now)
    return claimed


class JudgingContract:
    """Nothing that arrives is missed, nothing is judged twice, and the past is not rewritten."""

    def test_an_event_appended_between_claim_and_record_is_judged(self, ledger: Ledger) -> None:
        append(ledger, happened("applied"))
        early = claim_one(ledger)
        append(ledger, happened("accepted"), now=NOW + 1)
        outcome = ledger.record([judged(early, Light.GREEN, changes=(issued(case()),))], NOW + 2)
        assert (outcome.recorded, outcome.discarded) == (0, (case(),))
        assert view(ledger).judgement is None
        assert view(ledger).cards == ()
        again = claim_one(ledger, NOW + 3)
        assert [event.name for event in again.case.events] == ["applied", "accepted"]
        assert ledger.record([judged(again, Light.YELLOW)], NOW + 3).recorded == 1
        assert claim_cases(ledger, NOW + 10**6) == []

    def test_a_claimed_case_belongs_to_one_worker_until_the_lease_ends(self, ledger: Ledger) -> None:
        append(ledger, happened())
        first = claim_cases(ledger, lease=120)
        assert claim_cases(ledger, NOW + 119) == []
        second = claim_cases(ledger, NOW + 120)
        assert [len(first), len(second)] == [1, 1]
        late = ledger.record([judged(first[0], Light.RED)], NOW + 121)
        assert (late.recorded, late.discarded) == (0, (case(),))
        assert ledger.record([judged(second[0], Light.GREEN)], NOW + 122).recorded == 1
        assert [t.light for t in view(ledger).transitions] == [Light.GREEN]

    def test_an_overtaken_worker_does_not_take_the_lease_from_the_one_that_holds_it(self, ledger: Ledger) -> None:
        append(ledger, happened("applied"))
        first = claim_one(ledger)
        append(ledger, happened("accepted"))
        claim_one(ledger, NOW + 200)
        ledger.record([judged(first, Light.RED)], NOW + 201)
        assert claim_cases(ledger, NOW + 202) == []

    def test_a_lease_that_ran_out_unnoticed_still_counts(self, ledger: Ledger) -> None:
        append(ledger, happened())
        assert ledger.record([judged(claim_one(ledger), Light.GREEN)], NOW + 500).recorded == 1

    def test_recording_twice_discards_the_second(self, ledger: Ledger) -> None:
        append(ledger, happened())
        result = judged(claim_one(ledger), Light.GREEN)
        assert ledger.record([result, result], NOW).recorded == 1
        assert ledger.record([result], NOW).discarded == (case(),)

    def test_a_case_comes_back_at_its_next_instant_and_not_before(self, ledger: Ledger) -> None:
        append(ledger, happened())
        ledger.record([judged(claim_one(ledger), Light.GREEN, next_review_at=NOW + 60)], NOW)
        assert ledger.next_due_at() == NOW + 60
        assert claim_cases(ledger, NOW + 59) == []
        again = claim_one(ledger, NOW + 60)
        ledger.record([judged(again, Light.YELLOW)], NOW + 60)
        assert ledger.next_due_at() is None

    def test_what_is_due_by_time_goes_before_what_waits_with_new_facts(self, ledger: Ledger) -> None:
        append(ledger, happened(number=1))
        ledger.record([judged(claim_one(ledger), Light.GREEN, next_review_at=NOW + 60)], NOW)
        append(ledger, *(happened(number=n) for n in range(2, 6)), now=NOW + 1)
        first = ledger.claim(NOW + 60, limit=1)
        assert [claimed.case.case_id for claimed in first] == [case(1)]

    def test_next_due_is_past_while_facts_wait_and_the_end_of_the_lease_while_they_are_held(
        self, ledger: Ledger
    ) -> None:
        assert ledger.next_due_at() is None
        append(ledger, happened())
        assert ledger.next_due_at() == NOW
        ledger.claim(NOW, lease=120)
        assert ledger.next_due_at() == NOW + 120

    def test_an_unchanged_review_writes_no_history(self, ledger: Ledger) -> None:
        append(ledger, happened())
        for minute in range(3):
            again = judged(
                claim_one(ledger, NOW + minute),
                Light.RED,
                spans=[span(Light.RED, NOW - 5)],
                next_review_at=NOW + minute + 1,
            )
            ledger.record([again], NOW + minute)
        assert len(view(ledger).transitions) == 1
        assert _spans(ledger) == [(NOW, None)]

    def test_a_span_that_changes_gets_a_new_row_and_the_former_is_marked(self, ledger: Ledger) -> None:
        append(ledger, happened())
        stays = span(Light.YELLOW, NOW - 50, NOW - 5, rule="T02")
        for minute, spans in enumerate(
            ([stays, span(Light.RED, NOW - 5)], [stays, span(Light.RED, NOW - 5, NOW + 1)], [stays])
        ):
            claimed = claim_one(ledger, NOW + minute)
            ledger.record([judged(claimed, Light.RED, spans=spans, next_review_at=NOW + minute + 1)], NOW + minute)
        assert _spans(ledger) == [(NOW, None), (NOW, NOW + 1), (NOW + 1, NOW + 2)]
        standing = view(ledger).judgement
        assert standing is not None
        assert standing.spans == (stays,)

    def test_a_breach_found_after_an_outage_bears_its_true_instant(self, ledger: Ledger) -> None:
        append(ledger, happened())
        green = judged(claim_one(ledger), Light.GREEN, clocks=(clock(NOW + 100),), next_review_at=NOW + 100)
        ledger.record([green], NOW)
        later = NOW + 3 * 86_400
        spans = [span(Light.YELLOW, NOW + 90, NOW + 101, rule="T02"), span(Light.RED, NOW + 101)]
        ledger.record([judged(claim_one(ledger, later), Light.RED, spans=spans)], later)
        assert [(t.light, t.at, t.recorded_at) for t in view(ledger).transitions] == [
            (Light.GREEN, NOW - 100, NOW),
            (Light.RED, NOW + 101, later),
        ]

    def test_a_light_that_clears_bears_the_instant_at_which_the_graver_span_ended(self, ledger: Ledger) -> None:
        append(ledger, happened())
        red = judged(claim_one(ledger), Light.RED, spans=[span(Light.RED, NOW - 9)], next_review_at=NOW + 60)
        ledger.record([red], NOW)
        clear = judged(claim_one(ledger, NOW + 60), Light.GREEN, spans=[span(Light.RED, NOW - 9, NOW + 40)])
        ledger.record([clear], NOW + 60)
        assert [(t.from_light, t.light, t.at) for t in view(ledger).transitions] == [
            (None, Light.RED, NOW - 9),
            (Light.RED, Light.GREEN, NOW + 40),
        ]

    def test_a_case_that_could_not_be_judged_is_grey_and_rests_until_it_changes(self, ledger: Ledger) -> None:
        append(ledger, happened())
        ledger.record([judged(claim_one(ledger), Light.GREEN, next_review_at=NOW + 60)], NOW)
        held = claim_one(ledger, NOW + 60)
        ledger.set_aside(Lost(case(), held.case.revision, "the engine gave no answer"), NOW + 60)
        standing = view(ledger).judgement
        assert standing is not None
        assert (standing.light, standing.because, standing.unit) == (
            Light.GREY, doubt("lost", "the engine gave no answer"), "health",
        )  # fmt: skip
        assert claim_cases(ledger, NOW + 10**6) == []
        assert ledger.next_due_at() is None
        append(ledger, happened("completed"), now=NOW + 70)
        assert len(claim_cases(ledger, NOW + 70)) == 1
        assert views.recount(ledger) == ()

    def test_setting_aside_a_case_that_changed_meanwhile_leaves_it_due(self, ledger: Ledger) -> None:
        append(ledger, happened("applied"))
        held = claim_one(ledger)
        append(ledger, happened("accepted"))
        ledger.set_aside(Lost(case(), held.case.revision, "the engine gave no answer"), NOW)
        assert view(ledger).judgement is None
        assert len(claim_cases(ledger, NOW + 1)) == 1

    def test_judgement_card_and_outbox_are_written_together_or_not_at_all(
        self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        append(ledger, happened())
        change = issued(case())
        result = judged(claim_one(ledger), Light.RED, changes=(change,), deliveries=(message(change),))
        monkeypatch.setattr(failpoints, "hit", crash_at("before-record"))
        with pytest.raises(Crash):
            ledger.record([result], NOW)
        monkeypatch.undo()
        assert (view(ledger).judgement, view(ledger).cards, view(ledger).deliveries) == (None, (), ())
        assert ledger.claim_subjects(NOW) == ()
        assert ledger.record([result], NOW).recorded == 1
        assert (len(view(ledger).cards), len(view(ledger).deliveries)) == (1, 1)
        assert ledger.verify() == ()

    def test_a_message_with_a_key_that_is_there_already_is_written_once(self, ledger: Ledger) -> None:
        append(ledger, happened())
        change = issued(case())
        twice = judged(claim_one(ledger), Light.RED, changes=(change,), deliveries=(message(change), message(change)))
        ledger.record([twice], NOW)
        append(ledger, happened("completed"))
        ledger.record([judged(claim_one(ledger), Light.RED, deliveries=(message(change),))], NOW)
        assert len(ledger.claim_deliveries(NOW)) == 1

    def test_claiming_brings_every_card_of_the_case_as_it_stands(self, ledger: Ledger) -> None:
        append(ledger, happened())
        first = issued(case())
        risen = changed(first, ChangeKind.RISEN, NOW + 1, colour=Colour.RED)
        ledger.record([judged(claim_one(ledger), Light.RED, changes=(first, risen), next_review_at=NOW + 9)], NOW + 1)
        assert claim_one(ledger, NOW + 9).cards == (risen.card,)
        assert view(ledger).changes == (first, risen)

    def test_each_change_of_a_card_is_an_event_of_the_cards_own_case(self, ledger: Ledger) -> None:
        append(ledger, happened())
        first = issued(case())
        gone = changed(first, ChangeKind.REVOKED, NOW + 1, state=CardState.REVOKED, reason="facts_changed")
        ledger.record([judged(claim_one(ledger), Light.RED, changes=(first, gone))], NOW + 1)
        held = {claimed.case.case_id: claimed.case for claimed in ledger.claim(NOW + 1)}
        own = held[CaseId("mingdeng", "card", first.card.card_id)]
        assert [(event.name, event.occurred_at) for event in own.events] == [("issued", NOW), ("revoked", NOW + 1)]

    def test_a_card_makes_its_unit_due_in_the_same_transaction(self, ledger: Ledger) -> None:
        send_to(ledger, 1, 2)
        (held,) = ledger.claim_subjects(NOW)
        assert held.case.case_id == CaseId("mingdeng", "unit", "health")
        told = [(event.name, event.occurred_at, event.data["colour"]) for event in held.case.events]
        assert told == [("card_counted", NOW + 50, "yellow")] * 2
        assert ledger.record([judged(held, Light.YELLOW, next_review_at=NOW + 50)], NOW).recorded == 1
        assert ledger.claim_subjects(NOW + 49) == ()
        assert len(ledger.claim_subjects(NOW + 50)) == 1

    def test_a_card_that_rose_is_told_to_its_unit_as_what_it_was_until_then(self, ledger: Ledger) -> None:
        append(ledger, happened())
        counted = Former(colour=Colour.REMINDER, rule="T01", counts_at=NOW - 90, left_at=NOW - 10)
        never = Former(colour=Colour.YELLOW, rule="T03", counts_at=NOW + 10, left_at=NOW)
        card = changed(issued(case()), ChangeKind.RISEN, NOW + 1, colour=Colour.RED, formerly=(counted, never))
        ledger.record([judged(claim_one(ledger), Light.RED, changes=(card,))], NOW + 1)
        (held,) = ledger.claim_subjects(NOW + 1)
        assert [(event.name, event.occurred_at, event.data["colour"]) for event in held.case.events] == [
            ("card_counted", NOW - 90, "reminder"),
            ("card_left", NOW - 10, "reminder"),
            ("card_counted", NOW + 50, "red"),
        ]

    def test_a_card_that_is_revoked_or_only_proposed_is_not_counted(self, ledger: Ledger) -> None:
        send_to(ledger, 1, 2)
        append(ledger, happened("completed", number=1), happened("completed", number=2))
        states = {case(1): (ChangeKind.REVOKED, CardState.REVOKED), case(2): (ChangeKind.PROPOSED, CardState.PENDING)}
        results = []
        for held in claim_cases(ledger):
            kind, state = states[held.case.case_id]
            change = changed(issued(held.case.case_id), kind, NOW + 5, state=state, counts_at=None)
            results.append(judged(held, Light.GREEN, changes=(change,)))
        ledger.record(results, NOW + 5)
        (unit,) = ledger.claim_subjects(NOW + 5)
        assert unit.case.events == ()

    def test_a_card_that_moves_to_another_unit_makes_both_due(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        ledger.record([judged(each, Light.GREEN) for each in ledger.claim_subjects(NOW)], NOW)
        append(ledger, happened("transferred", number=1))
        moved = changed(issued(case(1)), ChangeKind.CORRECTED, NOW + 5, unit="housing")
        ledger.record([judged(claim_one(ledger), Light.RED, unit="housing", changes=(moved,))], NOW + 5)
        held = {each.case.case_id.case_no: len(each.case.events) for each in ledger.claim_subjects(NOW + 5)}
        assert held == {"health": 0, "housing": 1}

    def test_a_unit_is_judged_under_the_same_rule_of_revisions(self, ledger: Ledger) -> None:
        send_to(ledger, 1)
        (early,) = ledger.claim_subjects(NOW)
        send_to(ledger, 2, now=NOW + 1)
        own = issued(early.case.case_id, Colour.RED)
        assert ledger.record([judged(early, Light.RED, changes=(own,))], NOW + 2).recorded == 0
        (again,) = ledger.claim_subjects(NOW + 2)
        assert (len(again.case.events), again.cards) == (2, ())
        assert ledger.record([judged(again, Light.RED, changes=(own,))], NOW + 2).recorded == 1
        (after,) = ledger.claim_subjects(NOW + 3)
        assert after.cards == (own.card,)

    def test_publishing_makes_the_cases_of_a_kind_due_in_batches(self, ledger: Ledger) -> None:
        append(ledger, *(happened(number=n) for n in range(5)))
        ledger.record([judged(each, Light.GREEN) for each in claim_cases(ledger)], NOW)
        after, batches = ledger.mark_due("application", NOW + 1, batch=2), 0
        while after is not None:
            batches += 1
            after = ledger.mark_due("application", NOW + 1, after, batch=2)
        assert batches == 3
        assert len(claim_cases(ledger, NOW + 1)) == 5

    def test_the_counters_of_lights_agree_with_a_recount_after_any_history(self, ledger: Ledger) -> None:
        chance = random.Random(7)
        append(ledger, *(happened(number=n) for n in range(20)))
        for minute in range(6):
            results = [
                judged(
                    held,
                    chance.choice(list(Light)),
                    unit=chance.choice(["health", "housing"]),
                    state=chance.choice(list(CaseState)),
                    next_review_at=NOW + minute + chance.randrange(1, 3),
                )
                for held in claim_cases(ledger, NOW + minute)
            ]
            ledger.record(results, NOW + minute)
        assert views.recount(ledger) == ()
        figures = views.figures(ledger)
        counted = Counter({**figures.cases}) + Counter({**figures.finished})
        assert sum(n for (_, kind, _), n in counted.items() if kind == "application") == 20

    def test_four_workers_lose_no_update_and_judge_nothing_twice(self, ledger: Ledger) -> None:
        cases, rounds = 24, 4
        append(ledger, *(happened(number=n) for n in range(cases)))

        def work(worker: int) -> list[Recorded]:
            done: list[Recorded] = []
            idle = 0
            while idle < 20:
                held = ledger.claim(NOW, limit=5)
                idle = 0 if held else idle + 1
                results = [_counting(each) for each in held]
                gone = set(ledger.record(results, NOW).discarded)
                done += [result for result in results if result.judgement.case_id not in gone]
                if worker == 0 and len(done) % 3 == 0:
                    append(ledger, happened("replied", number=worker, data={"n": len(done)}))
            return done

        def _counting(held: Claimed) -> Recorded:
            kept = max((card.serial for card in held.cards), default=0)
            if held.case.kind != "application" or kept >= rounds:
                return judged(held, Light.GREEN)
            first = issued(held.case.case_id)
            change = first if kept == 0 else changed(_at(first, kept), ChangeKind.CORRECTED, NOW)
            told = message(change)
            return judged(held, Light.RED, changes=(change,), deliveries=(told,), next_review_at=NOW)

        with ThreadPoolExecutor(4) as pool:
            done = [result for batch in pool.map(work, range(4)) for result in batch]
        serials = Counter(change.card.card_id for result in done for change in result.changes)
        assert set(serials.values()) == {rounds}
        assert len(serials) == cases
        assert len(ledger.claim_deliveries(NOW, limit=1000)) == cases * rounds
        assert views.figures(ledger).cards_total == {("health", "T03", "yellow"): cases}
        assert views.recount(ledger) == ()
        assert ledger.verify() == ()


def _at(change: CardChange, serial: int) -> CardChange:
    return CardChange(change.kind, change.at, msgspec.structs.replace(change.card, serial=serial))


def _spans(ledger: Ledger) -> list[tuple[int, int | None]]:
    query = text("select recorded_at, superseded_at from spans where case_id = :case_id order by span")
    with ledger.store.reading() as connection:
        return [(row.recorded_at, row.superseded_at) for row in connection.execute(query, {"case_id": str(case())})]
