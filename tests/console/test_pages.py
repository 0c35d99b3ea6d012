"""The pages over a real server: what is shown, in both languages, to browsers and to machines."""

from __future__ import annotations

import datetime as dt
import json
import re
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from alerts.model import Card, CardChange, CardState, ChangeKind, Delivery, card_id
from connectors.base import Batch
from console.app import create_app
from console.words import WORDS
from ledger import Ledger, Recorded
from rules.explanation import ClockStory, DayStory, Explanation, FindingStory, RowStory
from rules.facts import Case, CaseEvent, CaseId
from rules.judgement import CaseState, ClockReading, Judgement, Light, Pin, Truth
from rules.policy import Colour, IssueMode, Policy
from tests.console.people import OPEN, Client, signed_in
from tests.console.serving import served

NOW = 1_540_350_001
PAYLOAD = "<script>alert('x')</script>\"'&"
CASE = CaseId("licences", "application", "L1")
OVERDUE = Policy(
    rule="T04", family="promise", of="application", title={"zh": "超承诺时限", "en": "promise overdue"},
    say={"zh": "办件 {case.no}（{item.name}）已超时。", "en": "Case {case.no} ({item.name}) is overdue."},
)  # fmt: skip


def explanation_of(case: Case, said: str = "说明") -> Explanation:
    """Return an explanation in which everything that can be text is ``said``."""
    both = {"zh": said, "en": said}
    day = DayStory(dt.date(2024, 10, 1), False, None, said, both, both)
    clock = ClockStory(
        said, both, said, 1, NOW, said, "Asia/Shanghai", None, said, said, NOW, days=(day,), trouble=both
    )
    finding = FindingStory(
        said,
        both,
        Truth.TRUE,
        Light.RED,
        NOW,
        None,
        both,
        said,
        both,
        {said: said},
        {said: both},
        both,
        said,
        said,
        said,
        said,
        said,
    )
    row = RowStory(NOW, said, said, said, 2, NOW, {said: said})
    return Explanation(
        str(case.case_id), said, said, said, said, NOW, "Asia/Shanghai", Light.RED, CaseState.RUNNING, both,
        (clock,), (finding,), (row,), NOW, (both,),
    )  # fmt: skip


