"""The work queue over a real server: tabs, filters in the address, pages, deeds for many cards, views, files."""

from __future__ import annotations

import csv
import html
import io
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator

import pytest
from python_calamine import CalamineWorkbook

from console.sheets import Sheet, as_csv, as_xlsx
from ledger import views
from rules.policy import Colour
from tests.console.carded import carded
from tests.console.people import OPEN, Client, signed_in
from tests.console.serving import NOW, Site, serving

UNITS = ("城管局", "住建局")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("queue"), OPEN) as site:
        for number in range(60):
            carded(
                site.ledger, NOW, f"N{number:03}", UNITS[number % 2], Colour.RED if number % 3 == 0 else Colour.YELLOW,
                item="=cmd()" if number == 0 else "food", due_in=(number - 10) * 3600,
            )  # fmt: skip
        yield site


@pytest.fixture(scope="module")
def inspector(site: Site) -> Client:
    return signed_in(site, "inspector", now=NOW)


def numbers(page: str) -> list[str]:
    """Return the case numbers of the lines, in their order."""
    return re.findall(r"· (N\d{3}) ·", page)


def test_the_queue_begins_with_what_is_due_first_and_goes_on_without_gap(inspector: Client) -> None:
    _, first, _ = inspector.get("/queue")
    following = html.unescape(re.search(r'href="([^"]+)" rel="next"', first)[1])  # type: ignore[index]  # it has to be there
    _, second, _ = inspector.get(following)

    assert numbers(first) + numbers(second) == [f"N{number:03}" for number in range(60)]
    assert 'rel="next"' not in second


def test_tabs_count_what_they_show(inspector: Client) -> None:
    for tab, count in (("late", 10), ("soon", 25), ("mine", 0)):
        _, page, _ = inspector.get(f"/queue?tab={tab}")

        assert len(numbers(page)) == count, tab
        assert re.search(rf'tab={tab}" aria-current="page">\S+ <b>{count}</b>', page), tab


def test_filters_live_in_the_address_and_stay_in_every_link(inspector: Client) -> None:
    _, page, _ = inspector.get("/queue?unit=%E5%9F%8E%E7%AE%A1%E5%B1%80&colour=red&text=N00&lang=en")

    assert numbers(page) == ["N000", "N006"]
    links = re.findall(r'class="tabs".*?</nav>', page, re.DOTALL)
    assert all(
        "colour=red" in link and "text=N00" in link and "lang=en" in link
        for link in re.findall(r'href="([^"]+)"', links[0])
    )
    assert '<option value="red" selected>' in page
    assert len(numbers(inspector.get("/queue?colour=mauve&stage=none&tab=nowhere")[1])) == 50


def test_a_unit_sees_its_own_cards_and_another_none(site: Site) -> None:
    clerk = signed_in(site, "unit_user", units=["住建局"], now=NOW)
    _, page, _ = clerk.get("/queue?unit=%E5%9F%8E%E7%AE%A1%E5%B1%80")

    assert numbers(page) == []
    assert len(numbers(clerk.get("/queue")[1])) == 30
    assert "城管局" not in clerk.get("/queue")[1]


def test_cards_are_signed_for_in_bulk_and_the_signatures_taken_back(site: Site) -> None:
    clerk = signed_in(site, "unit_user", units=["住建局"], now=NOW)
    _, page, _ = clerk.get("/queue?text=N05")
    chosen = re.findall(r'name="chosen" value="(\w+:\d+)"', page)
    _, done, _ = post(clerk, "/queue/sign", [("chosen", each) for each in [*chosen, "none:1"]])

    assert len(chosen) == 5
    assert "已办理 5 / 6" in done
    assert "未办理 1 / 6" in done
    undo = re.findall(r'name="undo" value="([^"]+)"', done)
    _, undone, _ = post(clerk, "/queue/undo", [("undo", each) for each in undo])
    assert "已撤回 5 / 5" in undone
    assert "已撤回" not in post(clerk, "/queue/undo", [("undo", each) for each in undo])[1]


