"""The plan: the supervision owner always, the supervised side by rank, nobody before a person decided."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from alerts.cards import decide
from alerts.model import CardChange, CardState, ChangeKind, Delivery
from alerts.plan import plan
from alerts.routes import Recipient, Routes
from rules.documents import Document, validate
from rules.policy import Colour, Rank
from rules.problems import UserError
from tests.alerts.builders import POLICIES, UNIT_CASE, ZONE, counts_from, judgement, span

OWNER = Recipient(name="效能办", channel="inbox", address="xnb@county.example")
WINDOW = Recipient(name="窗口", channel="post", address="window@county.example")
SECTION = Recipient(name="审批科", channel="post", address="section@county.example")
DEPUTY = Recipient(name="分管领导", channel="post", address="deputy@county.example")
HEAD = Recipient(name="局长", channel="post", address="head@county.example")
ROUTES = Routes(
    owner=(OWNER,),
    units={
        "住建局": {Rank.R0: (WINDOW,), Rank.R1: (SECTION,)},
        "*": {Rank.R1: (OWNER,), Rank.R2: (DEPUTY,), Rank.R3: (HEAD,)},
    },
)


def changes(now: int = 22) -> tuple[CardChange, ...]:
    return decide(judgement(span("T04", 20)), (), POLICIES, now, counts_from)


def told(planned: Sequence[Delivery]) -> list[tuple[str, str]]:
    return [(delivery.rank, delivery.recipient) for delivery in planned]


def planned(given_changes: Sequence[CardChange], routes: Routes = ROUTES) -> tuple[Delivery, ...]:
    return plan(given_changes, routes, POLICIES, 100, ZONE)


def test_a_rank_includes_all_below_and_stops_there() -> None:
    assert told(planned(changes())) == [("owner", "效能办"), ("R0", "窗口"), ("R1", "审批科"), ("R2", "分管领导")]


def test_the_owner_is_told_at_issue_and_at_every_change() -> None:
    (issue,) = changes()
    for kind in ChangeKind:
        change = CardChange(kind, 30, msgspec.structs.replace(issue.card, serial=7), Colour.YELLOW)
        assert told(planned([change]))[0] == ("owner", "效能办"), kind


def test_what_waits_for_a_person_goes_to_the_owner_only() -> None:
    pending = decide(judgement(span("T05C", 20)), (), POLICIES, 22, counts_from)
    assert told(planned(pending)) == [("owner", "效能办")]
    withdrawn = decide(judgement(), [pending[0].card], POLICIES, 23, counts_from)
    assert told(planned(withdrawn)) == [("owner", "效能办")]


def test_that_the_condition_of_a_pending_card_has_ended_goes_to_the_owner_only() -> None:
    (pending,) = decide(judgement(span("T05C", 20)), (), POLICIES, 22, counts_from)
    ended = decide(judgement(span("T05C", 20, 30)), [pending.card], POLICIES, 31, counts_from)
    assert [change.kind for change in ended] == [ChangeKind.ENDED]
    assert told(planned(ended)) == [("owner", "效能办")]


def test_a_proposal_to_raise_a_standing_card_goes_to_the_owner_only() -> None:
    issued, proposed = decide(judgement(span("T04", 20), span("T05C", 21)), (), POLICIES, 22, counts_from)
    assert len(planned([issued])) == 4
    assert told(planned([proposed])) == [("owner", "效能办")]


def test_an_accountability_proposal_is_addressed_to_nobody_until_a_person_signs() -> None:
    found = judgement(span("K07", 20, clock="year", ordinal=2018), case_id=UNIT_CASE)
    (proposal,) = decide(found, (), POLICIES, 22, counts_from)
    assert told(planned([proposal])) == [("owner", "效能办")]
    as_if_issued = CardChange(ChangeKind.ISSUED, 23, msgspec.structs.replace(proposal.card, state=CardState.ISSUED))
    assert told(planned([as_if_issued])) == [("owner", "效能办")]


def test_the_unit_hears_that_its_card_was_revoked() -> None:
    revoked = decide(judgement(), [changes()[0].card], POLICIES, 23, counts_from)
    assert ("R0", "窗口") in told(planned(revoked))


def test_a_rank_without_a_recipient_is_a_finding_that_the_owner_reads() -> None:
    lonely = Routes(owner=(OWNER,), units={"*": {Rank.R1: (SECTION,)}})
    owners, section = planned(changes(), lonely)
    assert told([owners, section]) == [("owner", "效能办"), ("R1", "审批科")]
    assert owners.facts["no_recipient"] == "R0,R2"
    assert "未设接收人" in owners.body
    assert "R0" in owners.body
    assert "no_recipient" not in section.facts


def test_who_supervises_and_holds_a_rank_too_is_told_once() -> None:
    both = Routes(owner=(OWNER,), units={"*": {Rank.R0: (OWNER,), Rank.R1: (WINDOW,), Rank.R2: (WINDOW,)}})
    assert told(planned(changes(), both)) == [("owner", "效能办"), ("R1", "窗口")]


def test_planning_the_same_changes_again_gives_the_same_deliveries() -> None:
    assert planned(changes()) == planned(changes())


def test_each_change_of_a_card_has_keys_of_its_own() -> None:
    issue = changes()
    rise = decide(judgement(span("T04", 20), span("T05", 30)), [issue[0].card], POLICIES, 31, counts_from)
    keys = [delivery.key for delivery in planned([*issue, *rise])]
    assert len(keys) == len(set(keys)) == 8


def test_each_reader_gets_the_language_of_the_route_table() -> None:
    abroad = Routes(owner=(OWNER, Recipient(channel="post", address="office@county.example", language="en")))
    chinese, english = planned(changes(), abroad)
    assert "现对住建局发出黄牌。" in chinese.body
    assert "A yellow card has been issued to 住建局." in english.body


@given(st.sampled_from(sorted(POLICIES)), st.sampled_from([None, *Rank]), st.booleans())
def test_no_change_of_any_card_passes_the_owner_by(rule: str, tell: Rank | None, tables: bool) -> None:
    policies = {**POLICIES, rule: msgspec.structs.replace(POLICIES[rule], tell=tell)}
    routes = ROUTES if tables else Routes(owner=(OWNER,))
    made = decide(judgement(span(rule, 20)), (), policies, 22, counts_from)
    owners = [d for d in plan(made, routes, policies, 100, ZONE) if d.rank == "owner"]
    assert [(d.card_id, d.serial) for d in owners] == [(c.card.card_id, c.card.serial) for c in made]


# ── the route table ────────────────────────────────────────────────────────────────────────────


def test_settings_without_an_owner_are_refused_with_a_sentence() -> None:
    with pytest.raises(UserError) as refused:
        validate(Routes, Document("routes.yaml", {"owner": []}))
    (problem,) = refused.value.problems
    assert "no supervision owner is named" in problem.en
    with pytest.raises(UserError):
        validate(Routes, Document("routes.yaml", {}))


def test_a_recipient_whose_channel_is_not_configured_is_a_problem() -> None:
    (problem,) = ROUTES.check({"post"})
    assert "'inbox', which is not configured" in problem.en
    assert ROUTES.check({"post", "inbox"}) == ()


@pytest.mark.parametrize("address", ["a@b.cn\r\nBcc: all@b.cn", "a@b.cn ", "a\u202e@b.cn"])
def test_an_address_that_could_break_a_header_is_refused_in_the_settings(address: str) -> None:
    with pytest.raises(ValidationError, match="line break"):
        Recipient(channel="post", address=address)
