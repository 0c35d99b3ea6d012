"""Webhooks against a real HTTP receiver: signed, keyed, never redirected, never to a host that is not listed."""

from __future__ import annotations

import email.utils
import hashlib
import hmac
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme
from pydantic import SecretStr

from alerts.channels.base import Channel
from alerts.channels.registry import open_channel
from alerts.model import Outcome, Receipt
from rules.addresses import permitted
from rules.documents import Plain
from tests.alerts.builders import DUE_AT, attempt
from tests.contracts.channel_contract import ChannelContract, Mood

SECRET = "密钥-of-the-hook"
STATUS = {
    Mood.ACCEPTS: 200,
    Mood.SAYS_TOO_MUCH: 202,
    Mood.REFUSES_FOR_GOOD: 410,
    Mood.REFUSES_FOR_NOW: 503,
}


class Receiver(ThreadingHTTPServer):
    """An HTTP server that notes what it got and answers as it is told."""

    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.mood = Mood.ACCEPTS
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.accepted: list[tuple[str, bool]] = []
        self.leave = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what these tests are about."""

    def stop(self) -> None:
        self.leave.set()
        if self.thread.is_alive():
            self.shutdown()
            self.thread.join()
            self.server_close()


class Answering(BaseHTTPRequestHandler):
    """One exchange."""

    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver = self.server
        receiver.requests.append((self.path, dict(self.headers.items()), body))
        if receiver.mood is Mood.IS_SILENT:
            receiver.leave.wait(20)
            return
        if receiver.mood is Mood.HANGS_UP:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status = receiver.status or STATUS[receiver.mood]
        if status < 300:
            receiver.accepted.append((self.headers["Idempotency-Key"], "Mingdeng-Possible-Repeat" in self.headers))
        self.send_response(status)
        for name, value in receiver.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if status not in {204, 304}:
            self.wfile.write(b"taken\r\n\x1b[31m" * (400 if receiver.mood is Mood.SAYS_TOO_MUCH else 1))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class calls it so
        """The test says what it needs."""


class Hook:
    """A receiver with a channel to it."""

    def __init__(self) -> None:
        self.receiver = Receiver()
        self.address = f"http://127.0.0.1:{self.receiver.port}/notices?from=mingdeng"
        self.channel = opened()

    def turn(self, mood: Mood) -> bool:
        self.receiver.mood = mood
        if mood is Mood.IS_DOWN:
            self.receiver.stop()
        return True

    def received(self) -> list[tuple[str, bool]]:
        return self.receiver.accepted

    def send(self, status: int | None = None, **headers: str) -> Receipt:
        self.receiver.status = status
        self.receiver.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.channel.send(attempt(self.address))


def opened(**changed: Plain) -> Channel:
    keys: dict[str, Plain] = {
        "kind": "webhook", "secret": "hook", "hosts": ["127.0.0.1"], "networks": ["127.0.0.0/8"], "plain_http": True,
        "timeout": 1.0, **changed,
    }  # fmt: skip
    return open_channel("hook", keys, {"hook": SecretStr(SECRET)}, Path("/"))


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()
    yield made
    made.channel.close()
    made.receiver.stop()


class TestWebhookKeepsTheContract(ChannelContract):
    @pytest.fixture
    def other_side(self, hook: Hook) -> Hook:
        return hook


def test_the_receiver_can_verify_signature_time_and_key(hook: Hook) -> None:
    hook.send()
    ((path, headers, body),) = hook.receiver.requests
    signed = f"{headers['Mingdeng-Timestamp']}.".encode() + body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["Mingdeng-Signature"] == f"v1={expected}"
    assert headers["Mingdeng-Timestamp"] == str(DUE_AT + 1)
    said = json.loads(body)
    assert headers["Idempotency-Key"] == said["key"] == attempt(hook.address).delivery.key
    assert path == "/notices?from=mingdeng"
    assert (said["subject"], said["facts"]["unit"], said["rank"]) == (
        "【黄牌】住建局：T04 超承诺时限",
        "住建局",
        "owner",
    )


def test_a_repeat_differs_only_in_saying_that_it_is_one(hook: Hook) -> None:
    hook.channel.send(attempt(hook.address))
    hook.channel.send(attempt(hook.address, number=2, possible_repeat=True))
    first, second = (json.loads(body) for _, _, body in hook.receiver.requests)
    assert {name for name in first if first[name] != second[name]} == {"attempt", "possible_repeat"}


def test_what_failed_with_500_goes_through_with_200(hook: Hook) -> None:
    assert hook.send(500).outcome is Outcome.PASSING
    assert hook.send(200).outcome is Outcome.DELIVERED


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.DELIVERED), (202, Outcome.DELIVERED), (204, Outcome.DELIVERED),
        (301, Outcome.PERMANENT), (307, Outcome.PERMANENT), (304, Outcome.PERMANENT),
        (400, Outcome.PERMANENT), (401, Outcome.PERMANENT), (404, Outcome.PERMANENT), (410, Outcome.PERMANENT),
        (408, Outcome.PASSING), (425, Outcome.PASSING), (429, Outcome.PASSING),
        (500, Outcome.PASSING), (502, Outcome.PASSING), (503, Outcome.PASSING), (599, Outcome.PASSING),
    ],
)  # fmt: skip
def test_each_status_means_what_follows(hook: Hook, status: int, outcome: Outcome) -> None:
    receipt = hook.send(status)
    assert receipt.outcome is outcome
    assert receipt.answer.startswith(str(status))


def test_a_redirect_is_not_followed_not_even_to_the_same_host(hook: Hook) -> None:
    receipt = hook.send(307, Location=hook.address)
    assert (receipt.outcome, receipt.answer) == (Outcome.PERMANENT, "307: redirects are not followed")
    assert len(hook.receiver.requests) == 1


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120), ("0", 0), ("soon", None), ("-5", None), ("", None),
        (email.utils.formatdate(DUE_AT + 1 + 90, usegmt=True), 90),
        (email.utils.formatdate(DUE_AT - 90, usegmt=True), 0),
    ],
)  # fmt: skip
def test_what_the_receiver_asks_to_wait_is_kept(hook: Hook, said: str, seconds: int | None) -> None:
    assert hook.send(429, Retry_After=said).retry_after == seconds


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:{port}/", "http://127.0.0.1.evil.example:{port}/", "http://evil@127.0.0.1:{port}/",
        "http://127.0.0.1@evil.example:{port}/", "ftp://127.0.0.1:{port}/", "127.0.0.1:{port}", "", "http://",
        "http://127.0.0.1:{port}/a b\x7f", "http://127.0.0.1:99999/", "http://[::1/", "file://localhost/etc/hostname",
        "http://2130706433:{port}/", "http://0x7f.1:{port}/",
    ],
)  # fmt: skip
def test_no_message_leaves_for_a_host_that_is_not_listed(hook: Hook, address: str) -> None:
    receipt = hook.channel.send(attempt(address.format(port=hook.receiver.port)))
    assert receipt.outcome is Outcome.PERMANENT
    assert hook.receiver.requests == []


def test_a_listed_host_whose_address_is_this_machine_is_refused_unless_the_network_is_named(hook: Hook) -> None:
    """A name in somebody else's DNS must not lead back inside."""
    receipt = opened(networks=[]).send(attempt(hook.address))
    assert receipt.outcome is Outcome.PERMANENT
    assert "may be connected to" in receipt.answer
    assert hook.receiver.requests == []


