"""Every page in Chinese and English, light and dark, on desk and phone: pictures to look at, and nothing that hinders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from alerts.model import Deed
from console.access.roles import Role
from rules.policy import Colour
from tests.console.browser import hindrances
from tests.routines.pages import named, pages_of
from tests.routines.town import OTHER, UNIT, Town
from tests.routines.walking import cards_of, did

pytestmark = [pytest.mark.xdist_group("routines"), pytest.mark.pictures]

PEOPLE = {
    Role.INSPECTOR: "监察甲",
    Role.UNIT_USER: "人社局经办",
    Role.ADMINISTRATOR: "管理员",
    Role.AUDITOR: "审计员",
    Role.LEADER: "领导",
}
SHOWN = [(phone, dark, lang) for phone in (False, True) for dark in (False, True) for lang in ("zh", "en")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the pictures go: the folder that ``PICTURES`` names, else one that is thrown away."""
    given = Path(os.environ.get("PICTURES") or tmp_path_factory.mktemp("pictures"))
    given.mkdir(parents=True, exist_ok=True)
    return given


@pytest.fixture(scope="module")
def paths(lively: Town) -> dict[Role, list[str]]:
    """Let one card be appealed, upheld and mended, a law be tried and proposed, a view be saved; return all addresses."""
    found = pages_of(lively)
    _law_proposed(lively)
    with lively.at_work("监察甲", Role.INSPECTOR) as one:
        one.goto("/queue?colour=red")
        one.locator("input[name=name]").fill("红牌")
        one.get_by_role("button", name="保存为常用视图").click()
        one.goto(f"/cards/{cards_of(lively, UNIT, Colour.RED)[0]}/documents")
        one.get_by_role("button", name="编号并制作").click()
        one.wait_for_load_state()
    card = cards_of(lively, OTHER, Colour.YELLOW)[0]
    with lively.at_work("规划局经办", Role.UNIT_USER, OTHER) as unit, lively.at_work("监察甲", Role.INSPECTOR) as one:
        did(unit, card, Deed.SIGN)
        did(unit, card, Deed.APPEAL, "踏勘改期，不应计入时限。", "2026-11-18")
        did(one, card, Deed.UPHOLD, "改期未登记中止，申诉不成立。")
        did(unit, card, Deed.RECTIFY, "已补登并修订踏勘流程。")
    return found


def _law_proposed(town: Town) -> None:
    """Let a rule be corrected, tried over the ledger and laid before a second person."""
    with town.at_work("管理员", Role.ADMINISTRATOR) as page:
        page.goto("/rules/publicity/edit")
        text = page.locator("#text")
        changed = text.input_value().replace("version: 1\n", "version: 1\nrevision: 2\n", 1)
        text.fill(changed.replace("tell: R1", "tell: R2", 1))
        page.get_by_role("button", name="用在库办件试算").click()
        page.wait_for_url("**/trials/*")
        page.get_by_role("button", name="回").click(timeout=60_000)
        page.locator("#reason").fill("指南要素不全须告知分管领导")
        page.get_by_role("button", name="提请发布").click()
        page.wait_for_url("**/law/*")


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("phone", "dark", "lang"), SHOWN)
def test_every_page_is_shown_whole_and_hinders_nobody(
    lively: Town, paths: dict[Role, list[str]], folder: Path, phone: bool, dark: bool, lang: str
) -> None:
    found: list[str] = []
    look = f"{'phone' if phone else 'desk'}-{'dark' if dark else 'light'}-{lang}"
    for role, addresses in paths.items():
        units = (UNIT, OTHER) if role is Role.UNIT_USER else ()
        with lively.at_work(PEOPLE[role], role, *units, phone=phone, dark=dark) as page:
            for path in addresses:
                answer = page.goto(f"{path}{'&' if '?' in path else '?'}lang={lang}", wait_until="load")
                if answer is None or answer.status != (404 if path == "/nowhere" else 200):
                    found.append(f"{path}: {answer.status if answer else 'no answer'}")
                page.wait_for_timeout(150)
                found += [f"{path}: {said}" for said in _faults(page)]
                page.screenshot(path=folder / f"{named(path)}.{look}.{role.value}.png", full_page=True)
    assert found == []


def _faults(page: Page) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*hindrances(page), *(["wider than the screen"] if wide else [])]
