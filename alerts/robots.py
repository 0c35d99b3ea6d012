"""What the robots of messengers have in common: one robot a group, and an answer whose number says how it went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from alerts.channels.base import Secrets, answered
from alerts.model import Attempt, Outcome, Receipt
from alerts.overhttp import HttpSettings, OverHttp, Unsendable, json_object, refused, whole
from alerts.posting import Answer, Request
from rules.placeholders import neutral


class RobotSecrets(BaseModel):
    """The secrets of one robot, by their names: `token` is the last part of its address, `sign` what it is signed with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: str = Field(min_length=1)
    sign: str = ""


class RobotSettings(HttpSettings):
    """What every kind of robot can be told."""

    robots: Mapping[str, RobotSecrets] = Field(min_length=1)
    """The robots by the address that recipients name: each `{token = "secret", sign = "secret"}`; `sign` where signed."""

    def secret_names(self) -> tuple[str, ...]:
        """Return the names of the robots' secrets."""
        return tuple(name for robot in self.robots.values() for name in (robot.token, robot.sign) if name)


class Robot(NamedTuple):
    """A robot with its secrets."""

    token: SecretStr
    sign: SecretStr | None


class Meaning(NamedTuple):
    """What a number in an answer means, and how many seconds to wait where the provider says it in its documents."""

    outcome: Outcome
    retry_after: int | None = None


class Robots(OverHttp):
    """A messenger's robots; a kind says where they are, what they are told and what their numbers mean."""

    number_field: str

    def __init__(self, settings: RobotSettings, url: str, secrets: Secrets) -> None:
        super().__init__(settings.exits(url), settings.limits(), [secrets[name] for name in settings.secret_names()])
        self._url = url
        self._robots = {
            name: Robot(secrets[each.token], secrets[each.sign] if each.sign else None)
            for name, each in settings.robots.items()
        }

    def url(self, robot: Robot, attempt: Attempt) -> str:
        """Return the address of a robot at the instant of an attempt."""
        raise NotImplementedError

    def content(self, robot: Robot, attempt: Attempt) -> Mapping[str, object]:
        """Return what the robot is told."""
        raise NotImplementedError

    def meaning(self, number: int, said: str) -> Meaning:
        """Return what the number of an answer that is not 0 means."""
        raise NotImplementedError

    def request(self, attempt: Attempt) -> Request:
        """Return the request to the robot that the recipient's address names."""
        robot = self._robots.get(attempt.delivery.address)
        if robot is None:
            raise Unsendable(f"there is no robot '{neutral(attempt.delivery.address)[:60]}' in the settings")
        body = msgspec.json.encode(self.content(robot, attempt))
        return Request(self.url(robot, attempt), body, {"Content-Type": "application/json; charset=utf-8"})

    def judged(self, attempt: Attempt, answer: Answer) -> Receipt:
        """Return what the answer means: messengers say 200 and put the refusal into the body."""
        said = json_object(answer)
        number = whole(said.get(self.number_field))
        if number is None:
            cut_off = answered(Outcome.UNKNOWN, f"{answer.status} without a number: ".encode() + answer.body)
            return refused(answer, attempt.started_at) or cut_off
        if number == 0:
            return answered(Outcome.DELIVERED, self.proof(said))
        meant = self.meaning(number, str(said.get("errmsg", said.get("msg", ""))))
        return answered(meant.outcome, answer.body, self.asked_to_wait(answer) or meant.retry_after)

    def proof(self, said: Mapping[str, object]) -> str:
        """Return what there is to show for a message that was taken over."""
        return ", ".join(f"{name}={value}" for name, value in said.items() if isinstance(value, str | int))

    def asked_to_wait(self, answer: Answer) -> int | None:
        """Return for how many seconds the headers ask to wait, None if they do not."""
        return whole(answer.headers.get("x-ogw-ratelimit-reset") or answer.headers.get("retry-after"))
