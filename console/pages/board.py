"""The board: lights by unit, the latest cards, the health of the sources."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from console.desk import desk_of
from ledger import views
from rules.judgement import Light

LATEST = 30


def board(request: Request) -> Response:
    """Answer with the board as it stands now."""
    desk = desk_of(request)
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
        told=_told,
    )


def _told(line: views.CardLine) -> str:
    """Return the sentence that says what happened: the line of the message after "a card was issued to"."""
    head = line.body.replace("\r\n", "\n").split("\n\n")[0].splitlines()
    return head[1] if len(head) > 1 and head[1].strip() else line.subject or line.card.case_id.case_no
