"""What the ledger promises of gathering facts over many cases."""

from __future__ import annotations

from ledger import DueWindow, Gisted, Ledger
from rules.facts import CaseEvent, CaseId, Instant
from rules.gathering import Window, gist_of
from tests.contracts.ledger_parts.builders import NOW, append, case, happened

SUBJECT = CaseId("mingdeng", "unit", "health")
OPEN, MONTH = Window("batches", "batches/1"), Window("months", "months/1", NOW + 100)


def fact(number: int, seen: int = 1, about: CaseId = SUBJECT) -> CaseEvent:
    return CaseEvent(
        source="mingdeng", event_id=f"batches/1/{number}", **about._asdict(), name="seen", occurred_at=NOW,
        data={"unit": "health", "seen": seen},
    )  # fmt: skip


def take(ledger: Ledger, *windows: Window, now: Instant = NOW) -> None:
    changed = ledger.ungathered()
    ledger.keep_gists([Gisted(gist=gist_of(each.case), windows=windows, changes=each.changes) for each in changed], now)


def due(ledger: Ledger, now: Instant = NOW) -> list[DueWindow]:
    return list(ledger.due_windows(now))


class GatheringContract:
    """What changed is gathered once, what it tells is appended once, and what no longer follows is retracted."""

    def test_what_arrives_is_gathered_once_and_again_when_more_arrives(self, ledger: Ledger) -> None:
        append(ledger, happened(number=1), happened(number=2))
        assert [each.case.case_id for each in ledger.ungathered()] == [case(1), case(2)]
        take(ledger, OPEN)
        append(ledger, happened(number=1))
        assert ledger.ungathered() == ()
        append(ledger, happened("completed", number=1))
        assert [[event.name for event in each.case.events] for each in ledger.ungathered()] == [
            ["accepted", "completed"]
        ]

    def test_what_arrives_while_a_gist_is_taken_is_not_lost(self, ledger: Ledger) -> None:
        append(ledger, happened())
        (early,) = ledger.ungathered()
        append(ledger, happened("completed"))
        ledger.keep_gists([Gisted(gist=gist_of(early.case), windows=(OPEN,), changes=early.changes)], NOW)
        assert len(ledger.ungathered()) == 1

    def test_a_bundle_is_due_at_once_and_a_dated_window_when_it_is_over(self, ledger: Ledger) -> None:
        append(ledger, happened())
        take(ledger, OPEN, MONTH)
        assert [each.window for each in due(ledger)] == [OPEN]
        assert [each.window for each in due(ledger, NOW + 100)] == [OPEN, MONTH]
        (bundle,) = due(ledger)
        assert [gist.case_id for gist in bundle.gists] == [case()]
        ledger.tell(bundle, [fact(1)], NOW)
        assert ledger.next_gathering_at() == NOW + 100

    def test_what_is_told_makes_its_subject_due_once(self, ledger: Ledger) -> None:
        append(ledger, happened())
        take(ledger, OPEN)
        (bundle,) = due(ledger)
        assert ledger.tell(bundle, [fact(1)], NOW) == 1
        assert ledger.tell(bundle, [fact(1), fact(2)], NOW) == 0
        (held,) = ledger.claim_subjects(NOW)
        assert (held.case.case_id, [event.name for event in held.case.events]) == (SUBJECT, ["seen"])

    def test_a_fact_that_changed_is_a_new_version_and_one_that_is_gone_is_retracted(self, ledger: Ledger) -> None:
        append(ledger, happened())
        take(ledger, OPEN)
        ledger.tell(due(ledger)[0], [fact(1), fact(2)], NOW)
        append(ledger, happened("completed"))
        take(ledger, OPEN)
        assert ledger.tell(due(ledger)[0], [fact(1, seen=5)], NOW) == 2
        (held,) = ledger.claim_subjects(NOW)
        assert [(event.version, event.data["seen"]) for event in held.case.events] == [(2, 5)]

    def test_a_window_that_a_case_has_left_is_told_again_without_it(self, ledger: Ledger) -> None:
        append(ledger, happened())
        take(ledger, OPEN)
        ledger.tell(due(ledger)[0], [fact(1)], NOW)
        append(ledger, happened("completed"))
        take(ledger)
        (left,) = due(ledger)
        assert (left.window, left.gists) == (OPEN, ())

    def test_a_closed_window_of_which_more_becomes_known_waits_for_a_day(self, ledger: Ledger) -> None:
        append(ledger, happened())
        take(ledger, MONTH)
        ledger.tell(due(ledger, NOW + 100)[0], [fact(1)], NOW + 100)
        append(ledger, happened("completed"), now=NOW + 200)
        take(ledger, MONTH, now=NOW + 200)
        assert due(ledger, NOW + 200 + 86_399) == []
        assert len(due(ledger, NOW + 200 + 86_400)) == 1

    def test_what_more_became_known_of_while_it_was_told_stays_due(self, ledger: Ledger) -> None:
        append(ledger, happened())
        take(ledger, OPEN)
        (early,) = due(ledger)
        append(ledger, happened("completed"))
        take(ledger, OPEN)
        assert ledger.tell(early, [fact(1)], NOW) == 0
        assert len(due(ledger)) == 1
