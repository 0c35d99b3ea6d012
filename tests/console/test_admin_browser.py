"""The administrator's pages in a real browser: a rulebook checked while it is written, nothing that hinders anybody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.console.browser import chromium, hindrances, opened
from tests.console.workshops import Office, office

PAGES = (
    "/rules", "/rules/publicity/edit", "/law", "/law/1", "/calendar?year=2026",
    "/calendar/cn/2026/edit", "/items", "/items/of/100102", "/items/findings", "/sources", "/sources/licences",
    "/sources/licences/quarantine", "/sources/licences/mapping", "/directory",
    "/routes?unit=housing&colour=red&tell=R2&at=2026-11-22T20:00",
)  # fmt: skip


@pytest.fixture(scope="module")
def open_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Return an office in which a correction waits for a second person."""
    with office(tmp_path_factory.mktemp("browser")) as made:
        text = next(file.text for file in made.workshop.files() if file.kind == "rulebook")
        held = made.workshop.hold(text.replace("version: 1\n", "version: 1\nrevision: 2\n", 1), "first")
        made.site.ledger.propose_law(held.law, "first", made.site.clock())
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def test_a_rulebook_is_checked_while_it_is_written_and_a_problem_leads_to_its_line(
    open_office: Office, browser: Browser
) -> None:
    with opened(browser, open_office.one) as page:
        page.goto("/rules/publicity/edit")
        text = page.locator("#text")
        expect(page.locator(".gutter")).to_contain_text("1\n2\n3")
        wrong = text.input_value().replace("light: yellow", "light: yelow", 1)
        text.fill(wrong)
        found = page.locator("#live-found a[data-line]")
        expect(found).to_have_count(1)
        found.click()
        chosen = text.evaluate("element => element.value.slice(element.selectionStart)")
        assert str(chosen).startswith("yelow")
        text.fill(wrong.replace("yelow", "yellow"))
        expect(page.locator("#live-found")).to_contain_text("没有问题")


def test_without_scripts_the_same_is_done_by_buttons(open_office: Office, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=open_office.one.url)
    context.add_cookies(
        [{"name": n, "value": v, "url": open_office.one.url} for n, v in open_office.one.cookies.items()]
    )
    page = context.new_page()
    page.goto("/rules/publicity/edit?lang=en")
    page.locator("#text").fill("rulebook: [\n")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator(".problems")).to_contain_text("YAML")
    assert page.locator("#text").input_value() == "rulebook: [\n"
    context.close()


def test_nothing_hinders_and_nothing_is_cut_off(open_office: Office, browser: Browser) -> None:
    found: list[str] = []
    for phone, pages in ((False, PAGES[::2]), (True, PAGES[1::2])):
        with opened(browser, open_office.one, phone=phone, dark=phone) as page:
            for path in pages:
                answer = page.goto(path)
                assert answer is not None
                assert answer.ok, path
                found += [f"{path}: {said}" for said in hindrances(page)]
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    found.append(f"{path}: wider than the screen")
    assert found == []
