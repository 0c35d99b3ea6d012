"""A deployment on disk, small and whole: a CSV source, an item catalogue, a log as the supervision office's inbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger import Ledger

SETTINGS = """\
[owner]
name = "纪检监察室"
tell = [{channel = "inbox", address = "discipline"}]

[console]
port = 0

[alerts]
at_once = true

[rules]
items = "items.yaml"

[ledger]
url = "sqlite:///var/mingdeng.sqlite3"

[channels.inbox]
kind = "log"
file = "inbox.jsonl"

[[sources]]
mapping = "licences.yaml"
interval = "1s"

[log]
format = "json"
"""

MAPPING = """\
source: licences
kind: files
namespace: licences
of: application
zone: Asia/Shanghai
read:
  path: licences.csv
rows: snapshot
case_no: number
common:
  item: item
  unit: unit
events:
  - name: accepted
    at: accepted
  - name: completed
    at: completed
"""

ITEMS = """\
items:
  - code: food
    name: 食品经营许可
    limits: {promised: 7 workdays, statutory: 10 workdays}
"""

CASES = """\
number,item,unit,accepted,completed
L1,food,market,2018-10-15 10:00:00,
L2,food,market,2018-10-15 10:00:00,2018-10-16 09:00:00
"""


@pytest.fixture
def deployment(tmp_path: Path) -> Path:
    """Return the folder of a deployment whose case L1 has been overdue since October 2018."""
    for name, text in {
        "mingdeng.toml": SETTINGS, "licences.yaml": MAPPING, "items.yaml": ITEMS, "licences.csv": CASES,
    }.items():  # fmt: skip
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Return a ledger on a file of its own."""
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    ledger.upgrade()
    yield ledger
    ledger.close()


@pytest.fixture
def settings_file(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes a settings file."""

    def write(text: str) -> Path:
        path = tmp_path / "mingdeng.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
