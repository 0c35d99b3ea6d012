"""What the ledger promises to those who look for something: lists by person, search, figures of the loop, saved views."""

from __future__ import annotations

import datetime as dt

from msgspec.structs import replace

from alerts.model import Deed, Done
from alerts.moves import Side
from ledger import Claimed, Ledger, Recorded, views
from ledger.savedviews import MOST
from rules.judgement import Light, Span, Truth
from rules.policy import Colour
from rules.statistics import Ratio
from tests.contracts.ledger_parts.builders import NOW, append, claim_cases, clock, happened, issued, judged, span

HOUR = 3_600


def fill(ledger: Ledger, colour: Colour = Colour.YELLOW) -> list[str]:
    """Write six cases of two units and two persons, three of them late, each with a card; return the cards' numbers."""
    append(ledger, *(happened(number=f"A%{number}") for number in range(6)))
    results = []
    for claimed in sorted(claim_cases(ledger), key=lambda each: each.case.case_id):
        number = int(claimed.case.case_no[-1])
        unit = ("health", "police")[number % 2]
        change = issued(claimed.case.case_id, unit=unit)
        change = replace(
            change, card=replace(change.card, person=f"officer {number // 3}", item=f"item_{number % 2}", colour=colour)
        )
        result = judged(claimed, Light.RED, unit=unit, clocks=(clock(NOW + (number - 3) * HOUR),), changes=(change,))
        results.append(replace(result, judgement=replace(result.judgement, person=f"officer {number // 3}")))
    ledger.record(results, NOW)
    return [result.changes[0].card.card_id for result in results]


def numbers(lines: tuple[views.CaseLine, ...]) -> list[str]:
    return [line.case_id.case_no for line in lines]


