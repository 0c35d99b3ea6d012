"""WeCom, DingTalk and Feishu against receivers that check token, signature, keyword and size as the real ones do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from alerts.channels.base import Channel
from alerts.channels.registry import open_channel
from alerts.model import Outcome
from rules.documents import Plain
from tests.alerts.builders import attempt
from tests.alerts.receivers.http import Provider
from tests.alerts.receivers.messengers import SIGN, TOKEN, DingTalk, Feishu, WeComApp, WeComRobot
from tests.contracts.channel_contract import ChannelContract, Mood

SECRETS = {"token": SecretStr(TOKEN), "sign": SecretStr(SIGN), "wrong": SecretStr("another-one")}
LOOPBACK: dict[str, Plain] = {"networks": ["127.0.0.0/8"], "plain_http": True, "timeout": 1.0}


class Side:
    """A provider with a channel to it."""

    def __init__(self, provider: Provider, settings: dict[str, Plain]) -> None:
        self.provider, self.address, self.settings = provider, provider.address_of_tests, settings
        self.channel = self.opened()

    def opened(self, **changed: Plain) -> Channel:
        return open_channel("post", {**LOOPBACK, **self.settings, **changed}, SECRETS, Path("/"))

    def turn(self, mood: Mood) -> bool:
        self.provider.mood = mood
        if mood is Mood.IS_DOWN:
            self.provider.stop()
        return True

    def received(self) -> list[tuple[str, bool]]:
        if self.provider.mood in {Mood.IS_SILENT, Mood.HANGS_UP}:
            return []
        return self.provider.accepted


def side_of(kind: str) -> Side:
    robots: Plain = {"office": {"token": "token", "sign": "sign"}}
    provider: Provider
    match kind:
        case "wecom_robot":
            provider = WeComRobot()
            keys: dict[str, Plain] = {"url": f"{provider.base}/cgi-bin/webhook/send", "robots": robots}
        case "wecom_app":
            provider = WeComApp()
            keys = {"url": f"{provider.base}/cgi-bin", "company": "ww1", "agent": 1000002, "secret": "token"}
        case "dingtalk":
            provider = DingTalk()
            keys = {"url": f"{provider.base}/robot/send", "robots": robots, "keyword": "监察"}
        case _:
            provider = Feishu()
            keys = {"url": f"{provider.base}/hook", "robots": robots}
    return Side(provider, {"kind": kind, **keys})


@pytest.fixture(params=["wecom_robot", "wecom_app", "dingtalk", "feishu"])
def other_side(request: pytest.FixtureRequest) -> Iterator[Side]:
    side = side_of(request.param)
    yield side
    side.channel.close()
    side.provider.stop()


class TestMessengersKeepTheContract(ChannelContract):
    """The fixture above gives each of them in turn."""


@pytest.fixture
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    made = side_of(request.param)
    yield made
    made.channel.close()
    made.provider.stop()


def only(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("side", [kind], indirect=True)


def test_what_a_case_says_is_obeyed_by_no_messenger(other_side: Side) -> None:
    """Neither tags nor mentions, line breaks or directions; and the light is said in words."""
    made = attempt(
        other_side.address,
        subject="【黄牌】<at user_id=\"all\"></at> @all <a href='http://evil.example'>x</a>\r\n# h",
        body='单位：<font color="warning">住建局</font>\n办件：**1** [x](http://evil.example) \u202e@13800000000\n',
    )
    assert other_side.channel.send(made).outcome is Outcome.DELIVERED
    (text,) = other_side.provider.texts
    assert not any(character in text for character in "<>@\u202e\r")
    assert "黄牌" in text


def test_a_message_that_is_too_long_is_cut_and_keeps_its_number(other_side: Side) -> None:
    made = attempt(other_side.address, subject="超" * 500, body="很长的一行内容\n" * 5_000)
    assert other_side.channel.send(made).outcome is Outcome.DELIVERED
    assert other_side.received() == [(made.delivery.key, False)]


def test_a_rate_limit_says_how_long_to_wait(other_side: Side) -> None:
    other_side.turn(Mood.REFUSES_FOR_NOW)
    receipt = other_side.channel.send(attempt(other_side.address))
    assert receipt.retry_after == {"dingtalk": 600, "feishu": 52}.get(other_side.channel.kind, 60)


def test_no_secret_is_shown_in_an_answer(other_side: Side) -> None:
    for mood in (Mood.ACCEPTS, Mood.REFUSES_FOR_GOOD, Mood.REFUSES_FOR_NOW, Mood.HANGS_UP, Mood.IS_DOWN):
        other_side.turn(mood)
        said = other_side.channel.send(attempt(other_side.address)).answer
        assert TOKEN not in said
        assert SIGN not in said


def test_many_are_sent_side_by_side_and_each_has_its_own_receipt(other_side: Side) -> None:
    made = [attempt(other_side.address, f"card-{n}") for n in (1, 2, 3)] + [attempt("no such one", "card-1")]
    receipts = other_side.channel.send_many(made, lambda: False)  # type: ignore[attr-defined]  # those over HTTP have it
    assert [receipt.outcome for receipt in receipts] == [Outcome.DELIVERED] * 3 + [Outcome.PERMANENT]
    assert {key for key, _ in other_side.received()} == {each.delivery.key for each in made[:3]}


def test_what_was_not_begun_in_time_was_not_sent(other_side: Side) -> None:
    receipts = other_side.channel.send_many([attempt(other_side.address)], lambda: True)  # type: ignore[attr-defined]
    assert [receipt.outcome for receipt in receipts] == [Outcome.PASSING]
    assert other_side.provider.requests == []


@only("dingtalk")
@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({"keyword": ""}, Outcome.PERMANENT),
        ({"robots": {"office": {"token": "token", "sign": "wrong"}}}, Outcome.PASSING),
        ({"robots": {"office": {"token": "token"}}}, Outcome.PASSING),
        ({"robots": {"office": {"token": "wrong", "sign": "sign"}}}, Outcome.PERMANENT),
    ],
)
def test_what_dingtalk_refuses_is_told_apart(side: Side, changed: dict[str, Plain], outcome: Outcome) -> None:
    """A signature is ours to mend and concerns no single message; a missing robot or keyword stands."""
    assert side.opened(**changed).send(attempt(side.address, body="x", subject="y")).outcome is outcome


@only("feishu")
def test_a_wrong_signature_at_feishu_is_ours_to_mend(side: Side) -> None:
    receipt = side.opened(robots={"office": {"token": "token", "sign": "wrong"}}).send(attempt(side.address))
    assert (receipt.outcome, "19021" in receipt.answer) == (Outcome.PASSING, True)


@only("wecom_robot")
def test_a_robot_that_was_removed_is_permanent(side: Side) -> None:
    receipt = side.opened(robots={"office": {"token": "wrong"}}).send(attempt(side.address))
    assert (receipt.outcome, "93000" in receipt.answer) == (Outcome.PERMANENT, True)


@only("wecom_app")
def test_a_token_is_fetched_once_and_anew_when_it_is_refused(side: Side) -> None:
    assert isinstance(side.provider, WeComApp)
    for _ in range(3):
        assert side.channel.send(attempt(side.address)).answer.startswith("0 ok, msgid=m-")
    side.provider.expire()
    assert side.channel.send(attempt(side.address)).outcome is Outcome.DELIVERED
    assert side.provider.issued == 2


@only("wecom_app")
@pytest.mark.parametrize(("user", "asked"), [("li.si", True), ("@all", False), ("zhang.san|li.si", False)])
def test_a_person_who_cannot_be_reached_was_not_told(side: Side, user: str, asked: bool) -> None:
    """WeCom says 0 and names whom it could not tell; ids that mean many people never leave."""
    assert side.channel.send(attempt(user)).outcome is Outcome.PERMANENT
    assert any(each.path.endswith("/message/send") for each in side.provider.requests) is asked
    assert side.provider.accepted == []


@only("wecom_app")
def test_a_wrong_secret_fails_no_message_for_good(side: Side) -> None:
    receipt = side.opened(secret="wrong").send(attempt(side.address))
    assert (receipt.outcome, "40001" in receipt.answer) == (Outcome.PASSING, True)
