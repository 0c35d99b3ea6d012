"""An SMS gateway and an Alertmanager as they behave."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs

from tests.alerts.receivers.http import ODD, Asked, Provider, Said, json_said
from tests.contracts.channel_contract import Mood

PASSWORD = "pass&word={phone}"
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class SmsGateway(Provider):
    """``/send`` with JSON, a form or a query; says ``code`` 0, 103 (too fast) or 107 (number refused)."""

    address_of_tests = "13800000000"

    def answer(self, asked: Asked) -> Said:
        """Answer as a gateway."""
        told = self._told(asked)
        if told["password"] != PASSWORD:
            return json_said(code="101", msg="account or password error")
        if len(told["content"]) > 70:
            return json_said(code="105", msg="content too long")
        if self.mood is Mood.REFUSES_FOR_GOOD:
            return json_said(code="107", msg="mobile refused")
        if self.mood is Mood.REFUSES_FOR_NOW:
            return json_said(code="103", msg="submit too fast")
        self.texts.append(told["content"])
        self.accepted.append((told["msgid"], "(重)" in told["content"]))
        return json_said(code=0, msgid="8812", msg=ODD if self.mood is Mood.SAYS_TOO_MUCH else "ok")

    @staticmethod
    def _told(asked: Asked) -> dict[str, str]:
        kind = asked.headers.get("Content-Type", "")
        if kind.startswith("application/json"):
            return {name: str(value) for name, value in asked.json.items()}
        if kind.startswith("application/x-www-form-urlencoded"):
            return {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        return asked.query


class AlertmanagerServer(Provider):
    """``POST /api/v2/alerts``: 400 with a JSON string where an alert is malformed, 200 without words else."""

    address_of_tests = "operations"

    def __init__(self) -> None:
        super().__init__()
        self.alerts: list[dict[str, object]] = []

    def answer(self, asked: Asked) -> Said:
        """Answer as Alertmanager."""
        alerts = json.loads(asked.body)
        if asked.path != "/api/v2/alerts":
            return Said(b"404 page not found", 404)
        if self.mood is Mood.REFUSES_FOR_NOW:
            return Said(b"shutting down", 503, {"Retry-After": "7"})
        wrong = [fault for alert in alerts for fault in faults(alert)]
        if wrong or self.mood is Mood.REFUSES_FOR_GOOD:
            return Said(json.dumps("; ".join(wrong) or "bad label set").encode(), 400)
        self.alerts += alerts
        last = alerts[-1]["annotations"]
        self.accepted.append((last["key"], last["possible_repeat"] == "true"))
        return Said(ODD.encode() if self.mood is Mood.SAYS_TOO_MUCH else b"")


def faults(alert: dict[str, dict[str, str]]) -> list[str]:
    """Return what Alertmanager would say of an alert (``Alert.Validate`` of its model)."""
    found = [f"invalid label name {name!r}" for name in alert["labels"] if not _LABEL.fullmatch(name)]
    found += [f"empty label {name}" for name, value in alert["labels"].items() if not value]
    found += [f"{name} is no time" for name in ("startsAt", "endsAt") if not _TIME.fullmatch(str(alert[name]))]
    if str(alert["endsAt"]) < str(alert["startsAt"]):
        found.append("start time must be before end time")
    return found
