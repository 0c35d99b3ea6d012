"""Notices: what a reader is told, in which words, and that no value can say more than itself."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.cards import decide
from alerts.model import CardChange
from alerts.texts import Notice, Wording, card_link, notice, say
from rules.facts import CaseId
from rules.judgement import Amount, Moment, Span
from rules.policy import Colour, Rank
from rules.problems import Language
from tests.alerts.builders import (
    CASE,
    DUE_AT,
    POLICIES,
    UNIT_CASE,
    VALUES,
    ZONE,
    counts_from,
    judgement,
    policy,
    span,
)


def changes(
    now: int, *spans: Span, before: tuple[CardChange, ...] = (), case_id: CaseId = CASE
) -> tuple[CardChange, ...]:
    standing = [before[-1].card] if before else []
    return decide(judgement(*spans, case_id=case_id), standing, POLICIES, now, counts_from)


def worded(change: CardChange, language: Language = "zh", not_told: tuple[Rank, ...] = ()) -> Notice:
    return notice(change, POLICIES, Wording(language, ZONE, "http://mingdeng.county.example"), not_told)


def test_a_yellow_card_reads_as_a_whole_in_chinese() -> None:
    said = worded(changes(DUE_AT + 60, span("T04", DUE_AT + 1))[0])
    assert said.subject == "【黄牌】住建局：T04 T04 的标题（2018-0007）"
    assert said.body.splitlines() == [
        "现对住建局发出黄牌。",
        "办件 2018-0007（施工许可证核发）应于 2018-10-24 10:00:00 前办结，已超 2 个工作日。",
        "",
        "单位：住建局",
        "编号：2018-0007",
        "事项：施工许可证核发",
        "监察规则：T04 T04 的标题",
        "监察依据：本中心服务承诺",
        "应办结时间：2018-10-24 10:00:00",
        "已超：2 个工作日",
        "情形起始：2018-10-24 10:00:01",
        "计入统计时间（申辩期满）：2018-10-24 10:01:03",
        "须办事项：请住建局及时签收，并在 2018-10-24 10:01:03 前说明情况或者提出申诉；逾期即计入统计。",
        f"办理与详情：http://mingdeng.county.example/cards/{said.facts['card']}",
        "版本：time-limits@3 · cn@2018 · 0100@1",
        f"查询号：{said.facts['card']}-1",
    ]


def test_a_yellow_card_reads_as_a_whole_in_english() -> None:
    said = worded(changes(DUE_AT + 60, span("T04", DUE_AT + 1))[0], "en")
    assert said.subject == "[yellow card] 住建局: T04 title of T04 (2018-0007)"
    assert said.body.splitlines()[:5] == [
        "A yellow card has been issued to 住建局.",
        "Case 2018-0007 (施工许可证核发) was due at 2018-10-24 10:00:00; 2 workdays over.",
        "",
        "Unit: 住建局",
        "Case number: 2018-0007",
    ]


def test_each_kind_of_change_has_its_own_sentence() -> None:
    issued = changes(22, span("T04", 20))
    risen = changes(32, span("T04", 20), span("T05", 30), before=issued)
    ended = changes(42, span("T04", 20, 40), before=issued)
    corrected = changes(42, span("T04", 20), before=risen)
    revoked = changes(42, before=risen)
    again = changes(52, span("T04", 20, 40), span("T04", 50), before=ended)
    proposed = changes(32, span("T05C", 30))
    withdrawn = changes(42, before=proposed)
    measure = changes(32, span("K07", 30), case_id=UNIT_CASE)
    waiting = changes(32, span("T04", 20), span("T05C", 30), before=issued)
    made = (issued, risen, ended, corrected, revoked, again, proposed, withdrawn, measure, waiting)
    assert [worded(each[-1]).body.splitlines()[0] for each in made] == [
        "现对住建局发出黄牌。",
        "发给住建局的黄牌升级为红牌。",
        "发牌所依据的情形已经终止，发给住建局的黄牌仍然有效。",
        "依据更正后的数据，发给住建局的红牌改为黄牌。",
        "发给住建局的红牌已经撤销，不再计入任何统计。",
        "情形再次出现，对住建局再次发出黄牌。",
        "拟对住建局发出红牌，请确认；确认前不通知该单位。",
        "拟对住建局发出的红牌已经撤回，未曾发出。",
        "建议对住建局启动责任追究：效能告诫。本建议须经人工审签，审签前不送达任何人。",
        "拟将对住建局的黄牌升级为红牌（T05C T05C 的标题），请确认；确认前不通知该单位。",
    ]
    english = [worded(each[-1], "en").body.splitlines()[0] for each in made]
    assert len(set(english)) == len(made)
    assert all("{" not in sentence for sentence in english)


def test_a_revocation_gives_its_reason_in_the_readers_language() -> None:
    revoked = changes(42, before=changes(22, span("T04", 20)))[0]
    assert "说明：按更正后的数据，发牌所依据的情形在认定时刻不成立" in worded(revoked).body
    assert "Reason: by the corrected data the condition did not hold" in worded(revoked, "en").body


def test_what_no_longer_holds_is_not_said_again() -> None:
    """A revoked card is not still so many days over, and nobody has to hurry with what is done."""
    revoked = changes(42, before=changes(22, span("T04", 20)))[0]
    done = changes(21, span("T03", 10, 20, values={}), before=changes(12, span("T03", 10)))[0]
    for change in (revoked, done):
        body = worded(change).body
        assert "已超" not in body
        assert "应办结时间" not in body
        assert "编号：2018-0007" in body
    over = changes(42, span("T04", 20, 40), before=changes(22, span("T04", 20)))[0]
    assert "已超 2 个工作日" in worded(over).body


def test_a_persons_own_reason_is_shown_as_it_was_written() -> None:
    revoked = changes(42, before=changes(22, span("T04", 20)))[0]
    by_hand = msgspec.structs.replace(revoked, card=msgspec.structs.replace(revoked.card, reason="系统故障，经核实"))
    assert "说明：系统故障，经核实" in worded(by_hand).body


def test_a_proposal_about_a_unit_names_the_measure_and_no_card() -> None:
    said = worded(changes(32, span("K07", 30), case_id=UNIT_CASE)[0])
    assert said.subject == "【责任追究建议】住建局：K07 K07 的标题"
    assert "红牌" not in said.body


def test_the_facts_are_codes_for_programs() -> None:
    facts = worded(changes(DUE_AT + 60, span("T04", DUE_AT + 1))[0], not_told=(Rank.R1,)).facts
    assert facts["change"] == "issued"
    assert facts["colour"] == "yellow"
    assert facts["due_at"] == str(DUE_AT)
    assert facts["raised_at"] == str(DUE_AT + 1)
    assert facts["no_recipient"] == "R1"
    assert facts["case_no"] == "2018-0007"


def test_a_card_whose_rule_is_no_longer_in_force_can_still_be_revoked_in_words() -> None:
    revoked = changes(42, before=changes(22, span("T04", 20)))[0]
    said = notice(revoked, {}, Wording("zh", ZONE))
    assert "监察规则：T04" in said.body
    assert "办理与详情" not in said.body


def test_a_link_leads_to_the_card_and_without_a_console_there_is_none() -> None:
    assert card_link("http://x/", "c1/?#") == "http://x/cards/c1%2F%3F%23"
    assert card_link("", "c1") == ""
    bare = notice(changes(DUE_AT + 60, span("T04", DUE_AT + 1))[0], POLICIES, Wording("zh", ZONE)).body
    assert "办理与详情" not in bare
    asked = notice(
        changes(DUE_AT + 60, span("T04", DUE_AT + 1))[0], POLICIES, Wording("zh", ZONE, contact="效能办 12388")
    )
    assert "咨询：效能办 12388" in asked.body


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("unit.name", "住建局"),
        ("unit.code", "zjj"),
        ("case.unit", "住建局"),
        ("clock.step.key", "审查"),
        ("case.no", "review"),
    ],
)
def test_units_and_steps_are_called_by_their_names_and_codes_stay_codes(word: str, shown: str) -> None:
    """``{unit.code}`` is for programs; a step that a source calls by no usual name keeps its own."""
    said = policy("X", Colour.YELLOW, say={"zh": f"{{{word}}}"})
    value = "review" if "key" in word or word == "case.no" else "zjj"
    assert say(said, {word: value}, "zh", {"zjj": {"zh": "住建局", "en": "Housing"}}) == shown
    assert say(said, {word: "{case.no} 编"}, "zh") == "{case.no} 编"


# ── placeholders ───────────────────────────────────────────────────────────────────────────────


def test_an_instant_is_said_in_the_zone_of_its_calendar_and_marked_where_provisional() -> None:
    said = policy("X", Colour.YELLOW, say={"zh": "{clock.promise.due_at}", "en": "{clock.promise.due_at}"})
    due = {"clock.promise.due_at": Moment(DUE_AT, "Europe/Berlin", provisional=True)}
    assert say(said, due, "zh") == "2018-10-24 04:00:00（暂定）"
    assert say(said, due, "en") == "2018-10-24 04:00:00 (provisional)"


@pytest.mark.parametrize(
    ("units", "unit", "zh", "en"),
    [
        ("2", "workday", "2 个工作日", "2 workdays"),
        ("1", "workday", "1 个工作日", "1 workday"),
        ("1.0", "hour", "1 小时", "1 hour"),
        ("0", "workday", "不足 1 个工作日", "less than 1 workday"),
        ("2.50", "working_hour", "2.5 个工作小时", "2.5 working hours"),
        ("10", "natural_day", "10 个自然日", "10 days"),
        ("0.00003", "workday", "不足 0.01 个工作日", "less than 0.01 workdays"),
        ("3", "fortnight", "3 fortnight", "3 fortnight"),
    ],
)
def test_an_amount_is_said_with_its_unit(units: str, unit: str, zh: str, en: str) -> None:
    said = policy("X", Colour.YELLOW, say={"zh": "{clock.promise.over_by}", "en": "{clock.promise.over_by}"})
    values = {"clock.promise.over_by": Amount(units, unit)}
    assert (say(said, values, "zh"), say(said, values, "en")) == (zh, en)


def test_a_value_that_is_not_known_is_a_dash() -> None:
    said = policy("X", Colour.YELLOW, say={"zh": "{case.no}：{clock.promise.left}，{item.name}"})
    assert say(said, {"case.no": "7", "item.name": ""}, "zh") == "7：—，—"


def test_a_text_in_one_language_serves_the_other_and_no_text_is_none() -> None:
    assert say(policy("X", Colour.YELLOW, say={"zh": "只有中文"}), {}, "en") == "只有中文"
    assert say(policy("X", Colour.YELLOW, say={}), VALUES, "zh") == ""


def test_a_value_brings_no_placeholder_of_its_own() -> None:
    said = policy("X", Colour.YELLOW, say={"zh": "{item.name}"})
    assert say(said, {"item.name": "{case.no}", "case.no": "7"}, "zh") == "{case.no}"


@given(st.text(max_size=40))
def test_no_value_adds_a_line_or_a_control_character_to_a_notice(value: str) -> None:
    clean = worded(changes(22, span("T04", 20))[0])
    dirty_span = span("T04", 20, values={**VALUES, "case.no": value, "item.name": value})
    found = msgspec.structs.replace(judgement(dirty_span), unit=value or "x", item_name="")
    change = decide(found, (), POLICIES, 22, counts_from)[0]
    said = worded(change)
    assert len(said.subject.splitlines()) == 1
    assert said.subject.isprintable()
    assert len(said.body.splitlines()) in {len(clean.body.splitlines()), len(clean.body.splitlines()) - 1}
    assert all(line.isprintable() for line in said.body.split("\n"))
    assert all(fact.isprintable() for fact in said.facts.values())
