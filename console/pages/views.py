"""Saved views: the filtered lists that somebody opens every day, each a name for an address."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.access.acts import Act
from console.access.callers import who
from console.access.declared import needs
from console.deeds import Form, said
from console.desk import desk_of
from console.words import word

router = APIRouter(include_in_schema=False)

OPENS: Final = ("/queue", "/search")
"""The pages whose filters can be kept; nothing else can be made an address of."""

LONGEST_NAME: Final = 80
LONGEST_ADDRESS: Final = 2_000


@router.get("/views")
@needs(Act.SAVE_VIEW)
def saved(request: Request) -> Response:
    """Answer with the caller's own views."""
    return _page(request)


@router.post("/views")
@needs(Act.SAVE_VIEW)
def save(request: Request, form: Form) -> Response:
    """Keep a view under a name."""
    desk, name, address = desk_of(request), said(form, "name"), said(form, "address")
    known = address.partition("?")[0] in OPENS and len(address) <= LONGEST_ADDRESS and address.isprintable()
    if not name or len(name) > LONGEST_NAME or not known:
        return _page(request, 422, word("view_wrong", desk.asked(request)))
    if not desk.ledger.saved_views.save(who(request).account, name, address, desk.now()):
        return _page(request, 422, word("view_many", desk.asked(request)))
    return _back(request)


@router.post("/views/delete")
@needs(Act.SAVE_VIEW)
def delete(request: Request, form: Form) -> Response:
    """Forget a view."""
    desk_of(request).ledger.saved_views.delete(who(request).account, said(form, "name"))
    return _back(request)


def _back(request: Request) -> Response:
    lang = request.query_params.get("lang", "")
    return RedirectResponse("/views?lang=en" if lang == "en" else "/views", 303)


def _page(request: Request, status: int = 200, wrong: str = "") -> Response:
    desk = desk_of(request)
    kept = desk.ledger.saved_views.of(who(request).account)
    lang = request.query_params.get("lang", "")
    return desk.render(request, "views.html", status, kept=kept, wrong=wrong, lang=lang if lang in {"zh", "en"} else "")
