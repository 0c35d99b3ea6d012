"""Feishu robots (飞书自定义机器人): rich text of plain pieces to ``/open-apis/bot/v2/hook/``, signed over time and secret.

Five messages a second and a hundred a minute for each robot; full and half hours are busy (11232). Its answers:
open.feishu.cn/document/client-docs/bot-v3/add-custom-bot.
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
from alerts.plaintext import body_of, cut, subject_of
from alerts.robots import Meaning, Robot, Robots, RobotSettings
from rules.facts import Instant

MOST_BYTES: Final = 12_000
FREQUENCY: Final = frozenset({11232, 11233, 99991400})
OURS_TO_MEND: Final = frozenset({19021, 19022})
"""Signature or clock, and the address from which we call: every message would fail alike."""


class Settings(RobotSettings):
    """Settings of Feishu robots (飞书机器人); the recipient's address is the name of a robot.

    ```toml
    [channels.feishu]
    kind = "feishu"
    robots = {office = {token = "feishu_office_hook", sign = "feishu_office_sign"}}
    ```
    """

    kind: Literal["feishu"]
    url: str = "https://open.feishu.cn/open-apis/bot/v2/hook"
    """Where the robots are. No other host is called."""
    per_minute: Annotated[int, Field(ge=0, le=100_000)] = 100
    """Messages that one robot may get in a minute; the others wait."""
    at_once: Annotated[int, Field(ge=1, le=64)] = 4
    """Messages that may be on their way side by side: a robot takes five a second."""


class Feishu(Robots):
    """The robots of Feishu groups."""

    kind = "feishu"
    number_field = "code"

    def url(self, robot: Robot, attempt: Attempt) -> str:
        """Return the robot's address."""
        return f"{self._url}/{quote(robot.token.get_secret_value(), safe='')}"

    def content(self, robot: Robot, attempt: Attempt) -> Mapping[str, object]:
        """Return the message as a heading and one plain piece, in which nothing is obeyed."""
        piece = {"tag": "text", "text": body_of(attempt, MOST_BYTES)}
        post = {"post": {"zh_cn": {"title": cut(subject_of(attempt), MOST_BYTES // 8), "content": [[piece]]}}}
        said: dict[str, object] = {"msg_type": "post", "content": post}
        if robot.sign is None:
            return said
        at = attempt.started_at
        return {"timestamp": str(at), "sign": signature(robot.sign, at), **said}

    def meaning(self, number: int, said: str) -> Meaning:
        """Return what the number means; 9499 is both too many requests and a bad one, told apart by its words."""
        if number in FREQUENCY or (number == 9499 and ("many" in said.lower() or "frequen" in said.lower())):
            return Meaning(Outcome.PASSING, 60)
        return Meaning(Outcome.PASSING if number in OURS_TO_MEND else Outcome.PERMANENT)


def connect(settings: Settings, secrets: Secrets) -> Channel:
    """Return the robots of these settings."""
    return Feishu(settings, settings.url, secrets)


def signature(secret: SecretStr, at: Instant) -> str:
    """Return the signature at an instant: HMAC-SHA256 of nothing with time, line break and secret as key, in base64."""
    key = f"{at}\n{secret.get_secret_value()}"
    return base64.b64encode(hmac.new(key.encode(), b"", hashlib.sha256).digest()).decode()
