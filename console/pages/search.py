"""Search: one line that finds cases, cards, units, items and handlers by any part of their number or name."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from console.access.acts import Act
from console.access.callers import who, within
from console.access.declared import needs
from console.desk import desk_of
from ledger import views

router = APIRouter(include_in_schema=False)

LIMIT: Final = 50
SHORTEST: Final = 2
LONGEST: Final = 100


@router.get("/search")
@needs(Act.SEARCH)
def search(request: Request) -> Response:
    """Answer with what was found within the caller's units; each list is bounded and says so."""
    desk, acts = desk_of(request), who(request).acts
    wanted = request.query_params.get("q", "").strip()[:LONGEST]
    named = [
        name
        for (kind, name), titles in dict(desk.titles).items()
        if kind == "unit" and any(wanted.casefold() in title.casefold() for title in titles.values())
    ]
    found = (
        views.find(
            desk.ledger, wanted, within(request, desk.access), LIMIT, named=named, people=Act.VIEW_OFFICER in acts
        )
        if len(wanted) >= SHORTEST
        else None
    )
    return desk.render(request, "search.html", wanted=wanted, found=found, limit_n=LIMIT, acts=acts)
