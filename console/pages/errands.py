"""The page on which somebody waits for what a button asked for; it renews itself until the answer is there."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.access.acts import Act
from console.access.callers import who
from console.access.declared import needs
from console.desk import desk_of

router = APIRouter(include_in_schema=False)


@router.get("/errands/{number}")
@needs(Act.PROPOSE_LAW)
def errand(request: Request) -> Response:
    """Answer with what was asked for, or with a page that says that it is under way."""
    desk, number = desk_of(request), request.path_params["number"]
    known = number.isascii() and number.isdecimal() and len(number) < 10
    found = desk.errands.find(int(number), who(request).account) if known else None
    if found is None:
        raise HTTPException(404)
    outcome = found.outcome()
    return outcome.shown(request) if outcome is not None else desk.render(request, "errand.html")
