"""The board: lights by unit, the latest cards, the health of the sources."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from alerts.texts import say
from console.desk import Desk, desk_of
from ledger import views
from rules.judgement import Light
from rules.problems import Language

LATEST = 30


def board(request: Request) -> Response:
    """Answer with the board as it stands now."""
    desk = desk_of(request)
    language = desk.asked(request)
    units = views.units(desk.ledger)
    totals = {light: sum(unit.running.get(light, 0) for unit in units) for light in Light}
    return desk.render(
        request,
        "board.html",
        units=units,
        totals=totals,
        suspended=sum(unit.suspended for unit in units),
        cards=views.latest_cards(desk.ledger, LATEST),
        sources=views.sources(desk.ledger),
        told=lambda line: _told(line, desk, language),
    )


def _told(line: views.CardLine, desk: Desk, language: Language) -> str:
    """Return what the card's rule says of the case in the reader's language, else the subject of its latest message."""
    policy = desk.policies.get(line.card.rule)
    said = say(policy, line.card.values, language) if policy is not None else ""
    return said or line.subject or line.card.case_id.case_no
