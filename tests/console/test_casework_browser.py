"""The inspector's day in a real browser: by keys, by mouse, on a phone, in the dark; and nothing that shuts anybody out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from alerts.model import Deed, Done
from alerts.moves import Side
from rules.policy import Colour
from tests.console.browser import chromium, hindrances, opened
from tests.console.carded import carded
from tests.console.people import OPEN, Client, signed_in
from tests.console.serving import NOW, Site, serving
from tests.console.test_pages import explanation_of

UNIT = "城管局"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("browser"), OPEN, explanation_of) as site:
        for number in range(6):
            colour = Colour.RED if number == 0 else Colour.YELLOW
            carded(site.ledger, NOW, f"N{number}", UNIT, colour, due_in=(number - 1) * 36_000)
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def inspector(site: Site) -> Client:
    return signed_in(site, "inspector", now=NOW)


def first_card(client: Client) -> str:
    """Return the address of the card that is due first."""
    page = client.get("/queue")[1]
    return "/cards/" + page.split('href="/cards/')[1].split('"')[0]


@pytest.mark.parametrize(("dark", "phone", "lang"), [(False, False, "zh"), (True, True, "en")])
def test_no_page_shuts_anybody_out(browser: Browser, inspector: Client, dark: bool, phone: bool, lang: str) -> None:
    """axe-core finds nothing serious, and no page is wider than the screen."""
    with opened(browser, inspector, dark=dark, phone=phone) as page:
        for path in (
            "/queue?", f"{first_card(inspector)}?", "/case/licences/application/N1?", f"/units/{quote(UNIT)}?",
            f"/officers/{quote('承办甲')}?", "/search?q=N1&", "/views?",
        ):  # fmt: skip
            page.goto(f"{path}lang={lang}")
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")

            assert hindrances(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path


def test_the_queue_is_walked_by_keys_alone(browser: Browser, inspector: Client) -> None:
    with opened(browser, inspector) as page:
        page.goto("/queue")
        for key in ("j", "j", "k", "j", "x"):
            page.keyboard.press(key)
        second = page.locator("#lines tbody tr").nth(1)

        expect(second).to_have_class("here")
        expect(second.locator("input[type=checkbox]")).to_be_checked()
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_have_attribute("open", "")
        page.keyboard.press("/")
        expect(page.locator("#find")).to_be_focused()
        page.keyboard.type("jkx?")
        expect(page.locator("#find")).to_have_value("jkx?")
        page.keyboard.press("Escape")
        second.locator("a.open").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/cards/*")


def test_a_unit_signs_explains_with_a_paper_and_the_inspector_decides(browser: Browser, site: Site) -> None:
    clerk, one = signed_in(site, "unit_user", units=[UNIT], now=NOW), signed_in(site, "inspector", now=NOW)
    address = first_card(clerk)
    with opened(browser, clerk) as page:
        page.goto(address)
        page.get_by_role("button", name="签收", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("已办理：签收")
        page.locator("summary", has_text="说明").first.click()
        form = page.locator("form[action$='/explain']")
        form.locator("textarea").fill("停电，见附件")
        form.locator("input[type=file]").first.set_input_files(
            {"name": "停电公告.txt", "mimeType": "text/plain", "buffer": "停电".encode()}
        )
        form.locator("input[name=dated_on]").first.fill("2026-12-01")
        form.locator("button").click()
        expect(page.get_by_role("status")).to_contain_text("已办理：说明")
        expect(page.get_by_text("停电公告.txt")).to_be_visible()
        with page.expect_download() as kept:
            page.get_by_text("停电公告.txt").click()
        assert kept.value.suggested_filename == "停电公告.txt"
    with opened(browser, one) as page:
        page.goto(address)
        page.locator("summary", has_text="维持").first.click()
        form = page.locator("form[action$='/uphold']")
        form.locator("textarea").fill("停电不足以说明")
        form.locator("button").click()
        expect(page.locator(".life .now")).to_contain_text("维持")


def test_the_picture_of_a_cards_life_opens_on_a_phone_at_the_present_stage_and_is_free_to_move(
    browser: Browser, site: Site
) -> None:
    name = carded(site.ledger, NOW, "N9", UNIT)
    for serial, deed in enumerate((Deed.SIGN, Deed.RECTIFY), 1):
        done = Done(deed=deed, by="x", role="unit_user", text="已整改")
        site.ledger.act(name, serial, done, Side.UNIT, NOW, "UTC", lambda _, at: at, lambda _: ())
    inspector = signed_in(site, "inspector", now=NOW)
    with opened(browser, inspector, phone=True) as page:
        page.goto(f"/cards/{name}")
        expect(page.locator(".life .now")).to_be_in_viewport(ratio=0.9)
        where = "document.querySelector('.opens-here').scrollLeft"
        page.wait_for_function("getComputedStyle(document.querySelector('.opens-here')).scrollSnapType === 'none'")
        page.evaluate(f"{where} = 0")
        assert page.evaluate(f"new Promise(done => setTimeout(() => done({where}), 100))") == 0


def test_a_card_is_issued_by_hand_from_the_page_of_its_case(browser: Browser, inspector: Client) -> None:
    with opened(browser, inspector) as page:
        page.goto("/case/licences/application/N5")
        page.locator("summary", has_text="人工发牌").click()
        page.get_by_label("牌的种类").select_option("red")
        page.get_by_label("监察依据").fill("效能监察办法第九条")
        page.get_by_label("认定事实").fill("窗口无人值守")
        page.get_by_role("button", name="人工发牌").click()
        page.wait_for_url("**/cards/*done=issue*")

        expect(page.get_by_role("heading", level=1)).to_contain_text("红牌")
        expect(page.get_by_text("效能监察办法第九条")).to_be_visible()


def renew(page: Page) -> None:
    """Let the page renew itself as when somebody comes back to it."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_a_list_renews_in_place_and_focus_and_what_is_open_stay(
    browser: Browser, site: Site, inspector: Client
) -> None:
    with opened(browser, inspector) as page:
        page.goto("/queue")
        page.locator("#keys summary").click()
        line = page.locator("#lines tbody tr").nth(2)
        line.locator("a.open").focus()
        name = line.get_attribute("id")
        line.evaluate("line => { line.is_same = true }")
        carded(site.ledger, NOW, "N7", UNIT, due_in=-80_000)
        renew(page)

        expect(page.get_by_text("N7 ·")).to_have_count(1)
        assert page.evaluate("document.activeElement.closest('tr').id") == name
        assert page.evaluate("name => document.getElementById(name).is_same", name) is True
        expect(page.locator("#keys")).to_have_attribute("open", "")


