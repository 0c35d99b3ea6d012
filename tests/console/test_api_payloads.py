"""What sources and people write stays what it is: text. Every page, answer and file is walked with a table of payloads."""

from __future__ import annotations

import csv
import http.client
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Final
from urllib.parse import quote, urlsplit

import pytest

from alerts.model import Deed, Done, Evidence, card_id
from alerts.moves import Side
from console.access.access import Access
from console.access.roles import GRANTS, Role
from ledger.cardlife import Paper
from tests.console.carded import carded, case_of
from tests.console.gate import Door, doors
from tests.console.payloads import EVIL, PRODUCT
from tests.console.people import token
from tests.console.serving import NOW, Site, serving

pytestmark = pytest.mark.timeout(600)

READERS: Final = (Role.INSPECTOR, Role.ADMINISTRATOR, Role.AUDITOR, Role.LEADER, Role.UNIT_USER)
_UNSEEN: Final = re.compile("[\x00\u202a-\u202e\u2066-\u2069]")
_STARTS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class Active(HTMLParser):
    """Collects everything of a page that a browser would run or follow, save our own files and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        said = {name: value or "" for name, value in attrs}
        if tag in {"img", "iframe", "object", "embed", "base"} and not said.get("src", "/").startswith("/"):
            self.found.append(f"<{tag} {said}>")
        if (
            tag == "script"
            and not said.get("src", "").startswith("/static/")
            and said.get("type") != "application/json"
        ):
            self.found.append(f"<script {said}>")
        for name, value in said.items():
            led = name in {"href", "src", "action", "formaction"} and not re.match(r"[/#?]|$", value)
            if name.startswith("on") or led or (name in {"href", "action"} and value.startswith("//")):
                self.found.append(f"<{tag} {name}={value[:80]}>")


def cards_of(ledger_site: Site) -> Iterator[tuple[str, str]]:
    """Write a case and a card for every payload: in each field that a source fills, and in words and papers of people."""
    for number, (kind, evil) in enumerate(EVIL.items()):
        case_no = kind if re.search(r"[/\x00-\x1f]", evil) or len(evil) > 200 else evil
        name = carded(ledger_site.ledger, NOW, case_no, unit=evil, person=evil, item=evil, rule=evil[:200])
        paper = Paper(evil[:200], "text/html", f"<script>{number}</script>".encode())
        dated = Evidence(paper.name, paper.sha256, paper.media_type, len(paper.content))
        for serial, done in enumerate(
            (Done(deed=Deed.SIGN, by=evil[:60], role="unit_user"),
             Done(deed=Deed.RECTIFY, by=evil[:60], role="unit_user", text=evil, evidence=(dated,))), start=1,
        ):  # fmt: skip
            papers = (paper,) if done.evidence else ()
            ledger_site.ledger.act(
                name, serial, done, Side.UNIT, NOW, "Asia/Shanghai", lambda _colour, at: at, lambda _change: (), papers
            )
        ledger_site.ledger.accounts.add(f"e{number}", evil, [Role.LEADER], NOW, units=[evil])
        ledger_site.ledger.ingest_failed(f"s{number}", evil, evil, NOW)
        yield case_no, evil


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("payloads"), Access()) as site:
        yield site


@pytest.fixture(scope="module")
def cases(site: Site) -> list[tuple[str, str]]:
    return list(cards_of(site))


def addresses(door: Door, cases: list[tuple[str, str]]) -> Iterator[str]:
    """Yield the addresses at which a door shows what was written: one per case where it names one, else a single one."""
    if "{" not in door.path:
        yield door.address()
        return
    if "{namespace}" not in door.path and door.path.endswith("{kind}"):
        yield from (door.address(kind=kind) for kind in ("csv", "xlsx"))
        return
    if not door.names_what_is_there and "{account}" not in door.path:
        return
    for number, (case_no, evil) in enumerate(cases):
        named = card_id(case_of(case_no), "promise", "promise", 1)
        if len(evil) > 1_000 and ("{unit" in door.path or "{person" in door.path):
            continue
        yield door.address(card_id=named, case_no=case_no, unit=evil, person=evil, account=f"e{number}")


def asked(site: Site, address: str, bearer: str) -> tuple[int, Mapping[str, str], bytes]:
    """Return status, headers and bytes of an answer; a stream is read as far as it goes at once."""
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=20)
    connection.request("GET", address, headers={"authorization": bearer})
    answer = connection.getresponse()
    streams = answer.headers.get_content_type() == "text/event-stream"
    body = answer.read1(65_536) if streams else answer.read()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    connection.close()
    return answer.status, headers, body


def troubles(status: int, headers: Mapping[str, str], body: bytes) -> list[str]:
    """Return everything in an answer that would be more than text."""
    kind, text = headers.get("content-type", "").split(";")[0], body.decode("utf-8", "replace")
    found = [f"status {status}"] if status >= 500 and status != 503 else []
    found += [f"header {name}" for name, value in headers.items() if "evil" in value and not _led_home(name, value)]
    found += ["template"] if PRODUCT in text else []
    if kind == "text/html":
        active = Active()
        active.feed(text)
        found += active.found
        found += ["unseen"] if _UNSEEN.search(text) else []
        found += ["frame or script allowed"] if "script-src 'self'" not in headers["content-security-policy"] else []
    elif kind in {"application/json", "application/problem+json"}:
        json.loads(text)
    elif kind == "text/csv":
        rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
        found += [
            f"formula {cell[:20]}" for row in rows for cell in row if cell.lstrip(" ").startswith(_STARTS_FORMULA)
        ]
    elif kind.endswith("spreadsheetml.sheet"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            parts = {name: book.read(name).decode() for name in book.namelist() if name.endswith((".xml", ".rels"))}
        found += [name for name, part in parts.items() if "<f>" in part or "<f " in part or "evil.example" in name]
        found += [name for name, part in parts.items() if name.endswith(".rels") and "hyperlink" in part]
    elif kind == "application/octet-stream":
        found += [] if headers["content-disposition"].startswith("attachment;") else ["opened in our name"]
    return found


def _led_home(name: str, value: str) -> bool:
    """Say whether a header quotes somebody as it may: a file's name, or an address of ours in which nothing is bare."""
    if name == "location":
        return re.fullmatch(r"/(?!/)[\w%/?=&.~:+*-]*", value) is not None
    return name == "content-disposition"


