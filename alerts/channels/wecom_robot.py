"""WeCom group robots (企业微信群机器人): text to ``/cgi-bin/webhook/send?key=``, 20 messages a minute for each robot.

The numbers of its answers: developer.work.weixin.qq.com/document/path/91770 and /90313.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal
from urllib.parse import quote

from pydantic import Field

from alerts.channels.base import Channel, Secrets
from alerts.model import Attempt, Outcome
from alerts.plaintext import message
from alerts.robots import Meaning, Robot, Robots, RobotSettings

MOST_BYTES: Final = 2048
FREQUENCY: Final = frozenset({45009, 45033, 45047})
FOR_NOW: Final = frozenset({-1, 6000, 42001, 50001, 60020})
"""Busy, version conflict, expired; and what is ours to mend: the address from which we call."""


class Settings(RobotSettings):
    """Settings of WeCom group robots (企业微信群机器人); the recipient's address is the name of a robot.

    ```toml
    [channels.wecom]
    kind = "wecom_robot"
    robots = {office = {token = "wecom_office_key"}}
    ```
    """

    kind: Literal["wecom_robot"]
    url: str = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"
    """Where the robots are; another one for a private deployment. No other host is called."""
    per_minute: Annotated[int, Field(ge=0, le=100_000)] = 20
    """Messages that one robot may get in a minute; the others wait."""


class WeComRobots(Robots):
    """The robots of WeCom groups."""

    kind = "wecom_robot"
    number_field = "errcode"

    def url(self, robot: Robot, attempt: Attempt) -> str:
        """Return the robot's address with its key."""
        return f"{self._url}?key={quote(robot.token.get_secret_value(), safe='')}"

    def content(self, robot: Robot, attempt: Attempt) -> Mapping[str, object]:
        """Return the message as text."""
        return {"msgtype": "text", "text": {"content": message(attempt, MOST_BYTES)}}

    def meaning(self, number: int, said: str) -> Meaning:
        """Return what the number means; 93000 is a robot that there is not (any more)."""
        if number in FREQUENCY:
            return Meaning(Outcome.PASSING, 60)
        return Meaning(Outcome.PASSING if number in FOR_NOW else Outcome.PERMANENT)


def connect(settings: Settings, secrets: Secrets) -> Channel:
    """Return the robots of these settings."""
    return WeComRobots(settings, settings.url, secrets)
