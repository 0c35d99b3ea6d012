"""Prometheus Alertmanager (API v2): a card is an alert that fires while its condition lasts and is resolved with it.

The labels tell which card and whom it concerns; a card that changes its colour resolves the alert of the former one.
The interface: prometheus.io/docs/alerting/latest/alerts_api.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

import msgspec
from pydantic import Field, SecretStr

from alerts.channels.base import Channel, Secrets, answered
from alerts.model import Attempt, Outcome, Receipt
from alerts.overhttp import HttpSettings, OverHttp, refused
from alerts.posting import Answer, Request
from rules.facts import Instant
from rules.placeholders import neutral

LABELS: Final = ("card", "rule", "unit", "namespace", "kind", "case_no")
ANNOTATIONS: Final = ("change", "colour", "was", "state", "due_at", "rulebook", "calendar", "reason", "link")


class Settings(HttpSettings):
    """Settings of an Alertmanager; the recipient's address is a word that becomes the label `receiver`.

    ```toml
    [channels.operations]
    kind = "alertmanager"
    url = "https://alertmanager.county.example:9093"
    ```
    """

    kind: Literal["alertmanager"]
    url: Annotated[str, Field(min_length=1)]
    """Address of the Alertmanager, before `/api/v2/alerts`. No other host is called."""
    token: str = ""
    """Name of the secret that is sent as a bearer token; left out, none is."""
    fires_for: Annotated[int, Field(ge=1, le=366)] = 30
    """Days that an alert fires at the most if its card never ends."""

    def secret_names(self) -> tuple[str, ...]:
        """Return the name of the token's secret, if there is one."""
        return (self.token,) if self.token else ()


class Alertmanager(OverHttp):
    """An Alertmanager that cards are told to."""

    kind = "alertmanager"

    def __init__(self, settings: Settings, token: SecretStr | None) -> None:
        super().__init__(settings.exits(settings.url), settings.limits(), [token] if token else [])
        self._url = settings.url.rstrip("/") + "/api/v2/alerts"
        self._fires_for = settings.fires_for * 86_400
        self._headers = {"Content-Type": "application/json"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token.get_secret_value()}"

    def request(self, attempt: Attempt) -> Request:
        """Return the alert of the card as it stands, and the end of the one under its former colour."""
        return Request(self._url, msgspec.json.encode(list(self._alerts(attempt))), self._headers)

    def judged(self, attempt: Attempt, answer: Answer) -> Receipt:
        """Return what the status means: 200 takes all of them, 400 says which label it does not like."""
        said = f"{answer.status} ".encode() + answer.body
        return refused(answer, attempt.started_at) or answered(Outcome.DELIVERED, said)

    def _alerts(self, attempt: Attempt) -> Iterator[Mapping[str, object]]:
        facts, now = attempt.delivery.facts, attempt.started_at
        colour, was = facts.get("colour", ""), facts.get("was", "")
        over = facts.get("state") == "revoked" or "ended_at" in facts
        begun = min(_instant(facts.get("raised_at"), now), now)
        if was and was != colour:
            yield _alert(attempt, was, begun, now)
        yield _alert(attempt, colour, begun, now if over else now + self._fires_for)


def connect(settings: Settings, secrets: Secrets) -> Channel:
    """Return the Alertmanager of these settings."""
    return Alertmanager(settings, secrets[settings.token] if settings.token else None)


def _alert(attempt: Attempt, colour: str, starts_at: Instant, ends_at: Instant) -> Mapping[str, object]:
    delivery = attempt.delivery
    labels = {"alertname": "MingdengCard", "severity": colour, "receiver": delivery.address, "rank": delivery.rank}
    labels |= {name: delivery.facts[name] for name in LABELS if name in delivery.facts}
    said = {name: delivery.facts[name] for name in ANNOTATIONS if name in delivery.facts}
    said |= {"summary": delivery.subject, "key": delivery.key, "possible_repeat": str(attempt.possible_repeat).lower()}
    alert: dict[str, object] = {
        "labels": {name: neutral(value) for name, value in labels.items() if neutral(value)},
        "annotations": {**{name: neutral(value) for name, value in said.items()}, "description": delivery.body},
        "startsAt": _written(starts_at),
        "endsAt": _written(max(ends_at, starts_at)),
    }
    link = delivery.facts.get("link", "")
    return {**alert, "generatorURL": link} if link.startswith(("http://", "https://")) else alert


def _instant(text: str | None, otherwise: Instant) -> Instant:
    return int(text) if text is not None and text.isdecimal() else otherwise


def _written(at: Instant) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
