"""A leader's day: the screen lives, the month has its figures, and under each figure stands what it means."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from connectors.base import Batch
from console.access.roles import Role
from rules.facts import CaseEvent
from tests.routines.town import UNIT, Town

pytestmark = pytest.mark.xdist_group("routines")


def test_an_application_that_comes_in_changes_the_screen_while_somebody_looks(lively: Town) -> None:
    with lively.at_work("分管领导", Role.LEADER) as page:
        page.wait_for_url("**/screen")
        expect(page.locator(".is-live")).to_be_visible()
        page.evaluate("window.same = true")
        accepted = page.locator("#part-flow dd").first
        before = accepted.inner_text()
        coming = Batch(source="licensing", events=tuple(_application(lively, n) for n in range(40)), cursor={})
        lively.house.ledger.append(coming, lively.now)
        expect(accepted).not_to_have_text(before, timeout=30_000)
        assert int(accepted.inner_text()) > int(before)
        assert page.evaluate("window.same") is True
        page.goto("about:blank")


def _application(town: Town, number: int) -> CaseEvent:
    return CaseEvent(
        source="licensing", event_id=f"screen-{number}", namespace="county", kind="application", case_no=f"LIVE{number}",
        name="accepted", occurred_at=town.now - 60, data={"unit": UNIT},
    )  # fmt: skip


def test_the_month_has_figures_and_what_they_mean(lively: Town) -> None:
    with lively.at_work("分管领导", Role.LEADER) as page:
        page.goto("/month/2026-11")
        expect(page.locator("#days-chart svg")).to_be_visible()
        assert page.locator("tfoot td").count() > 3
        said = page.locator("main").inner_text()
        assert all(word in said for word in ("按时办结率", "受理", "办结"))
        page.goto("/month/2026-11?lang=en")
        expect(page.locator("main")).to_contain_text("on time")
