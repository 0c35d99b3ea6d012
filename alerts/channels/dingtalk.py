"""DingTalk robots (钉钉自定义机器人): text to ``/robot/send``, signed over time and secret, 20 messages a minute each.

A robot that gets more is shut for ten minutes. Its answers: open.dingtalk.com/document/robots/custom-robot-access.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Annotated, Final, Literal
from urllib.parse import quote

from pydantic import Field, SecretStr

from alerts.channels.base import Channel, Secrets
from alerts.model import Attempt, Outcome
from alerts.plaintext import inert, message
from alerts.robots import Meaning, Robot, Robots, RobotSettings

MOST_BYTES: Final = 18_000
FREQUENCY: Final = frozenset({130101, 302033, 410100, 90018, 88})
SHUT_SECONDS: Final = 600
FOR_NOW: Final = frozenset({-1, 15, 400013, 430104})


class Settings(RobotSettings):
    """Settings of DingTalk robots (钉钉机器人); the recipient's address is the name of a robot.

    ```toml
    [channels.dingtalk]
    kind = "dingtalk"
    robots = {office = {token = "ding_office_token", sign = "ding_office_sign"}}
    keyword = "监察"
    ```
    """

    kind: Literal["dingtalk"]
    url: str = "https://oapi.dingtalk.com/robot/send"
    """Where the robots are. No other host is called."""
    keyword: str = ""
    """Word that the robots insist on (自定义关键词); put before messages that do not have it."""
    per_minute: Annotated[int, Field(ge=0, le=100_000)] = 20
    """Messages that one robot may get in a minute; the others wait."""


class DingTalk(Robots):
    """The robots of DingTalk groups."""

    kind = "dingtalk"
    number_field = "errcode"

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        super().__init__(settings, settings.url, secrets)
        self._keyword = inert(settings.keyword)

    def url(self, robot: Robot, attempt: Attempt) -> str:
        """Return the robot's address with its token and, where it is signed, time and signature."""
        url = f"{self._url}?access_token={quote(robot.token.get_secret_value(), safe='')}"
        if robot.sign is None:
            return url
        at = attempt.started_at * 1000
        return f"{url}&timestamp={at}&sign={quote(signature(robot.sign, at), safe='')}"

    def content(self, robot: Robot, attempt: Attempt) -> Mapping[str, object]:
        """Return the message as text that calls nobody."""
        text = message(attempt, MOST_BYTES)
        if self._keyword not in text:
            text = f"{self._keyword} {text}"
        return {"msgtype": "text", "text": {"content": text}, "at": {"isAtAll": False}}

    def meaning(self, number: int, said: str) -> Meaning:
        """Return what the number means; 310000 is a word that is missing (the message's fault), else our signature or
        address (ours to mend)."""
        if number in FREQUENCY:
            return Meaning(Outcome.PASSING, SHUT_SECONDS)
        if number == 310000:
            return Meaning(Outcome.PERMANENT if "keyword" in said.lower() else Outcome.PASSING)
        return Meaning(Outcome.PASSING if number in FOR_NOW else Outcome.PERMANENT)


def connect(settings: Settings, secrets: Secrets) -> Channel:
    """Return the robots of these settings."""
    return DingTalk(settings, secrets)


def signature(secret: SecretStr, at: int) -> str:
    """Return the signature at an instant in milliseconds: HMAC-SHA256 over time, line break and secret, in base64."""
    key = secret.get_secret_value()
    return base64.b64encode(hmac.new(key.encode(), f"{at}\n{key}".encode(), hashlib.sha256).digest()).decode()
