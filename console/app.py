"""Puts the pages together; everything that the console cannot know itself is handed in by the daemon."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

import console.api as folder_of_api
import console.pages as folder_of_pages
from alerts.documents.model import Office
from console.access.access import Access
from console.access.declared import insist
from console.access.guard import Guard, Refused, is_api, refusal
from console.access.roles import Verdict
from console.desk import HERE, Covered, Desk, Titles, desk_of
from console.loop import Loop
from console.problemjson import of_input, of_problems
from console.security import HEADERS, SecurityHeaders
from console.timeleft import TimeLeft
from console.words import word
from console.workshop import Workshop
from ledger import Ledger
from rules.explanation import Explanation
from rules.facts import Case, Instant
from rules.policy import Policy
from rules.problems import Language, UserError


def create_app(
    ledger: Ledger,
    *,
    access: Access,
    metrics: Callable[[], bytes],
    troubles: Callable[[], Sequence[str]],
    explain: Callable[[Case], Explanation],
    titles: Titles = {},  # noqa: B006  # never written to
    policies: Mapping[str, Policy] = {},  # as above
    zone: str = "Asia/Shanghai",
    language: Language = "zh",
    refresh: int = 10,
    now: Callable[[], Instant] = lambda: int(time.time()),
    loop: Loop = Loop(),  # noqa: B008  # frozen
    covered: Covered = lambda _: (),
    workshop: Workshop = Workshop(),  # noqa: B008  # frozen
    remaining: TimeLeft | None = None,
    office: Office = Office(),  # noqa: B008  # frozen
) -> FastAPI:
    """Return the application; raise ``TypeError`` if a route does not say who may ask. ``troubles`` lists what keeps
    the daemon from being ready, as sentences; ``titles`` names clocks and rules by (``clock`` or ``rule``, name);
    ``policies`` hold what rules say of their cards; ``access`` says how one signs in, ``loop`` how cards are dealt with,
    ``covered`` which supervision points have data, ``workshop`` how law is worked on, ``remaining`` what is
    left of working time, ``office`` who issues documents.
    """
    app = FastAPI(
        title="Mingdeng 明灯",
        openapi_url=None,  # `console/api/document.py` serves it, to those who are signed in
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(SecurityHeaders), Middleware(Guard)],
        exception_handlers={
            HTTPException: _refused,
            Refused: _refused_by_duty,
            UserError: _told,
            RequestValidationError: _unfit,
            Exception: _failed,
        },
    )
    app.router.routes[:] = [*routes(), Mount("/static", StaticFiles(directory=HERE / "static"), name="static")]
    insist(app.routes)
    app.state.desk = Desk(
        ledger, now, metrics, troubles, explain, titles, policies, zone, language, refresh, access, loop, covered,
        workshop, office=office, remaining=remaining,
    )  # fmt: skip
    return app


def routes() -> Iterator[BaseRoute]:
    """Yield the routes of every file of the folders ``pages`` and ``api``, each of which has a ``router``.

    They are not nested: the guard looks at each of them.
    """
    for module in _files():
        router: APIRouter = module.router
        for route in router.routes:
            if isinstance(route, APIRoute) and not route.include_in_schema and route.methods:
                route.methods |= {"HEAD"} if "GET" in route.methods else set()
            yield route


def _files() -> Iterator[ModuleType]:
    for folder in (folder_of_pages, folder_of_api):
        for name in sorted(info.name for info in pkgutil.iter_modules(folder.__path__)):
            module = importlib.import_module(f"{folder.__name__}.{name}")
            if hasattr(module, "router"):
                yield module


_KNOWN: Final = {404: "not_found", 405: "not_found", 422: "not_found"}


async def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    kind = _KNOWN.get(status, "failed")
    if is_api(request):
        return refusal(request, desk_of(request), status, Verdict(False, word(kind, "zh"), word(kind, "en")))
    return desk_of(request).render(request, "failed.html", status, kind=kind)


async def _refused_by_duty(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101 - registered for nothing else
    return refusal(request, desk_of(request), 403, error.verdict)


async def _told(request: Request, error: Exception) -> Response:
    """Answer with everything that stands against what was asked, wherever a page did not do so itself."""
    assert isinstance(error, UserError)  # noqa: S101 - as above
    desk = desk_of(request)
    if is_api(request):
        return of_problems(request, desk.language, error.problems)
    said = Verdict(
        False, "".join(p.sentence("zh") for p in error.problems), " ".join(p.sentence("en") for p in error.problems)
    )
    return refusal(request, desk, 422, said)


async def _unfit(request: Request, error: Exception) -> Response:
    """Answer to an address or a form that cannot be used."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    desk = desk_of(request)
    if is_api(request):
        return of_input(request, desk.language, error)
    return desk.render(request, "failed.html", 422, kind=_KNOWN[422])


async def _failed(request: Request, _error: Exception) -> Response:
    if is_api(request):
        fault = Verdict(False, word("failed_text", "zh"), word("failed_text", "en"))
        answer = refusal(request, desk_of(request), 500, fault)
    else:
        answer = desk_of(request).render(request, "failed.html", 500, kind="failed")
    answer.headers.update({**HEADERS, "cache-control": "no-store"})  # answered outside the middleware
    return answer
