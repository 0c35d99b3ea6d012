"""Short ways to write a judgement, a policy and a delivery in a test."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.model import Attempt, Delivery, delivery_key
from rules.facts import CaseId, Instant
from rules.judgement import Amount, CaseState, Judgement, Light, Moment, Pin, Shown, Span, Truth
from rules.policy import Colour, IssueMode, Policy, Rank

ZONE = "Asia/Shanghai"
CASE = CaseId("county", "application", "2018-0007")
UNIT_CASE = CaseId("mingdeng", "unit", "住建局")
DUE_AT = 1_540_346_400
"""2018-10-24 10:00:00 in Shanghai."""
VALUES: Mapping[str, Shown] = {
    "case.no": "2018-0007",
    "item.name": "施工许可证核发",
    "clock.promise.due_at": Moment(DUE_AT, ZONE),
    "clock.promise.over_by": Amount("2", "workday"),
}


def policy(rule: str, card: Colour | None, **changed: object) -> Policy:
    """Return the policy of a rule of the family ``promise`` that tells R2."""
    fields: dict[str, object] = {
        "rule": rule,
        "family": "promise",
        "of": "application",
        "title": {"zh": f"{rule} 的标题", "en": f"title of {rule}"},
        "card": card,
        "tell": Rank.R2,
        "basis": {"zh": "本中心服务承诺", "en": "the centre's published promise"},
        "say": {
            "zh": "办件 {case.no}（{item.name}）应于 {clock.promise.due_at} 前办结，已超 {clock.promise.over_by}。",
            "en": "Case {case.no} ({item.name}) was due at {clock.promise.due_at}; {clock.promise.over_by} over.",
        },
    }
    return Policy(**{**fields, **changed})  # type: ignore[arg-type]  # each field is checked by the test that gives it


POLICIES = {
    "T03": policy("T03", Colour.REMINDER),
    "T04": policy("T04", Colour.YELLOW),
    "T05": policy("T05", Colour.RED),
    "T06": policy("T06", Colour.YELLOW),
    "T05C": policy("T05C", Colour.RED, issue=IssueMode.CONFIRM),
    "LIGHT": policy("LIGHT", None),
    "K07": policy("K07", None, family="K07", of="unit", proposes="admonition", tell=Rank.R4),
}


def span(
    rule: str, from_at: Instant, until_at: Instant | None = None, *, truth: Truth = Truth.TRUE, **changed: object
) -> Span:
    """Return a span of a rule on the first start of the promise's clock."""
    fields: dict[str, object] = {
        "rule": rule,
        "family": POLICIES[rule].family if rule in POLICIES else "promise",
        "clock": "promise",
        "ordinal": 1,
        "truth": truth,
        "from_at": from_at,
        "until_at": until_at,
        "pin": Pin("time-limits@3", "cn@2018", "0100@1"),
        "values": VALUES,
    }
    return Span(**{**fields, **changed})  # type: ignore[arg-type]  # as above


def judgement(*spans: Span, case_id: CaseId = CASE, revision: int = 1) -> Judgement:
    """Return a judgement of a case of the housing bureau with these spans."""
    return Judgement(
        case_id=case_id,
        revision=revision,
        unit="住建局",
        item="0100",
        item_name="施工许可证核发",
        state=CaseState.RUNNING,
        light=Light.GREEN,
        spans=spans,
    )


def counts_from(colour: Colour, issued_at: Instant) -> Instant:
    """Return an appeal limit of 3 seconds for a yellow card, 5 for a red one."""
    return issued_at + {Colour.REMINDER: 0, Colour.YELLOW: 3, Colour.RED: 5}[colour]


def attempt(
    address: str, card: str = "card-1", *, number: int = 1, possible_repeat: bool = False, **changed: object
) -> Attempt:
    """Return an attempt at a delivery to ``address``."""
    fields: dict[str, object] = {
        "key": delivery_key(card, 1, "post", address),
        "card_id": card,
        "serial": 1,
        "channel": "post",
        "address": address,
        "recipient": "效能办",
        "rank": "owner",
        "subject": "【黄牌】住建局：T04 超承诺时限",
        "body": "对住建局发出黄牌。\n.\n单位：住建局\n",
        "facts": {"case_no": "2018-0007", "unit": "住建局"},
        "created_at": DUE_AT,
        "not_before_at": DUE_AT,
    }
    delivery = Delivery(**{**fields, **changed})  # type: ignore[arg-type]  # as above
    return Attempt(delivery=delivery, number=number, started_at=DUE_AT + number, possible_repeat=possible_repeat)
