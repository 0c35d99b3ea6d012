"""A supervised unit's own cards, by what it has to do next and until when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from alerts.model import Deed, Stage
from alerts.moves import MOVES, Side
from console.access.acts import Act
from console.access.callers import who, within
from console.access.declared import needs
from console.desk import Desk, desk_of
from console.words import word
from ledger import views
from ledger.views.queue import FOLLOWED, OPEN, TURN
from rules.glossary import label
from rules.policy import Colour
from rules.problems import Language

router = APIRouter(include_in_schema=False)

PAGE: Final = 50
TABS: Final[Mapping[str, tuple[Stage, ...]]] = {
    "todo": TURN[Side.UNIT],
    "wait": TURN[Side.SUPERVISION],
    "done": tuple(stage for stage in Stage if stage not in OPEN),
}
LATENESS: Final = ("late", "soon")
LONGEST: Final = 200


class Asked(NamedTuple):
    """What the address asks for; ``stage`` and the other filters are "" for any."""

    tab: str
    stage: str
    colour: str
    unit: str
    lateness: str
    text: str
    lang: str

    def address(self, path: str = "/mine", **changes: str) -> str:
        """Return the address of the same list with changes; what is empty is left out."""
        asked = {**self._asdict(), "tab": self.tab if self.tab != "todo" else "", **changes}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{path}?{query}" if query else path

    def wanted(self, tab: str, stage: str = "") -> views.Wanted:
        """Return the cards of a tab, as far as the filters let them through."""
        stages = TABS[tab]
        return views.Wanted(
            stages=(Stage(stage),) if stage else stages,
            colours=(Colour(self.colour),) if self.colour else FOLLOWED,
            unit=self.unit, lateness=self.lateness if tab != "done" else "", text=self.text,
        )  # fmt: skip


@router.get("/mine")
@needs(Act.VIEW_CARDS)
def mine(request: Request) -> Response:
    """Answer with the cards of the units that the caller may see; at first those on which it is the unit's turn."""
    desk = desk_of(request)
    seen, now, asked = within(request, desk.access), desk.now(), asked_of(request)
    found = views.queue(
        desk.ledger, asked.wanted(asked.tab, asked.stage), now, seen, PAGE, request.query_params.get("after", "")[:100]
    )
    units = views.queue_choices(desk.ledger, seen).units
    counts = {tab: views.queue_counts(desk.ledger, asked.wanted(tab), now, seen) for tab in TABS}
    return desk.render(
        request, "mine.html", asked=asked, found=found, counts=counts, steps=TABS[asked.tab],
        tabs=[(tab, sum(each.cards for each in of.values()), sum(each.late for each in of.values())) for tab, of in counts.items()],
        units=units, choices=_choices(desk, desk.asked(request), units), next_deeds=next_deeds,
        sees_breaches=Act.VIEW_WILL_BREACH in who(request).acts, exports=Act.EXPORT in who(request).acts,
    )  # fmt: skip


def next_deeds(stage: Stage) -> tuple[Deed, ...]:
    """Return what the unit can do to go on from a stage, by the table of moves; taking a signature back is no step on."""
    return tuple(
        move.deed
        for move in MOVES
        if move.side is Side.UNIT and stage in move.stages and move.deed is not Deed.UNSIGN and stage in TURN[Side.UNIT]
    )


def asked_of(request: Request) -> Asked:
    """Return what the address asks for; what it says that is unknown is not there."""
    said = {name: request.query_params.get(name, "").strip()[:LONGEST] for name in Asked._fields}
    tab = said["tab"] if said["tab"] in TABS else "todo"
    known = {
        "stage": {stage.value for stage in TABS[tab]}, "colour": {each.value for each in FOLLOWED},
        "lateness": set(LATENESS), "lang": {"zh", "en"},
    }  # fmt: skip
    kept = {name: value if name not in known or value in known[name] else "" for name, value in said.items()}
    return Asked(**{**kept, "tab": tab})


def _choices(desk: Desk, language: Language, units: tuple[str, ...]) -> Callable[[str], list[tuple[str, str]]]:
    """Return what gives the choices of a filter with their names in the reader's language."""

    def choices(name: str) -> list[tuple[str, str]]:
        if name == "unit":
            return [(unit, desk.titles.get(("unit", unit), {}).get(language, "") or unit) for unit in units]
        if name == "colour":
            return [(each.value, label("colours", each, language)) for each in FOLLOWED]
        return [(each, word(f"lateness_{each}", language)) for each in LATENESS]

    return choices
