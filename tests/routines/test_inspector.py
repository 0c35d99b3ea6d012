"""An inspector's day, from the link to the export: what was appealed is decided, what was mended is verified and closed."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from alerts.model import Deed
from console.access.roles import Role
from ledger import views
from rules.policy import Colour
from tests.routines.town import OTHER, Town
from tests.routines.walking import PAPER, cards_of, did, form_of, tried

pytestmark = pytest.mark.xdist_group("routines")


def test_the_queue_is_filtered_by_unit_in_its_address_and_leads_to_a_card(lively: Town) -> None:
    with lively.at_work("监察甲", Role.INSPECTOR) as page:
        page.wait_for_url("**/queue")
        page.locator("select[name=unit]").select_option(OTHER)
        page.get_by_role("button", name="筛选").click()
        page.wait_for_url("**unit=*")
        assert parse_qs(urlsplit(page.url).query)["unit"] == [OTHER]
        assert {cell.inner_text() for cell in page.locator("#lines tbody td:nth-child(4)").all()} == {
            "自然资源和规划局"
        }

        page.locator("a.open").first.click()
        page.wait_for_url("**/cards/*")
        expect(page.locator(".life .now")).to_contain_text("待签收")
        expect(page.locator("#why")).to_be_visible()


def test_an_appeal_is_upheld_and_whoever_decided_it_does_not_verify_what_is_mended(lively: Town) -> None:
    card = cards_of(lively, OTHER, Colour.YELLOW)[0]
    with lively.at_work("规划局经办", Role.UNIT_USER, OTHER) as unit, lively.at_work("监察甲", Role.INSPECTOR) as one:
        did(unit, card, Deed.SIGN)
        did(unit, card, Deed.APPEAL, "踏勘改期，不应计入时限。", "2026-11-18")
        did(one, card, Deed.UPHOLD, "改期未登记中止，申诉不成立。")
        expect(one.locator(".life .now")).to_contain_text("维持")
        did(unit, card, Deed.RECTIFY, "已补登并修订踏勘流程。")
        one.reload()
        expect(one.locator("form.deed[action*='/verify']")).to_have_count(0)
    with lively.at_work("监察乙", Role.INSPECTOR) as other:
        did(other, card, Deed.VERIFY, "台账已核。", "2026-11-20")
        did(other, card, Deed.CLOSE)
        expect(other.locator(".life .now")).to_contain_text("已销号")


def test_a_red_card_is_verified_with_a_paper_and_closed_only_after_its_consequence(lively: Town) -> None:
    card = cards_of(lively, OTHER, Colour.RED)[0]
    with lively.at_work("规划局经办", Role.UNIT_USER, OTHER) as unit:
        did(unit, card, Deed.SIGN)
        did(unit, card, Deed.RECTIFY, "已办结并向申请人致歉。")
    with lively.at_work("监察甲", Role.INSPECTOR) as page:
        did(page, card, Deed.VERIFY, "办结文书与回访记录属实。", "2026-11-20")
        expect(page.get_by_role("link", name=PAPER["name"])).to_be_visible()
        expect(page.locator("form.deed[action*='/close']")).to_have_count(0)

        form = form_of(page, Deed.RECORD_CONSEQUENCE)
        form.locator("select[name=measure]").select_option(index=2)
        form.locator("input[name=document]").fill("监问〔2026〕3 号")
        form.locator("input[name=decided_on]").fill("2026-11-20")
        form.locator("input[name=to_post]").fill("窗口负责人")
        form.locator("input[name=to_name]").fill("周某")
        form.locator("button").click()
        expect(page.get_by_role("status")).to_contain_text("登记问责结果")
        expect(page.get_by_text("窗口负责人 周某")).to_be_visible()
        did(page, card, Deed.CLOSE)
        expect(page.get_by_text("监问〔2026〕3 号").first).to_be_visible()


def test_two_cards_are_given_to_a_colleague_at_once_and_taken_back(lively: Town) -> None:
    lively.link("监察乙", Role.INSPECTOR)
    with lively.at_work("监察甲", Role.INSPECTOR) as page:
        page.goto(f"/queue?unit={OTHER}&stage=issued")
        chosen = page.locator("input[name=chosen]")
        cards = [str(chosen.nth(n).get_attribute("value")).partition(":")[0] for n in range(2)]
        for number in range(2):
            chosen.nth(number).check()
        page.locator("#to").select_option("监察乙")
        page.get_by_role("button", name="批量").last.click()
        expect(page.get_by_role("status")).to_contain_text("2 / 2")
        assert [_assignee(lively, card) for card in cards] == ["监察乙"] * 2

        page.get_by_role("button", name="撤").click()
        expect(page.get_by_role("status")).to_contain_text("2 / 2")
        assert [_assignee(lively, card) for card in cards] == [""] * 2


def _assignee(town: Town, card: str) -> str:
    story = views.card_story(town.house.ledger, card)
    assert story is not None
    return story.card.assignee


def test_a_document_is_made_and_its_pdf_downloaded(lively: Town, tmp_path: Path) -> None:
    with lively.at_work("监察甲", Role.INSPECTOR) as page:
        page.goto(f"/cards/{cards_of(lively, OTHER, Colour.YELLOW)[0]}")
        page.get_by_role("link", name="文书").click()
        page.locator("#kind").select_option(index=1)
        page.locator("main form button").first.click()
        page.wait_for_url("**/documents/*")
        code = page.url.rpartition("/")[2]
        expect(page.locator("main")).to_contain_text(code)
        with page.expect_download() as kept:
            page.get_by_role("link", name="PDF").click()
        kept.value.save_as(tmp_path / "order.pdf")
        assert (tmp_path / "order.pdf").read_bytes().startswith(b"%PDF-")


def test_a_case_is_searched_for_a_card_issued_on_it_by_hand_and_the_queue_exported(lively: Town) -> None:
    story = views.card_story(lively.house.ledger, cards_of(lively, OTHER, Colour.YELLOW)[-1])
    assert story is not None
    number = story.card.case_id.case_no
    with lively.at_work("监察甲", Role.INSPECTOR) as page:
        page.goto("/search")
        page.locator("#q").fill(number)
        page.locator("#q").press("Enter")
        page.get_by_role("link", name=number, exact=True).click()
        page.locator("summary", has_text="人工发牌").click()
        page.get_by_label("牌的种类").select_option("yellow")
        page.get_by_label("监察依据").fill("效能监察办法第九条")
        page.get_by_label("认定事实").fill("窗口无人值守")
        page.get_by_role("button", name="人工发牌").click()
        page.wait_for_url("**/cards/*done=issue*")
        expect(page.get_by_text("效能监察办法第九条").first).to_be_visible()

        page.goto(f"/queue?unit={OTHER}")
        with page.expect_download() as kept:
            page.get_by_role("link", name="CSV").click()
        lines = Path(kept.value.path()).read_text(encoding="utf-8-sig").splitlines()
        assert sum(number in line for line in lines) >= 2
        assert all("自然资源和规划局" in line for line in lines[1:])


def test_a_deed_that_came_too_late_is_refused_in_a_sentence(lively: Town) -> None:
    card = cards_of(lively, OTHER, Colour.YELLOW)[1]
    with (
        lively.at_work("规划局经办", Role.UNIT_USER, OTHER) as first,
        lively.at_work("规划局主任", Role.UNIT_USER, OTHER) as second,
    ):
        second.goto(f"/cards/{card}")
        did(first, card, Deed.SIGN)
        form_of(second, Deed.SIGN).locator("button").click()
        expect(second.get_by_role("alert")).to_contain_text("规划局经办")
        tried(second, card, Deed.EXPLAIN, "系统停机，次日补录。")
        expect(second.get_by_role("status")).to_contain_text("已办理")
