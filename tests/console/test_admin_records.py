"""Administrators keep the calendar, the catalogue, the sources and the routes, from signing in to what the ledger holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest

from alerts.directory import Address, Directory, Person, Post, Tenure, Unit
from console.pages.quarantine import shown_cells
from console.yearpicture import months, specials, year_text
from ledger import views
from rules.calendarbook import open_calendars
from rules.policy import Colour, Rank
from tests.alerts.filed import POLICY
from tests.console.carded import carded, urged
from tests.console.people import Client, signed_in
from tests.console.serving import NOW
from tests.console.workshops import CATALOGUE, MAPPING, Office, office, text_of, words_of

PAYLOAD_NAME = "<script>alert(1)</script>"
MENDED = MAPPING.replace('"%Y-%m-%d %H:%M"', '["%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M"]')
DOUBTFUL = "100101,食品经营许可,2027-12-01,25,20\n"
TABLE = "事项编码,事项名称,生效日期,承诺时限,法定时限\n100103,施工图审查,2026-12-01,5,20\n"


@pytest.fixture(scope="module")
def open_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Return an office in which nothing is published."""
    with office(tmp_path_factory.mktemp("records")) as made:
        yield made


def upload(by: Client, path: str, fields: dict[str, str], file: tuple[str, str]) -> tuple[int, str, dict[str, str]]:
    """Send a form with one file ``table``."""
    return uploaded(by, path, fields, dict([file]), "table")


def uploaded(
    by: Client, path: str, fields: dict[str, str], files: dict[str, str], name: str = "tables"
) -> tuple[int, str, dict[str, str]]:
    """Send a form with files."""
    parts = [
        *(
            f'--xx\r\ncontent-disposition: form-data; name="{each}"\r\n\r\n{value}\r\n'
            for each, value in fields.items()
        ),
        *(
            f'--xx\r\ncontent-disposition: form-data; name="{name}"; filename="{file}"\r\n\r\n{said}\r\n'
            for file, said in files.items()
        ),
        "--xx--\r\n",
    ]
    typed = {"content-type": "multipart/form-data; boundary=xx", "origin": by.url}
    return by.ask("POST", path, "".join(parts).encode(), headers=typed)


def test_a_year_shows_why_each_day_counts_and_by_which_notice(open_office: Office) -> None:
    status, page, _ = open_office.one.get("/calendar?year=2026")
    assert status == 200
    assert re.search(r'class="day holiday" title="2026-10-01 [^"]+">1<i>休</i>', page)
    assert re.search(r'class="day makeup" title="2026-10-10 [^"]+">10<i>班</i>', page)
    english = words_of(open_office.one.get("/calendar?year=2027&lang=en")[1])
    assert "assumed" in english
    assert "Published until 2026-12-31" in english
    assert [open_office.one.get(f"/calendar?{asked}")[0] for asked in ("name=mars", "year=9999")] == [404, 404]


def test_the_file_of_a_year_says_what_the_calendar_says(tmp_path: Path) -> None:
    calendar = open_calendars().get("cn")
    (tmp_path / "2025.yaml").write_text(year_text(calendar, 2025), encoding="utf-8")
    again = open_calendars([tmp_path]).get("cn")
    assert specials(again, 2025, "zh") == specials(calendar, 2025, "zh") != []
    shown = [day.on for month in months(calendar, 2026, "zh") for week in month for day in week if day is not None]
    assert (len(shown), shown == sorted(set(shown))) == (365, True)