def test_filters_change_the_address_and_the_list_alone_and_the_way_back_leads_back(
    browser: Browser, inspector: Client
) -> None:
    with opened(browser, inspector) as page:
        page.goto("/queue")
        lines, red = page.locator("#lines tbody tr"), page.locator("#lines tbody .card.red")
        every, wanted = lines.count(), red.count()
        assert 0 < wanted < every
        page.evaluate("window.is_same = true")
        page.locator("select[name=colour]").select_option("red")
        page.get_by_role("button", name="筛选").click()
        page.wait_for_url("**colour=red*")
        expect(lines).to_have_count(wanted)
        expect(red).to_have_count(wanted)
        expect(page.locator("#language")).to_have_attribute("href", re.compile("colour=red.*lang=en"))
        page.get_by_role("link", name=re.compile("^将到期")).click()
        page.wait_for_url("**tab=soon*")
        assert page.evaluate("window.is_same") is True

        page.go_back()
        expect(page.locator("select[name=colour]")).to_have_value("red")
        expect(lines).to_have_count(wanted)
        page.go_back()
        expect(lines).to_have_count(every)
        expect(page.locator("select[name=colour]")).to_have_value("")

        page.locator("select[name=colour]").select_option("red")
        page.get_by_role("button", name="筛选").click()
        expect(lines).to_have_count(wanted)
        page.get_by_role("link", name="清除").click()
        expect(lines).to_have_count(every)
        expect(page.locator("select[name=colour]")).to_have_value("")


def test_a_page_says_that_it_is_cut_off_and_leads_to_signing_in_when_the_session_is_over(
    browser: Browser, site: Site
) -> None:
    client = signed_in(site, "inspector", now=NOW)
    with opened(browser, client) as page:
        page.goto("/queue")
        page.route("**/queue", lambda route: route.abort())
        renew(page)
        expect(page.locator(".is-lost")).to_be_visible()
        page.unroute("**/queue")
        renew(page)
        expect(page.locator(".is-lost")).to_be_hidden()
        client.post("/sign-out")
        renew(page)
        page.wait_for_url("**/sign-in?next=*")


def test_a_page_that_renews_itself_keeps_what_was_chosen(browser: Browser, site: Site, inspector: Client) -> None:
    with opened(browser, inspector) as page:
        page.goto("/queue")
        box = page.locator("input[name=chosen]").nth(3)
        box.check()
        page.evaluate("document.activeElement.blur()")
        carded(site.ledger, NOW, "N8", UNIT, due_in=-90_000)
        renew(page)
        page.wait_for_timeout(300)
        expect(box).to_be_checked()
        expect(page.get_by_text("N8 ·")).to_have_count(0)
        box.uncheck()
        page.evaluate("document.activeElement.blur()")
        renew(page)
        expect(page.get_by_text("N8 ·")).to_have_count(1)
        page.keyboard.press("j")
        expect(page.locator("#lines tbody tr").nth(5)).to_have_class("here")
