"""Signed JSON to a URL: the receiver can tell that it is ours (HMAC-SHA256), fresh (timestamp) and not new (key).

The signature is over ``timestamp + "." + body``. No redirect is followed, no proxy taken from the environment.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Annotated, Literal

import msgspec
from pydantic import Field, SecretStr

from alerts.channels.base import Channel, Secrets, answered
from alerts.model import Attempt, Outcome, Receipt
from alerts.overhttp import HttpSettings, OverHttp, refused
from alerts.posting import Answer, Request
from rules.facts import Instant


class Settings(HttpSettings):
    """Settings of a webhook; the recipient's address is the URL.

    ```toml
    [channels.oa]
    kind = "webhook"
    secret = "oa_signing_secret"
    hosts = ["oa.county.example"]
    ```
    """

    kind: Literal["webhook"]
    secret: Annotated[str, Field(min_length=1)]
    """Name of the secret that signs the body."""
    hosts: Annotated[tuple[str, ...], Field(min_length=1)]
    """Hosts that may be called; no message leaves for any other."""

    def secret_names(self) -> tuple[str, ...]:
        """Return the name of the signing secret."""
        return (self.secret,)


class Webhook(OverHttp):
    """A URL that messages are posted to."""

    kind = "webhook"

    def __init__(self, settings: Settings, secret: SecretStr) -> None:
        super().__init__(settings.exits(hosts=settings.hosts), settings.limits(), [secret])
        self._secret = secret

    def request(self, attempt: Attempt) -> Request:
        """Return the signed request of an attempt."""
        body = payload(attempt)
        return Request(attempt.delivery.address, body, self._headers(attempt, body))

    def judged(self, attempt: Attempt, answer: Answer) -> Receipt:
        """Return what the receiver's status means; its words are kept."""
        said = f"{answer.status} ".encode() + answer.body
        return refused(answer, attempt.started_at) or answered(Outcome.DELIVERED, said)

    def _headers(self, attempt: Attempt, body: bytes) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": attempt.delivery.key,
            "Mingdeng-Timestamp": str(attempt.started_at),
            "Mingdeng-Signature": signature(self._secret, attempt.started_at, body),
        }
        return {**headers, "Mingdeng-Possible-Repeat": "yes"} if attempt.possible_repeat else headers


def connect(settings: Settings, secrets: Secrets) -> Channel:
    """Return the webhook of these settings."""
    return Webhook(settings, secrets[settings.secret])


def signature(secret: SecretStr, at: Instant, body: bytes) -> str:
    """Return the signature header of a body sent at ``at``: ``v1=`` and the HMAC-SHA256 in hexadecimal digits."""
    digest = hmac.new(secret.get_secret_value().encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"v1={digest.hexdigest()}"


def payload(attempt: Attempt) -> bytes:
    """Return the body of this attempt as JSON; in a repeat only ``attempt`` and ``possible_repeat`` differ."""
    delivery = attempt.delivery
    return msgspec.json.encode(
        {
            "key": delivery.key,
            "attempt": attempt.number,
            "possible_repeat": attempt.possible_repeat,
            "created_at": delivery.created_at,
            "recipient": delivery.recipient,
            "rank": delivery.rank,
            "subject": delivery.subject,
            "body": delivery.body,
            "facts": delivery.facts,
        }
    )
