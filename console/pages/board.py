"""The board: lights by unit, the latest cards, the health of the sources."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from console.access.acts import Act
from console.access.callers import who, within
from console.access.declared import needs
from console.cardtexts import said_of
from console.desk import Desk, desk_of
from console.vacancies import vacancies
from ledger import views
from rules.judgement import Light
from rules.problems import Language

LATEST = 30

router = APIRouter(include_in_schema=False)


@router.get("/")
@needs(Act.VIEW_BOARD)
def board(request: Request) -> Response:
    """Answer with the board as it stands now, of the units that the caller may see."""
    desk = desk_of(request)
    seen = within(request, desk.access)
    language = desk.asked(request)
    units = views.units(desk.ledger, seen)
    totals = {light: sum(unit.running.get(light, 0) for unit in units) for light in Light}
    return desk.render(
        request,
        "board.html",
        units=units,
        totals=totals,
        suspended=sum(unit.suspended for unit in units),
        cards=views.latest_cards(desk.ledger, LATEST, seen),
        sources=views.sources(desk.ledger) if Act.VIEW_SOURCES in who(request).acts else None,
        vacant=vacancies(desk, (unit.unit for unit in units), language),
        sees_cases=Act.VIEW_CASE in who(request).acts,
        told=lambda line: _told(line, desk, language),
    )


def _told(line: views.CardLine, desk: Desk, language: Language) -> str:
    """Return what the card's rule says of the case in the reader's language, else the subject of its latest message."""
    return said_of(line.card, desk, language) or line.subject or line.card.case_id.case_no
