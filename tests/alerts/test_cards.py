"""Cards: what begins, rises, ends, is corrected or revoked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.cards import decide
from alerts.model import Card, CardChange, CardState, ChangeKind, card_id
from rules.facts import CaseId, Instant
from rules.hits import Former
from rules.judgement import Judgement, Span, Truth
from rules.policy import Colour, IssueMode, Rank
from tests.alerts.builders import CASE, POLICIES, UNIT_CASE, counts_from, judgement, policy, span

PAST = (Former(colour=Colour.REMINDER, rule="T03", counts_at=12, left_at=20),)


def decided(
    now: Instant, *spans: Span, standing: Iterable[Card] = (), case_id: CaseId = CASE
) -> tuple[CardChange, ...]:
    return decide(judgement(*spans, case_id=case_id), tuple(standing), POLICIES, now, counts_from)


def only(changes: Sequence[CardChange]) -> CardChange:
    (change,) = changes
    return change


def issued(now: Instant, *spans: Span) -> Card:
    return only(decided(now, *spans)).card


def test_a_true_span_of_a_rule_with_a_card_issues_it() -> None:
    change = only(decided(25, span("T04", 20)))
    card = change.card
    assert (change.kind, change.at, change.was) == (ChangeKind.ISSUED, 25, None)
    assert card.card_id == card_id(CASE, "promise", "promise", 1)
    assert (card.rule, card.colour, card.state, card.serial) == ("T04", Colour.YELLOW, CardState.ISSUED, 1)
    assert (card.unit, card.item, card.values["item.name"]) == ("住建局", "0100", "施工许可证核发")


def test_a_card_bears_the_instant_of_the_breach_and_not_of_its_detection() -> None:
    """After an outage of three days the breach is still three days old; the appeal limit runs from the issue."""
    card = issued(20 + 3 * 86_400, span("T04", 20))
    assert (card.raised_at, card.issued_at, card.counts_at) == (20, 20 + 3 * 86_400, 20 + 3 * 86_400 + 3)


def test_a_reminder_counts_too_from_when_the_appeal_rules_say() -> None:
    """Three reminders in a month propose a yellow card, so they have to be counted like other cards."""
    card = issued(12, span("T03", 10))
    assert (card.colour, card.counts_at) == (Colour.REMINDER, counts_from(Colour.REMINDER, 12))


def test_the_card_rises_from_reminder_over_yellow_to_red() -> None:
    near, over, far_over = span("T03", 10), span("T04", 20), span("T05", 30)
    reminder = issued(12, near)
    yellow = only(decided(22, near, over, standing=[reminder]))
    red = only(decided(32, near, over, far_over, standing=[yellow.card]))
    assert [(c.kind, c.was, c.card.colour, c.card.serial) for c in (yellow, red)] == [
        (ChangeKind.RISEN, Colour.REMINDER, Colour.YELLOW, 2),
        (ChangeKind.RISEN, Colour.YELLOW, Colour.RED, 3),
    ]
    assert (red.card.rule, red.card.raised_at, red.card.issued_at, red.card.counts_at) == ("T05", 30, 32, 37)


def test_a_card_that_rose_keeps_what_it_was_and_since_when_it_is_that_no_more() -> None:
    near, over, far_over = span("T03", 10), span("T04", 20), span("T05", 30)
    yellow = only(decided(22, near, over, standing=[issued(12, near)])).card
    red = only(decided(32, near, over, far_over, standing=[yellow])).card
    assert red.formerly == (
        Former(colour=Colour.REMINDER, rule="T03", counts_at=12, left_at=20, tell=Rank.R2),
        Former(colour=Colour.YELLOW, rule="T04", counts_at=25, left_at=30, tell=Rank.R2),
    )


def test_a_card_that_is_issued_anew_keeps_its_former_time_too() -> None:
    first = only(decided(25, span("T04", 20, 24))).card
    again = only(decided(41, span("T04", 20, 24), span("T04", 40), standing=[first])).card
    assert again.formerly == (Former(colour=Colour.YELLOW, rule="T04", counts_at=28, left_at=40, tell=Rank.R2),)


def test_what_was_wrong_is_no_former_colour() -> None:
    """Put on another ground, or revoked and issued again, a card has no past that could be counted."""
    wrong = issued(22, span("T04", 20))
    corrected = only(decided(24, span("T06", 21), standing=[wrong])).card
    revoked = only(decided(24, standing=[msgspec.structs.replace(wrong, formerly=PAST)])).card
    assert (corrected.formerly, revoked.formerly) == ((), PAST)
    assert only(decided(42, span("T04", 40), standing=[revoked])).card.formerly == ()


def test_what_all_began_during_an_outage_is_one_red_card() -> None:
    change = only(decided(50, span("T05", 30), span("T03", 10), span("T04", 20)))
    assert (change.kind, change.card.rule, change.card.raised_at) == (ChangeKind.ISSUED, "T05", 30)


def test_the_colour_never_sinks_while_its_ground_stands() -> None:
    red = issued(32, span("T05", 30))
    assert decided(50, span("T05", 30), span("T04", 40), standing=[red]) == ()


def test_a_reminder_is_not_issued_about_the_past() -> None:
    assert decided(25, span("T03", 10, 20)) == ()


def test_a_reminder_is_not_issued_at_the_instant_at_which_its_condition_ceases() -> None:
    assert decided(19, span("T03", 10, 20)) != ()
    assert decided(20, span("T03", 10, 20)) == ()


def test_a_yellow_card_is_issued_also_when_the_breach_is_over() -> None:
    change = only(decided(50, span("T04", 20, 40)))
    assert (change.kind, change.card.ended_at) == (ChangeKind.ISSUED, 40)


def test_a_condition_that_begins_later_issues_nothing_yet() -> None:
    assert decided(19, span("T04", 20)) == ()
    assert decided(20, span("T04", 20)) != ()


def test_undetermined_and_provisional_spans_issue_nothing() -> None:
    assert decided(50, span("T04", 20, truth=Truth.UNDETERMINED)) == ()
    assert decided(50, span("T04", 20, provisional=True)) == ()


def test_a_rule_without_a_card_and_a_rule_that_is_not_known_issue_nothing() -> None:
    assert decided(50, span("LIGHT", 20), span("GONE", 20)) == ()


def test_findings_on_cards_and_feeds_issue_no_card_so_nothing_recurses() -> None:
    assert decided(50, span("T04", 20), case_id=CaseId("mingdeng", "card", "x")) == ()
    assert decided(50, span("T04", 20), case_id=CaseId("mingdeng", "feed", "x")) == ()


def test_when_the_condition_ceases_the_card_stands_and_says_so() -> None:
    card = issued(22, span("T04", 20))
    change = only(decided(41, span("T04", 20, 40), standing=[card]))
    assert (change.kind, change.card.state, change.card.ended_at) == (ChangeKind.ENDED, CardState.ISSUED, 40)
    assert change.was is Colour.YELLOW


def test_stretches_of_one_rule_that_touch_are_one_condition() -> None:
    card = issued(22, span("T04", 20))
    assert decided(60, span("T04", 20, 40), span("T04", 40), standing=[card]) == ()


def test_an_end_that_was_a_mistake_is_corrected() -> None:
    ended = only(decided(41, span("T04", 20, 40))).card
    change = only(decided(42, span("T04", 20), standing=[ended]))
    assert (change.kind, change.card.ended_at, change.card.reason) == (ChangeKind.CORRECTED, None, "end_changed")


def test_a_condition_that_comes_back_issues_the_card_again() -> None:
    """Near the limit, then extended, then near the new limit: the handler is reminded again, on the same card."""
    reminder = issued(12, span("T03", 10))
    ended = only(decided(21, span("T03", 10, 20), standing=[reminder])).card
    again = only(decided(31, span("T03", 10, 20), span("T03", 30), standing=[ended]))
    assert (again.kind, again.was, again.card.raised_at) == (ChangeKind.ISSUED, Colour.REMINDER, 30)
    assert (again.card.ended_at, again.card.serial, again.card.card_id) == (None, 3, reminder.card_id)


def test_a_rule_of_the_same_colour_issues_again_only_once_the_other_has_ended() -> None:
    card = issued(22, span("T04", 20))
    assert decided(30, span("T04", 20), span("T06", 25), standing=[card]) == ()
    change = only(decided(45, span("T04", 20, 40), span("T06", 40), standing=[card]))
    assert (change.kind, change.card.rule, change.card.raised_at) == (ChangeKind.ISSUED, "T06", 40)


def test_a_card_whose_condition_was_never_true_is_revoked_with_the_reason() -> None:
    """A lawful suspension that is reported late moves the due instant: the unit was in time after all."""
    card = issued(22, span("T04", 20))
    change = only(decided(25, standing=[card]))
    assert (change.kind, change.was) == (ChangeKind.REVOKED, Colour.YELLOW)
    assert (change.card.state, change.card.revoked_at) == (CardState.REVOKED, 25)
    assert (change.card.reason, change.card.counts_at) == ("facts_changed", None)


def test_a_red_card_falls_back_to_the_yellow_ground_that_still_holds() -> None:
    red = issued(32, span("T04", 20), span("T05", 30))
    change = only(decided(40, span("T04", 20), standing=[red]))
    card = change.card
    assert (change.kind, change.was, card.rule, card.colour) == (ChangeKind.CORRECTED, Colour.RED, "T04", Colour.YELLOW)
    assert (card.raised_at, card.reason, card.counts_at) == (20, "ground_changed", red.issued_at + 3)


def test_a_breach_that_began_later_than_was_known_keeps_its_card_with_the_true_instant() -> None:
    card = issued(22, span("T04", 20))
    change = only(decided(40, span("T04", 35), standing=[card]))
    assert (change.kind, change.card.raised_at, change.card.reason) == (ChangeKind.CORRECTED, 35, "begin_changed")


def test_a_card_is_not_revoked_because_a_fact_is_missing_for_a_while() -> None:
    card = issued(22, span("T04", 20))
    assert decided(40, span("T04", 20, truth=Truth.UNDETERMINED), standing=[card]) == ()


def test_a_condition_that_ceased_at_the_very_instant_of_the_card_was_not_true_then() -> None:
    card = issued(22, span("T04", 20))
    assert only(decided(25, span("T04", 10, 20), standing=[card])).kind is ChangeKind.CORRECTED
    assert only(decided(25, span("T03", 10, 20), standing=[card])).kind is ChangeKind.REVOKED


def test_what_is_not_known_for_a_while_neither_ends_a_card_nor_takes_its_end_back() -> None:
    open_card = issued(22, span("T04", 20))
    ended = only(decided(41, span("T04", 20, 40), standing=[open_card])).card
    unknown = span("T04", 20, truth=Truth.UNDETERMINED)
    assert decided(50, unknown, standing=[ended]) == ()
    assert decided(50, span("T04", 20, 40), span("T04", 40, truth=Truth.UNDETERMINED), standing=[open_card]) == ()


def test_what_the_facts_revoked_the_facts_can_issue_again() -> None:
    """Else reporting a suspension and taking it back would wash a card off for ever."""
    revoked = only(decided(25, standing=[issued(22, span("T04", 20))])).card
    change = only(decided(30, span("T04", 20), standing=[revoked]))
    assert (change.kind, change.card.serial, change.card.raised_at) == (ChangeKind.ISSUED, revoked.serial + 1, 20)
    assert (change.card.revoked_at, change.card.reason) == (None, "")


def test_what_a_person_revoked_comes_back_only_by_a_new_begin() -> None:
    card = issued(22, span("T04", 20))
    upheld_appeal = msgspec.structs.replace(card, state=CardState.REVOKED, revoked_at=25, revoked_by="chief", serial=2)
    assert decided(30, span("T04", 20), standing=[upheld_appeal]) == ()
    change = only(decided(30, span("T04", 20), span("T05", 28), standing=[upheld_appeal]))
    assert (change.kind, change.card.rule, change.card.serial) == (ChangeKind.ISSUED, "T05", 3)


def test_a_rule_that_needs_confirmation_only_proposes() -> None:
    change = only(decided(32, span("T05C", 30)))
    assert (change.kind, change.was) == (ChangeKind.PROPOSED, None)
    assert (change.card.state, change.card.issue) == (CardState.PENDING, IssueMode.CONFIRM)
    assert (change.card.counts_at, change.card.awaits) == (None, "")


def test_a_proposal_whose_ground_is_gone_is_withdrawn_and_nobody_else_ever_knew() -> None:
    pending = issued(32, span("T05C", 30))
    change = only(decided(40, standing=[pending]))
    assert (change.kind, change.was) == (ChangeKind.REVOKED, None)


def test_a_yellow_card_is_issued_while_the_red_one_of_its_family_waits_for_a_person() -> None:
    first, second = decided(40, span("T04", 20), span("T05C", 30))
    assert (first.kind, first.card.colour, first.card.awaits) == (ChangeKind.ISSUED, Colour.YELLOW, "")
    assert (second.kind, second.card.colour, second.card.awaits) == (ChangeKind.PROPOSED, Colour.YELLOW, "T05C")
    lapsed = only(decided(50, span("T04", 20), standing=[second.card]))
    assert (lapsed.kind, lapsed.card.awaits, lapsed.card.reason) == (ChangeKind.PROPOSED, "", "proposal_lapsed")


def test_an_accountability_proposal_waits_for_a_person_whatever_the_mode_of_issue() -> None:
    found = span("K07", 30, clock="year", ordinal=2018)
    change = only(decided(32, found, case_id=UNIT_CASE))
    assert (change.kind, change.card.state, change.card.proposes) == (
        ChangeKind.PROPOSED,
        CardState.PENDING,
        "admonition",
    )


def test_each_start_of_a_clock_has_a_card_of_its_own() -> None:
    changes = decided(50, span("T04", 20), span("T04", 40, ordinal=2), span("T04", 45, clock="step"))
    assert [(c.card.clock, c.card.ordinal) for c in changes] == [("promise", 1), ("promise", 2), ("step", 1)]
    assert len({c.card.card_id for c in changes}) == 3


def test_a_card_stands_on_its_span_when_the_profile_no_longer_gives_the_rule_a_card() -> None:
    card = issued(22, span("T04", 20))
    milder = {**POLICIES, "T04": policy("T04", None)}
    assert decide(judgement(span("T04", 20)), [card], milder, 30, counts_from) == ()


# ── properties ─────────────────────────────────────────────────────────────────────────────────

RULES = ("T03", "T04", "T05", "T05C", "T06", "K07", "LIGHT")


@st.composite
def spans(draw: st.DrawFn) -> Span:
    from_at = draw(st.integers(0, 30))
    length = draw(st.none() | st.integers(1, 12))
    return span(
        draw(st.sampled_from(RULES)),
        from_at,
        None if length is None else from_at + length,
        truth=draw(st.sampled_from((Truth.TRUE, Truth.TRUE, Truth.TRUE, Truth.UNDETERMINED))),
        provisional=draw(st.booleans()) and draw(st.booleans()),
        family="promise",
        ordinal=draw(st.integers(1, 2)),
    )


worlds = st.lists(spans(), max_size=7)
histories = st.lists(st.tuples(worlds, st.integers(0, 8)), min_size=1, max_size=5)


def after(standing: Iterable[Card], changes: Iterable[CardChange]) -> dict[str, Card]:
    """Return the cards as they stand after these changes."""
    return {card.card_id: card for card in (*standing, *(change.card for change in changes))}


def lived(history: Sequence[tuple[list[Span], int]]) -> tuple[list[CardChange], dict[str, Card], Judgement, Instant]:
    """Return every change of a case whose facts were corrected again and again, and how it stands at the end."""
    cards: dict[str, Card] = {}
    told: list[CardChange] = []
    now, known = 0, judgement()
    for world, rest in history:
        now += rest
        known = judgement(*world)
        changes = decide(known, tuple(cards.values()), POLICIES, now, counts_from)
        told.extend(changes)
        cards = after(cards.values(), changes)
    return told, cards, known, now


@given(histories)
def test_deciding_again_on_the_result_gives_nothing(history: Sequence[tuple[list[Span], int]]) -> None:
    _, cards, known, now = lived(history)
    assert decide(known, tuple(cards.values()), POLICIES, now, counts_from) == ()


@given(histories, st.randoms(use_true_random=False))
def test_the_order_of_spans_and_cards_is_without_meaning(
    history: Sequence[tuple[list[Span], int]], random: Random
) -> None:
    *_, (world, rest) = history
    _, cards, _, now = lived(history[:-1]) if len(history) > 1 else ([], {}, judgement(), 0)
    shuffled, standing = list(world), list(cards.values())
    random.shuffle(shuffled)
    random.shuffle(standing)
    expected = decide(judgement(*world), tuple(cards.values()), POLICIES, now + rest, counts_from)
    assert decide(judgement(*shuffled), standing, POLICIES, now + rest, counts_from) == expected


@given(histories)
def test_serials_of_a_card_go_up_one_by_one(history: Sequence[tuple[list[Span], int]]) -> None:
    told, cards, _, _ = lived(history)
    for card in cards:
        serials = [change.card.serial for change in told if change.card.card_id == card]
        assert serials == list(range(1, len(serials) + 1))


@given(histories)
def test_every_card_that_stands_rests_on_a_span_that_holds_at_its_own_instant(
    history: Sequence[tuple[list[Span], int]],
) -> None:
    _, cards, known, now = lived(history)
    for card in cards.values():
        covered = any(
            s.rule == card.rule
            and s.ordinal == card.ordinal
            and s.from_at <= card.raised_at
            and (s.until_at is None or card.raised_at < s.until_at)
            for s in known.spans
        )
        assert covered or card.state is CardState.REVOKED
        assert card.raised_at <= now


@given(histories)
def test_a_colour_sinks_only_by_a_correction(history: Sequence[tuple[list[Span], int]]) -> None:
    told, _, _, _ = lived(history)
    for change in told:
        if change.was is not None and change.card.colour.gravity < change.was.gravity:
            assert change.kind is ChangeKind.CORRECTED


@given(worlds, st.lists(st.integers(0, 45), min_size=1, max_size=6, unique=True))
@settings(max_examples=200)
def test_yellow_and_red_cards_are_the_same_whether_reviewed_on_the_way_or_only_at_the_end(
    world: list[Span], looks: list[Instant]
) -> None:
    """A daemon that was down for a while issues the cards that it would have issued had it been up."""
    final = [s for s in world if s.rule in {"T04", "T05"} and s.truth is Truth.TRUE and not s.provisional]
    cards: dict[str, Card] = {}
    for now in sorted({*looks, 50}):
        known = [s if s.until_at is None or s.until_at <= now else _open(s) for s in final if s.from_at <= now]
        cards = after(cards.values(), decide(judgement(*known), tuple(cards.values()), POLICIES, now, counts_from))
    at_once = after((), decide(judgement(*final), (), POLICIES, 50, counts_from))
    assert {_ground(card) for card in cards.values()} == {_ground(card) for card in at_once.values()}


def _open(known_later: Span) -> Span:
    return msgspec.structs.replace(known_later, until_at=None)


def _ground(card: Card) -> tuple[str, str, Colour, Instant, Instant | None]:
    return card.card_id, card.rule, card.colour, card.raised_at, card.ended_at
