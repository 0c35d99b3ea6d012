"""Unit, officer and search pages over a real server: what they show, to whom, and what they note."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from ledger import views
from tests.console.carded import carded
from tests.console.people import OPEN, Client, signed_in
from tests.console.serving import NOW, Site, serving


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("lookup"), OPEN) as site:
        carded(site.ledger, NOW, "2024-甲-001", "城管局", person="承办甲", item="food")
        carded(site.ledger, NOW, "2024-乙-002", "住建局", person="承办乙", item="build")
        carded(site.ledger, NOW, "2024-乙-003%", "住建局", person="承办甲", item="build")
        yield site


@pytest.fixture(scope="module")
def inspector(site: Site) -> Client:
    return signed_in(site, "inspector", now=NOW)


def test_a_unit_has_its_lights_late_cases_cards_and_figures(inspector: Client) -> None:
    status, page, _ = inspector.get(f"/units/{quote('住建局')}")

    assert status == 200
    assert 'href="/case/licences/application/2024-%E4%B9%99-002"' in page
    assert "2024-甲-001" not in page
    assert re.search(r"<dt>发牌</dt><dd><b>2</b>", page)
    assert inspector.get(f"/units/{quote('没有/此单位')}")[0] == 200


def test_a_unit_looks_only_at_itself(site: Site) -> None:
    clerk = signed_in(site, "unit_user", units=["住建局"], now=NOW)

    assert clerk.get(f"/units/{quote('住建局')}")[0] == 200
    assert clerk.get(f"/units/{quote('城管局')}")[0] == 403
    assert clerk.get(f"/officers/{quote('承办甲')}")[0] == 403


def test_an_officer_is_shown_across_units_and_the_look_is_noted(site: Site, inspector: Client) -> None:
    status, page, _ = inspector.get(f"/officers/{quote('承办甲')}")
    local = signed_in(site, "inspector", units=["城管局"], now=NOW)

    assert status == 200
    assert "2024-甲-001" in page
    assert "2024-乙-003%" in page
    assert "2024-乙-002" not in page
    assert "2024-乙-003%" not in local.get(f"/officers/{quote('承办甲')}")[1]
    noted = views.acts(site.ledger, act="read_personal_data", target="承办甲")
    assert {each.who for each in noted} == {inspector.account, local.account}


@pytest.mark.parametrize(
    ("wanted", "finds", "not_these"),
    [
        ("甲-0", ["2024-甲-001"], ["2024-乙-002"]),
        ("住建", ["/units/%E4%BD%8F%E5%BB%BA%E5%B1%80"], ["2024-乙-002"]),
        ("buil", ["/queue?text=build", "2 张"], ["2024-甲-001"]),
        ("承办乙", ["/officers/%E6%89%BF%E5%8A%9E%E4%B9%99"], ["2024-甲-001"]),
        ("003%", ["2024-乙-003%"], ["2024-乙-002"]),
        ("__", ["没有找到"], ["2024-甲-001"]),
        ("x", ["请至少输入两个字"], []),
    ],
)
def test_search_finds_any_part_and_takes_no_wildcard(
    inspector: Client, wanted: str, finds: list[str], not_these: list[str]
) -> None:
    status, page, _ = inspector.get(f"/search?q={quote(wanted)}")

    assert status == 200
    assert [said for said in finds if said not in page] == []
    assert [said for said in not_these if said in page] == []


def test_search_finds_a_card_by_the_beginning_of_its_number(site: Site, inspector: Client) -> None:
    number = views.queue(site.ledger, views.Wanted(unit="城管局"), NOW).lines[0].card.card_id

    assert f"/cards/{number}" in inspector.get(f"/search?q={number[:6]}")[1]


def test_search_stays_within_the_units_of_who_asks(site: Site) -> None:
    clerk = signed_in(site, "unit_user", units=["住建局"], now=NOW)
    _, page, _ = clerk.get("/search?q=2024")

    assert "2024-乙-002" in page
    assert "2024-甲-001" not in page
    assert "/officers/" not in page
    assert "城管局" not in clerk.get(f"/search?q={quote('城管局')}")[1].replace('value="城管局"', "").replace(
        "检索 城管局", ""
    )


def test_late_cases_are_exported_for_a_unit(inspector: Client) -> None:
    status, said, _ = inspector.get(f"/export/cases.csv?list=late&unit={quote('住建局')}")

    assert status == 200
    assert sorted(re.findall(r"2024-.-\d+", said)) == ["2024-乙-002", "2024-乙-003"]


def test_what_a_search_finds_is_exported_within_the_units_of_who_asks(site: Site, inspector: Client) -> None:
    clerk = signed_in(site, "unit_user", units=["城管局"], now=NOW)

    assert len(re.findall("\\n办件,2024", inspector.get("/export/search.csv?q=2024")[1])) == 3
    assert len(re.findall("\\n牌,", inspector.get("/export/search.csv?q=2024")[1])) == 3
    assert len(re.findall("\\n办件,2024", clerk.get("/export/search.csv?q=2024")[1])) == 1
    assert inspector.get("/export/search.csv?q=2")[1].count("\n") == 1
