"""What the ledger promises of digests, daily counts, the directory's versions, cards that wait, and steps that ran."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from alerts.digest import bundle
from alerts.directory import Directory, Unit
from alerts.model import Delivery, Outcome, Receipt
from ledger import Ledger, failpoints, views
from rules.judgement import Light
from tests.contracts.ledger_parts.builders import (
    NOW,
    Crash,
    append,
    case,
    claim_cases,
    crash_at,
    happened,
    issued,
    judged,
    message,
    span,
)  # fmt: skip

SLOT = NOW + 100


def send_later(ledger: Ledger, *numbers: int, **more: object) -> None:
    """Bring a ledger to where one message for each of these cases waits for the digest of ``SLOT``."""
    append(ledger, *(happened(number=number) for number in numbers))
    results = []
    for claimed in claim_cases(ledger):
        change = issued(claimed.case.case_id)
        waits = replace(message(change), digest=True, not_before_at=SLOT, **more)
        results.append(judged(claimed, Light.YELLOW, changes=(change,), deliveries=(waits,)))
    ledger.record(results, NOW)


def digest_of(parts: tuple[Delivery, ...]) -> Delivery:
    return bundle(parts, SLOT, "Asia/Shanghai")


class RoutingContract:
    """Nothing that waits for a digest is lost or told twice; a directory that was imported is never lost."""

    def test_what_waits_for_a_digest_is_not_sent_before_it_and_then_by_one_message(self, ledger: Ledger) -> None:
        send_later(ledger, 1, 2)
        assert ledger.claim_deliveries(SLOT + 1) == ()
        assert (ledger.due_digests(SLOT - 1, 100), ledger.next_digest_at()) == ((), SLOT)
        (due,) = ledger.due_digests(SLOT, 100)
        made = digest_of(due.parts)
        assert ledger.send_digest(due.parts, made, SLOT)
        (held,) = ledger.claim_deliveries(SLOT)
        attempt = ledger.start(held, SLOT)
        ledger.finish(attempt, Receipt(Outcome.DELIVERED, "250 ok"), None, SLOT + 1)

        assert (held.delivery.key, ledger.next_digest_at(), ledger.next_delivery_at()) == (made.key, None, None)
        for number in (1, 2):
            found = views.case(ledger, case(number))
            assert found is not None
            (told,) = found.deliveries
            assert (told.state, told.bundle) == ("bundled", made.key)
            assert [(each.key, each.finished_at, each.outcome) for each in found.attempts] == [
                (told.delivery.key, SLOT + 1, "delivered")
            ]

    def test_a_part_that_somebody_else_bundled_is_bundled_no_second_time(self, ledger: Ledger) -> None:
        send_later(ledger, 1, 2)
        (due,) = ledger.due_digests(SLOT, 100)
        assert ledger.send_digest(due.parts[:1], None, SLOT)
        assert not ledger.send_digest(due.parts, digest_of(due.parts), SLOT)
        assert [each.delivery.key for each in ledger.claim_deliveries(SLOT)] == [due.parts[0].key]
        assert ledger.next_digest_at() == SLOT

    def test_a_crash_before_the_commit_of_a_digest_leaves_it_due(
        self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        send_later(ledger, 1, 2)
        (due,) = ledger.due_digests(SLOT, 100)
        with monkeypatch.context() as patch:
            patch.setattr(failpoints, "hit", crash_at("before-digest"))
            with pytest.raises(Crash):
                ledger.send_digest(due.parts, digest_of(due.parts), SLOT)
        assert ledger.due_digests(SLOT, 100) == (due,)
        assert ledger.claim_deliveries(SLOT) == ()

    def test_messages_are_counted_by_address_and_day_and_those_put_off_apart(self, ledger: Ledger) -> None:
        send_later(ledger, 1, 2, counted_on="2024-10-08")
        send_later(ledger, 3, counted_on="2024-10-08", deferred=True)
        assert ledger.told_counts(["office@example.org"], "2024-10-08") == {
            ("email", "office@example.org", "2024-10-08"): 2
        }
        assert ledger.told_counts(["office@example.org"], "2024-10-09") == {}
        assert views.routing_figures(ledger).deferred == {"email": 1}

    def test_every_version_of_the_directory_is_kept_and_the_last_is_in_force(self, ledger: Ledger) -> None:
        first, second = Directory(units=(Unit("a", "甲局"),)), Directory(units=(Unit("a", "乙局"),))
        assert (ledger.directory(), ledger.directory_version()) == (None, 0)
        versions = [ledger.import_directory(each, "admin", NOW + n) for n, each in enumerate((first, first, second))]
        assert versions == [1, 1, 2]
        assert (ledger.directory(), ledger.directory(1)) == (second, first)
        assert [(each.version, each.imported_at) for each in ledger.directory_history()] == [(1, NOW), (2, NOW + 2)]

    def test_a_case_whose_cards_wait_is_due_again_once_its_source_speaks(self, ledger: Ledger) -> None:
        append(ledger, happened())
        feed, own = sorted(ledger.claim(NOW), key=lambda each: each.case.kind != "feed")
        silence = replace(span(Light.GREY, NOW - 5, rule="D01"), family="silence")
        waits = replace(judged(own, Light.RED), held=2, silent_source="approvals")
        ledger.record([judged(feed, Light.GREY, spans=[silence]), waits], NOW)
        found = views.case(ledger, case())
        assert found is not None
        assert found.held is not None
        assert (found.held.source, found.held.since_at, found.held.cards) == ("approvals", NOW, 2)
        assert ledger.silent_sources({"silence"}, NOW) == {"approvals"}
        assert ledger.release_held({"silence"}, NOW) == 0

        append(ledger, happened(number=2), now=NOW + 10)
        (again,) = (each for each in ledger.claim(NOW + 10) if each.case.kind == "feed")
        ended = replace(silence, until_at=NOW + 10)
        ledger.record([judged(again, Light.GREEN, spans=[ended])], NOW + 10)
        assert ledger.release_held({"silence"}, NOW + 10) == 1
        assert [each.case.case_id for each in ledger.claim(NOW + 10)] == [case()]
        assert views.routing_figures(ledger).held == {}

    def test_a_finding_on_a_card_that_was_not_told_is_a_missed_step_after_its_grace(self, ledger: Ledger) -> None:
        append(ledger, happened())
        (claimed,) = claim_cases(ledger)
        ledger.record([judged(claimed, Light.RED, changes=(issued(claimed.case.case_id),))], NOW)
        (own,) = ledger.claim(NOW + 1)
        late = span(Light.YELLOW, NOW + 1, rule="A01")
        ledger.record([judged(own, Light.YELLOW, spans=[late], next_review_at=NOW + 500)], NOW + 1)
        assert views.steps(ledger, {"A01"}, NOW + 60).missed == ()
        (missed,) = views.steps(ledger, {"A01"}, NOW + 61).missed
        assert (missed.rule, missed.due_at, missed.case_id) == ("A01", NOW + 1, str(own.case.case_id))
        assert views.steps(ledger, {"A02"}, NOW + 61).missed == ()
        assert [views.steps(ledger, (), NOW + at).unjudged for at in (559, 560)] == [0, 1]
