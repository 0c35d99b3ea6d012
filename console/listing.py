"""A list of cards as its address asks for it: the tab, the filters, and the addresses of its other tabs and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request

from alerts.model import Stage
from alerts.moves import Side
from console.access.roles import SUPERVISORS, Who
from ledger.views.queue import FOLLOWED, TURN, Tally, Wanted
from rules.policy import Colour

TABS: Final = ("all", "mine", "soon", "late")
FILTERS: Final = ("unit", "rule", "colour", "stage", "assignee", "text")
LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Listing:
    """What an address asks for: its ``tab``, its filters as they stand in the address, and where its page begins."""

    tab: str
    filters: Mapping[str, str]
    after: str
    lang: str
    wanted: Wanted
    who: Who

    def holds(self, tab: str, each: Tally) -> bool:
        """Say whether cards that were counted together are shown by a tab, whatever the stage that is chosen."""
        match tab:
            case "late":
                return each.lateness == "late"
            case "soon":
                return each.lateness == "soon"
            case "mine" if self.who.roles & SUPERVISORS:
                return each.assignee == self.who.account
            case "mine":
                return each.stage in TURN[Side.UNIT]
            case _:
                return True

    @property
    def counted(self) -> Wanted:
        """What all tabs and stages together show: the filters apart from the tab and the stage."""
        return _plain(self.filters)

    def address(self, path: str = "/queue", **changes: str) -> str:
        """Return the address of the same list with changes; what is empty is left out, the page is the first."""
        asked = {"tab": self.tab if self.tab != "all" else "", **self.filters, "lang": self.lang, **changes}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{path}?{query}" if query else path


def listing(request: Request, who: Who, lang: str = "") -> Listing:
    """Return the list that an address asks for; what it says that is unknown is not there."""
    asked = request.query_params
    filters = {name: asked.get(name, "").strip()[:LONGEST] for name in FILTERS}
    if filters["colour"] not in {colour.value for colour in FOLLOWED}:
        filters["colour"] = ""
    if filters["stage"] not in set(Stage):
        filters["stage"] = ""
    tab = asked.get("tab", "all")
    tab = tab if tab in TABS else "all"
    if tab == "mine" and who.roles & SUPERVISORS:
        filters["assignee"] = ""
    return Listing(
        tab, filters, asked.get("after", "")[:100], lang, _within_tab(who, _plain(filters), tab, filters), who
    )


def _plain(filters: Mapping[str, str]) -> Wanted:
    return Wanted(
        colours=(Colour(filters["colour"]),) if filters["colour"] else FOLLOWED, unit=filters["unit"],
        rule=filters["rule"], assignee=filters["assignee"], text=filters["text"],
    )  # fmt: skip


def _within_tab(who: Who, wanted: Wanted, tab: str, filters: Mapping[str, str]) -> Wanted:
    """Mine are the cards that one follows, or, for a unit, those on which it is the unit's turn."""
    stages: tuple[Stage, ...] = (Stage(filters["stage"]),) if filters["stage"] else Wanted().stages
    assignee = filters["assignee"]
    if tab == "mine" and who.roles & SUPERVISORS:
        assignee = who.account
    elif tab == "mine":
        stages = tuple(stage for stage in stages if stage in TURN[Side.UNIT])
    lateness = tab if tab in {"soon", "late"} else ""
    return msgspec.structs.replace(wanted, stages=stages, assignee=assignee, lateness=lateness)
