"""The daily pages of a unit and of a leader in a real browser: nobody is shut out, and the screen stays live."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from rules.judgement import Light
from rules.policy import Colour
from tests.console.browser import chromium, hindrances, opened
from tests.console.carded import carded
from tests.console.flowing import DAY, Went, flow
from tests.console.people import OPEN, signed_in
from tests.console.serving import NOW, Site, serving

UNITS = ("城管局", "住建局")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("daily"), OPEN) as site:
        cases = [
            Went(f"n{n}", UNITS[n % 2], NOW - n * 3_600, NOW - 60 if n % 3 else None, due_at=NOW + n * DAY)
            for n in range(1, 12)
        ]
        flow(site.ledger, [*cases, Went("late", UNITS[0], NOW - DAY, due_at=NOW - 60, light=Light.RED)], NOW)
        for number in range(4):
            carded(site.ledger, NOW, f"r{number}", UNITS[0], Colour.RED, due_in=(number - 1) * 36_000)
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize(("dark", "phone", "lang"), [(False, False, "zh"), (True, True, "en")])
def test_no_page_shuts_anybody_out(site: Site, browser: Browser, dark: bool, phone: bool, lang: str) -> None:
    """axe-core finds nothing serious, and no page is wider than the screen."""
    clerk = signed_in(site, "unit_user", units=UNITS, now=NOW)
    with opened(browser, clerk, dark=dark, phone=phone) as page:
        for path in ("/mine", "/will-breach", "/will-breach?list=late&", "/screen", "/month/2027-01"):
            page.goto(f"{path}{'' if '?' in path else '?'}lang={lang}")
            if "month" in path:
                expect(page.locator("#days-chart svg")).to_be_visible()
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")

            assert hindrances(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path


def test_a_unit_goes_from_its_list_to_a_signature(site: Site, browser: Browser) -> None:
    clerk = signed_in(site, "unit_user", units=UNITS, now=NOW)
    with opened(browser, clerk) as page:
        page.goto("/mine")
        page.locator(".todo .button").first.click()
        page.get_by_role("button", name="签收").first.click()
        expect(page.locator("main")).to_contain_text("已签收")
        page.goto("/mine")
        expect(page.locator(".todo .button").filter(has_text="说明 / 申诉 / 报告整改")).to_have_count(1)


def fitting(page: Page) -> bool:
    """Say whether everything on the wall is to be seen without scrolling, no part cut off."""
    fits: bool = page.evaluate(
        "document.documentElement.scrollHeight <= innerHeight"
        " && [...document.querySelectorAll('.part')].every(part => part.scrollHeight <= part.clientHeight + 1)"
    )
    return fits


def shown(page: Page, place: str) -> list[list[float]]:
    """Return the numbers that a picture shows, by series."""
    data: list[list[float]] = page.evaluate(
        "place => echarts.getInstanceByDom(document.getElementById(place)).getOption().series.map(each => each.data)",
        place,
    )
    return data


def told(page: Page, place: str, column: int) -> list[float]:
    """Return the numbers that the table of a picture tells in one column."""
    cells = page.locator(f"table[data-chart={place}] tbody td:nth-child({column})")
    return [float(text.replace(",", "").rstrip("%")) for text in cells.all_text_contents()]


def test_the_month_is_drawn_from_its_tables_in_patterns_too(site: Site, browser: Browser) -> None:
    with opened(browser, signed_in(site, "leader", now=NOW)) as page:
        page.goto("/month/2027-01")
        days = page.locator("#days-chart")
        expect(days.locator("svg")).to_be_visible()

        assert shown(page, "days-chart") == [told(page, "days-chart", 2), told(page, "days-chart", 3)]
        assert sum(told(page, "days-chart", 2)) > 0
        assert shown(page, "units-chart") == [told(page, "units-chart", 6)]
        assert days.locator("svg pattern").count() > 0
        expect(page.get_by_role("img", name="逐日受理与办结")).to_be_visible()
        expect(page.locator("table[data-chart=days-chart]")).to_be_hidden()
        page.get_by_text("以表格查看").click()
        expect(page.locator("table[data-chart=days-chart]")).to_be_visible()


def test_without_scripts_the_numbers_stand_in_tables(site: Site, browser: Browser) -> None:
    with opened(browser, signed_in(site, "leader", now=NOW), scripts=False) as page:
        for path, place in (("/month/2027-01", "days-chart"), ("/screen", "hours-chart")):
            page.goto(path)
            expect(page.locator(f"table[data-chart={place}]")).to_be_visible()
            expect(page.locator(f"#{place}")).to_be_hidden()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_screen_fits_its_wall_and_renews_itself(site: Site, browser: Browser, lang: str) -> None:
    leader = signed_in(site, "leader", now=NOW)
    with opened(browser, leader) as page:
        page.set_viewport_size({"width": 1920, "height": 1080})
        page.goto(f"/screen?lang={lang}")
        expect(page.locator("#clock")).to_have_text(re.compile(r"\d\d:\d\d:\d\d$"))
        assert fitting(page)
        assert not page.locator("#part-feeds").get_by_text(f"feed-{lang}").count()

        site.ledger.ingest_failed(f"feed-{lang}", "It is down.", "系统不可用。", NOW)
        site.clock.at += 1
        expect(page.locator("#part-feeds")).to_contain_text(f"feed-{lang}", timeout=10_000)
        assert fitting(page)

        before = sum(shown(page, "hours-chart")[0])
        flow(site.ledger, [Went(f"live-{lang}", UNITS[0], site.clock.at - 600, due_at=NOW + DAY)], site.clock.at)
        site.clock.at += 1
        expect(page.locator("#part-flow dd").first).to_have_text(str(before + 1), timeout=10_000)
        assert sum(shown(page, "hours-chart")[0]) == before + 1
        page.goto("about:blank")


def cut(route: Route) -> None:
    """Answer as a network that is down."""
    route.abort()


def test_a_screen_whose_stream_is_cut_fetches_itself_and_says_when_all_is_lost(site: Site, browser: Browser) -> None:
    leader = signed_in(site, "leader", now=NOW)
    with opened(browser, leader) as page:
        page.clock.install()
        page.route("**/screen/stream*", cut)
        page.goto("/screen")
        site.ledger.ingest_failed("late-feed", "It is down.", "系统不可用。", NOW)
        site.clock.at += 1
        page.clock.fast_forward(60_000)
        expect(page.locator("#part-feeds")).to_contain_text("late-feed")
        expect(page.locator(".is-lost")).to_be_hidden()

        page.route("**/screen", cut)
        page.clock.fast_forward(60_000)
        expect(page.locator(".is-lost")).to_be_visible()
