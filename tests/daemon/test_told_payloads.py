"""What sources and people write goes out as text: from the judgement through the outbox over every channel that is told.

Nothing of it makes a header, a recipient, a line, a link, a mention or a file of its own, and nothing of it is worked out.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from email.message import EmailMessage
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from aiosmtpd.smtp import Envelope
from pydantic import SecretStr

from alerts.channels.base import Channel
from alerts.channels.registry import open_channel
from alerts.directory import Address, Directory, Person, Post, Tenure, Unit
from alerts.model import Deed, Done, Evidence
from alerts.moves import Side
from alerts.plan import plan
from alerts.routes import Recipient, Routes
from alerts.routing import Routing
from connectors.base import Batch
from daemon.appeals import counts_from
from daemon.duties.notify import Notify
from daemon.duties.review import Review
from daemon.law import read_law
from ledger import Ledger, views
from ledger.cardlife import Paper
from rules.documents import Plain
from rules.engine import DirectEngine
from rules.facts import CaseEvent
from rules.glossary import glossary
from rules.policy import Rank
from rules.review import review
from tests.alerts.receivers.gateways import PASSWORD, SmsGateway
from tests.alerts.receivers.http import Asked, Provider, Said
from tests.alerts.receivers.messengers import SIGN, TOKEN, DingTalk, Feishu, WeComRobot
from tests.alerts.receivers.syslog import Datagrams
from tests.alerts.test_channel_email import AnyPort, Handler
from tests.alerts.test_channel_syslog import read
from tests.console.payloads import EVIL, PRODUCT
from tests.daemon.test_duties import ACCEPTED, LATER

HERE: Final = "http://console.example:8080"
TOLD: Final = {
    **EVIL,
    "mention": '@all <at user_id="all">x</at> <@userid> @13800000000',
    "markdown": "[x](http://evil.example/1) ![y](//evil.example) <font color=red>www.evil.example</font> **b**",
    "placeholder": "{unit.name}{case.no}{7*7}",
    "headers": "x\r\nBcc: evil@evil.example\nContent-Type: text/html\r\n\r\n<b>evil</b>",
    "recipient": 'evil@evil.example>, "x" <more@evil.example>\r\nRCPT TO:<evil@evil.example>',
    "folder": "../../evil/../evil.eml",
}
RULES: Final = """
rulebook: told
title: {zh: 转述, en: told}
version: 1
in_force: {from: 2018-01-01}
basis: {promise: {text: 承诺}}
clocks:
  promise: {title: {zh: 承诺, en: promise}, of: application, starts: accepted, stops: completed, limit: 3 workdays}
rules:
  - id: X01
    title: {zh: "<b>超期</b> {{7*7}} @all", en: "<b>over</b> {{7*7}} @all"}
    of: application
    when: clock.promise.over
    card: red
    tell: R1
    basis: promise
    say:
      zh: "{case.no}｜{unit.name}｜{unit.code}｜{case.unit}｜{case.item}｜{item.name}｜{case.step}｜{case.window}｜{case.channel}｜{case.type}"
      en: "{case.no}|{unit.name}|{unit.code}|{case.unit}|{case.item}|{item.name}|{case.step}|{case.window}|{case.channel}|{case.type}"
