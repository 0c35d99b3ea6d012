"""The page of coverage: which points have data, which words are missing, and no unit but the caller's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from connectors.base import Batch
from console.app import create_app
from ledger import Claimed, Ledger, Recorded
from rules.catalogue import Catalogue
from rules.explanation import Explanation
from rules.facts import Case, CaseEvent
from rules.judgement import CaseState, Judgement, Light
from rules.loader import load_books
from rules.supervised import supervised
from tests.console.people import OPEN, Client, signed_in
from tests.console.serving import served

NOW = 1_727_000_000
BOOKS = load_books()


@dataclass
class Site:
    """A running console over a ledger with two units that report little."""

    ledger: Ledger
    url: str = ""
    inspector: Client = field(default_factory=lambda: Client(""))


def unexplained(_: Case) -> Explanation:
    raise AssertionError("this page explains nothing")


def _judged(claimed: Claimed) -> Recorded:
    case = claimed.case
    judgement = Judgement(
        case_id=case.case_id, revision=case.revision, unit=case.case_id.case_no, item="", state=CaseState.RUNNING,
        light=Light.GREEN,
    )  # fmt: skip
    return Recorded(judgement=judgement, token=claimed.token)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}"))
    site.ledger.upgrade()
    events = tuple(
        CaseEvent(
            source="s", event_id=unit + kind, version=1, namespace="n", kind=kind, case_no=unit, name="accepted",
            occurred_at=NOW - 100, data={"unit": unit},
        )
        for unit, kind in (("housing", "application"), ("water", "application"), ("water", "enquiry"))
    )  # fmt: skip
    site.ledger.append(Batch(source="s", events=events, cursor={}), NOW - 1)
    site.ledger.record([_judged(claimed) for claimed in site.ledger.claim(NOW)], NOW)
    app = create_app(
        site.ledger, access=OPEN, metrics=lambda: b"", troubles=list, explain=unexplained, now=lambda: NOW,
        covered=lambda events: supervised(BOOKS, Catalogue(), events),
    )  # fmt: skip
    with served(lambda _url: app) as site.url:
        site.inspector = signed_in(site, "inspector", now=NOW)
        yield site
    site.ledger.close()


def test_the_page_counts_points_with_data_and_names_the_missing_words(site: Site) -> None:
    status, page, _ = site.inspector.get("/coverage?lang=en")

    assert status == 200
    assert "“promised limit” in the catalogue" in page
    assert "<code>item.promised</code>" in page
    assert "no source reports such cases" in page
    assert re.search(r'housing</th>(<td class="n">[^<]+</td>)*<td class="n">—</td>', page)


def test_it_speaks_chinese_first(site: Site) -> None:
    _, page, _ = site.inspector.get("/coverage")

    assert "监督覆盖" in page
    assert "事项目录的“承诺时限”" in page


def test_a_clerk_sees_nothing_of_another_unit(site: Site) -> None:
    clerk = signed_in(site, "unit_user", units=["housing"], now=NOW)

    _, page, _ = clerk.get("/coverage?lang=en")

    assert "water" not in page
    assert "newest events: 1" in page