class LookingContract:
    """Whatever is looked for is found within the units of who asks, and only there."""

    def test_cases_are_listed_by_unit_and_by_person(self, ledger: Ledger) -> None:
        fill(ledger)
        only = views.Within(frozenset({"police"}))

        assert numbers(views.late(ledger, NOW)) == ["A%2", "A%1", "A%0"]
        assert numbers(views.late(ledger, NOW, "health")) == ["A%2", "A%0"]
        assert numbers(views.late(ledger, NOW, person="officer 0", within=only)) == ["A%1"]
        assert numbers(views.due(ledger, NOW, NOW + 9 * HOUR, person="officer 1")) == ["A%3", "A%4", "A%5"]
        assert numbers(views.due(ledger, NOW, NOW + 9 * HOUR, "police", person="officer 1")) == ["A%3", "A%5"]
        assert numbers(views.due(ledger, NOW, NOW + 9 * HOUR, person="nobody")) == []

    def test_search_finds_any_part_of_a_number_and_knows_no_wildcards(self, ledger: Ledger) -> None:
        cards = fill(ledger)
        found = views.find(ledger, "%4", people=True)
        assert [each.case_id.case_no for each in found.cases] == ["A%4"]
        assert [card.case_id.case_no for card in found.cards] == ["A%4"]
        assert views.find(ledger, "_4").cases == ()
        assert [card.card_id for card in views.find(ledger, cards[3][:7]).cards] == [cards[3]]
        found = views.find(ledger, "e", people=True)
        assert (found.units, found.items) == (("health", "police"), (("item_0", 3), ("item_1", 3)))
        assert found.people == (("officer 0", 3), ("officer 1", 3))
        assert views.find(ledger, "nothing", named=["police"]).units == ("police",)

    def test_search_is_bounded_and_stays_within_the_units(self, ledger: Ledger) -> None:
        fill(ledger)
        found = views.find(ledger, "A%", limit=2)
        assert (len(found.cases), len(found.cards), found.more) == (2, 2, frozenset({"cases", "cards"}))
        only = views.find(ledger, "i", views.Within(frozenset({"police"})), people=True)
        assert (only.units, only.items, only.people) == (
            ("police",), (("item_1", 3),), (("officer 0", 1), ("officer 1", 2)),
        )  # fmt: skip
        assert views.find(ledger, "A%", views.Within(frozenset())) == views.Found()

    def test_the_queue_is_filtered_by_person_and_tells_its_choices(self, ledger: Ledger) -> None:
        fill(ledger)
        queue = views.queue(ledger, views.Wanted(person="officer 1"), NOW)
        assert {line.card.person for line in queue.lines} == {"officer 1"}
        assert len(queue.lines) == 3
        choices = views.queue_choices(ledger, views.Within(frozenset({"police"})))
        assert (choices.units, choices.rules, choices.assignees) == (("police",), ("T03",), ())

    def test_cards_are_given_by_their_numbers(self, ledger: Ledger) -> None:
        first, second, *_ = fill(ledger)
        assert set(views.cards_named(ledger, [first, second, "none"])) == {first, second}
        assert views.cards_named(ledger, []) == {}

    def test_the_figures_of_the_loop_count_what_was_done_in_time(self, ledger: Ledger) -> None:
        cards = fill(ledger)
        late = {cards[0]: "A01", cards[2]: "A05R", cards[4]: "A02"}
        owns = [each for each in ledger.claim(NOW + 1) if each.case.kind == "card"]
        ledger.record([_found(each, late.get(each.case.case_no)) for each in owns], NOW + 1)
        for card in (cards[0], cards[2]):
            done = Done(deed=Deed.SIGN, by="clerk", role="unit_user")
            ledger.act(card, 1, done, Side.UNIT, NOW + 2, "UTC", lambda _colour, at: at, lambda _change: ())
        figures = views.followed(ledger, NOW - 1, unit="health")
        assert (figures.cards, figures.signed, figures.rectified) == (3, Ratio(1, 2), Ratio(0, 1))
        assert (figures.explained, figures.revoked) == (Ratio(0, 0), Ratio(0, 3))
        assert views.followed(ledger, NOW - 1, person="officer 0").cards == 3
        assert views.followed(ledger, NOW - 1, within=views.Within(frozenset({"police"}))).cards == 3
        assert views.followed(ledger, NOW + 1).cards == 0

    def test_of_red_cards_those_count_that_are_decided_or_past_their_limit_whatever_is_listed(
        self, ledger: Ledger
    ) -> None:
        cards = fill(ledger, Colour.RED)
        owns = [each for each in ledger.claim(NOW + 1) if each.case.kind == "card"]
        ledger.record([_found(each, "A06" if each.case.case_no in cards[:3] else None) for each in owns], NOW + 1)
        for card in (cards[0], cards[3]):
            measure = {"measure": "admonition_oral", "document": "1", "decided_on": dt.date(2026, 1, 1)}
            done = Done(deed=Deed.RECORD_CONSEQUENCE, by="i", role="inspector", to="li", to_post="head", **measure)  # type: ignore[arg-type]  # fields of a deed
            ledger.act(card, 1, done, Side.SUPERVISION, NOW + 2, "UTC", lambda _, at: at, lambda _: ())
        assert views.consequence_rate(ledger, 0, NOW + 9) == Ratio(2, 4)
        assert views.consequence_rate(ledger, 0, NOW + 9, views.Within(frozenset({"police"}))) == Ratio(1, 2)
        listed = {line.card.card_id: line for line in views.consequences(ledger, 0, NOW + 9)}
        assert [listed[card].late for card in cards[:4]] == [True, True, True, False]
        assert [done.to for done in listed[cards[3]].decisions] == ["li"]

    def test_views_are_kept_replaced_and_forgotten_for_each_account(self, ledger: Ledger) -> None:
        kept = ledger.saved_views
        assert kept.save("a", "late", "/queue?tab=late", NOW)
        assert kept.save("b", "late", "/queue", NOW)
        assert kept.save("a", "late", "/queue?tab=soon", NOW + 1)
        assert [(view.name, view.address) for view in kept.of("a")] == [("late", "/queue?tab=soon")]
        kept.delete("a", "late")
        assert (kept.of("a"), len(kept.of("b"))) == ((), 1)

    def test_an_account_keeps_so_many_views_and_no_more(self, ledger: Ledger) -> None:
        kept = ledger.saved_views
        assert all(kept.save("a", str(number), "/queue", NOW) for number in range(MOST))
        assert not kept.save("a", "one more", "/queue", NOW)
        assert kept.save("a", "0", "/search", NOW)


def _found(claimed: Claimed, rule: str | None) -> Recorded:
    spans: tuple[Span, ...] = (span(Light.YELLOW, NOW, rule=rule),) if rule is not None else ()
    if rule == "A02":  # not known: nobody is late by it
        spans = (replace(spans[0], truth=Truth.UNDETERMINED),)
    return judged(claimed, Light.YELLOW if spans else Light.GREEN, spans=spans)