def test_the_address_that_was_checked_is_the_one_that_is_called(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers harmlessly the first time and with an inner address the second gains nothing."""
    answers = [[(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", hook.receiver.port))]]
    real = socket.getaddrinfo

    def rebinding(host: str, *args: object, **kwargs: object) -> object:
        if host == "oa.county.example":
            return answers.pop(0) if answers else real("127.0.0.1", hook.receiver.port, type=socket.SOCK_STREAM)
        return real(host, *args, **kwargs)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    channel = opened(hosts=["oa.county.example"], networks=["192.0.2.0/24"], timeout=0.3)
    receipt = channel.send(attempt(f"http://oa.county.example:{hook.receiver.port}/"))
    assert receipt.outcome is not Outcome.DELIVERED
    assert hook.receiver.requests == []


def test_plain_http_is_refused_unless_the_settings_say_so(hook: Hook) -> None:
    assert opened(plain_http=False).send(attempt(hook.address)).outcome is Outcome.PERMANENT
    assert hook.receiver.requests == []


def test_a_proxy_of_the_environment_is_not_used(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert hook.send().outcome is Outcome.DELIVERED


def test_https_is_checked_against_the_authority_that_is_named(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    receiver = Receiver(tls)
    address = f"https://127.0.0.1:{receiver.port}/"
    try:
        trusted = opened(plain_http=False, ca_file=str(tmp_path / "ca.pem"))
        assert trusted.send(attempt(address)).outcome is Outcome.DELIVERED
        receipt = opened(plain_http=False).send(attempt(address))
        assert receipt.outcome is Outcome.PASSING
        assert "certificate" in receipt.answer.lower()
    finally:
        receiver.stop()
    assert len(receiver.requests) == 1


def test_a_receiver_that_answers_a_byte_now_and_then_is_cut_off_at_the_deadline() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip() -> None:
        peer, _ = listener.accept()
        with peer, suppress(OSError):
            while not stop.wait(0.1):
                peer.sendall(b"H")

    thread = threading.Thread(target=drip)
    thread.start()
    began = time.monotonic()
    receipt = opened(timeout=0.5).send(attempt(f"http://127.0.0.1:{listener.getsockname()[1]}/"))
    stop.set()
    thread.join()
    listener.close()
    assert receipt.outcome is Outcome.UNKNOWN
    assert time.monotonic() - began < 3


def test_an_answer_never_shows_the_secret(hook: Hook) -> None:
    for status in (200, 400, 500, 307):
        assert SECRET not in hook.send(status).answer


NOWHERE = str(ipaddress.IPv4Address(0))


@pytest.mark.parametrize(
    ("address", "anywhere"),
    [
        (NOWHERE, False),
        ("203.0.113.9", False), ("8.8.8.8", True), ("10.1.2.3", True), ("192.168.1.1", True), ("fd00::1", True),
        ("127.0.0.1", False), ("::1", False), ("::ffff:127.0.0.1", False), ("::ffff:8.8.8.8", True),
        ("169.254.169.254", False),
        ("::ffff:169.254.169.254", False), ("fe80::1", False), ("::", False),
        ("224.0.0.1", False), ("255.255.255.255", False), ("240.0.0.1", False),
    ],
)  # fmt: skip
def test_without_named_networks_any_machine_but_this_one_may_be_called(address: str, anywhere: bool) -> None:
    if address == "203.0.113.9":
        assert permitted(ipaddress.ip_address(address), [ipaddress.ip_network("10.0.0.0/8")]) is anywhere
        return
    assert permitted(ipaddress.ip_address(address), []) is anywhere
