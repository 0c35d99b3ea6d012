"""What departments and people write is text on every page of those who follow cards, in every file, in every address."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from ledger import views
from rules.facts import CaseId
from tests.console.carded import carded
from tests.console.people import OPEN, Client, signed_in
from tests.console.serving import NOW, Site, serving

SCRIPT = "<script>alert(1)</script>\"'&{{7*7}}"
FORMULA = '=HYPERLINK("http://evil.example")\r\nX: y'
UNIT = f"../{SCRIPT}%2e"
PERSON = f"{SCRIPT}/../x?y#z"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("payloads"), OPEN) as site:
        carded(site.ledger, NOW, f"N{SCRIPT}", UNIT, person=PERSON, item=FORMULA)
        yield site


@pytest.fixture(scope="module")
def inspector(site: Site) -> Client:
    client = signed_in(site, "inspector", now=NOW)
    card = views.queue(site.ledger, views.Wanted(), NOW).lines[0].card
    client.post(f"/cards/{card.card_id}/assign", {"serial": "1", "to": client.account})
    client.post("/views", {"name": SCRIPT, "address": f"/queue?text={quote(SCRIPT)}"})
    return client


def addresses(site: Site) -> list[str]:
    card = views.queue(site.ledger, views.Wanted(), NOW).lines[0].card
    case_id: CaseId = card.case_id
    return [
        "/queue", f"/queue?text={quote(SCRIPT)}&unit={quote(UNIT)}", f"/cards/{card.card_id}",
        f"/case/{case_id.namespace}/{case_id.kind}/{quote(case_id.case_no)}", f"/units/{quote(UNIT, safe='')}",
        f"/officers/{quote(PERSON, safe='')}", f"/search?q={quote(SCRIPT[:20])}", "/views",
    ]  # fmt: skip


def test_no_payload_becomes_markup_on_any_page(site: Site, inspector: Client) -> None:
    for address in addresses(site):
        status, page, _ = inspector.get(address)

        assert status == 200, address
        assert "<script>alert" not in page, address
        assert "&lt;script&gt;" in page, address
        assert "{{7*7}}" in page, address
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=\"/static/)", page), address


def test_links_to_odd_units_and_persons_lead_to_them(inspector: Client) -> None:
    _, page, _ = inspector.get("/queue")
    (unit,) = set(re.findall(r'href="(/units/[^"]+)"', page))
    _, found, _ = inspector.get(unit)
    (person,) = set(re.findall(r'href="(/officers/[^"]+)"', found))

    assert re.search(r"<h1>\.\./&lt;script&gt;", found)
    assert re.search(r"<h1>&lt;script&gt;.*/\.\./x\?y#z</h1>", inspector.get(person)[1])


def test_a_formula_in_a_file_is_a_text(inspector: Client) -> None:
    _, said, headers = inspector.get("/export/cards.csv")
    rows = list(csv.reader(io.StringIO(said.removeprefix("\ufeff"), newline="")))

    assert rows[1][7] == "'" + FORMULA
    assert "\r" not in headers["content-disposition"]