def test_nothing_that_was_written_is_more_than_text(site: Site, cases: list[tuple[str, str]]) -> None:
    """Every page, answer and file that shows what is there, to each role that may see it."""
    wrong, walked, shown = [], 0, 0
    for role in READERS:
        bearer = token(site, role.value, acts=GRANTS[role], now=NOW)
        for door in doors():
            if (
                door.method != "GET"
                or door.needs.act not in GRANTS[role]
                or (role is not READERS[0] and "{" in door.path)
            ):
                continue
            for address in addresses(door, cases):
                status, headers, body = asked(site, address, bearer)
                wrong += [f"{role} {address[:120]}: {each}" for each in troubles(status, headers, body)]
                walked += 1
                shown += b"evil" in body

    assert wrong == []
    assert walked > 150
    assert shown > 50


def test_what_is_asked_for_is_text_too(site: Site, cases: list[tuple[str, str]]) -> None:
    """In every word of an address that a list can be asked by, and in the language."""
    bearer, wrong = token(site, "inspector", acts=GRANTS[Role.INSPECTOR], now=NOW), []
    listed = [
        each for each in doors() if each.method == "GET" and "{" not in each.path and not each.path.endswith("stream")
    ]
    for door in (each for each in listed if each.needs.act in GRANTS[Role.INSPECTOR]):
        for evil in (EVIL["attribute"], EVIL["lines"], EVIL["nul"]):
            words = "&".join(f"{name}={quote(evil)}" for name in ("text", "q", "unit", "rule", "after", "lang", "done"))
            wrong += [f"{door}: {each}" for each in troubles(*asked(site, f"{door.path}?{words}", bearer))]

    assert wrong == []


def test_the_tests_see_what_they_look_for() -> None:
    """A page that let one of them through would be found."""
    policy = {"content-type": "text/html", "content-security-policy": "script-src 'self'"}
    for kind in ("script", "attribute", "direction", "nul"):
        assert troubles(200, policy, EVIL[kind].encode()), kind
    assert troubles(200, policy, f'<a href="{EVIL["address"]}">x</a>'.encode())
    assert troubles(200, {"content-type": "text/csv"}, EVIL["formula"].encode())
