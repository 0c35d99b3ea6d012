"""When a message may be read: office hours, digests, the duty officer, and how much one person is told a day."""

from __future__ import annotations

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts.digest import bundle
from alerts.model import Delivery
from alerts.routes import Recipient
from alerts.timing import DUTY, DutyTurn, Timing, placed, within_budget
from rules.calendarbook import open_calendars

ON_DUTY = Recipient(name="值班员", channel="post", address="duty")
SPECIAL = Recipient(name="节日值班", channel="post", address="special")


@cache
def timing(*, duty: bool = True, budget: int = 30) -> Timing:
    turns = (DutyTurn(ON_DUTY), DutyTurn(SPECIAL, dt.date(2018, 10, 1), dt.date(2018, 10, 3)))
    return Timing(open_calendars().get("cn-office"), duty=turns if duty else (), budget=budget)


def at(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


def message(
    colour: str, now: int, *, to: str = "R0", rank: str = "R0", number: int = 1, change: str = "issued"
) -> Delivery:
    facts = {"colour": colour, "change": change, "rule": "T04", "unit": f"unit{number % 2}", "language": "zh"}
    return Delivery(
        key=f"{number}{to}{colour}", card_id=f"card{number}", serial=1, channel="post", address=to, recipient=to, rank=rank,
        subject=f"第{number}条", body="已超期。\n详情", facts=facts, created_at=now, not_before_at=now,
    )  # fmt: skip


def when(colour: str, text: str) -> tuple[int, bool]:
    (only,) = (each for each in placed([message(colour, at(text))], timing(), at(text)) if each.rank != DUTY)
    return only.not_before_at, only.digest


def test_each_colour_has_its_moment() -> None:
    """Wednesday in hours, at noon, after hours, on Saturday, and on a Sunday on which people work."""
    assert when("yellow", "2018-10-24 08:30:00") == (at("2018-10-24 08:30:00"), False)
    assert when("yellow", "2018-10-24 12:00:01") == (at("2018-10-24 13:30:00"), False)
    assert when("yellow", "2018-10-24 17:30:01") == (at("2018-10-25 08:30:00"), False)
    assert when("red", "2018-10-27 10:00:00") == (at("2018-10-29 08:30:00"), False)
    assert when("yellow", "2018-09-30 10:00:00") == (at("2018-09-30 10:00:00"), False)
    assert when("reminder", "2018-10-24 08:59:59") == (at("2018-10-24 09:00:00"), True)
    assert when("reminder", "2018-10-24 09:00:00") == (at("2018-10-24 15:00:00"), True)
    assert when("reminder", "2018-10-26 15:00:00") == (at("2018-10-29 09:00:00"), True)


def test_red_off_hours_goes_to_who_is_on_duty_that_day_once_for_each_card() -> None:
    now = at("2018-10-02 03:00:00")
    moved = placed([message("red", now), message("red", now, to="owner", rank="owner")], timing(), now)
    assert [(each.address, each.not_before_at, each.rank) for each in moved] == [
        ("R0", at("2018-10-08 08:30:00"), "R0"),
        ("owner", at("2018-10-08 08:30:00"), "owner"),
        ("special", now, DUTY),
    ]


def test_who_is_on_duty_and_told_anyway_is_told_once_and_at_once() -> None:
    now = at("2018-10-27 10:00:00")
    (only,) = placed([message("red", now, to="duty", rank="R2")], timing(), now)
    assert (only.not_before_at, only.rank) == (now, "R2")


def test_without_a_duty_officer_the_owner_is_told_of_red_at_once() -> None:
    now = at("2018-10-27 10:00:00")
    moved = placed([message("red", now), message("red", now, to="owner", rank="owner")], timing(duty=False), now)
    assert [each.not_before_at == now for each in moved] == [False, True]


def test_what_relieves_waits_for_the_morning() -> None:
    now = at("2018-10-27 10:00:00")
    (only,) = placed([message("red", now, change="revoked")], timing(), now)
    assert only.not_before_at == at("2018-10-29 08:30:00")


def test_a_program_is_told_at_once_whatever_the_hour() -> None:
    now = at("2018-10-27 10:00:00")
    told = message("reminder", now)
    assert placed([told], timing()._replace(programs=frozenset({("post", "R0")})), now) == (told,)


def test_beyond_the_budget_of_a_day_messages_go_into_the_next_digest_and_red_does_not() -> None:
    now = at("2018-10-24 10:00:00")
    several = [message("yellow", now, number=n) for n in range(4)] + [message("red", now, number=9)]
    moved = placed(several, timing(budget=3), now)
    found = within_budget(moved, {("post", "R0", "2018-10-24"): 1}, timing(budget=3), now)
    assert [(each.digest, each.deferred) for each in found] == [(False, False)] * 2 + [(True, True)] * 2 + [
        (False, False)
    ]
    assert {each.not_before_at for each in found if each.digest} == {at("2018-10-24 15:00:00")}


@given(
    st.lists(st.tuples(st.sampled_from(["red", "yellow", "reminder"]), st.integers(1, 40)), max_size=30),
    st.integers(at("2018-09-20 00:00:00"), at("2018-10-20 00:00:00")),
)
def test_nothing_is_lost_or_told_before_its_time_or_off_hours_but_red(given_: list[tuple[str, int]], now: int) -> None:
    messages = [message(colour, now, number=n) for n, (colour, _) in enumerate(given_)]
    found = within_budget(placed(messages, timing(budget=5), now), {}, timing(budget=5), now)
    assert {each.key for each in messages} <= {each.key for each in found}
    calendar = timing().calendar
    for each in found:
        assert each.not_before_at >= now
        assert each.rank == DUTY or calendar.next_opening(each.not_before_at) == each.not_before_at


def test_a_digest_puts_messages_together_by_unit_and_names_each() -> None:
    now = at("2018-10-24 15:00:00")
    made = bundle(
        [message("reminder", now - n, number=n) for n in range(4)], now, "Asia/Shanghai", {"unit1": {"zh": "住建局"}}
    )
    assert made.subject == "监察信息汇总 4 条（2018年10月24日15时00分）" or "4 条" in made.subject
    units = [line for line in made.body.splitlines() if line.startswith("■")]
    assert units == ["■ unit0", "■ 住建局"]
    assert sorted(line[3:] for line in made.body.splitlines() if line[:1].isdigit()) == [f"第{n}条" for n in range(4)]
    assert (made.digest, made.not_before_at, made.address, made.facts["change"]) == (False, now, "R0", "digest")


def test_a_digest_tells_of_each_message_why_and_where() -> None:
    now, where = at("2018-10-24 15:00:00"), "http://c.example/cards/c1"
    first = message("reminder", now, number=0)
    told = replace(first, body="现发出提示。\n办件应于明日办结。\n\n单位：x\n", facts={**first.facts, "link": where})
    made = bundle([told, message("reminder", now, number=1)], now, "Asia/Shanghai")
    assert [line.strip() for line in made.body.splitlines() if line.startswith("   ")][:2] == [
        "办件应于明日办结。",
        where,
    ]
    assert made.facts["link"] == "http://c.example/"
