"""What people may do to a card, in which order, and who."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.cards import BY_HAND
from alerts.life import Hand, follow, issue_by_hand, open_to
from alerts.model import Card, CardState, ChangeKind, Deed, Done, Evidence, Stage, card_id
from alerts.moves import AGAINST_A_PERSON, BY_DEED, MOVES, Side
from rules.facts import CaseId, Instant
from rules.glossary import glossary
from rules.judgement import CaseState, Judgement, Light, Pin
from rules.policy import Colour, IssueMode
from rules.problems import UserError

NOW = 1_540_350_001
ZONE = "Asia/Shanghai"
CASE = CaseId("licences", "application", "L1")
ISSUED_ON = dt.date(2018, 10, 24)
LIMIT = 3 * 86_400


def counts_from(colour: Colour, issued_at: Instant) -> Instant:
    return issued_at + LIMIT


def a_card(stage: Stage = Stage.ISSUED, colour: Colour = Colour.YELLOW, **changed: object) -> Card:
    known = {
        "card_id": card_id(CASE, "promise", "promise", 1), "case_id": CASE, "family": "promise", "clock": "promise",
        "ordinal": 1, "rule": "T04", "colour": colour,
        "state": {Stage.PROPOSED: CardState.PENDING, Stage.REVOKED: CardState.REVOKED}.get(stage, CardState.ISSUED),
        "issue": IssueMode.AUTOMATIC, "unit": "market", "raised_at": NOW, "issued_at": NOW,
        "counts_at": None if stage is Stage.PROPOSED else NOW + LIMIT, "stage": stage, "stage_at": NOW,
        "pin": Pin(rulebook="time-limits@3", calendar="cn@1", item="food@1"),
    }  # fmt: skip
    return Card(**{**known, **changed})  # type: ignore[arg-type]  # each test changes what it is about


def done(deed: Deed, by: str = "a", **said: object) -> Done:
    told = {name: said.get(name, DEFAULTS[name]) for name in DEFAULTS}
    return Done(deed=deed, by=by, role=str(said.get("role", "inspector")), evidence=said.get("evidence", ()), **told)  # type: ignore[arg-type]  # as above


DEFAULTS: dict[str, object] = {
    "text": "what was found", "ground": "wrong_data", "measure": "self_criticism", "document": "No. 1",
    "decided_on": ISSUED_ON, "to": "b", "to_post": "head of section",
}  # fmt: skip


def does(card: Card, deed: Deed, by: str = "a", now: Instant = NOW + 60, **said: object) -> Card:
    return follow(card, done(deed, by, **said), BY_DEED[deed].side, now, ZONE, counts_from).card


def refused(card: Card, deed: Deed, by: str = "a", now: Instant = NOW + 60, **said: object) -> list[str]:
    with pytest.raises(UserError) as caught:
        does(card, deed, by, now, **said)
    return [problem.code for problem in caught.value.problems]


def test_a_card_goes_from_issue_to_close_through_every_hand() -> None:
    card = a_card()
    way = [
        (Deed.SIGN, "clerk"), (Deed.APPEAL, "head"), (Deed.UPHOLD, "inspector"), (Deed.RECTIFY, "clerk"),
        (Deed.VERIFY, "third"), (Deed.CLOSE, "inspector"),
    ]  # fmt: skip
    stages = []
    for deed, by in way:
        card = does(card, deed, by)
        stages.append(card.stage)
    assert stages == [
        Stage.SIGNED, Stage.APPEALED, Stage.UPHELD, Stage.RECTIFIED, Stage.VERIFIED, Stage.CLOSED,
    ]  # fmt: skip
    assert card.hands == {deed.value: by for deed, by in way}
    assert card.serial == 7


def test_what_is_appealed_does_not_count_until_it_is_upheld() -> None:
    appealed = does(does(a_card(), Deed.SIGN), Deed.APPEAL)
    assert appealed.counts_at is None
    upheld = does(appealed, Deed.UPHOLD, "judge", NOW + 900)
    assert upheld.counts_at == NOW + 900


def test_a_revoked_card_says_who_revoked_it_and_counts_no_more() -> None:
    revoked = does(does(a_card(), Deed.SIGN), Deed.REVOKE, "judge", NOW + 900)
    assert (revoked.state, revoked.stage, revoked.revoked_by, revoked.counts_at) == (
        CardState.REVOKED, Stage.REVOKED, "judge", None,
    )  # fmt: skip
    assert open_to(revoked, Hand("a", "inspector", Side.SUPERVISION), NOW, ZONE) == ()


def test_after_its_limit_an_appeal_comes_too_late_unless_it_was_returned_for_completion() -> None:
    signed = a_card(Stage.SIGNED)
    assert refused(signed, Deed.APPEAL, now=NOW + LIMIT) == ["card/too-late"]
    assert does(signed, Deed.APPEAL, now=NOW + LIMIT - 1).stage is Stage.APPEALED
    returned = a_card(Stage.RETURNED, counts_at=None)
    assert does(returned, Deed.APPEAL, now=NOW + 9 * LIMIT).stage is Stage.APPEALED


@pytest.mark.parametrize(
    ("first", "second", "stage"),
    [
        (Deed.CONFIRM, Deed.UPHOLD, Stage.APPEALED), (Deed.ISSUE, Deed.REVOKE, Stage.APPEALED),
        (Deed.APPEAL, Deed.UPHOLD, Stage.APPEALED), (Deed.RECTIFY, Deed.VERIFY, Stage.RECTIFIED),
        (Deed.UPHOLD, Deed.VERIFY, Stage.RECTIFIED), (Deed.ESCALATE, Deed.REVOKE, Stage.ESCALATED),
    ],
)  # fmt: skip
def test_two_deeds_that_have_to_be_two_persons(first: Deed, second: Deed, stage: Stage) -> None:
    card = a_card(stage, hands={first.value: "a"})
    assert "card/apart" in refused(card, second, "a", role="chief_inspector")
    assert does(card, second, "b", role="chief_inspector").hands[second.value] == "b"


def test_what_was_escalated_is_decided_by_a_chief_inspector() -> None:
    card = a_card(Stage.ESCALATED)
    assert refused(card, Deed.UPHOLD) == ["card/chief"]
    assert does(card, Deed.UPHOLD, role="chief_inspector").stage is Stage.UPHELD


def test_evidence_is_older_than_the_card_or_proves_nothing() -> None:
    signed = a_card(Stage.SIGNED)
    for dated_on, wanted in ((None, False), (ISSUED_ON + dt.timedelta(1), False), (ISSUED_ON, True)):
        paper = Evidence("approval.pdf", "0" * 64, "application/pdf", 10, dated_on)
        if wanted:
            assert does(signed, Deed.APPEAL, evidence=(paper,)).stage is Stage.APPEALED
        else:
            assert refused(signed, Deed.APPEAL, evidence=(paper,)) == ["card/evidence"]


def test_a_signature_is_taken_back_by_its_own_hand_within_ten_minutes_and_not_later() -> None:
    signed = a_card(Stage.SIGNED, hands={"sign": "a"})
    assert does(signed, Deed.UNSIGN, now=NOW + 600).stage is Stage.ISSUED
    assert refused(signed, Deed.UNSIGN, now=NOW + 601) == ["card/undo"]
    assert refused(signed, Deed.UNSIGN, "b") == ["card/undo"]


def test_a_red_card_is_closed_only_with_its_consequence() -> None:
    card = a_card(Stage.VERIFIED, Colour.RED)
    assert refused(card, Deed.CLOSE) == ["card/consequence"]
    recorded = does(card, Deed.RECORD_CONSEQUENCE, measure="none")
    assert (recorded.stage, recorded.consequence) == (Stage.VERIFIED, "none")
    assert does(recorded, Deed.CLOSE, "b").stage is Stage.CLOSED


def test_a_measure_against_a_person_names_him_and_his_post_and_one_against_a_unit_need_not() -> None:
    card = a_card(Stage.SIGNED, Colour.RED)
    for measure in AGAINST_A_PERSON:
        assert refused(card, Deed.RECORD_CONSEQUENCE, measure=measure, to="", to_post=" ") == [
            "card/needs-to",
            "card/needs-to_post",
        ]
    for measure in glossary()["measures"].keys() - AGAINST_A_PERSON:
        assert does(card, Deed.RECORD_CONSEQUENCE, measure=measure, to="", to_post=" ").consequence == measure


def test_every_missing_word_is_named_at_once() -> None:
    assert refused(a_card(Stage.APPEALED), Deed.REVOKE, text=" ", ground="") == ["card/needs-text", "card/needs-ground"]


def test_a_confirmed_card_counts_from_its_confirmation() -> None:
    card = does(a_card(Stage.PROPOSED), Deed.CONFIRM, "judge", NOW + 50)
    assert (card.state, card.stage, card.issued_at, card.counts_at) == (
        CardState.ISSUED, Stage.ISSUED, NOW + 50, NOW + 50 + LIMIT,
    )  # fmt: skip
    assert card.confirmed == {"T04": NOW + 50}


def test_a_graver_card_is_confirmed_or_dismissed_while_the_standing_one_goes_its_way() -> None:
    card = a_card(Stage.SIGNED, awaits="K03")
    assert does(card, Deed.CONFIRM_RISE).confirmed == {"K03": NOW + 60}
    dismissed = does(card, Deed.DISMISS_RISE)
    assert (dismissed.awaits, dismissed.dismissed, dismissed.stage) == ("", {"K03": NOW + 60}, Stage.SIGNED)
    assert refused(a_card(Stage.SIGNED), Deed.CONFIRM_RISE) == ["card/rise"]


def test_a_graver_card_that_is_proposed_on_a_reminder_is_confirmed_or_dismissed() -> None:
    """Where the promise is over only with a person, the case has a reminder by then."""
    card = a_card(colour=Colour.REMINDER, awaits="T04")
    assert does(card, Deed.CONFIRM_RISE).confirmed == {"T04": NOW + 60}
    assert does(card, Deed.DISMISS_RISE).awaits == ""
    assert refused(card, Deed.SIGN) == ["card/reminder"]


def test_a_reminder_needs_nobody() -> None:
    card = a_card(colour=Colour.REMINDER)
    for side in Side:
        assert open_to(card, Hand("a", "inspector", side), NOW, ZONE) == ()


def test_a_card_by_hand_needs_its_basis_and_what_was_found() -> None:
    about = Judgement(case_id=CASE, revision=1, unit="market", item="food", state=CaseState.RUNNING, light=Light.GREEN)
    with pytest.raises(UserError) as caught:
        issue_by_hand(about, Colour.RED, " ", done(Deed.ISSUE, text=""), 1, NOW, counts_from)
    assert [problem.code for problem in caught.value.problems] == ["card/needs-text", "card/needs-basis"]
    change = issue_by_hand(about, Colour.RED, "Article 42", done(Deed.ISSUE, "judge"), 1, NOW, counts_from)
    assert (change.kind, change.card.family, change.card.issue) == (ChangeKind.ISSUED, BY_HAND, IssueMode.MANUAL)
    assert refused(does(change.card, Deed.SIGN), Deed.REVOKE, "judge") == ["card/apart"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([m.deed for m in MOVES]), st.sampled_from("abc")), max_size=25))
def test_whatever_people_try_a_card_only_goes_where_the_table_leads(tried: list[tuple[Deed, str]]) -> None:
    """What ``open_to`` offers can be done, what it does not offer is refused, and the serial counts what was done."""
    card, serial = a_card(), 1
    for number, (deed, by) in enumerate(tried):
        move, now = BY_DEED[deed], NOW + 60 * number
        offered = deed in open_to(card, Hand(by, "chief_inspector", move.side), now, ZONE)
        try:
            after = does(card, deed, by, now, role="chief_inspector")
        except UserError:
            assert not offered
            continue
        assert offered
        assert card.stage in move.stages
        assert after.stage is (move.to or card.stage)
        card, serial = after, serial + 1
        assert card.serial == serial