def test_an_inspector_cannot_sign_in_bulk_nor_reach_beyond_his_units(site: Site) -> None:
    everywhere, here = (signed_in(site, "inspector", units=units, now=NOW) for units in (["*"], ["住建局"]))
    _, page, _ = everywhere.get("/queue?text=N020")
    (chosen,) = re.findall(r'name="chosen" value="(\w+:\d+)"', page)

    assert "只能由被监察单位办理" in post(everywhere, "/queue/sign", [("chosen", chosen)])[1]
    assert "不在您的范围内" in post(here, "/queue/assign", [("chosen", chosen), ("to", here.account)])[1]
    assert post(everywhere, "/queue/assign", [("chosen", chosen), ("to", "nobody")])[0] == 403


def test_assigning_in_bulk_fills_somebodys_own_tab_and_can_be_undone(site: Site, inspector: Client) -> None:
    other = signed_in(site, "inspector", now=NOW)
    _, page, _ = inspector.get("/queue?text=N03")
    chosen = re.findall(r'name="chosen" value="(\w+:\d+)"', page)
    _, done, _ = post(inspector, "/queue/assign", [("to", other.account), *(("chosen", each) for each in chosen)])
    assert len(numbers(other.get("/queue?tab=mine")[1])) == 10

    undo = [("undo", each) for each in re.findall(r'name="undo" value="([^"]+)"', done)]
    assert "已撤回 10 / 10" in post(inspector, "/queue/undo", undo)[1]
    assert numbers(other.get("/queue?tab=mine")[1]) == []


def test_views_are_kept_per_account_and_lead_only_to_lists(site: Site, inspector: Client) -> None:
    other = signed_in(site, "inspector", now=NOW)
    assert inspector.post("/views", {"name": "<b>急</b>", "address": "/queue?tab=late"})[0] == 303
    _, page, _ = inspector.get("/views")

    assert 'href="/queue?tab=late">&lt;b&gt;急&lt;/b&gt;</a>' in page
    assert "/queue?tab=late" not in other.get("/views")[1]
    for address in ("//evil.example/queue", "https://evil.example", "/account", "javascript:1", "/queuex"):
        assert inspector.post("/views", {"name": "x", "address": address})[0] == 422, address
    assert inspector.post("/views", {"name": "", "address": "/queue"})[0] == 422
    assert inspector.post("/views/delete", {"name": "<b>急</b>"})[0] == 303
    assert '/queue?tab=late"' not in inspector.get("/views")[1]


def test_a_list_is_exported_as_it_is_filtered_and_the_export_is_noted(site: Site, inspector: Client) -> None:
    status, said, headers = inspector.get("/export/cards.csv?tab=late")
    rows = list(csv.reader(io.StringIO(said.removeprefix("\ufeff"))))

    assert (status, headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert "attachment" in headers["content-disposition"]
    assert [row[5] for row in rows[1:]] == [f"N{number:03}" for number in range(10)]
    assert rows[1][7] == "'=cmd()"
    assert inspector.get("/export/cards.exe")[0] == 404

    assert any(each.act == "export" and "tab=late" in each.detail for each in views.acts(site.ledger))


def test_a_workbook_holds_texts_and_no_formula(inspector: Client) -> None:
    request = urllib.request.Request(  # noqa: S310  # our own address
        inspector.url + "/export/cards.xlsx?tab=late&lang=en",
        headers={"cookie": "; ".join(f"{n}={v}" for n, v in inspector.cookies.items())},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310  # as above
        rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.read())).get_sheet_by_index(0).to_python()

    assert rows[0][0] == "card no."
    assert (len(rows), rows[1][7]) == (11, "=cmd()")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "＝"])
def test_whatever_could_be_a_formula_is_quoted(start: str) -> None:
    sheet = Sheet("x", ["a"], [[f"{start}1+1"], ["1=1"], [5]])
    rows = list(csv.reader(io.StringIO(as_csv(sheet).decode("utf-8-sig"), newline="")))

    assert rows == [["a"], [f"'{start}1+1"], ["1=1"], ["5"]]
    assert b"<f>" not in as_xlsx(sheet)


def post(client: Client, path: str, fields: list[tuple[str, str]]) -> tuple[int, str, dict[str, str]]:
    """Send a form in which a field may stand more than once."""
    body = urllib.parse.urlencode([("form_token", client.form_token), *fields]).encode()
    headers = {"content-type": "application/x-www-form-urlencoded", "origin": client.url}
    return client.ask("POST", path, body, headers=headers)
