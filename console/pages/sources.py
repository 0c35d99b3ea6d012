"""Sources: how each fares, how far it was read, and why rows of it were put aside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.access.acts import Act
from console.access.callers import who
from console.access.declared import needs
from console.admin_words import ASIDE
from console.desk import desk_of
from ledger import views
from ledger.views import SourceHealth

router = APIRouter(include_in_schema=False)


@router.get("/sources")
@needs(Act.VIEW_SOURCES)
def sources(request: Request) -> Response:
    """Answer with the health of every source."""
    desk = desk_of(request)
    return desk.render(request, "sources.html", sources=views.sources(desk.ledger))


@router.get("/sources/{source}")
@needs(Act.VIEW_SOURCES)
def source(request: Request, replayed: Annotated[int | None, Query(ge=0)] = None) -> Response:
    """Answer with one source: how it fares, how far it was read, and why rows were put aside."""
    desk, health = desk_of(request), health_of(request)
    return desk.render(
        request, "source.html", source=health, cursor=desk.ledger.cursor(health.source),
        counts=views.quarantine_counts(desk.ledger, health.source), sees=who(request).acts,
        replayed="" if replayed is None else str(replayed), reason=reason_of(request),
        mapped=health.source in desk.workshop.mappings(),
    )  # fmt: skip


def reason_of(request: Request) -> Callable[[str], str]:
    """Return how the code of a reason is called."""
    at = 0 if desk_of(request).asked(request) == "zh" else 1
    return lambda code: ASIDE.get(code, (code, code))[at]


def health_of(request: Request) -> SourceHealth:
    """Return how the source of the address fares; 404 if it was never read."""
    name = request.path_params["source"]
    found = next((each for each in views.sources(desk_of(request).ledger) if each.source == name), None)
    if found is None:
        raise HTTPException(404)
    return found
