"""Syslog over UDP, TCP and TLS against receivers that read frames and structured data as the RFCs say."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from alerts.channels.base import Channel
from alerts.channels.registry import open_channel
from alerts.model import Outcome
from rules.documents import Plain
from tests.alerts.builders import attempt
from tests.alerts.receivers.syslog import Datagrams, Streams
from tests.contracts.channel_contract import ChannelContract, Mood

MESSAGE = re.compile(
    r"<(?P<priority>\d{1,3})>1 (?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) (?P<host>[!-~]+) mingdeng (?P<process>\d+) card"
    r' \[mingdeng@32473(?P<data>(?: [A-Za-z_]+="(?:[^"\\\]]|\\["\\\]])*")*)\] \ufeff(?P<text>.*)'
)
_PARAMETER = re.compile(r' ([A-Za-z_]+)="((?:[^"\\\]]|\\["\\\]])*)"')


def read(message: bytes) -> tuple[re.Match[str], dict[str, str]]:
    """Return the parts of a message and its structured data; fail where it is not of RFC 5424."""
    found = MESSAGE.fullmatch(message.decode())
    assert found is not None, message
    return found, {name: re.sub(r"\\(.)", r"\1", value) for name, value in _PARAMETER.findall(found["data"])}


class Side:
    """A receiver with a channel to it."""

    address = "siem"

    def __init__(self, transport: str, folder: Path) -> None:
        keys: dict[str, Plain] = {"kind": "syslog", "host": "127.0.0.1", "transport": transport, "timeout": 1.0}
        tls = None
        if transport == "tls":
            authority = trustme.CA()
            authority.cert_pem.write_to_path(str(folder / "ca.pem"))
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert("127.0.0.1").configure_cert(tls)
            keys["ca_file"] = str(folder / "ca.pem")
        self.receiver: Datagrams | Streams = Datagrams() if transport == "udp" else Streams(tls)
        self.keys: dict[str, Plain] = {**keys, "port": self.receiver.port, "networks": ["127.0.0.0/8"]}
        self.channel = self.opened()

    def opened(self, **changed: Plain) -> Channel:
        return open_channel("siem", {**self.keys, **changed}, {}, Path("/"))

    def turn(self, mood: Mood) -> bool:
        if isinstance(self.receiver, Datagrams) or mood not in {Mood.IS_DOWN, Mood.IS_SILENT, Mood.HANGS_UP}:
            return mood is Mood.ACCEPTS
        self.receiver.mood = mood
        if mood is Mood.IS_DOWN:
            self.receiver.stop()
        return True

    def received(self) -> list[tuple[str, bool]]:
        if isinstance(self.receiver, Datagrams):
            self.receiver.take()
        told = [read(message)[1] for message in self.receiver.messages]
        return [(each["key"], each["possibleRepeat"] == "true") for each in told]


@pytest.fixture(params=["udp", "tcp", "tls"])
def other_side(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Side]:
    side = Side(request.param, tmp_path)
    yield side
    side.receiver.stop()


class TestSyslogKeepsTheContract(ChannelContract):
    """The fixture above gives each way in turn."""


def test_nothing_that_a_case_says_breaks_out_of_its_field(other_side: Side) -> None:
    odd = 'a"] [x@1 b="c\\\r\n<13>1 - - - - - - forged'
    made = attempt(other_side.address, subject=f"【红牌】\n<13>1 {odd}", facts={"unit": odd, "colour": "red"})
    assert other_side.channel.send(made).outcome is Outcome.DELIVERED
    assert len(other_side.received()) == 1
    found, data = read(other_side.receiver.messages[0])
    assert (data["unit"], found["priority"]) == ('a"] [x@1 b="c\\ <13>1 - - - - - - forged', str(13 * 8 + 3))
    assert found["text"].startswith("【红牌】 <13>1")


def test_it_goes_to_no_address_that_is_not_allowed(other_side: Side) -> None:
    receipt = other_side.opened(networks=["10.0.0.0/8"]).send(attempt(other_side.address))
    assert (receipt.outcome, other_side.received()) == (Outcome.PERMANENT, [])


def test_a_datagram_is_no_longer_than_every_receiver_takes(tmp_path: Path) -> None:
    side = Side("udp", tmp_path)
    side.channel.send(attempt(side.address, subject="超" * 2_000))
    assert len(side.received()) == 1
    assert len(side.receiver.messages[0]) <= 2048
    side.receiver.stop()


def test_a_receiver_whose_certificate_is_not_trusted_gets_nothing(tmp_path: Path) -> None:
    side = Side("tls", tmp_path)
    receipt = open_channel("siem", {k: v for k, v in side.keys.items() if k != "ca_file"}, {}, Path("/")).send(
        attempt(side.address)
    )
    assert (receipt.outcome, "certificate" in receipt.answer.lower()) == (Outcome.PASSING, True)
    side.receiver.stop()
    assert side.received() == []
