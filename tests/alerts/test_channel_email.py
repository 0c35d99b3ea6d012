"""Mail against a real SMTP server: encrypted, signed in, refused, dropped, silent."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr

from alerts.channels.base import Channel
from alerts.channels.registry import open_channel
from alerts.model import Outcome
from rules.documents import Plain
from tests.alerts.builders import attempt
from tests.contracts.channel_contract import ChannelContract, Mood

ADDRESS = "xnb@county.example"
PASSWORD = "正确的密码"
ANSWERS = {
    Mood.ACCEPTS: "250 taken",
    Mood.REFUSES_FOR_GOOD: "554 5.7.1 refused",
    Mood.REFUSES_FOR_NOW: "451 4.3.0 try later",
    Mood.SAYS_TOO_MUCH: "250 " + "taken\x07\x1b[31m" * 80,
}


class Handler:
    """What the mail server does with a letter."""

    def __init__(self) -> None:
        self.mood = Mood.ACCEPTS
        self.recipient_answer = "250 ok"
        self.sender_answer = "250 ok"
        self.letters: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.sender_answer

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # as above
        if self.mood is Mood.IS_SILENT:
            await asyncio.sleep(20)
        if self.mood is Mood.HANGS_UP:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            return "250 nobody hears this"
        answer = ANSWERS[self.mood]
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.envelopes.append(envelope)
            self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return answer


class AnyPort(Controller):
    """A server on a free port; ``port`` is the one that it got."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.base_events.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd ships no types for it


class MailServer:
    """A mail server on this machine that asks for encryption and a password."""

    address = ADDRESS

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(tls)
        self.handler = Handler()
        self.controller = AnyPort(
            self.handler, hostname="127.0.0.1", port=0, tls_context=tls, require_starttls=True, auth_required=True,
            authenticator=self.authenticated, auth_require_tls=True,
        )  # fmt: skip
        self.controller.start()
        self.port = self.controller.port
        self.channel = self.opened()

    def authenticated(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth_data: object
    ) -> AuthResult:
        assert isinstance(auth_data, LoginPassword)
        return AuthResult(success=auth_data.password.decode() == PASSWORD, handled=False)

    def opened(self, **changed: Plain | None) -> Channel:
        keys: dict[str, Plain] = {
            "kind": "email", "host": "127.0.0.1", "port": self.port, "user": "mingdeng", "password": "smtp",
            "sender": "mingdeng@county.example", "ca_file": str(self.ca_file), "timeout": 1.0, **changed,
        }  # fmt: skip
        secrets = {"smtp": SecretStr(PASSWORD), "wrong": SecretStr("falsch")}
        return open_channel("mail", {k: v for k, v in keys.items() if v is not None}, secrets, Path("/"))

    def turn(self, mood: Mood) -> bool:
        self.handler.mood = mood
        if mood is Mood.IS_DOWN:
            self.controller.stop()
        return True

    def received(self) -> list[tuple[str, bool]]:
        return [
            (str(mail["Message-ID"]).strip("<>").partition("@")[0], "X-Mingdeng-Possible-Repeat" in mail)
            for mail in self.handler.letters
        ]


@pytest.fixture
def mail_server(tmp_path: Path) -> Iterator[MailServer]:
    server = MailServer(tmp_path)
    yield server
    with suppress(AssertionError):  # stopped already
        server.controller.stop()


class TestMailKeepsTheContract(ChannelContract):
    @pytest.fixture
    def other_side(self, mail_server: MailServer) -> MailServer:
        return mail_server


def test_the_letter_arrives_whole_and_in_chinese(mail_server: MailServer) -> None:
    """A line of one dot would end the letter on the way if it were not stuffed."""
    mail_server.channel.send(attempt(ADDRESS))
    (letter,), (envelope,) = mail_server.handler.letters, mail_server.handler.envelopes
    assert letter["Subject"] == "【黄牌】住建局：T04 超承诺时限"
    assert letter.get_content().replace("\r\n", "\n") == "对住建局发出黄牌。\n.\n单位：住建局\n"
    assert (envelope.mail_from, envelope.rcpt_tos) == ("mingdeng@county.example", [ADDRESS])
    assert letter["From"].addresses[0].display_name == "明灯"
    assert letter["Auto-Submitted"] == "auto-generated"


def test_a_possible_repeat_says_so_in_its_subject_and_keeps_its_message_id(mail_server: MailServer) -> None:
    mail_server.channel.send(attempt(ADDRESS))
    mail_server.channel.send(attempt(ADDRESS, number=2, possible_repeat=True))
    first, second = mail_server.handler.letters
    assert first["Message-ID"] == second["Message-ID"]
    assert "可能重复" not in first["Subject"]
    assert "可能重复" in second["Subject"]


