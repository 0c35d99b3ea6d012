"""One explanation rendered three ways: text, JSON and an HTML fragment say the same."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import msgspec
import pytest

from console.explained import fragment
from rules.calendarbook import open_calendars
from rules.catalogue import Catalogue
from rules.context import Context
from rules.engine import DirectEngine
from rules.explain import as_text, explain
from rules.explaining import explained
from rules.explanation import Explanation, Known
from rules.facts import Case, CaseEvent, CaseId, Instant, ItemVersion, Value, fold
from rules.judgement import Light, Pin, Span, Truth
from rules.loader import BOOKS, load_books

PAYLOAD = "<script>alert('x')</script>"


def at(text: str) -> Instant:
    """Return an instant written in Shanghai's time."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


def case_of(*happened: tuple[str, str, dict[str, Value]]) -> Case:
    """Return a case with these events."""
    case_id = CaseId("licences", "application", "L1")
    return fold(
        case_id,
        [
            CaseEvent(
                source="licences", event_id=f"e{index}", version=1, **case_id._asdict(), name=name,
                occurred_at=at(when), received_at=at(when) + 60, sequence=index, data={"item": "food", **data},
            )
            for index, (when, name, data) in enumerate(happened)
        ],
    )  # fmt: skip


@pytest.fixture(scope="module")
def context() -> Context:
    """Return the shipped limits with one item of ten working days."""
    item = ItemVersion(code="food", name="食品经营许可", limits={"promised": "10 workdays", "statutory": "20 workdays"})
    return Context(load_books([BOOKS / "time-limits.yaml"]), open_calendars([]), DirectEngine(), Catalogue.of([item]))


@pytest.fixture(scope="module")
def story(context: Context) -> Explanation:
    """Return why a case is red that ran over the National Day holiday and was suspended for a while."""
    case = case_of(
        ("2024-09-24 10:00:00", "accepted", {"unit": PAYLOAD}),
        ("2024-09-26 10:00:00", "suspension_started",
         {"reason": "expert_review", "approver": "head", "approver_rank": "section_head", "approved": "2 workdays", "document": "No. 7"}),
        ("2024-09-30 10:00:00", "suspension_ended", {}),
    )  # fmt: skip
    return explained(case, context, at("2024-11-20 10:00:00"))


def test_days_are_told_with_holiday_notice_makeup_day_and_suspending_paper(story: Explanation) -> None:
    """Counted, weekend, holiday with its notice, make-up day, suspended with its paper."""
    promise = next(clock for clock in story.clocks if clock.name == "promise")
    days = {day.on.isoformat(): day for day in promise.days}

    assert days["2024-09-25"].counted
    assert days["2024-09-28"].kind == "weekend"
    assert days["2024-10-01"].kind == "holiday"
    assert "（" in days["2024-10-01"].why["zh"]
    assert days["2024-10-12"].kind == "makeup"
    assert days["2024-10-12"].counted
    assert days["2024-09-27"].kind == "suspended"
    assert days["2024-09-27"].paper == {
        "zh": "[e1] No. 7 专家评审 head 2 个工作日",
        "en": "[e1] No. 7 expert review head 2 workdays",
    }
    assert [day.number for day in promise.days if day.number] == list(
        range(1, len([d for d in promise.days if d.counted]) + 1)
    )


def test_a_finding_has_its_condition_values_article_and_versions(story: Explanation) -> None:
    """All that an appeal needs."""
    finding = next(finding for finding in story.findings if finding.rule == "T04")

    assert finding.condition.startswith("clock.promise.over")
    assert finding.article
    assert re.fullmatch(r"time-limits@\d+", finding.rulebook)
    assert finding.calendar.startswith("cn@")
    assert set(finding.say) == {"zh", "en"}
    assert finding.means["zh"] == "“承诺时限”已超期，且并非（办件已作技术性删除）"
    assert finding.words["clock.promise.over"] == {
        "zh": "“承诺时限”已超期",
        "en": "the time of “promised limit” is over",
    }