def test_a_year_is_corrected_by_two_persons(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        text = text_of(at.one.get("/calendar/cn/2026/edit")[1])
        unchanged = at.one.post("/calendar/cn/2026/edit?lang=en", {"text": text})[1]
        assert "in force already" in words_of(unchanged)
        more = text.replace("makeup:", "  - {on: 2026-11-23, name: {zh: 县庆, en: County day}}\nmakeup:")
        page = at.one.post("/calendar/cn/2026/edit", {"text": more})[1]
        assert "2026-11-23" in words_of(page)
        assert at.one.post("/calendar/cn/2026/propose", {"text": more})[2]["location"] == "/law/1?done=proposed"
        assert at.other.post("/law/1/approve")[0] == 303
        at.law.look()
        assert "县庆" in at.one.get("/calendar?year=2026")[1]


def test_the_catalogue_shows_versions_by_date_and_what_cannot_be_right(open_office: Office) -> None:
    page = words_of(open_office.one.get("/items")[1])
    assert "100101 食品经营许可 2024-01-01 承诺 7 个工作日；法定 20 个工作日 1" in page
    assert "没有符合的事项" in open_office.one.get("/items?find=none")[1]
    assert "100102" not in open_office.one.get("/items?find=%E9%A3%9F%E5%93%81")[1]
    assert "超过法定" in open_office.one.get("/items/findings")[1]
    assert "more than the statutory" in open_office.one.get("/items/of/100102?lang=en")[1]
    assert open_office.one.get("/items/of/9")[0] == 404


def test_a_table_is_previewed_with_its_changes_before_anything_is_proposed(open_office: Office) -> None:
    form = text_of(open_office.one.get("/items")[1])
    fields = {"form_token": open_office.one.form_token, "mapping": form}
    status, page, _ = upload(open_office.one, "/items/import?lang=en", fields, ("items.csv", TABLE))
    assert (status, "100103" in words_of(page)) == (200, True)
    made = text_of(page)
    assert '"code": "100101"' in made
    assert "No problem was found" in page
    doubted = upload(open_office.one, "/items/import?lang=en", fields, ("items.csv", TABLE + DOUBTFUL))[1]
    assert "promises 25 workdays, more than the statutory 20 workdays" in words_of(doubted)
    assert "施工许可" not in words_of(doubted)
    assert '"entered_by"' in made
    assert open_office.site.ledger.law_history() == ()
    wrong = upload(open_office.one, "/items/import", fields, ("items.csv", "其他\n1\n"))
    assert (wrong[0], "不存在" in wrong[1]) == (422, True)
    assert text_of(wrong[1]) == form
    none = upload(open_office.one, "/items/import", fields, ("", ""))
    assert (none[0], "请选择" in none[1]) == (422, True)


def test_an_imported_catalogue_judges_once_a_second_person_approved_it(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        fields = {"form_token": at.one.form_token, "mapping": text_of(at.one.get("/items")[1])}
        made = text_of(upload(at.one, "/items/import", fields, ("items.csv", TABLE))[1])
        assert at.one.post("/items/propose", {"text": made})[2]["location"] == "/law/1?done=proposed"
        assert at.one.post("/law/1/approve")[0] == 403
        assert at.other.post("/law/1/approve")[0] == 303
        page = words_of(at.one.get("/items/of/100103")[1])
        assert f"{at.one.account} {at.other.account}" in page
        rewritten = CATALOGUE.replace("7 workdays", "9 workdays")
        assert 'class="problems"' in at.one.post("/items/edit", {"text": rewritten})[1]


def test_a_source_tells_its_health_and_why_rows_were_put_aside(open_office: Office) -> None:
    assert "licences" in words_of(open_office.one.get("/sources")[1])
    page = words_of(open_office.one.get("/sources/licences?lang=en")[1])
    assert "a time that is written otherwise 2" in page
    assert "no case number 1" in page
    assert open_office.one.get("/sources/unknown")[0] == 404
    inspector = signed_in(open_office.site, "inspector", now=NOW)
    assert inspector.get("/sources/licences")[0] == 200


def test_a_row_shows_only_the_column_that_does_not_fit_to_who_may_not_read_personal_data(open_office: Office) -> None:
    page = open_office.one.get("/sources/licences/quarantine?code=time/format")[1]
    assert "2026/10/02 09:00" in page
    assert "乙" not in words_of(page)
    assert "<script>alert" not in page
    (first, *_) = views.quarantined(open_office.site.ledger, "licences", code="time/format")
    assert shown_cells(first, whole=True)["申请人"] == "乙"
    noted = [act.target for act in views.acts(open_office.site.ledger, limit=1_000) if act.act == "view_quarantine"]
    assert noted[:1] == ["licences"]
    bounded = signed_in(open_office.site, "administrator", units=["housing"], now=NOW)
    assert bounded.get("/sources/licences/quarantine")[0] == 403


def test_a_mended_mapping_is_tried_downloaded_and_replayed_and_the_rest_stays(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        assert text_of(at.one.get("/sources/licences/mapping")[1]) == MAPPING
        tried = words_of(at.one.post("/sources/licences/mapping?lang=en", {"text": MENDED})[1])
        assert "2 rows can be read now · 1 rows still cannot" in tried
        assert "The row has no case number. 1" in tried
        assert len(views.quarantined(at.site.ledger, "licences")) == 3
        status, body, headers = at.one.post("/sources/licences/download", {"text": MENDED})
        assert (status, body, "attachment" in headers["content-disposition"]) == (200, MENDED, True)
        assert (tmp_path / "licences.yaml").read_text("utf-8") == MAPPING
        assert (
            at.one.post("/sources/licences/replay", {"text": MENDED})[2]["location"] == "/sources/licences?replayed=2"
        )
        assert [aside.row.code for aside in views.quarantined(at.site.ledger, "licences")] == ["case_no/missing"]
        assert views.case_count(at.site.ledger) == 3
        assert any("replayed 2 rows" in act.detail for act in views.acts(at.site.ledger, limit=100))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (MENDED.replace("column: 受理时间", "column: 受理日期"), "not there"),
        (MENDED.replace("source: licences", "source: others"), "not of 'licences'"),
        (MENDED.replace("rows: snapshot", "rows: changes"), ""),
        ("source: [", "YAML"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused_in_sentences(open_office: Office, text: str, said: str) -> None:
    status, page, _ = open_office.one.post("/sources/licences/mapping?lang=en", {"text": text})
    assert (status, 'class="problems"' in page, said in words_of(page)) == (422, True, True)
    assert open_office.one.post("/sources/licences/replay", {"text": text})[0] == 422


def test_a_dry_run_says_who_would_be_told_when_and_why(open_office: Office) -> None:
    sunday = "unit=housing&colour=red&tell=R2&at=2026-11-22T20:00"
    page = words_of(open_office.one.get(f"/routes?{sunday}&lang=en")[1])
    assert "Supervision owner 监督机关 mail owner@example.com at once the owner hears of every card" in page
    assert "R2 领导 sms 1 when the office opens, 2026-11-23" in page
    assert "R2 督查科 sms 1 when the office opens, 2026-11-23" in page
    assert "shares an address with 领导: one message goes there" in page
    assert re.search(r"R1 nobody", page)
    monday = words_of(open_office.one.get("/routes?unit=housing&colour=yellow&tell=R0&at=2026-11-23T10:00&lang=en")[1])
    assert "R0 承办人 mail r0@example.com at once" in monday
    reminder = words_of(
        open_office.one.get("/routes?unit=housing&colour=reminder&tell=R0&at=2026-11-23T10:00&lang=en")[1]
    )
    assert "in the digest of 2026-11-23 15:00" in reminder
    assert "2026-01-31T09:00" in open_office.one.get("/routes?unit=housing&at=tomorrow")[1]
    assert open_office.one.get("/routes?unit=%3Cscript%3Ealert(1)%3C/script%3E")[1].count("<script>alert") == 0


DIRECTORY = {
    "units.csv": "编码,名称\nhousing,住建局\n",
    "posts.csv": "单位,岗位,层级,职务\nhousing,head,R2,局长\nhousing,clerk,R0,承办\n",
    "people.csv": f"账号,姓名,联系方式\na,甲,mail=a@example.com\nb,{PAYLOAD_NAME},mail=b@example.com\n",
    "holders.csv": "单位,岗位,账号\nhousing,clerk,a\n",
    "deputies.csv": "单位,岗位,账号\nhousing,clerk,b\n",
    "leave.csv": "账号,自,至\na,2027-01-01,2027-12-31\n",
}


def test_a_rank_that_nobody_holds_stands_on_the_board_and_in_the_directory_with_what_mends_it(tmp_path: Path) -> None:
    with office(tmp_path, {"A01": msgspec.structs.replace(POLICY, tell=Rank.R2)}) as at:
        ledger = at.site.ledger
        name = carded(ledger, NOW, "17", "market", Colour.RED, due_in=None)
        routing = at.workshop.routing(NOW)
        assert routing is not None
        urged(ledger, name, NOW, "market", routing)
        board, page = words_of(at.one.get("/?lang=en")[1]), words_of(at.one.get("/directory?lang=en")[1])
        assert "market R1 section head and chief representative; R2 deputy head" in board
        assert "R0" not in board  # the route table of the settings names a recipient
        assert "Import the directory with a holder or a deputy" in board
        assert "neither market nor a unit above it has such a post" in page
        assert "name who holds (or deputises for) the post" in page
        assert "A01 market · R1 R2 ·" in page
        for role, mend in (("inspector", "See the directory"), ("leader", "Ask an administrator")):
            assert mend in words_of(signed_in(at.site, role, now=NOW).get("/?lang=en")[1])
        assert "R2" not in words_of(signed_in(at.site, "leader", units=["housing"], now=NOW).get("/")[1])
        ledger.import_directory(
            Directory(
                units=(Unit("market", "市场局"),), posts=(Post("market", "one", Rank.R1),),
                people=(Person("a", "甲"),), holders_of=(Tenure("market", "one", "a"),),
            ), "x", NOW,
        )  # fmt: skip
        at.site.clock.at += 1
        assert "甲任one；但没有可用的联系方式" in at.one.get("/directory")[1]
        assert "甲" not in at.one.get("/")[1]
        held = Directory(
            units=(Unit("market", "市场局"),), posts=(Post("market", "one", Rank.R1), Post("market", "two", Rank.R2)),
            people=(Person("a", "甲", (Address("mail", "a@example.com"),)),),
            holders_of=(Tenure("market", "one", "a"), Tenure("market", "two", "a")),
        )  # fmt: skip
        ledger.import_directory(held, "x", NOW)
        at.site.clock.at += 1
        assert "R2" not in words_of(at.one.get("/")[1])


def test_a_directory_is_previewed_then_put_in_force_and_shows_vacancies_and_leave(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        assert "还没有导入" in at.one.get("/directory")[1]
        fields = {"form_token": at.one.form_token}
        status, page, _ = uploaded(at.one, "/directory/preview", fields, DIRECTORY)
        assert (status, "name=甲" in words_of(page), "<script>" in page) == (200, True, False)
        assert at.site.ledger.directory_version() == 0
        said = text_of(page)
        assert at.one.post("/directory/import", {"said": said, "note": "首次"})[2]["location"] == "/directory?done=1"
        assert at.site.ledger.directory_version() == 1
        page = words_of(at.one.get("/directory?lang=en")[1])
        assert "R2 局长 nobody present —" in page
        assert "R0 承办 甲 on leave" in page
        assert "首次" in page
        told = words_of(at.one.get("/routes?unit=housing&colour=red&tell=R0&at=2027-02-01T10:00&lang=en")[1])
        assert "by the route table of the settings" in told
        wrong = uploaded(
            at.one, "/directory/preview", fields, {**DIRECTORY, "holders.csv": "单位,岗位,账号\nhousing,clerk,zzz\n"}
        )
        assert ("put in force" in wrong[1], "zzz" in words_of(wrong[1])) == (False, True)
        forged = said.replace('"account":"a"', '"account":"q"', 1)
        assert at.one.post("/directory/import", {"said": forged})[0] == 422
        assert at.one.post("/directory/import", {"said": "{"})[0] == 422
        bounded = signed_in(at.site, "inspector", units=["market"], now=NOW)
        assert "住建局" not in bounded.get("/directory")[1]
        assert bounded.get("/routes?unit=housing")[0] == 403
        assert "住建局" not in bounded.get("/routes")[1]


def test_search_finds_every_item_of_the_catalogue_and_every_unit_and_person_of_the_directory(
    open_office: Office,
) -> None:
    """None of them has a case or a card; a unit's own people find no other unit and no person."""
    site = open_office.site
    posts = [Post(unit, "one", Rank.R1) for unit in ("market", "water")]
    people, held = (
        [Person("zhu", "朱某"), Person("qian", "钱某")],
        [Tenure("market", "one", "zhu"), Tenure("water", "one", "qian")],
    )
    units = (Unit("market", "市场监管局", "Market Bureau"), Unit("water", "水利局"))
    site.ledger.import_directory(
        Directory(units=units, posts=tuple(posts), people=tuple(people), holders_of=tuple(held)), "x", NOW
    )
    site.clock.at += 1  # the routes look for another directory once each second
    inspector = signed_in(site, "inspector", now=NOW)
    clerk, local = (signed_in(site, role, units=["water"], now=NOW) for role in ("unit_user", "inspector"))

    def finds(by: Client, wanted: str) -> list[str]:
        page = by.get(f"/search?q={quote(wanted)}")[1]
        rows = by.get(f"/export/search.csv?q={quote(wanted)}")[1].splitlines()[1:]
        found = re.findall(r'href="(/(?:items/of|units|officers)/[^"]+)"', page)
        assert len(rows) == len(found)
        return found

    for wanted, found in (("食品经营", "/items/of/100101"), ("100102", "/items/of/100102"), ("市场监", "/units/market"),
                          ("bureau", "/units/market"), ("朱某", "/officers/zhu"), ("qian", "/officers/qian")):  # fmt: skip
        assert finds(inspector, wanted) == [found], wanted
    assert [finds(clerk, wanted) for wanted in ("市场监", "朱某", "钱某", "水利", "施工")] == [
        [], [], [], ["/units/water"], ["/items/of/100102"],
    ]  # fmt: skip
    assert (finds(local, "朱某"), finds(local, "钱某")) == ([], ["/officers/qian"])
