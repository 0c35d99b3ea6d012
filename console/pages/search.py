"""Search: one line that finds cases, cards, units, items and handlers by any part of their number or name."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

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
    wanted = request.query_params.get("q", "").strip()[:LONGEST]
    found = found_of(request, wanted, LIMIT) if len(wanted) >= SHORTEST else None
    return desk_of(request).render(
        request, "search.html", wanted=wanted, found=found, limit_n=LIMIT, acts=who(request).acts,
        lang=request.query_params.get("lang", ""), address=address_of(wanted),
    )  # fmt: skip


def found_of(request: Request, wanted: str, limit: int) -> views.Found:
    """Return what is found within the caller's units, each list up to ``limit``; units also by their titles."""
    desk, acts = desk_of(request), who(request).acts
    named = [
        name
        for (kind, name), titles in dict(desk.titles).items()
        if kind == "unit" and any(wanted.casefold() in title.casefold() for title in titles.values())
    ]
    seen = within(request, desk.access)
    return views.find(desk.ledger, wanted, seen, limit, named=named, people=Act.VIEW_OFFICER in acts)


def address_of(wanted: str, path: str = "/search") -> str:
    """Return the address of a search."""
    return f"{path}?{urlencode({'q': wanted})}"
