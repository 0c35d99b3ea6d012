"""Text messages over any gateway that speaks HTTP (短信网关): the request and the test of success are settings.

The text is the heading, shortened to what may be sent, and ends with the card's number, by which the whole is found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final, Literal
from urllib.parse import urlencode

import msgspec
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from alerts.channels.base import Channel, Secrets, answered
from alerts.model import Attempt, Outcome, Receipt
from alerts.overhttp import HttpSettings, OverHttp, Unsendable, json_object, refused
from alerts.plaintext import inert
from alerts.posting import Answer, Request
from rules.placeholders import neutral

_PHONE: Final = re.compile(r"\+?[0-9]{5,20}")
_PLACE: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
OWN: Final = frozenset({"phone", "text", "key", "card"})
REPEAT: Final = "(重)"


class Success(BaseModel):
    """How to tell from a 2xx answer that the gateway took the message."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    field: str = ""
    """Field of the JSON answer; "" takes the whole answer as a text."""
    values: tuple[str, ...] = Field(min_length=1)
    """What the field says where the message was taken; of a text, what it begins with."""
    later: tuple[str, ...] = ()
    """What it says where the message may be taken later (too many, busy)."""


class Settings(HttpSettings):
    """Settings of an SMS gateway (短信网关); the recipient's address is a telephone number.

    ```toml
    [channels.sms]
    kind = "sms"
    url = "https://sms.county.example/send"
    body = {account = "county", password = "{password}", mobile = "{phone}", content = "{text}", msgid = "{key}"}
    secrets = {password = "sms_password"}
    success = {field = "code", values = ["0"], later = ["103"]}
    ```
    """

    kind: Literal["sms"]
    url: Annotated[str, Field(min_length=1)]
    """Address of the gateway. No other host is called."""
    method: Literal["POST", "GET"] = "POST"
    """How it is asked; with `GET` the body stands in the address."""
    format: Literal["json", "form"] = "json"
    """How the body is written."""
    body: Mapping[str, str]
    """The fields of the request, with `{phone}`, `{text}`, `{key}` (the same in a repeat), `{card}` and own secrets."""
    headers: Mapping[str, str] = {}
    """Headers of the request, with secrets as in `body`."""
    secrets: Mapping[str, str] = {}
    """Words that may stand in `body` and `headers`, and the secrets that they stand for."""
    success: Success
    """How success is told: `{field = "code", values = ["0"], later = ["busy"]}`."""
    signature: str = ""
    """What the text begins with, such as `【某县监察】`, where the gateway wants it."""
    length: Annotated[int, Field(ge=40, le=1_000)] = 70
    """Characters that a message may have; one message of Chinese characters has 70."""

    @field_validator("headers")
    @classmethod
    def _in_one_line(cls, headers: Mapping[str, str]) -> Mapping[str, str]:
        if any(neutral(part) != part for pair in headers.items() for part in pair):
            raise ValueError("a header contains a line break or a control character")
        return headers

    def secret_names(self) -> tuple[str, ...]:
        """Return the names of the secrets."""
        return tuple(self.secrets.values())


class Sms(OverHttp):
    """A gateway that sends text messages."""

    kind = "sms"

    def __init__(self, settings: Settings, secrets: Mapping[str, SecretStr]) -> None:
        super().__init__(settings.exits(settings.url), settings.limits(), secrets.values())
        self._settings = settings
        self._words = {name: secret.get_secret_value() for name, secret in secrets.items()}

    def request(self, attempt: Attempt) -> Request:
        """Return the gateway's request for one number."""
        settings, phone = self._settings, attempt.delivery.address
        if _PHONE.fullmatch(phone) is None:
            raise Unsendable(f"'{neutral(phone)[:40]}' is no telephone number")
        own = {"phone": phone, "text": text(attempt, settings), "key": attempt.delivery.key, "card": number(attempt)}
        fields = {name: _filled(value, {**self._words, **own}) for name, value in settings.body.items()}
        headers = {name: neutral(_filled(value, self._words)) for name, value in settings.headers.items()}
        if settings.method == "GET":
            return Request(f"{settings.url}?{urlencode(fields)}", b"", headers, "GET")
        if settings.format == "form":
            kind = "application/x-www-form-urlencoded; charset=utf-8"
            return Request(settings.url, urlencode(fields).encode(), {"Content-Type": kind, **headers})
        kind = "application/json; charset=utf-8"
        return Request(settings.url, msgspec.json.encode(fields), {"Content-Type": kind, **headers})

    def judged(self, attempt: Attempt, answer: Answer) -> Receipt:
        """Return what the answer means by the test of the settings; an answer that it does not know stands."""
        no = refused(answer, attempt.started_at)
        if no is not None:
            return no
        success, words = self._settings.success, f"{answer.status} ".encode() + answer.body
        if success.field:
            said = str(json_object(answer).get(success.field, ""))
            taken, later = said in success.values, said in success.later
        else:
            said = answer.body.decode("utf-8", "replace").strip()
            taken, later = said.startswith(success.values), bool(success.later) and said.startswith(success.later)
        return answered(Outcome.DELIVERED if taken else Outcome.PASSING if later else Outcome.PERMANENT, words)


def connect(settings: Settings, secrets: Secrets) -> Channel:
    """Return the gateway of these settings."""
    return Sms(settings, {word: secrets[name] for word, name in settings.secrets.items()})


def number(attempt: Attempt) -> str:
    """Return the card's number, as it stands in every other message about it."""
    return f"{attempt.delivery.card_id}-{attempt.delivery.serial}"


def text(attempt: Attempt, settings: Settings) -> str:
    """Return the text within the length of the settings: signature, heading as far as it fits, the card's number."""
    end = f"{REPEAT if attempt.possible_repeat else ''} {inert(number(attempt))}"
    room = settings.length - len(settings.signature) - len(end)
    heading = inert(attempt.delivery.subject)
    shown = heading if len(heading) <= room else heading[: max(0, room - 1)] + "…"
    return f"{settings.signature}{shown}{end}"


def _filled(template: str, words: Mapping[str, str]) -> str:
    """Fill in each place once; what a value says is not read again."""
    return _PLACE.sub(lambda found: words.get(found[1], found[0]), template)
