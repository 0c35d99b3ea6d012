"""The daily pages of a supervised unit and of a leader, over a real server: own cards, what will breach, screen, month."""

from __future__ import annotations

import csv
import html
import http.client
import io
import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from alerts.directory import Directory, Person, Post, Tenure, Unit
from alerts.model import Deed, Stage
from alerts.moves import Side
from console.pages.mine import next_deeds
from ledger import views
from ledger.views.queue import TURN
from rules.judgement import Light
from rules.policy import Colour, Rank
from tests.console.carded import carded
from tests.console.flowing import DAY, Went, flow
from tests.console.people import OPEN, Client, signed_in
from tests.console.serving import NOW, Site, serving

OURS, THEIRS = "城管局", "住建局"
DIRECTORY = Directory(
    units=(Unit("城管局", "城管局"),), posts=(Post("城管局", "head", Rank.R1, "科长"),),
    people=(Person("zhou", "周某"),), holders_of=(Tenure("城管局", "head", "zhou"),),
)  # fmt: skip
PAYLOAD = "<img src=x onerror=alert(1)>"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with serving(tmp_path, OPEN) as site:
        yield site


def clerk(site: Site, unit: str = OURS) -> Client:
    """Return a browser in which somebody of a unit is signed in."""
    return signed_in(site, "unit_user", units=[unit], now=NOW)


def numbers(page: str) -> list[str]:
    """Return the case numbers of a list in their order."""
    return re.findall(r'class="open" href="/case/licences/application/([^"?]+)', page)


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("inspector", "/queue"),
        ("unit_user", "/mine"),
        ("leader", "/screen"),
        ("administrator", "/sources"),
        ("auditor", "/"),
    ],
)
def test_each_role_begins_its_day_at_its_own_page(site: Site, role: str, page: str) -> None:
    person = signed_in(site, role, now=NOW)
    status, _, headers = person.get("/start?lang=en")

    assert (status, headers["location"]) == (303, f"{page}?lang=en")
    assert person.get(page)[0] == 200


def test_a_unit_sees_its_own_cards_by_what_is_due_first_and_what_to_do(site: Site) -> None:
    carded(site.ledger, NOW, "soon", OURS, Colour.RED, due_in=3_600)
    carded(site.ledger, NOW, "late", OURS, due_in=-7_200)
    carded(site.ledger, NOW, "theirs", THEIRS)
    _, page, _ = clerk(site).get("/mine")

    assert re.findall(r"/application/(\w+)", page) == ["late", "soon"]
    assert "已逾期 2 小时" in page
    assert "剩余 1 小时" in page
    assert page.count('#deeds">签收</a>') == 2
    assert THEIRS not in page


def test_a_card_moves_on_to_the_other_sides_list(site: Site) -> None:
    name = carded(site.ledger, NOW)
    own = clerk(site)
    own.post(f"/cards/{name}/sign", {"serial": "1"})

    assert "说明 / 申诉 / 报告整改" in own.get("/mine")[1]
    own.post(f"/cards/{name}/explain", {"serial": "2", "text": "停电"})
    assert name not in own.get("/mine")[1]
    assert name in own.get("/mine?tab=wait")[1]
    assert name not in own.get("/mine?tab=done")[1]


def test_every_stage_in_which_it_is_the_units_turn_names_a_deed() -> None:
    assert all(next_deeds(stage) for stage in TURN[Side.UNIT])
    assert not any(next_deeds(stage) for stage in TURN[Side.SUPERVISION])
    assert Deed.UNSIGN not in next_deeds(Stage.SIGNED)


def test_the_filters_of_own_cards_live_in_the_address(site: Site) -> None:
    red = carded(site.ledger, NOW, "R", OURS, Colour.RED, due_in=-1)
    yellow = carded(site.ledger, NOW, "Y", OURS, due_in=9 * DAY)
    own = clerk(site)

    for asked, found in (
        ("colour=red", [red]), ("lateness=late", [red]), ("lateness=soon", []), ("text=Y", [yellow]),
        ("stage=issued", [red, yellow]), ("stage=upheld", []), ("stage=nonsense&colour=blue&tab=x", [red, yellow]),
        ("unit=none", []),
    ):  # fmt: skip
        _, page, _ = own.get(f"/mine?{asked}")
        assert re.findall(r'class="open" href="/cards/(\w+)', page) == found, asked
        assert [line[0] for line in taken_along(own, page)] == found, asked


