"""Every page that a person can open, by the role that opens it, with addresses of what lives in the town."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from console.access.roles import Role
from ledger import views
from rules.policy import Colour
from tests.routines.town import OTHER, UNIT, Town
from tests.routines.walking import cards_of

ADMINISTRATION: Final = (
    "/rules", "/rules/publicity", "/rules/publicity/edit", "/rules/new-rulebook/edit", "/law", "/calendar?year=2026",
    "/calendar/cn/2026/edit", "/items", "/items/findings", "/items/edit", "/sources", "/sources/permits",
    "/sources/permits/quarantine", "/sources/permits/mapping", "/directory", "/items/of/RS001", "/law/1", "/trials/1",
    f"/routes?unit={UNIT}&colour=red&tell=R2", "/accounts", "/accounts/{account}", "/account", "/account/second-factor", "/nowhere",
)  # fmt: skip
INSPECTION: Final = ("/", "/queue", "/screen", "/month/2026-11", "/views", "/coverage", f"/units/{UNIT}")


def pages_of(town: Town) -> dict[Role, list[str]]:
    """Return the addresses of every page, each by the role that opens it most."""
    card, red = cards_of(town, OTHER, Colour.YELLOW)[0], cards_of(town, UNIT, Colour.RED)[0]
    story = views.card_story(town.house.ledger, card)
    assert story is not None
    case = story.card.case_id
    number = quote(case.case_no)
    inspection = [
        *INSPECTION, f"/cards/{card}", f"/cards/{red}", f"/cards/{red}/documents", f"/search?q={number}",
        f"/case/{case.namespace}/{case.kind}/{number}", f"/officers/{quote(story.card.person)}",
    ]  # fmt: skip
    return {
        Role.INSPECTOR: inspection,
        Role.UNIT_USER: [
            "/mine",
            "/mine?tab=wait",
            "/will-breach",
            "/will-breach?list=late",
            f"/cards/{red}",
            f"/cards/{card}",
        ],
        Role.ADMINISTRATOR: [path.format(account=quote("管理员")) for path in ADMINISTRATION],
        Role.AUDITOR: ["/audit"],
        Role.LEADER: ["/", "/screen", "/month/2026-11"],
    }


def named(path: str) -> str:
    """Return the name of the picture of a page."""
    return (
        "-".join(part for part in path.replace("?", "/").replace("=", "/").replace("&", "/").split("/") if part)
        or "board"
    )
