"""Signed JSON to a URL: the receiver can tell that it is ours (HMAC-SHA256), fresh (timestamp) and not new (key).

The signature is over ``timestamp + "." + body``. No redirect is followed, no proxy taken from the environment.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import hmac
import http.client
import ssl
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import SplitResult, urlsplit

import msgspec
from pydantic import Field, SecretStr

from alerts.channels.base import Channel, ChannelSettings, Secrets, answered
from alerts.model import Attempt, Outcome, Receipt
from alerts.network import Forbidden, connect_checked, deadline
from rules.facts import Instant

_LATER: Final = frozenset({408, 425, 429})
_MOST_READ: Final = 2_000


class Settings(ChannelSettings):
    """Settings of a webhook; the recipient's address is the URL."""

    kind: Literal["webhook"]
    secret: Annotated[str, Field(min_length=1)]
    """Name of the secret that signs the body."""
    hosts: Annotated[tuple[str, ...], Field(min_length=1)]
    """Hosts that may be called; no message leaves for any other."""
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks that the host's address has to lie in; none given means any machine but this one."""
    plain_http: bool = False
    """Whether `http://` is allowed; else only `https://`."""
    ca_file: Path | None = None
    """Certificates to trust instead of the system's own, for an internal authority."""
    timeout: Annotated[float, Field(gt=0, le=120)] = 10.0
    """Seconds that the whole exchange may take."""

    def secret_names(self) -> tuple[str, ...]:
        """Return the name of the signing secret."""
        return (self.secret,)


class Webhook:
    """A URL that messages are posted to, each over a connection of its own."""

    kind = "webhook"

    def __init__(self, settings: Settings, secret: SecretStr) -> None:
        self._settings, self._secret = settings, secret
        self._tls = ssl.create_default_context(cafile=settings.ca_file)

    def send(self, attempt: Attempt) -> Receipt:
        """Post the message once; what happened before it was out can be repeated, what happened after is unknown."""
        try:
            url = self._checked(attempt.delivery.address)
        except Forbidden as error:
            return answered(Outcome.PERMANENT, str(error))
        connection = _connection(url, self._settings, self._tls)
        out = False
        try:
            with deadline(self._settings.timeout, lambda: connection.sock):
                connection.connect()
                body = payload(attempt)
                out = True
                connection.request("POST", _target(url), body, self._headers(attempt, body))
                return _judged(connection.getresponse(), attempt.started_at)
        except Forbidden as error:
            return answered(Outcome.PERMANENT, str(error))
        except (OSError, http.client.HTTPException) as error:
            said = f"{type(error).__name__}: {error}"
            return answered(Outcome.UNKNOWN if out else Outcome.PASSING, said)
        finally:
            connection.close()

    def close(self) -> None:
        """Nothing is held between two messages."""

    def _checked(self, address: str) -> SplitResult:
        try:
            url = urlsplit(address)
            host, _ = url.hostname, url.port
        except ValueError as error:
            raise Forbidden(f"the address is no URL: {error}") from error
        schemes = {"https", "http"} if self._settings.plain_http else {"https"}
        if url.scheme not in schemes or not host or url.username is not None or not address.isprintable():
            raise Forbidden(f"the address has to be a plain {' or '.join(sorted(schemes))} URL")
        if host not in {allowed.lower() for allowed in self._settings.hosts}:
            raise Forbidden(f"the host {host} is not among the channel's hosts")
        return url

    def _headers(self, attempt: Attempt, body: bytes) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "mingdeng",
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


def _connection(url: SplitResult, settings: Settings, tls: ssl.SSLContext) -> http.client.HTTPConnection:
    """Return a connection, not yet open, that opens to a checked address only."""
    secure = url.scheme == "https"

    class Checked(http.client.HTTPConnection):
        def connect(self) -> None:
            raw = connect_checked(self.host, self.port, settings.networks, settings.timeout)
            self.sock = raw
            if secure:
                self.sock = tls.wrap_socket(raw, server_hostname=self.host)

    host = url.hostname or ""
    return Checked(host, url.port or (443 if secure else 80), timeout=settings.timeout)


def _target(url: SplitResult) -> str:
    return (url.path or "/") + (f"?{url.query}" if url.query else "")


def _judged(response: http.client.HTTPResponse, now: Instant) -> Receipt:
    """Return what the receiver's answer means: 5xx and "later" pass, any other refusal and a redirect stand."""
    status = response.status
    if 300 <= status < 400:
        return answered(Outcome.PERMANENT, f"{status}: redirects are not followed")
    said = f"{status} ".encode() + _words(response)
    if status < 300:
        return answered(Outcome.DELIVERED, said)
    if status >= 500 or status in _LATER:
        return answered(Outcome.PASSING, said, _retry_after(response.getheader("Retry-After"), now))
    return answered(Outcome.PERMANENT, said)


def _words(response: http.client.HTTPResponse) -> bytes:
    """Return the beginning of what the receiver says; its status counts, also if the words break off."""
    try:
        return response.read(_MOST_READ)
    except (OSError, http.client.HTTPException):
        return b""


def _retry_after(said: str | None, now: Instant) -> int | None:
    """Return the seconds that a Retry-After header asks for, as a number or as a date; None if it cannot be read."""
    if said is None:
        return None
    if said.strip().isdecimal():
        return int(said)
    try:
        at = email.utils.parsedate_to_datetime(said)
    except ValueError:
        return None
    aware = at if at.tzinfo is not None else at.replace(tzinfo=dt.UTC)
    return max(0, int(aware.timestamp()) - now)
