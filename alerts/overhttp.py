"""What every channel over HTTP has in common: its settings, and how an exchange becomes a receipt."""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from msgspec.structs import replace
from pydantic import Field, SecretStr

from alerts.channels.base import NOT_SENT, ChannelSettings, Hurry, Limits, Timeout, answered, own_fault
from alerts.model import Attempt, Outcome, Receipt
from alerts.posting import Answer, Exits, NotPosted, Poster, Request
from rules.addresses import Forbidden, IpNetwork
from rules.facts import Instant

LATER: Final = frozenset({408, 425, 429})


class Unsendable(Exception):
    """This message can never be sent over the channel: no such recipient, an address that is none."""


class HttpSettings(ChannelSettings):
    """What a channel over HTTP can be told of its connections."""

    networks: tuple[IpNetwork, ...] = ()
    """Networks that the address of a called host has to lie in; none given means any machine but this one."""
    plain_http: bool = False
    """Whether `http://` is allowed; else only `https://`."""
    ca_file: Path | None = None
    """Certificates to trust instead of the system's own, for an internal authority."""
    timeout: Timeout = 10.0
    """Seconds that the whole exchange may take, 45 at the most."""
    at_once: Annotated[int, Field(ge=1, le=64)] = 16
    """Messages that may be on their way side by side, each over a connection that is kept."""

    def exits(self, *urls: str, hosts: Sequence[str] = ()) -> Exits:
        """Return where the channel may go: to the hosts of these URLs, and to those that are named."""
        named = {(urlsplit(url).hostname or "").lower() for url in urls} | {host.lower() for host in hosts}
        return Exits(frozenset(named - {""}), self.networks, self.plain_http, self.ca_file, self.timeout, self.at_once)


class OverHttp:
    """A channel that makes a request of each attempt and judges the answer; a kind says how."""

    kind: str

    def __init__(self, exits: Exits, limits: Limits, secrets: Iterable[SecretStr] = ()) -> None:
        self.limits = limits
        self.poster = Poster(exits)
        self._hidden = tuple(secret.get_secret_value() for secret in secrets)

    def request(self, attempt: Attempt) -> Request:
        """Return the request of an attempt; raise ``Unsendable`` if there can be none."""
        raise NotImplementedError

    def judged(self, attempt: Attempt, answer: Answer) -> Receipt:
        """Return what the answer to an attempt means."""
        raise NotImplementedError

    def send(self, attempt: Attempt) -> Receipt:
        """Try one delivery."""
        return self.send_many([attempt], lambda: False)[0]

    def send_many(self, attempts: Sequence[Attempt], hurry: Hurry) -> tuple[Receipt, ...]:
        """Try the deliveries, as many side by side as there are connections."""
        waiting = iter(enumerate(attempts))
        receipts = [NOT_SENT] * len(attempts)

        async def lane() -> None:
            for position, attempt in waiting:
                if hurry():
                    return
                try:
                    receipts[position] = await self.deliver(attempt)
                except Exception as error:  # noqa: BLE001  # the outcome of each has to be written
                    receipts[position] = own_fault(self.kind, error)

        self.poster.run([lane() for _ in range(min(len(attempts), self.poster.exits.at_once))])
        return tuple(receipts)

    async def deliver(self, attempt: Attempt) -> Receipt:
        """Make the request of one attempt and judge the answer."""
        return await self.exchange(attempt)

    async def exchange(self, attempt: Attempt) -> Receipt:
        """Make one request: what failed before it was out can be repeated, what failed after is unknown."""
        try:
            receipt = self.judged(attempt, await self.poster.ask(self.request(attempt)))
            return replace(receipt, answer=self._without_secrets(receipt.answer))
        except (Forbidden, Unsendable) as error:
            return answered(Outcome.PERMANENT, str(error))
        except NotPosted as error:
            return answered(Outcome.UNKNOWN if error.out else Outcome.PASSING, str(error))

    def _without_secrets(self, said: str) -> str:
        for secret in self._hidden:
            said = said.replace(secret, "***") if secret else said
        return said

    def close(self) -> None:
        """Let go of the connections."""
        self.poster.close()


def refused(answer: Answer, now: Instant) -> Receipt | None:
    """Return what the status alone means: 5xx and "later" pass, another refusal and a redirect stand; None for 2xx."""
    status = answer.status
    if 300 <= status < 400:
        return answered(Outcome.PERMANENT, f"{status}: redirects are not followed")
    if status < 300:
        return None
    said = f"{status} ".encode() + answer.body
    if status >= 500 or status in LATER:
        return answered(Outcome.PASSING, said, retry_after(answer.headers.get("retry-after"), now))
    return answered(Outcome.PERMANENT, said)


def json_object(answer: Answer) -> dict[str, object]:
    """Return the object that the answer is, an empty one if it is none."""
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def whole(value: object) -> int | None:
    """Return the whole number that a field holds, as a number or written; None if it holds none."""
    if isinstance(value, int):
        return int(value)
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value) else None


def retry_after(said: str | None, now: Instant) -> int | None:
    """Return the seconds that a Retry-After header asks for, as a number or as a date; None if it cannot be read."""
    if said is None:
        return None
    if re.fullmatch(r"\s*[0-9]{1,9}\s*", said):
        return int(said)
    try:
        at = email.utils.parsedate_to_datetime(said)
    except ValueError:
        return None
    aware = at if at.tzinfo is not None else at.replace(tzinfo=dt.UTC)
    return max(0, int(aware.timestamp()) - now)
