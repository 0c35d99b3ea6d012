"""The SMS gateway, the Alertmanager and the file drop, each against its own other side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from alerts.channels.base import Channel
from alerts.channels.registry import open_channel
from alerts.model import Outcome
from rules.documents import Plain
from rules.problems import UserError
from tests.alerts.builders import DUE_AT, attempt
from tests.alerts.receivers.gateways import PASSWORD, AlertmanagerServer, SmsGateway
from tests.alerts.receivers.http import Provider
from tests.contracts.channel_contract import ChannelContract, Mood

LOOPBACK: dict[str, Plain] = {"networks": ["127.0.0.0/8"], "plain_http": True, "timeout": 1.0}
SMS: dict[str, Plain] = {
    "kind": "sms",
    "body": {"password": "{password}", "mobile": "{phone}", "content": "{text}", "msgid": "{key}"},
    "secrets": {"password": "sms_password"},
    "success": {"field": "code", "values": ["0"], "later": ["103"]},
}
FACTS = {"card": "card-1", "colour": "red", "was": "yellow", "unit": "housing", "raised_at": str(DUE_AT - 60)}


class Side:
    """A provider with a channel to it."""

    def __init__(self, provider: Provider, settings: dict[str, Plain]) -> None:
        self.provider, self.settings, self.address = provider, settings, provider.address_of_tests
        self.channel = self.opened()

    def opened(self, **changed: Plain) -> Channel:
        keys = {**LOOPBACK, **self.settings, **changed}
        return open_channel("gate", keys, {"sms_password": SecretStr(PASSWORD)}, Path("/"))

    def turn(self, mood: Mood) -> bool:
        self.provider.mood = mood
        if mood is Mood.IS_DOWN:
            self.provider.stop()
        return True

    def received(self) -> list[tuple[str, bool]]:
        return [] if self.provider.mood in {Mood.IS_SILENT, Mood.HANGS_UP} else self.provider.accepted


@pytest.fixture
def gateway() -> Iterator[Side]:
    provider = SmsGateway()
    side = Side(provider, {**SMS, "url": f"{provider.base}/send"})
    yield side
    side.channel.close()
    provider.stop()


@pytest.fixture
def alertmanager() -> Iterator[Side]:
    provider = AlertmanagerServer()
    side = Side(provider, {"kind": "alertmanager", "url": provider.base})
    yield side
    side.channel.close()
    provider.stop()


class TestSmsKeepsTheContract(ChannelContract):
    @pytest.fixture
    def other_side(self, gateway: Side) -> Side:
        return gateway


class TestAlertmanagerKeepsTheContract(ChannelContract):
    @pytest.fixture
    def other_side(self, alertmanager: Side) -> Side:
        return alertmanager


@pytest.mark.parametrize("changed", [{}, {"format": "form"}, {"method": "GET"}])
def test_a_gateway_is_asked_in_the_way_of_its_settings(gateway: Side, changed: dict[str, Plain]) -> None:
    """A value fills its place once: a secret that looks like a place, or the other way round, stays as it is."""
    made = attempt(gateway.address, subject="【黄牌】住建局 &password=x {password}")
    receipt = gateway.opened(**changed).send(made)
    assert (receipt.outcome, PASSWORD in receipt.answer) == (Outcome.DELIVERED, False)
    assert gateway.provider.texts == ["【黄牌】住建局 &password=x {password} card-1-1"]


def test_a_text_fits_and_ends_with_the_number_of_the_card(gateway: Side) -> None:
    made = attempt(gateway.address, subject="【红牌】" + "很长的标题" * 40)
    assert gateway.opened(signature="【某县监察】").send(made).outcome is Outcome.DELIVERED
    (text,) = gateway.provider.texts
    assert text.startswith("【某县监察】【红牌】")
    assert text.endswith("… card-1-1")
    assert len(text) == 70


def test_an_answer_of_a_gateway_may_be_a_mere_word(gateway: Side) -> None:
    success: Plain = {"values": ['{"code": 0'], "later": ['{"code": "103']}
    assert gateway.opened(success=success).send(attempt(gateway.address)).outcome is Outcome.DELIVERED
    gateway.turn(Mood.REFUSES_FOR_NOW)
    assert gateway.opened(success=success).send(attempt(gateway.address)).outcome is Outcome.PASSING


def test_a_header_of_the_settings_cannot_begin_another(gateway: Side) -> None:
    with pytest.raises(UserError):
        gateway.opened(headers={"X-Key": "a\r\nX-Other: b"})


def test_a_card_that_rises_resolves_the_alert_of_its_former_colour(alertmanager: Side) -> None:
    assert isinstance(alertmanager.provider, AlertmanagerServer)
    alertmanager.channel.send(attempt(alertmanager.address, facts=FACTS))
    former, now = alertmanager.provider.alerts
    assert [each["labels"] for each in (former, now)] == [
        {"alertname": "MingdengCard", "severity": severity, "receiver": "operations", "rank": "owner",
         "card": "card-1", "unit": "housing"} for severity in ("yellow", "red")
    ]  # fmt: skip
    assert former["endsAt"] == "2018-10-24T02:00:01Z"
    assert str(now["endsAt"]) > "2018-11-20"
    assert now["startsAt"] == "2018-10-24T01:59:00Z"


@pytest.mark.parametrize("over", [{"state": "revoked"}, {"ended_at": str(DUE_AT)}])
def test_a_card_that_ended_or_was_revoked_is_resolved(alertmanager: Side, over: dict[str, str]) -> None:
    assert isinstance(alertmanager.provider, AlertmanagerServer)
    alertmanager.channel.send(attempt(alertmanager.address, facts={**FACTS, "was": "red", **over}))
    (alert,) = alertmanager.provider.alerts
    assert alert["endsAt"] == "2018-10-24T02:00:01Z"


def test_an_alertmanager_that_shuts_down_is_waited_for(alertmanager: Side) -> None:
    alertmanager.turn(Mood.REFUSES_FOR_NOW)
    assert alertmanager.channel.send(attempt(alertmanager.address)).retry_after == 7


@pytest.mark.parametrize("kind", ["email", "webhook", "sms", "alertmanager", "syslog", "feishu"])
def test_no_timeout_is_longer_than_the_lease_of_an_attempt(kind: str) -> None:
    with pytest.raises(UserError, match="45 seconds"):
        open_channel("slow", {"kind": kind, "timeout": 46}, {}, Path("/"))


class Drop:
    """A folder as a receiver."""

    address = "archive"

    def __init__(self, folder: Path, form: str) -> None:
        self.folder = folder
        keys: dict[str, Plain] = {"kind": "filedrop", "folder": folder.name, "format": form}
        self.channel = open_channel("drop", keys, {}, folder.parent)
        self._order: list[str] = []

    def turn(self, mood: Mood) -> bool:
        blocker = self.folder.parent / "blocker"
        if mood in {Mood.REFUSES_FOR_NOW, Mood.IS_DOWN}:
            blocker.write_text("in the way")
            self.folder.symlink_to(blocker / "nowhere")
            return True
        if mood is Mood.ACCEPTS:
            self.folder.unlink()
            return True
        return False

    def received(self) -> list[tuple[str, bool]]:
        files = sorted(self.folder.glob("*")) if self.folder.is_dir() else []
        assert not any(file.name.startswith(".") for file in files)
        if any(file.suffix == ".txt" for file in files):
            texts = [file.read_text("utf-8") for file in files]
            return [(text.split("No.: ")[1].strip(), "可能重复" in text) for text in texts]
        return [(said["key"], said["possible_repeat"]) for said in (json.loads(file.read_bytes()) for file in files)]


class TestFileDropKeepsTheContract(ChannelContract):
    @pytest.fixture(params=["json", "text"])
    def other_side(self, tmp_path: Path, request: pytest.FixtureRequest) -> Drop:
        return Drop(tmp_path / "drop", request.param)