@dataclass
class Site:
    """The console under test, and what the daemon would lend it."""

    url: str = ""
    ledger: Ledger = field(default_factory=lambda: Ledger(""))
    inspector: Client = field(default_factory=lambda: Client(""))
    troubles: list[str] = field(default_factory=list)
    explain: Callable[[Case], Explanation] = field(default=lambda case: explanation_of(case, f"说明:{case.case_no}"))

    def ask(self, case: Case) -> Explanation:
        """Answer as ``explain`` stands when a page asks."""
        return self.explain(case)

    def get(self, path: str) -> tuple[int, str, dict[str, str]]:
        """Return status, body and headers of a page, as an inspector sees it."""
        return self.inspector.get(path)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Return the console on a free port over a fresh ledger."""
    site = Site(ledger=Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}"))
    site.ledger.upgrade()
    app = create_app(
        site.ledger, access=OPEN, metrics=lambda: b"# HELP x y\n", troubles=lambda: site.troubles,
        explain=site.ask,
        titles={("rule", "T04"): {"zh": "超承诺时限", "en": "promise overdue"}}, policies={"T04": OVERDUE},
        now=lambda: NOW,
    )  # fmt: skip
    with served(lambda _url: app) as site.url:
        site.inspector = signed_in(site, "inspector", now=NOW)
        yield site
    site.ledger.close()


def fill(ledger: Ledger, unit: str = "城管局", case_id: CaseId = CASE) -> None:
    """Write one overdue case with a card and a message."""
    event = CaseEvent(
        source="licences", event_id="1", version=1, namespace=case_id.namespace, kind=case_id.kind,
        case_no=case_id.case_no, name="accepted", occurred_at=NOW - 900_000, data={"unit": unit, "item": "food"},
    )  # fmt: skip
    ledger.append(Batch(source="licences", events=(event,), cursor={}), NOW - 1)
    claimed = next(c for c in ledger.claim(NOW) if c.case.case_id == case_id)
    name = card_id(case_id, "promise", "promise", 1)
    card = Card(
        card_id=name, case_id=case_id, family="promise", clock="promise", ordinal=1, rule="T04", colour=Colour.YELLOW,
        state=CardState.ISSUED, issue=IssueMode.AUTOMATIC, unit=unit, raised_at=NOW, issued_at=NOW, pin=Pin("b@1"),
        values={"case.no": case_id.case_no, "item.name": f"食品{unit}"},
    )  # fmt: skip
    delivery = Delivery(
        key="k1", card_id=name, serial=1, channel="inbox", address="x", recipient="纪检监察室", rank="owner",
        subject=f"【黄牌】{unit}", body=f"对{unit}发出黄牌。\n办件 {case_id.case_no} 已超时。\n\n单位：{unit}", created_at=NOW, not_before_at=NOW,
    )  # fmt: skip
    clock = ClockReading(
        clock="promise", ordinal=1, state=CaseState.RUNNING, started_at=NOW - 900_000, due_at=NOW - 1,
        limit="7 workdays", over=True,
    )  # fmt: skip
    judgement = Judgement(
        case_id=case_id, revision=claimed.case.revision, unit=unit, item="food", item_name=f"食品{unit}",
        state=CaseState.RUNNING, light=Light.RED, clock="promise", ordinal=1, clocks=(clock,),
    )  # fmt: skip
    change = CardChange(ChangeKind.ISSUED, NOW, card)
    ledger.record([Recorded(judgement=judgement, changes=(change,), deliveries=(delivery,), token=claimed.token)], NOW)


def test_an_empty_ledger_says_what_will_come(site: Site) -> None:
    """The first second of a fresh deployment is not an empty page."""
    status, page, _ = site.get("/")

    assert status == 200
    assert all(WORDS[key][0] in page for key in ("no_units", "no_cards", "no_sources"))


def test_the_board_shows_lights_cards_and_sources(site: Site) -> None:
    """A light is a word and a shape, never a colour alone."""
    fill(site.ledger)
    site.ledger.ingest_failed("housing", "It is down.", "系统不可用。", NOW)
    _, page, _ = site.get("/")

    assert re.search(
        r'<use href="#octagon"/></svg><span>红灯</span></span>\s+<div class="name">\s+<strong><a href="/units/[^"]+">城管局',
        page,
    )
    assert "办件 L1（食品城管局）已超时。" in page
    assert "T04 超承诺时限" in page
    assert re.search(r'<use href="#ring"/></svg><span>中断</span>', page)
    assert "系统不可用。" in page
    assert 'href="/case/licences/application/L1"' in page


def test_the_page_speaks_english_when_asked(site: Site) -> None:
    """And its links keep the language."""
    fill(site.ledger)
    _, page, _ = site.get("/?lang=en")

    assert '<html lang="en">' in page
    assert "Lights by unit" in page
    assert "Case L1 (食品城管局) is overdue." in page
    assert 'href="/case/licences/application/L1?lang=en"' in page
    assert 'href="/?lang=zh"' in page
    assert '<html lang="zh-CN">' in site.get("/?lang=tlh")[1]


def test_every_word_of_the_pages_is_said_in_both_languages() -> None:
    """None is empty."""
    assert [key for key, (zh, en) in WORDS.items() if not (zh and en)] == []


@pytest.mark.parametrize("path", ["/case/licences/application/L1", "/cases/licences/application/L1"])
def test_a_case_has_its_whole_story(site: Site, path: str) -> None:
    """Clocks, events, cards, messages and why; also under the address that messages carry."""
    fill(site.ledger)
    status, page, _ = site.get(path)

    assert status == 200
    for said in ("红灯", "7 个工作日", "已超时", "受理", "T04 超承诺时限", "纪检监察室", "【黄牌】城管局", "说明:L1"):
        assert said in page, said
    assert "Source rows" in site.get(path + "?lang=en")[1]


def test_a_case_number_with_odd_letters_is_found_by_its_link(site: Site) -> None:
    """What the board links to is what the case page finds."""
    odd = CaseId("licences", "application", "办件 #7?%41&x")
    fill(site.ledger, case_id=odd)
    link = re.search(r'href="(/case/[^"]+)"', site.get("/")[1])

    assert link is not None
    status, page, _ = site.get(link[1])

    assert status == 200
    assert "办件 #7?%41&amp;x" in page


def test_a_case_whose_explanation_fails_is_shown_all_the_same(site: Site) -> None:
    """The rest of the story does not depend on it."""

    def broken(case: Case) -> Explanation:
        raise ValueError("boom")

    fill(site.ledger)
    site.explain = broken
    status, page, _ = site.get("/case/licences/application/L1")

    assert status == 200
    assert WORDS["no_explanation"][0] in page


def test_what_departments_write_is_text_on_every_page(site: Site) -> None:
    """No payload in any field becomes markup."""
    case_no = PAYLOAD.replace("/", "")
    fill(site.ledger, unit=PAYLOAD, case_id=CaseId("licences", "application", case_no))
    site.ledger.ingest_failed("x", PAYLOAD, PAYLOAD, NOW)
    site.explain = lambda case: explanation_of(case, PAYLOAD)
    for path in ("/", f"/case/licences/application/{urllib.parse.quote(case_no)}"):
        status, page, _ = site.get(path)

        assert status == 200
        assert "&lt;script&gt;" in page
        assert "<script>" not in page


@pytest.mark.parametrize(
    "path", ["/", "/case/a/b/c", "/nowhere", "/healthz", "/readyz", "/metrics", "/static/console.css"]
)
def test_every_answer_carries_the_security_headers(site: Site, path: str) -> None:
    """Also refusals and static files."""
    _, _, headers = site.get(path)

    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")
    assert headers["referrer-policy"] == "same-origin"


def test_pages_need_nothing_inline_and_nothing_from_elsewhere(site: Site) -> None:
    """So the strict policy holds: no inline script or style, no foreign host."""
    fill(site.ledger)
    for path in ("/", "/case/licences/application/L1", "/nowhere"):
        _, page, _ = site.get(path)

        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=\"/static/)", page)
        assert not re.search(r'(?:src|href)="(?!/|#)', page)


def test_unknown_addresses_are_refused_politely(site: Site) -> None:
    """404 with a way back, in the language asked for; nothing outside the static folder is served."""
    assert site.get("/case/licences/application/none")[0] == 404
    assert "There is no such page" in site.get("/nowhere?lang=en")[1]
    assert site.get("/static/../app.py")[0] == 404
    assert site.get("/static/%2e%2e/app.py")[0] == 404


def test_a_fault_of_ours_shows_no_traceback(site: Site) -> None:
    """The log has it; the page says that it failed."""
    site.ledger.close()
    site.ledger.url = "sqlite:////nowhere/at/all.db"
    status, page, _ = site.get("/")

    assert status == 500
    assert WORDS["failed"][0] in page
    assert "Traceback" not in page


def test_machines_are_told_whether_we_live_and_are_ready(site: Site) -> None:
    """Alive is alive; ready needs the reasons to be none."""
    assert site.get("/healthz")[:2] == (200, "ok\n")
    assert site.get("/readyz")[:2] == (200, '{"ready":true,"reasons":[]}')

    site.troubles = ["the duty 'review' was last done 99 s ago"]
    status, said, headers = site.get("/readyz")

    assert (status, json.loads(said)) == (503, {"ready": False, "reasons": site.troubles})
    assert headers["content-type"] == "application/json"
    assert site.get("/healthz")[0] == 200


def test_the_figures_have_the_content_type_that_prometheus_expects(site: Site) -> None:
    """Version and charset are said."""
    status, said, headers = site.get("/metrics")

    assert (status, said) == (200, "# HELP x y\n")
    assert headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
