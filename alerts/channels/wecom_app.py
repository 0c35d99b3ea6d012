"""WeCom application messages (企业微信应用消息): to one person by user id, with the message id as proof.

The token is fetched with the application's secret, kept while it holds, and fetched anew once when it is refused. WeCom
drops a repeat of the same content within four hours by itself. developer.work.weixin.qq.com/document/path/90236.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Annotated, Final, Literal
from urllib.parse import urlencode

import msgspec
from pydantic import Field, SecretStr

from alerts.channels.base import Channel, Secrets, answered
from alerts.channels.wecom_robot import FOR_NOW, FREQUENCY, MOST_BYTES
from alerts.model import Attempt, Outcome, Receipt
from alerts.overhttp import HttpSettings, OverHttp, Unsendable, json_object, refused, whole
from alerts.plaintext import message
from alerts.posting import Answer, NotPosted, Request
from rules.addresses import Forbidden
from rules.placeholders import neutral

STALE: Final = frozenset({40014, 41001, 42001})
OURS_TO_MEND: Final = frozenset({40001, 40013, 40056, 40091, 48002, 301002})
"""Our secret, company or application: every message would fail alike."""
_USER: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}")


class Settings(HttpSettings):
    """Settings of a WeCom application (企业微信应用); the recipient's address is a person's user id.

    ```toml
    [channels.wecom_people]
    kind = "wecom_app"
    company = "ww0123456789abcdef"
    agent = 1000002
    secret = "wecom_app_secret"
    ```
    """

    kind: Literal["wecom_app"]
    company: Annotated[str, Field(min_length=1)]
    """The company's id (CorpID)."""
    agent: int
    """The application's id (AgentId)."""
    secret: Annotated[str, Field(min_length=1)]
    """Name of the application's secret."""
    url: str = "https://qyapi.weixin.qq.com/cgi-bin"
    """Where the interface is; another one for a private deployment. No other host is called."""
    per_minute: Annotated[int, Field(ge=0, le=100_000)] = 30
    """Messages that one person may get in a minute; the others wait."""

    def secret_names(self) -> tuple[str, ...]:
        """Return the name of the application's secret."""
        return (self.secret,)


class NoToken(Exception):
    """No token could be had; ``receipt`` says what that means for the message."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(receipt.answer)
        self.receipt = receipt


class WeComApp(OverHttp):
    """A WeCom application that writes to people."""

    kind = "wecom_app"

    def __init__(self, settings: Settings, secret: SecretStr) -> None:
        super().__init__(settings.exits(settings.url), settings.limits(), [secret])
        self._settings, self._secret = settings, secret
        self._fetching: asyncio.Lock | None = None
        self._token, self._until = "", 0.0

    async def deliver(self, attempt: Attempt) -> Receipt:
        """Send with a token that holds; one that is refused is replaced once, for nothing was sent with it."""
        try:
            used = await self._fresh("")
            receipt = await self.exchange(attempt)
            if whole(receipt.answer.partition(" ")[0]) in STALE:
                await self._fresh(used)
                receipt = await self.exchange(attempt)
        except NoToken as error:
            return error.receipt
        return receipt

    def request(self, attempt: Attempt) -> Request:
        """Return the message to one person; ids that mean many people are refused."""
        user = attempt.delivery.address
        if _USER.fullmatch(user) is None:
            raise Unsendable(f"'{neutral(user)[:60]}' is no user id")
        body = msgspec.json.encode(
            {
                "touser": user, "msgtype": "text", "agentid": self._settings.agent,
                "text": {"content": message(attempt, MOST_BYTES)},
                "enable_duplicate_check": 1, "duplicate_check_interval": 14_400,
            }
        )  # fmt: skip
        url = f"{self._settings.url}/message/send?" + urlencode({"access_token": self._token})
        return Request(url, body, {"Content-Type": "application/json; charset=utf-8"})

    def judged(self, attempt: Attempt, answer: Answer) -> Receipt:
        """Return what the answer means; a message that its only recipient cannot get was not delivered."""
        said = json_object(answer)
        number = whole(said.get("errcode"))
        if number is None:
            cut_off = answered(Outcome.UNKNOWN, f"{answer.status} without a number: ".encode() + answer.body)
            return refused(answer, attempt.started_at) or cut_off
        words = f"{number} {said.get('errmsg', '')}"
        if number == 0:
            lost = said.get("invaliduser") or said.get("unlicenseduser")
            if lost:
                return answered(Outcome.PERMANENT, f"{words}, cannot be reached: {lost}")
            return answered(Outcome.DELIVERED, f"{words}, msgid={said.get('msgid', '')}")
        if number in FREQUENCY:
            return answered(Outcome.PASSING, words, 60)
        passing = number in FOR_NOW | STALE | OURS_TO_MEND
        return answered(Outcome.PASSING if passing else Outcome.PERMANENT, words)

    async def _fresh(self, refused_token: str) -> str:
        """Return a token that holds and is not the refused one; one message fetches it for all."""
        self._fetching = self._fetching or asyncio.Lock()
        async with self._fetching:
            if not self._token or self._token == refused_token or time.monotonic() > self._until:
                self._token, self._until = await self._fetch()
            return self._token

    async def _fetch(self) -> tuple[str, float]:
        asked = {"corpid": self._settings.company, "corpsecret": self._secret.get_secret_value()}
        try:
            answer = await self.poster.ask(Request(f"{self._settings.url}/gettoken?" + urlencode(asked), method="GET"))
        except Forbidden as error:
            raise NoToken(answered(Outcome.PERMANENT, str(error))) from error
        except NotPosted as error:  # whatever became of this request, no message was in it
            raise NoToken(answered(Outcome.PASSING, f"no token: {error}")) from error
        said = json_object(answer)
        token = said.get("access_token")
        if not isinstance(token, str) or not token:
            words = f"no token: {said.get('errcode', answer.status)} {said.get('errmsg', '')}"
            raise NoToken(answered(Outcome.PASSING, words))
        holds = whole(said.get("expires_in")) or 7200
        return token, time.monotonic() + max(60, holds - 300)


def connect(settings: Settings, secrets: Secrets) -> Channel:
    """Return the application of these settings."""
    return WeComApp(settings, secrets[settings.secret])