@pytest.mark.parametrize(
    ("subject", "recipient"),
    [
        ("一\r\nBcc: everybody@county.example\r\n\r\nbody", "办"),
        ("一", "办\r\nBcc: everybody@county.example"),
        ("一", '"quoted" <everybody@county.example>, x'),
    ],
)
def test_no_value_breaks_out_of_its_header(mail_server: MailServer, subject: str, recipient: str) -> None:
    made = attempt(ADDRESS, subject=subject, recipient=recipient)
    assert mail_server.channel.send(made).outcome is Outcome.DELIVERED
    (letter,), (envelope,) = mail_server.handler.letters, mail_server.handler.envelopes
    assert envelope.rcpt_tos == [ADDRESS]
    assert [a.addr_spec for a in letter["To"].addresses] == [ADDRESS]
    assert letter["Bcc"] is None
    assert "Bcc" not in letter.get_content()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("550 5.1.1 no such user", Outcome.PERMANENT), ("450 4.2.1 mailbox busy", Outcome.PASSING)],
)
def test_an_address_that_the_server_refuses(mail_server: MailServer, answer: str, outcome: Outcome) -> None:
    mail_server.handler.recipient_answer = answer
    receipt = mail_server.channel.send(attempt(ADDRESS))
    assert (receipt.outcome, receipt.answer) == (outcome, answer)


def test_a_server_that_does_not_know_our_sender_loses_no_letter(mail_server: MailServer) -> None:
    mail_server.handler.sender_answer = "550 5.7.60 you may not send as this address"
    assert mail_server.channel.send(attempt(ADDRESS)).outcome is Outcome.PASSING


def test_a_wrong_password_loses_no_letter(mail_server: MailServer) -> None:
    """It is ours to mend: the letter waits until the password is right."""
    receipt = mail_server.opened(password="wrong").send(attempt(ADDRESS))
    assert receipt.outcome is Outcome.PASSING
    assert "535" in receipt.answer
    assert "falsch" not in receipt.answer
    assert mail_server.channel.send(attempt(ADDRESS)).outcome is Outcome.DELIVERED


def test_a_certificate_that_is_not_trusted_gets_no_letter_and_no_password(mail_server: MailServer) -> None:
    receipt = mail_server.opened(ca_file=None).send(attempt(ADDRESS))
    assert receipt.outcome is Outcome.PASSING
    assert "certificate" in receipt.answer.lower()
    assert mail_server.received() == []


def test_a_server_without_encryption_gets_no_letter_unless_the_settings_say_so(tmp_path: Path) -> None:
    handler = Handler()
    controller = AnyPort(handler, hostname="127.0.0.1", port=0)
    controller.start()
    keys: dict[str, Plain] = {
        "kind": "email", "host": "127.0.0.1", "port": controller.port, "sender": "m@county.example",
        "timeout": 1.0,
    }  # fmt: skip
    try:
        assert open_channel("m", keys, {}, tmp_path).send(attempt(ADDRESS)).outcome is Outcome.PASSING
        assert handler.letters == []
        plain = open_channel("m", {**keys, "security": "none"}, {}, tmp_path)
        assert plain.send(attempt(ADDRESS)).outcome is Outcome.DELIVERED
    finally:
        controller.stop()


def test_implicit_tls_works_too(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    handler = Handler()
    controller = AnyPort(handler, hostname="127.0.0.1", port=0, ssl_context=tls)
    controller.start()
    keys: dict[str, Plain] = {
        "kind": "email", "host": "127.0.0.1", "port": controller.port, "security": "tls",
        "sender": "m@county.example", "ca_file": "ca.pem", "timeout": 1.0,
    }  # fmt: skip
    try:
        assert open_channel("m", keys, {}, tmp_path).send(attempt(ADDRESS)).outcome is Outcome.DELIVERED
    finally:
        controller.stop()
    assert len(handler.letters) == 1


def test_a_server_that_speaks_a_byte_now_and_then_is_cut_off_at_the_deadline(tmp_path: Path) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip() -> None:
        peer, _ = listener.accept()
        with peer, suppress(OSError):
            while not stop.wait(0.1):
                peer.sendall(b"2")

    thread = threading.Thread(target=drip)
    thread.start()
    keys: dict[str, Plain] = {
        "kind": "email", "host": "127.0.0.1", "port": listener.getsockname()[1], "sender": "m@county.example",
        "security": "none", "timeout": 0.5,
    }  # fmt: skip
    began = time.monotonic()
    receipt = open_channel("m", keys, {}, tmp_path).send(attempt(ADDRESS))
    stop.set()
    thread.join()
    listener.close()
    assert receipt.outcome is Outcome.PASSING
    assert time.monotonic() - began < 3