"""
HEADERS: Final = {
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Mingdeng-Key", "Content-Type",
    "Content-Transfer-Encoding", "MIME-Version",
}  # fmt: skip
_LEADS: Final = re.compile(
    r"(?i)[a-z]+://(?!console\.example:8080/)|\bwww\.|[<>@\x00-\x09\x0b-\x1f\u202a-\u202e\u2066]"
)


class Hook(Provider):
    """A webhook that takes everything."""

    def answer(self, asked: Asked) -> Said:
        """Take it."""
        return Said(b"{}")


class Told(NamedTuple):
    """What arrived, by channel."""

    letters: list[EmailMessage]
    envelopes: list[Envelope]
    hooks: list[Asked]
    texts: Mapping[str, list[str]]
    lines: list[bytes]
    folder: Path


def numbered(number: int, kind: str, evil: str) -> str:
    """Return a case number as no connector refuses it: of at most 200 characters, without slashes and controls."""
    return kind if len(evil) > 150 or re.search(r"[/\x00-\x1f]", evil) else f"{number}{evil}"


def events() -> Iterator[CaseEvent]:
    """Yield a case for every payload, which stands in every field that a source fills."""
    for number, (kind, evil) in enumerate(TOLD.items()):
        case_no = numbered(number, kind, evil)
        common = {
            "unit": evil,
            "item": evil,
            "officer": evil,
            "window": evil,
            "channel": evil,
            "type": evil,
            "step": evil,
        }
        for name in ("accepted", evil):
            yield CaseEvent(
                source="licences", event_id=f"{number}{name}", version=1, namespace="n", kind="application",
                case_no=case_no, name=name, occurred_at=ACCEPTED, data={**common, "text": evil, evil: evil},
            )  # fmt: skip


def directory() -> Directory:
    """Return an office of which every table was filled with payloads; R1 is its post everywhere."""
    people = [
        Person(f"p{number}", evil, (Address("post", evil if number % 2 else f"p{number}@county.example"),))
        for number, evil in enumerate(TOLD.values())
    ]
    return Directory(
        units=tuple(Unit(evil, zh=evil, en=evil) for evil in TOLD.values()),
        posts=tuple(Post(evil, "head", Rank.R1, zh=evil, en=evil) for evil in TOLD.values()),
        people=tuple(people),
        holders_of=tuple(
            Tenure(evil, "head", person.account) for evil, person in zip(TOLD.values(), people, strict=True)
        ),
    )


@pytest.fixture
def told(ledger: Ledger, tmp_path: Path) -> Iterator[Told]:
    """Judge, card, tell, sign, appeal, and tell again; then everything is out."""
    with ExitStack() as open_things:
        handler, syslog = Handler(), Datagrams()
        server = AnyPort(handler, hostname="127.0.0.1", port=0)
        server.start()
        open_things.callback(server.stop)
        open_things.callback(syslog.stop)
        robots = {"wecom": WeComRobot(), "ding": DingTalk(), "feishu": Feishu(), "sms": SmsGateway()}
        hook = Hook()
        for provider in (*robots.values(), hook):
            open_things.callback(provider.stop)
        channels = opened(server.port, syslog.port, robots, hook, tmp_path)
        for channel in channels.values():
            open_things.callback(channel.close)
        _tell(ledger, channels, hook, tmp_path)
        syslog.take()
        yield Told(
            handler.letters, handler.envelopes, hook.requests, {name: each.texts for name, each in robots.items()},
            syslog.messages, tmp_path / "out",
        )  # fmt: skip


def opened(smtp: int, syslog: int, robots: Mapping[str, Provider], hook: Hook, folder: Path) -> dict[str, Channel]:
    """Return the channels to all receivers."""
    near: dict[str, Plain] = {"networks": ["127.0.0.0/8"], "plain_http": True, "timeout": 5.0}
    robot: dict[str, Plain] = {"robots": {"office": {"token": "token", "sign": "sign"}}, "per_minute": 100_000}
    settings: dict[str, dict[str, Plain]] = {
        "post": {"kind": "email", "host": "127.0.0.1", "port": smtp, "security": "none", "sender": "m@county.example"},
        "inbox": {"kind": "maildir", "folder": "out/mail"},
        "drop": {"kind": "filedrop", "folder": "out/drop"},
        "siem": {"kind": "syslog", "host": "127.0.0.1", "port": syslog, "transport": "udp", "networks": ["127.0.0.0/8"]},
        "hook": {"kind": "webhook", "secret": "token", "hosts": ["127.0.0.1"], **near},
        "wecom": {"kind": "wecom_robot", "url": f"{robots['wecom'].base}/cgi-bin/webhook/send", **near, **robot},
        "ding": {"kind": "dingtalk", "url": f"{robots['ding'].base}/robot/send", "keyword": "监察", **near, **robot},
        "feishu": {"kind": "feishu", "url": f"{robots['feishu'].base}/hook", **near, **robot},
        "sms": {
            "kind": "sms", "url": f"{robots['sms'].base}/send", "secrets": {"password": "password"}, **near,
            "body": {"password": "{password}", "mobile": "{phone}", "content": "{text}", "msgid": "{key}"},
            "success": {"field": "code", "values": ["0"]},
        },
    }  # fmt: skip
    secrets = {"token": SecretStr(TOKEN), "sign": SecretStr(SIGN), "password": SecretStr(PASSWORD)}
    return {name: open_channel(name, keys, secrets, folder) for name, keys in settings.items()}


def _tell(ledger: Ledger, channels: Mapping[str, Channel], hook: Hook, folder: Path) -> None:
    book, items = folder / "told.yaml", folder / "items.yaml"
    book.write_text(RULES, encoding="utf-8")
    listed = [{"code": evil, "name": evil, "limits": {"promised": "3 workdays"}} for evil in TOLD.values()]
    items.write_text(json.dumps({"items": listed}, ensure_ascii=True), encoding="utf-8")
    law = read_law([book], items=items)
    context = law.context(DirectEngine())
    to = {"post": "owner@county.example", "hook": f"{hook.base}/x", "sms": "13800000000", "inbox": "in", "drop": "in"}
    owner = tuple(
        Recipient(name="监督室", channel=name, address=to.get(name, "siem" if name == "siem" else "office"))
        for name in channels
    )
    routes = Routing(Routes(owner=owner, base_url=HERE), directory())
    counts = counts_from(law.default_calendar)
    judging = Review(
        ledger, lambda cases, now: review(cases, context, 0, now), law.books.policies, routes, counts, "Asia/Shanghai"
    )
    ledger.append(Batch(source="licences", events=tuple(events()), cursor={}), LATER)
    done = judging.run_once(LATER)
    assert (done.cards, done.lost) == (len(TOLD), 0)
    for line in views.latest_cards(ledger, 100):
        card = line.card
        _appealed(ledger, card.card_id, card.case_id.case_no, law.books.policies, routes, counts)
    Notify(ledger, channels, lambda: LATER).run_once(LATER)


def _appealed(ledger: Ledger, card_id, case_no, policies, routes, counts) -> None:  # type: ignore[no-untyped-def]
    evil = next(e for number, (kind, e) in enumerate(TOLD.items()) if case_no == numbered(number, kind, e))
    paper = Paper(evil[:200], "text/html", b"x")
    dated = Evidence(paper.name, paper.sha256, paper.media_type, len(paper.content), dt.date(2018, 10, 1))
    for serial, done in enumerate(
        (Done(deed=Deed.SIGN, by="u", role="unit_user"),
         Done(deed=Deed.APPEAL, by="u", role="unit_user", text=evil, evidence=(dated,))), start=1,
    ):  # fmt: skip
        ledger.act(
            card_id, serial, done, Side.UNIT, LATER, "Asia/Shanghai", counts,
            lambda change: plan([change], routes, policies, LATER, "Asia/Shanghai"), (paper,) if done.evidence else (),
        )  # fmt: skip


def test_what_is_ingested_is_told_as_text_over_every_channel(told: Told) -> None:
    """One story for all channels, since making the messages costs more than looking at them."""
    letters = [*told.letters, *(_letter(path) for path in sorted((told.folder / "mail" / "new").iterdir()))]
    assert len(told.letters) >= 2 * len(TOLD)
    for letter in letters:
        assert set(letter.keys()) <= HEADERS
        assert len(letter["To"].addresses) == 1
        assert not re.search(r"[\r\n]", letter["Subject"])
        assert (letter.get_content_type(), letter.is_multipart()) == ("text/plain", False)
        assert PRODUCT not in letter.get_content()
    told_to = {to for envelope in told.envelopes for to in envelope.rcpt_tos}
    people = {f"p{number}@county.example" for number in range(0, len(TOLD), 2)}
    assert told_to == {"owner@county.example", *people}
    assert all(len(envelope.rcpt_tos) == 1 for envelope in told.envelopes)
    _literal([letter.get_content() for letter in told.letters])

    drop = list((told.folder / "drop").iterdir())
    assert {re.fullmatch(r"[0-9a-f]{32}\.json", path.name) is not None for path in drop} == {True}
    assert {path.name for path in told.folder.iterdir()} == {"mail", "drop"}
    assert not list(told.folder.parent.rglob("*evil*"))

    for asked in told.hooks:
        assert set(asked.json) >= {"key", "subject", "body", "facts"}
        assert not any("evil" in f"{name}{value}" for name, value in asked.headers.items())
    for name, texts in told.texts.items():
        assert len(texts) == 2 * len(TOLD), name
        assert [found[0] for text in texts for found in _LEADS.finditer(text)] == [], name
    assert all("\n" not in text for text in told.texts["sms"])
    assert any(f"{HERE}/c" in text for text in told.texts["feishu"])
    assert len(told.lines) == 2 * len(TOLD)
    assert all("\n" not in read(line)[0]["text"] for line in told.lines)


def _letter(path: Path) -> EmailMessage:
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def _literal(bodies: list[str]) -> None:
    """Every line of a letter is one of ours, and what was written stands in it as it was."""
    for written in ("{{1337*7331}}${1337*7331}", "{unit.name}{case.no}{7*7}", "{{7*7}}", EVIL["script"]):
        assert any(written in body for body in bodies), written
    rows = tuple(f"{entry.zh}：" for entry in glossary()["fields"].values())
    for body in bodies:
        sentences, _, named = body.replace("\r\n", "\n").partition("\n\n")
        assert len(sentences.splitlines()) <= 2
        assert [line for line in named.splitlines() if not line.startswith(rows)] == []
