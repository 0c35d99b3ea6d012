"""axe-core finds nothing serious in either scheme on the pages that no other suite looks at; `make pictures` asks them all."""

from __future__ import annotations

import pytest

from console.access.roles import Role
from rules.policy import Colour
from tests.console.browser import hindrances
from tests.routines.town import Town
from tests.routines.walking import cards_of

pytestmark = pytest.mark.xdist_group("routines")


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_hinders_anybody(lively: Town, dark: bool) -> None:
    card = cards_of(lively, "urban", Colour.YELLOW)[-1]
    found: list[str] = []
    for role, account, paths in (
        (Role.INSPECTOR, "监察甲", ("/", "/coverage", f"/cards/{card}/documents", "/account")),
        (Role.ADMINISTRATOR, "管理员", ("/accounts", "/nowhere")),
        (Role.AUDITOR, "审计员", ("/audit",)),
    ):
        with lively.at_work(account, role, dark=dark) as page:
            for path in paths:
                page.goto(path)
                found += [f"{path}: {said}" for said in hindrances(page)]
    assert found == []
