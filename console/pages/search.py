"""Search: one line that finds cases, cards, units, items and handlers by any part of their number or name."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from console.access.acts import Act
from console.access.callers import who
from console.access.declared import needs
from console.desk import desk_of
from console.lookup import looked_up

router = APIRouter(include_in_schema=False)

LIMIT: Final = 50
SHORTEST: Final = 2
LONGEST: Final = 100


@router.get("/search")
@needs(Act.SEARCH)
def search(request: Request) -> Response:
    """Answer with what was found within the caller's units; each list is bounded and says so."""
    wanted = request.query_params.get("q", "").strip()[:LONGEST]
    found = looked_up(request, wanted, LIMIT) if len(wanted) >= SHORTEST else None
    return desk_of(request).render(
        request, "search.html", wanted=wanted, found=found, limit_n=LIMIT, acts=who(request).acts,
        lang=request.query_params.get("lang", ""), address=address_of(wanted),
    )  # fmt: skip


def address_of(wanted: str, path: str = "/search") -> str:
    """Return the address of a search."""
    return f"{path}?{urlencode({'q': wanted})}"
