"""A finding on a card urges somebody once, from the instant at which it is true, and nobody is passed over in silence."""

from __future__ import annotations

from msgspec.structs import replace

from alerts.routes import Recipient, Routes
from alerts.urgeplan import plan_urges
from alerts.urging import urges
from rules.facts import CaseId
from rules.judgement import CaseState, Judgement, Light, Pin, Span, Truth
from rules.policy import IssueMode, Policy, Rank

NOW = 1_540_350_001
CARD = CaseId("mingdeng", "card", "c1")
POLICY = Policy(
    rule="A01", family="A01", of="card", title={"zh": "发牌未签收", "en": "card not signed for"}, tell=Rank.R2,
    issue=IssueMode.AUTOMATIC, say={"zh": "发牌 {case.no} 应签收。", "en": "Card {case.no} had to be signed for."},
)  # fmt: skip
SPAN = Span(
    rule="A01", family="A01", clock="sign", ordinal=1, truth=Truth.TRUE, from_at=NOW, until_at=None, light=Light.YELLOW,
    pin=Pin(rulebook="supervisors@1", calendar="cn@1", item=""), values={"case.no": "c1"},
)  # fmt: skip


def judged(*spans: Span, case_id: CaseId = CARD) -> Judgement:
    return Judgement(
        case_id=case_id, revision=1, unit="market", item="", state=CaseState.RUNNING, light=Light.YELLOW, spans=spans
    )


def test_a_finding_that_stands_is_told_once_whenever_it_is_looked_at() -> None:
    (first,) = urges(judged(SPAN), {"A01": POLICY}, (), NOW + 5)
    assert (first.card_id, first.due_at, first.told_at, first.tell) == ("c1", NOW, NOW + 5, Rank.R2)
    assert urges(judged(SPAN), {"A01": POLICY}, {first.key}, NOW + 500) == ()


def test_nobody_is_urged_by_what_is_to_come_has_ended_is_unknown_or_tells_nobody() -> None:
    others = [
        replace(SPAN, from_at=NOW + 6), replace(SPAN, until_at=NOW + 3), replace(SPAN, truth=Truth.UNDETERMINED),
        replace(SPAN, provisional=True),
    ]  # fmt: skip
    for other in others:
        assert urges(judged(other), {"A01": POLICY}, (), NOW + 5) == ()
    assert urges(judged(SPAN), {"A01": replace_policy(None)}, (), NOW + 5) == ()
    assert urges(judged(SPAN, case_id=CaseId("licences", "application", "L1")), {"A01": POLICY}, (), NOW + 5) == ()


def replace_policy(tell: Rank | None) -> Policy:
    return replace(POLICY, tell=tell)


def recipient(name: str) -> Recipient:
    return Recipient(name=name, channel="log", address=name, language="en")


def test_the_owner_and_every_rank_up_to_the_rules_own_are_told_and_a_vacant_one_is_named_to_the_owner() -> None:
    routes = Routes(
        owner=(recipient("office"),), units={"market": {Rank.R0: (recipient("clerk"),), Rank.R2: (recipient("head"),)}}
    )
    told = plan_urges(urges(judged(SPAN), {"A01": POLICY}, (), NOW), routes, {"A01": POLICY}, "Asia/Shanghai")
    assert [(each.rank, each.address) for each in told] == [("owner", "office"), ("R0", "clerk"), ("R2", "head")]
    assert told[0].facts["no_recipient"] == "R1"
    assert "R1" in told[0].body
    assert "R1" not in told[1].body
    assert "Card c1 had to be signed for." in told[2].body
    assert told[2].subject == "[Overdue: yellow] market: A01 card not signed for"
    assert len({each.key for each in told}) == 3


def test_an_urge_says_whose_card_it_is_what_to_do_where_and_whom_to_ask() -> None:
    about = replace(SPAN, values={"card.reference": "L-17", "unit.name": "market"})
    said = replace(
        POLICY, say={"zh": "{unit.name}的牌（{card.reference}）应签收。", "en": "{unit.name}: {card.reference}."}
    )
    routes = Routes(
        owner=(Recipient(name="效能办", channel="log", address="o"),), base_url="http://c.example", contact="效能办 12388",
        names={"market": {"zh": "市场局", "en": "Market"}},
    )  # fmt: skip

    def owners(span: Span, case_id: CaseId = CARD) -> list[str]:
        urged = urges(judged(span, case_id=case_id), {"A01": said}, (), NOW)
        (owner,) = [each for each in plan_urges(urged, routes, {"A01": said}, "Asia/Shanghai") if each.rank == "owner"]
        return [owner.subject, *owner.body.splitlines()]

    late, early, feed = (
        owners(about), owners(replace(about, light=None)),
        owners(replace(SPAN, light=Light.RED), CaseId("mingdeng", "feed", "housing")),
    )  # fmt: skip
    assert late[:2] == ["【催办·黄灯】市场局：A01 发牌未签收（L-17）", "市场局的牌（L-17）应签收。"]
    assert "须办事项：请打开下列地址办理；办结前将逐级催办。" in late
    assert late.index("办理与详情：http://c.example/cards/c1") + 1 == late.index("咨询：效能办 12388")
    assert early[0] == "【催办】市场局：A01 发牌未签收（L-17）"
    assert feed[0] == "【数据源告警·红灯】市场局：A01 发牌未签收"
    assert "办理与详情：http://c.example/sources/housing" in feed
