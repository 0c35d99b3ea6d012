"""The door after signing in: it leads each role to the page with which its day begins."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.access.acts import Act
from console.access.callers import who
from console.access.declared import needs
from console.starting import start_of

router = APIRouter(include_in_schema=False)


@router.get("/start")
@needs(Act.OWN_ACCOUNT)
def start(request: Request) -> Response:
    """Lead on; the board itself stays at ``/``."""
    lang = request.query_params.get("lang", "")
    return RedirectResponse(start_of(who(request)) + (f"?lang={lang}" if lang in {"zh", "en"} else ""), 303)
