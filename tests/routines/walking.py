"""What people do again and again on the pages: a deed with its form, a paper, the cards of a unit."""

from __future__ import annotations

from playwright.sync_api import FilePayload, Locator, Page, expect

from alerts.model import Deed
from ledger import views
from ledger.views import Wanted, Within
from rules.policy import Colour
from tests.routines.town import Town

PAPER: FilePayload = {"name": "停电公告.txt", "mimeType": "text/plain", "buffer": "十月八日停电。".encode()}


def cards_of(town: Town, unit: str, colour: Colour) -> list[str]:
    """Return the open cards of a unit in one colour."""
    found = views.queue(town.house.ledger, Wanted(unit=unit, colours=(colour,)), town.now, Within(), 100)
    return [line.card.card_id for line in found.lines]


def form_of(page: Page, deed: Deed) -> Locator:
    """Open the form of a deed on the page of a card, and return it."""
    form = page.locator(f"form.deed[action*='/{deed.value}']")
    if not form.is_visible():
        page.locator("details.deed", has=form).locator("summary").click()
    return form


def did(page: Page, card: str, deed: Deed, text: str = "", paper: str = "") -> None:
    """Do a deed on the page of its card, with a text and a paper of a date; the page says that it was done."""
    tried(page, card, deed, text, paper)
    expect(page.get_by_role("status")).to_contain_text("已办理")


def tried(page: Page, card: str, deed: Deed, text: str = "", paper: str = "") -> None:
    """Fill the form of a deed and send it, whatever comes of it."""
    page.goto(f"/cards/{card}")
    form = form_of(page, deed)
    if text:
        form.locator("textarea").fill(text)
    if paper:
        form.locator("input[type=file]").first.set_input_files(PAPER)
        form.locator("input[name=dated_on]").first.fill(paper)
    form.locator("button[type=submit]").click()
    page.wait_for_load_state()