def test_what_will_breach_comes_with_the_least_time_left_first(site: Site) -> None:
    flow(
        site.ledger,
        [
            Went("in-5-days", OURS, NOW - DAY, due_at=NOW + 5 * DAY),
            Went("in-1-hour", OURS, NOW - DAY, due_at=NOW + 3_600, light=Light.YELLOW),
            Went("late", OURS, NOW - DAY, due_at=NOW - 3_600, light=Light.RED),
            Went("theirs", THEIRS, NOW - DAY, due_at=NOW + 60),
            Went("done", OURS, NOW - DAY, NOW - 60, due_at=NOW + 60),
        ],
        NOW,
    )
    own = clerk(site)

    assert numbers(own.get("/will-breach")[1]) == ["in-1-hour", "in-5-days"]
    assert numbers(own.get("/will-breach?days=1")[1]) == ["in-1-hour"]
    assert numbers(own.get("/will-breach?list=late")[1]) == ["late"]
    assert "/case/licences/application/in-1-hour#explanation" in own.get("/will-breach")[1]
    assert 'id="explanation"' in own.get("/case/licences/application/in-1-hour")[1]
    assert own.get("/will-breach?days=many&unit=%00")[0] in {200, 400}


def taken_along(by: Client, page: str) -> list[list[str]]:
    """Return the rows, without the headings, of the CSV to which a page leads."""
    (link,) = re.findall(r'href="(/export/\w+\.csv[^"]*)"', page)
    assert link.replace(".csv", ".xlsx") in page
    status, table, _ = by.get(html.unescape(link))
    assert status == 200
    return list(csv.reader(io.StringIO(table)))[1:]