def test_what_a_reminder_reminded_of_says_nothing_once_it_is_over(context: Context) -> None:
    """Its values are no longer told, so its sentence would be of dashes."""
    case = case_of(("2024-09-24 10:00:00", "accepted", {}), ("2024-10-12 16:00:00", "completed", {"result": "granted"}))
    told = explained(case, context, at("2024-11-20 10:00:00"))
    near = next(finding for finding in told.findings if finding.rule == "T03")

    assert near.until_at is not None
    assert near.say == {}
    assert "—（—）" not in as_text(told, "zh")


def test_no_sentence_of_an_explanation_is_in_the_other_language(context: Context) -> None:
    """Doubts, conditions, values, steps and units are worded; what stays Latin are codes and what a department wrote."""
    case = case_of(
        ("2024-09-24 10:00:00", "accepted", {"item": "unheard-of", "unit": "market"}),
        ("2024-09-25 10:00:00", "step_started", {"item": "unheard-of", "step": "review", "related_party": False}),
    )
    told = explained(case, context, at("2024-11-20 10:00:00"), units={"market": {"zh": "市场局", "en": "Market"}})

    assert told.because["zh"] == "没有时限；缺少数据：“承诺时限”已用、“承诺时限”剩余"
    assert told.because["en"].startswith("no limit is set; missing: the time used of “promised limit”, ")
    assert "事项 unheard-of  环节 审查  利害关系 否" in as_text(told, "zh")
    lines = re.sub(r"\[[^]]*\]|规则原文 .*|版本 .*|参数 \w+|https?://\S+|unheard-of", "", as_text(told, "zh"))
    assert re.findall(r"[A-Za-z_]{3,}", lines) == []


def test_json_holds_the_whole_structure_and_comes_back_equal(story: Explanation) -> None:
    """Nothing is lost on the way."""
    assert msgspec.json.decode(msgspec.json.encode(story), type=Explanation) == story


def test_text_and_fragment_say_the_same(story: Explanation) -> None:
    """Every line of the text stands in the fragment, word for word, once spaces and tags are taken away."""
    seen = re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", fragment(story, "en")))
    for line in as_text(story, "en").splitlines()[1:]:
        for part in re.split(r"\s{2,}", line.strip()):
            plain = re.sub(
                r"\s+", "", part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;")
            )
            assert plain in seen, part


def test_what_departments_wrote_is_text_in_the_fragment(story: Explanation) -> None:
    """A unit named like a script is shown as it is written."""
    for language in ("zh", "en"):
        shown = fragment(story, language)

        assert "<script>" not in shown
        assert "&lt;script&gt;" in shown


def test_the_text_is_what_the_structure_gives(context: Context) -> None:
    """``explain`` is ``explained`` as text."""
    case = case_of(("2024-09-24 10:00:00", "accepted", {}))
    now = at("2024-09-25 10:00:00")

    assert explain(case, context, now, "zh") == as_text(explained(case, context, now), "zh")


def test_what_was_known_then_is_the_light_and_findings_recorded_then(context: Context) -> None:
    """A finding under a calendar and a rulebook that are gone is told as it stood, and the notes say so."""
    case = case_of(("2024-09-24 10:00:00", "accepted", {}))
    then = at("2024-10-09 10:00:00")
    span = Span(
        rule="T04", family="promise", clock="promise", ordinal=1, from_at=then - 60, light=Light.RED,
        pin=Pin("time-limits@0", "cn@former", "food@1"), truth=Truth.TRUE,
    )  # fmt: skip

    told = explained(case, context, then, Known(then, Light.RED, spans=(span,)))

    assert (told.light, told.known_at) == (Light.RED, then)
    assert [(f.rule, f.calendar, f.condition) for f in told.findings] == [("T04", "cn@former", "")]
    assert [note["en"][:30] for note in told.notes] == [
        "Rulebook time-limits@0 judged ",
        "Calendar cn@former counted the",
    ]
    assert "as known at 2024-10-09 10:00:00" in as_text(told, "en")


def test_where_nothing_had_been_judged_the_light_was_grey(context: Context) -> None:
    """Whatever the present law says of the same facts."""
    case = case_of(("2024-09-24 10:00:00", "accepted", {}))

    told = explained(case, context, at("2024-12-01 10:00:00"), Known(at("2024-12-01 10:00:00")))

    assert (told.light, told.because, told.findings) == (
        Light.GREY,
        {"zh": "当时尚未研判", "en": "nothing had been judged by then"},
        (),
    )
