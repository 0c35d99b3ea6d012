"""The console with a real workshop of the law behind it: shipped rulebooks, a small catalogue, one source."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.registry import load_source, open_connector, read_all
from console.workshop import Workshop
from daemon.alerting import routes_of, timing_of
from daemon.bootstrap import law_of
from daemon.lawinforce import LawInForce
from daemon.settings import Settings
from daemon.telling import RoutingInForce
from daemon.workshop import Bench
from ledger import Ledger
from rules.policy import Policy
from tests.console.people import OPEN, Client, signed_in
from tests.console.serving import NOW, Clock, Site, serving

BOOK = Path("rules/books/publicity.yaml").resolve()
"""A small shipped rulebook, the only one of this console: its law is read quickly."""

CATALOGUE = """\
items:
  - {code: "100101", name: 食品经营许可, version: "1", from: 2024-01-01, limits: {promised: 7 workdays, statutory: 20 workdays}}
  - {code: "100102", name: 施工许可, version: "1", from: 2024-01-01, limits: {promised: 30 workdays, statutory: 20 workdays}}
"""

MAPPING = """\
source: licences
kind: files
namespace: licences
of: application
rows: snapshot
read: {path: rows.csv}
zone: Asia/Shanghai
case_no: 编号
events:
  - {name: accepted, at: {column: 受理时间, format: "%Y-%m-%d %H:%M"}}
"""

PAYLOAD = "<script>alert('x')</script>\"'&"

ROWS = f"""\
编号,受理时间,申请人
A1,2026-10-01 09:00,甲
A2,2026/10/02 09:00,乙
A3,2026/10/03 09:00,"{PAYLOAD.replace('"', '""')}"
,2026-10-04 09:00,丙
"""


@dataclass
class Office:
    """The console under test and two administrators of it."""

    site: Site
    law: LawInForce
    workshop: Workshop
    one: Client
    other: Client


def settings_in(folder: Path) -> Settings:
    """Return the settings of the office; its files are written beside."""
    (folder / "items.yaml").write_text(CATALOGUE, encoding="utf-8")
    (folder / "licences.yaml").write_text(MAPPING, encoding="utf-8")
    (folder / "rows.csv").write_text(ROWS, encoding="utf-8")
    return Settings.model_validate(
        {
            "owner": {"name": "监督机关", "tell": [{"channel": "mail", "address": "owner@example.com"}]},
            "rules": {"books": [BOOK], "items": folder / "items.yaml"},
            "sources": [{"mapping": folder / "licences.yaml"}],
            "units": {"housing": {"zh": "住建局", "en": "Housing"}},
            "routes": [
                {
                    "unit": "*",
                    "rank": "R0",
                    "name": "承办人",
                    "tell": [{"channel": "mail", "address": "r0@example.com"}],
                },
                {"unit": "housing", "rank": "R2", "name": "领导", "tell": [{"channel": "sms", "address": "1"}]},
                {"unit": "housing", "rank": "R2", "name": "督查科", "tell": [{"channel": "sms", "address": "1"}]},
            ],
        }
    )


@contextmanager
def office(folder: Path, policies: Mapping[str, Policy] = {}) -> Iterator[Office]:  # never written to
    """Serve the console of an office whose source was read once: one row fits, three were put aside."""
    settings = settings_in(folder)
    made: list[tuple[LawInForce, Workshop]] = []

    def workshop(ledger: Ledger, clock: Clock) -> Workshop:
        law = LawInForce(settings.rules, ledger, law_of(settings))
        connector = open_connector(load_source(folder / "licences.yaml"), {}, folder)
        for batch in read_all(connector, NOW):
            ledger.append(batch, NOW)
        routing = RoutingInForce(ledger, routes_of(settings, ""), settings.rules.zone)
        lent = Bench(settings, ledger, law, clock).lent(routing.at, lambda: timing_of(settings, law.law))
        made.append((law, lent))
        return lent

    with serving(folder, OPEN, workshop=workshop, policies=policies) as site:
        people = [signed_in(site, "administrator", now=NOW) for _ in range(2)]
        law, lent = made[0]
        yield Office(site, law, lent, *people)
        law.close()


def text_of(page: str) -> str:
    """Return the text on the desk of a page."""
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def words_of(page: str) -> str:
    """Return what a person reads of a page, in one line."""
    plain = re.sub(r"<(script|style).*?</\1>|<textarea.*?</textarea>|<[^>]+>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(plain).split())