def test_each_list_can_be_taken_along_as_it_is_filtered_and_whole(site: Site) -> None:
    went = [Went(f"in-{n}", OURS, NOW - DAY, due_at=NOW + n * DAY // 2) for n in range(1, 121)]
    flow(
        site.ledger,
        [*went, Went("late", OURS, NOW - DAY, due_at=NOW - 3_600), Went("x", THEIRS, NOW, due_at=NOW + 9)],
        NOW,
    )
    own, inspector = clerk(site), signed_in(site, "inspector", now=NOW)

    def rows(page: str) -> list[str]:
        return [line[0] for line in taken_along(own, page)]

    for query, wanted in (
        ("list=late", ["late"]), ("days=1", ["in-1", "in-2"]), ("days=3&unit=none", []),
        ("", [each.number for each in went[:60]]),
    ):  # fmt: skip
        page = own.get(f"/will-breach?{query}")[1]
        assert (numbers(page), rows(page)) == (wanted, wanted), query
    for number in range(60):
        carded(site.ledger, NOW, f"q{number}", OURS if number else THEIRS, due_in=None)
    for address, cards in (
        (f"/queue?unit={quote(OURS)}", 59),
        ("/queue?text=q1&colour=yellow", 11),
        ("/queue?tab=late", 0),
    ):
        assert len(taken_along(inspector, inspector.get(address)[1])) == cards, address


def test_the_screen_shows_the_day_the_lights_and_the_loop(site: Site) -> None:
    flow(
        site.ledger,
        [
            Went("a", OURS, NOW - 600, NOW - 300, due_at=NOW + 9),
            Went("b", OURS, NOW - 500, due_at=NOW - 5, light=Light.RED),
            Went("c", THEIRS, NOW - 400, due_at=NOW + 9 * DAY),
            Went("d", THEIRS, NOW - 3 * DAY, NOW - 2 * DAY, due_at=NOW),
        ],
        NOW,
    )
    carded(site.ledger, NOW, "r", OURS, Colour.RED)
    site.ledger.ingest_failed("housing", "It is down.", "系统不可用。", NOW)
    _, page, _ = signed_in(site, "leader", now=NOW).get("/screen")

    shown = dict(re.findall(r"<dt>([^<]+)</dt><dd>([\d,]+)</dd>", page))
    assert shown == {"今日受理": "3", "今日办结": "1", "在办": "3", "超期未结": "2", "今日发牌": "1"}
    assert re.search(r'octagon"/></svg><span>红灯</span></span>\s+<strong>城管局', page)
    assert re.search(r'disc"/></svg><span>绿灯</span></span>\s+<strong>住建局', page)
    assert "中断 1" in page
    assert "housing" in page
    assert "问责兑现率" in page


def test_a_screen_of_one_unit_tells_nothing_of_others_nor_of_feeds(site: Site) -> None:
    flow(site.ledger, [Went("a", OURS, NOW - 600), Went("b", THEIRS, NOW - 600)], NOW)
    carded(site.ledger, NOW, "r", THEIRS, Colour.RED)
    _, page, _ = clerk(site).get("/screen")

    assert THEIRS not in page
    assert "数据源" not in page
    assert re.search(r"今日受理</dt><dd>1<", page)


def test_no_name_of_a_person_and_no_number_of_a_case_hangs_on_the_wall(site: Site) -> None:
    carded(site.ledger, NOW, "CASE-4711", OURS, Colour.RED, person="承办甲")
    _, page, _ = signed_in(site, "leader", now=NOW).get("/screen")

    assert "CASE-4711" not in page
    assert "承办甲" not in page


class Stream:
    """A browser that listens to the screen's events."""

    def __init__(self, client: Client, path: str = "/screen/stream") -> None:
        parts = urlsplit(client.url)
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=20)
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        self._connection.request("GET", path, headers={"cookie": cookies})
        self.answer = self._connection.getresponse()

    def next(self) -> dict[str, str]:
        """Return what the next event puts in place, by the identity of its place."""
        told = list[str]()
        while line := self.answer.fp.readline().decode():
            if line.startswith("data:"):
                told.append(line.removeprefix("data: "))
            elif told and not line.strip():
                return dict(
                    re.findall(r'<hx-partial hx-target="#([^"]+)"[^>]*>(.*?)</hx-partial>', "".join(told), re.DOTALL)
                )
        raise AssertionError("the stream has ended")

    def close(self) -> None:
        """Hang up."""
        self.answer.close()
        self._connection.close()


def test_the_stream_tells_everything_first_and_then_only_what_changed(site: Site) -> None:
    leader = signed_in(site, "leader", now=NOW)
    stream = Stream(leader)
    first = stream.next()
    site.ledger.ingest_failed("housing", "It is down.", "系统不可用。", NOW)
    site.clock.at += 1
    second = stream.next()
    stream.close()

    assert stream.answer.getheader("content-type", "").startswith("text/event-stream")
    assert set(first) == {f"part-{name}" for name in ("flow", "lights", "units", "hours", "loop", "feeds", "reds")} | {
        "as-of"
    }
    assert set(second) == {"part-feeds", "as-of"}
    assert "housing" in second["part-feeds"]
    assert first["as-of"] != second["as-of"]


def test_the_stream_is_for_those_who_may_see_the_screen(site: Site) -> None:
    refused = Stream(signed_in(site, "service", now=NOW))
    asked = Stream(Client(site.url))

    assert refused.answer.status == 403
    assert asked.answer.status == 303
    refused.close()
    asked.close()


def test_what_departments_write_is_text_on_the_screen_too(site: Site) -> None:
    carded(site.ledger, NOW, "x", PAYLOAD, Colour.RED, item=PAYLOAD)
    leader = signed_in(site, "leader", now=NOW)
    stream = Stream(leader)
    parts = stream.next()
    stream.close()

    assert any("&lt;img" in html for html in parts.values())
    for page in (
        *parts.values(),
        leader.get("/screen")[1],
        month(leader, "2027-01"),
        clerk(site, PAYLOAD).get("/mine")[1],
    ):
        assert "<img src=x" not in page


def month(client: Client, name: str, query: str = "") -> str:
    """Return a month's page once it has been counted."""
    for _ in range(200):
        status, page, _ = client.get(f"/month/{name}{query}")
        assert status == 200
        if "http-equiv" not in page:
            return page
        time.sleep(0.02)
    raise AssertionError("the month was never counted")


def figures(page: str) -> dict[str, tuple[str, ...]]:
    """Return the main figures by name: value, numerator, denominator, base."""
    rows = re.findall(
        r'<tr><th scope="row">([^<]+)</th>((?:<td[^>]*>.*?</td>)+)</tr>', page.split("</table>", maxsplit=1)[0]
    )
    return {
        name: tuple(re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>.*?</td>", cells))
        for name, cells in rows
    }


def test_the_month_shows_both_bases_and_what_was_divided_by_what(site: Site) -> None:
    """Two accepted and done, one accepted and open, one of the month before done, one returned."""
    before = NOW - 40 * DAY
    flow(
        site.ledger,
        [
            Went("a", OURS, NOW - 5 * DAY, NOW - DAY, left="4"), Went("b", OURS, NOW - 5 * DAY, NOW - DAY, left="-1"),
            Went("c", THEIRS, NOW - 4 * DAY, due_at=NOW - 60), Went("d", THEIRS, before, NOW - DAY, left="0.5"),
            Went("e", THEIRS, NOW - 5 * DAY, NOW - DAY, ended_by="returned"), Went("f", THEIRS, before, due_at=NOW + DAY),
        ],
        NOW,
    )  # fmt: skip
    page = month(signed_in(site, "leader", now=NOW), "2027-01")
    shown = figures(page)

    assert shown["受理数"][0::3] == ("4", "流量")
    assert shown["办结率"] == ("75.00%", "3", "4", "流量")
    assert shown["本月受理的办结率"] == ("50.00%", "2", "4", "批次")
    assert shown["月末在办"][0::3] == ("2", "时点")
    assert shown["超期未结"][0] == "1"
    assert shown["按时办结率（对承诺）"] == ("66.67%", "2", "3", "流量")
    assert shown["提前办结率（一个工作日以上）"][:3] == ("33.33%", "1", "3")
    assert shown["退件 · 另列（不计入办结）"][0] == "1"
    assert "以表格查看" in page


def test_a_month_says_of_what_no_source_reports_that_there_is_no_data(site: Site) -> None:
    flow(
        site.ledger,
        [Went("a", OURS, NOW - 9 * DAY, NOW - 8 * DAY), Went("b", OURS, NOW - 9 * DAY, NOW - 9 * DAY + 9)],
        NOW,
    )
    carded(site.ledger, NOW, "r", OURS, Colour.RED)
    found = figures(month(signed_in(site, "leader", now=NOW), "2027-01").split("</table>", 1)[1])

    for name in (
        "满意率",
        "评价覆盖率",
        "投诉率",
        "投诉按时答复率",
        "即办率（按目录）",
        "网办率（按件）",
        "最多跑一次率",
    ):
        assert found[name][:3] == ("无数据", "", ""), name
    assert found["实际当日办结率"][:3] == ("50.00%", "1", "2")
    assert found["红牌率"][1] == "1"


def test_a_month_without_anything_has_no_figures_and_one_to_come_no_page(site: Site) -> None:
    leader = signed_in(site, "leader", now=NOW)
    page = month(leader, "2026-11")

    assert figures(page)["办结率"][0] == "—"
    assert leader.get("/month")[2]["location"] == "/month/2027-01"
    assert [leader.get(f"/month/{name}")[0] for name in ("2027-02", "2027-1", "x", "1999-12")] == [404] * 4


def test_a_months_picture_keeps_to_the_readers_units(site: Site) -> None:
    flow(site.ledger, [Went("a", OURS, NOW - 600), Went("b", THEIRS, NOW - 600)], NOW)
    carded(site.ledger, NOW, "r", THEIRS, Colour.RED)
    page = month(clerk(site), "2027-01")

    assert figures(page)["受理数"][0] == "1"
    assert THEIRS not in page


def test_the_register_tells_which_red_card_has_its_consequence(site: Site) -> None:
    name = carded(site.ledger, NOW, "r1", OURS, Colour.RED)
    carded(site.ledger, NOW, "r2", OURS, Colour.RED)
    chief = signed_in(site, "chief_inspector", now=NOW)
    site.ledger.import_directory(DIRECTORY, "admin", NOW)
    address, talk = f"/cards/{name}/record_consequence", {"measure": "admonitory_talk", "document": "效能〔2027〕3号"}
    on = {"decided_on": "2027-01-14"}

    status, refused, _ = chief.post(address, {"serial": "1", **talk, **on})
    assert (status, refused.count("系对个人作出")) == (422, 2)
    assert '<option value="zhou">城管局科长 周某 (zhou)</option>' in refused
    assert chief.post(address, {"serial": "1", **talk, **on, "to": "zhou"})[0] == 303
    assert chief.post(address, {"serial": "2", **talk, **on, "to_name": "吴某", "to_post": "窗口"})[0] == 303
    page = month(signed_in(site, "leader", now=NOW, account="ld"), "2027-01")

    assert [page.count(said) for said in ("诫勉谈话", "效能〔2027〕3号", "城管局科长 周某", "窗口 吴某")] == [
        2,
        2,
        1,
        1,
    ]
    assert ("ld", "read_personal_data") in {(each.who, each.act) for each in views.acts(site.ledger)}
    assert all(f"受处理人：{each}" in chief.get(f"/cards/{name}")[1] for each in ("城管局科长 周某", "窗口 吴某"))
    assert "尚未登记" in page
    assert re.search(r"问责兑现率</dt><dd><b>100.00%</b> <span class=\"meta\">1 / 1<", page)


@pytest.mark.parametrize("path", ["/mine", "/will-breach", "/screen", "/month/2027-01"])
def test_the_pages_speak_english_when_asked(site: Site, path: str) -> None:
    """Only what departments wrote, and the other language's name, stays Chinese."""
    flow(site.ledger, [Went("a", "unit", NOW - 600, NOW - 60)], NOW)
    person = signed_in(site, "unit_user", units=["unit"], now=NOW)
    page = month(person, "2027-01", "?lang=en") if "month" in path else person.get(f"{path}?lang=en")[1]

    said = re.sub(r"<style.*?</style>|中文|明灯|food", "", page)
    assert re.findall(r"[\u4e00-\u9fff]+", said) == []
