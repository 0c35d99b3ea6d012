"""Puts the pages together; everything that the console cannot know itself is handed in by the daemon."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from console.desk import HERE, Desk, Titles, desk_of
from console.pages.board import board
from console.pages.case import case
from console.pages.health import healthz, metrics, readyz
from console.security import SecurityHeaders
from ledger import Ledger
from rules.explanation import Explanation
from rules.facts import Case, Instant
from rules.policy import Policy
from rules.problems import Language


def create_app(
    ledger: Ledger,
    *,
    metrics: Callable[[], bytes],
    troubles: Callable[[], Sequence[str]],
    explain: Callable[[Case], Explanation],
    titles: Titles = {},  # noqa: B006  # never written to
    policies: Mapping[str, Policy] = {},  # as above
    zone: str = "Asia/Shanghai",
    language: Language = "zh",
    refresh: int = 10,
    now: Callable[[], Instant] = lambda: int(time.time()),
) -> Starlette:
    """Return the application. ``troubles`` lists what keeps the daemon from being ready, as sentences; ``titles`` names
    clocks and rules by (``clock`` or ``rule``, name); ``policies`` hold what rules say of their cards.
    """
    app = Starlette(
        routes=ROUTES,
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={HTTPException: _refused, Exception: _failed},
    )
    app.state.desk = Desk(ledger, now, metrics, troubles, explain, titles, policies, zone, language, refresh)
    return app


def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return desk_of(request).render(request, "failed.html", status, kind="not_found" if status == 404 else "failed")


def _failed(request: Request, _error: Exception) -> Response:
    return desk_of(request).render(request, "failed.html", 500, kind="failed")


ROUTES = [
    Route("/", board),
    Route("/case/{namespace}/{kind}/{case_no:path}", case),
    Route("/cases/{namespace}/{kind}/{case_no:path}", case),
    Route("/healthz", healthz),
    Route("/readyz", readyz),
    Route("/metrics", metrics),
    Mount("/static", StaticFiles(directory=HERE / "static"), name="static"),
]
