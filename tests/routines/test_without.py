"""The routines without what many take for granted: a unit's day by keys alone, and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from alerts.model import Deed
from console.access.roles import Role
from rules.policy import Colour
from tests.routines.town import Town
from tests.routines.walking import cards_of, did, tried

pytestmark = pytest.mark.xdist_group("routines")

MARKET, HEALTH = "market", "health"


def test_by_keys_alone_a_unit_finds_its_first_card_signs_for_it_and_sees_where_it_stands(lively: Town) -> None:
    with lively.at_work("市监局经办", Role.UNIT_USER, MARKET) as page:
        page.wait_for_url("**/mine")
        _tabbed(page, "a.open")
        page.keyboard.press("Enter")
        page.wait_for_url("**/cards/*")
        _tabbed(page, "form.deed[action*='/sign'] button")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("已办理：签收")

        _tabbed(page, "details.deed:has(form[action*='/explain']) summary")
        page.keyboard.press("Enter")
        _tabbed(page, "form.deed[action*='/explain'] textarea")
        page.keyboard.type("窗口交接不到位，已改。")
        _tabbed(page, "form.deed[action*='/explain'] button")
        page.keyboard.press("Enter")
        expect(page.locator(".life .now")).to_contain_text("已说明")


def _tabbed(page: Page, wanted: str) -> None:
    """Press Tab until the focus is on what is wanted; it is seen there and at every step before."""
    for _ in range(120):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "() => { const e = document.activeElement; if (e === document.body) return true;"
            " const s = getComputedStyle(e);"
            " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== 'none'; }"
        ), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"no Tab leads to {wanted}")


def test_without_scripts_a_card_is_signed_for_explained_with_a_paper_and_decided(lively: Town) -> None:
    card = cards_of(lively, HEALTH, Colour.YELLOW)[0]
    with lively.at_work("卫健局经办", Role.UNIT_USER, HEALTH, scripts=False) as unit:
        did(unit, card, Deed.SIGN)
        tried(unit, card, Deed.EXPLAIN, "停电两小时。", "2026-11-21")
        expect(unit.get_by_role("alert")).to_contain_text("未注明早于发牌日")
        did(unit, card, Deed.EXPLAIN, "停电两小时。", "2026-11-19")
    with lively.at_work("监察甲", Role.INSPECTOR, scripts=False) as one:
        did(one, card, Deed.UPHOLD, "停电不足以说明。")
        one.goto("/queue?stage=upheld")
        one.locator("input[name=chosen]").first.check()
        one.locator("#to").select_option("监察甲")
        one.get_by_role("button", name="批量").last.click()
        expect(one.get_by_role("status")).to_contain_text("1 / 1")
