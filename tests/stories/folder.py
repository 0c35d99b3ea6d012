"""A deployment on disk: a growing folder of CSV drops, the shipped rulebooks, a webhook, and a ledger somewhere."""

from __future__ import annotations

from pathlib import Path

from tests.stories.receiver import SECRET
from tests.stories.register import ITEMS, MAPPING

SETTINGS = """\
secrets_dir = "secrets"

[owner]
name = "纪检监察室"
tell = [{channel = "hook", address = "@URL@/owner"}]

[[routes]]
rank = "R0"
name = "经办人"
tell = [{channel = "hook", address = "@URL@/officer"}]

[[routes]]
rank = "R2"
name = "分管领导"
tell = [{channel = "hook", address = "@URL@/deputy", language = "en"}]

[console]
port = 0

[alerts]
@ALERTS@

[rules]
items = "items.yaml"

[ledger]
url = "@LEDGER@"

[channels.hook]
kind = "webhook"
secret = "hook"
hosts = ["127.0.0.1"]
networks = ["127.0.0.1/32"]
plain_http = true

[[sources]]
mapping = "licences.yaml"
interval = "1s"

[duties]
review = "1s"
notify = "1s"
batch = 20

[log]
format = "json"
"""

LEDGER = "mingdeng.sqlite3"

AT_ONCE = "at_once = true\nhold_while_silent = false"
"""Every change is a message of its own, whatever the hour."""

IN_DIGESTS = "hold_while_silent = false\nbudget = 10000"
"""Reminders wait for their digest, everything else for office hours."""


def lay_out(folder: Path, receiver_url: str, ledger_url: str = f"sqlite:///{LEDGER}", alerts: str = AT_ONCE) -> Path:
    """Write a deployment whose notices go to the receiver; return its settings file."""
    (folder / "secrets").mkdir()
    (folder / "drops").mkdir()
    (folder / "secrets" / "hook").write_text(SECRET, encoding="utf-8")
    (folder / "licences.yaml").write_text(MAPPING, encoding="utf-8")
    (folder / "items.yaml").write_text(ITEMS, encoding="utf-8")
    settings = folder / "mingdeng.toml"
    said = {"@URL@": receiver_url, "@LEDGER@": ledger_url, "@ALERTS@": alerts}
    text = SETTINGS
    for place, value in said.items():
        text = text.replace(place, value)
    settings.write_text(text, encoding="utf-8")
    return settings
