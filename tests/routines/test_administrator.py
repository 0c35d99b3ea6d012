"""An administrator's day: a rule is mended, proved and proposed, another person publishes it, rows that were put aside come in."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from console.access.roles import Role
from ledger import views
from tests.routines.town import UNIT, Town

pytestmark = pytest.mark.xdist_group("routines")

CHIEF = "监察负责人"


def test_a_rule_is_mended_proved_proposed_and_published_by_another_person(lively: Town) -> None:
    with lively.at_work("管理员", Role.ADMINISTRATOR) as page, lively.at_work(CHIEF, Role.CHIEF_INSPECTOR) as chief:
        page.goto("/rules/publicity/edit")
        text = page.locator("#text")
        changed = (
            text.input_value()
            .replace("version: 1\n", "version: 1\nrevision: 2\n", 1)
            .replace("tell: R1", "tell: R2", 1)
        )
        text.fill(changed.replace("light: yellow", "light: yelow", 1))
        expect(page.locator("#live-found a[data-line]")).to_have_count(1)
        expect(page.locator("#live-found .mend")).to_contain_text("yellow")
        text.fill(changed)
        expect(page.locator("#live-found")).to_contain_text("没有问题")

        page.get_by_role("button", name="运行测试").click()
        expect(page.locator(".tests li.ok").first).to_be_visible()
        expect(page.locator(".tests li.bad")).to_have_count(0)
        page.get_by_role("button", name="与现行比较").click()
        expect(page.locator(".changes-table")).to_be_visible()
        _tried_over_the_ledger(page)
        page.locator("#reason").fill("指南要素不全须告知分管领导")
        page.get_by_role("button", name="提请发布").click()

        expect(page.get_by_role("status").first).to_contain_text("待第二人批准")
        expect(page.get_by_role("button", name="批准并发布")).to_have_count(0)
        expect(page.locator("main")).to_contain_text("须由另一人")
        chief.goto(page.url.partition("?")[0])
        expect(chief.locator(".diff .plus").first).to_contain_text("revision: 2")
        chief.get_by_role("button", name="批准并发布").click()
        expect(chief.locator(".state").first).to_contain_text("已发布")
        chief.goto("/rules/publicity")
        expect(chief.locator("main")).to_contain_text("revision: 2")
        page.goto("/law")
        expect(page.locator("h1")).to_contain_text("1")


def _tried_over_the_ledger(page: Page) -> None:
    """Let the text judge the cases of the ledger, and come back to it."""
    page.get_by_role("button", name="用在库办件试算").click()
    page.wait_for_url("**/trials/*")
    expect(page.get_by_role("button", name="回")).to_be_visible(timeout=60_000)
    expect(page.locator("main .facts dd").first).to_be_visible()
    page.get_by_role("button", name="回").click()


def test_rows_that_were_put_aside_are_read_anew_after_the_mapping_is_mended(lively: Town) -> None:
    with lively.at_work("管理员", Role.ADMINISTRATOR) as page:
        page.wait_for_url("**/sources")
        page.get_by_role("link", name="permits").click()
        page.get_by_role("link", name=re.compile("修正映射|映射")).click()
        mapping = page.locator("#text")
        page.get_by_role("button", name="试读隔离行").click()
        expect(page.get_by_role("status")).to_contain_text("0 行")
        mapping.fill(mapping.input_value().replace('"%Y-%m-%d %H:%M"', '["%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M"]'))
        page.get_by_role("button", name="试读隔离行").click()
        page.get_by_role("button", name="重放").click()
        expect(page.get_by_role("status")).to_contain_text("2")
    assert {case.source: case.quarantined for case in _sources(lively)}["permits"] == 0


def test_a_route_is_tried_and_a_year_looked_at(lively: Town) -> None:
    with lively.at_work("管理员", Role.ADMINISTRATOR) as page:
        page.goto("/routes")
        page.locator("input[name=unit]").fill(UNIT)
        page.locator("select[name=colour]").select_option("red")
        page.locator("select[name=tell]").select_option("R2")
        page.get_by_role("button", name="试演").click()
        told = page.locator("#told")
        expect(told).to_contain_text("人力资源和社会保障局窗口负责人")
        expect(told.locator("tbody tr").first.locator("td").last).not_to_be_empty()

        page.goto("/calendar?year=2026")
        expect(page.locator("table.month")).to_have_count(12)
        expect(page.locator("[title^='2026-10-01']")).to_have_class(re.compile("holiday"))


def test_a_new_person_gets_a_link_that_signs_in_once(lively: Town) -> None:
    with lively.at_work("管理员", Role.ADMINISTRATOR) as page:
        page.goto("/accounts")
        page.locator("input[name=account]").fill("auditor-1")
        page.locator("input[name=name]").fill("审计员")
        page.get_by_role("checkbox", name="审计员").check()
        page.locator("textarea[name=units]").fill("*")
        page.get_by_role("button", name="新增", exact=True).click()
        link = page.locator("code", has_text="/sign-in/link/").inner_text()
    context = lively.browser.new_context(base_url=lively.house.url, locale="zh-CN")
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/sign-in/password")
    page.goto(link)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_be_visible()
    context.close()


def _sources(town: Town) -> tuple[views.SourceHealth, ...]:
    return views.sources(town.house.ledger)
