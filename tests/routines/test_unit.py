"""A supervised unit's day: it signs, explains and appeals in time, mends, and sees what will be late before it is."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from alerts.model import Deed
from console.access.roles import Role
from rules.policy import Colour
from tests.routines.town import OTHER, UNIT, Town
from tests.routines.walking import cards_of, did, form_of, tried

pytestmark = pytest.mark.xdist_group("routines")


def test_a_card_is_signed_for_taken_back_once_and_explained_with_a_paper_older_than_the_card(lively: Town) -> None:
    with lively.at_work("人社局经办", Role.UNIT_USER, UNIT) as page:
        page.wait_for_url("**/mine")
        page.locator(".todo a.button").first.click()
        page.wait_for_url("**/cards/**")
        card = re.sub(r".*/cards/(\w+).*", r"\1", page.url)
        did(page, card, Deed.SIGN)
        did(page, card, Deed.UNSIGN)
        expect(page.locator(".life .now")).to_contain_text("待签收")
        did(page, card, Deed.SIGN)

        tried(page, card, Deed.EXPLAIN, "停电两小时。", "2026-11-21")
        expect(page.get_by_role("alert")).to_contain_text("未注明早于发牌日")
        assert form_of(page, Deed.EXPLAIN).locator("textarea").input_value() == "停电两小时。"
        did(page, card, Deed.EXPLAIN, "停电两小时。", "2026-11-19")
        expect(page.locator(".life .now")).to_contain_text("已说明")


def test_another_card_is_appealed_and_a_third_reported_as_mended(lively: Town) -> None:
    appealed, mended = cards_of(lively, UNIT, Colour.YELLOW)[-2:]
    with lively.at_work("人社局经办", Role.UNIT_USER, UNIT) as page:
        for card in (appealed, mended):
            did(page, card, Deed.SIGN)
        did(page, appealed, Deed.APPEAL, "申请人逾期补正，不应由本局负责。", "2026-11-19")
        did(page, mended, Deed.RECTIFY, "已办结，窗口建立日清台账。")
        page.goto("/mine?tab=wait")
        for card in (appealed, mended):
            expect(page.locator(f"a[href^='/cards/{card}']").first).to_be_visible()


def test_what_will_be_late_is_listed_with_the_least_time_first(lively: Town) -> None:
    with lively.at_work("人社局经办", Role.UNIT_USER, UNIT) as page:
        page.goto("/will-breach")
        dues = [str(each.get_attribute("datetime")) for each in page.locator(".todo .when time").all()]
        assert len(dues) > 1
        assert dues == sorted(dues)
        expect(page.locator("main")).not_to_contain_text("自然资源和规划局")
        page.locator(".todo .next a").first.click()
        expect(page.locator("#explanation")).to_be_visible()


def test_another_unit_s_card_stays_shut_with_a_sentence(lively: Town) -> None:
    with lively.at_work("人社局经办", Role.UNIT_USER, UNIT) as page:
        answer = page.goto(f"/cards/{cards_of(lively, OTHER, Colour.YELLOW)[-1]}")
        assert answer is not None
        assert answer.status == 403
        expect(page.get_by_role("alert")).to_contain_text("不在您的范围内")
        page.get_by_role("link", name="返回").click()
        expect(page.get_by_role("navigation").first).to_be_visible()
