"""The monthly picture (监察通报的数据): both bases side by side, each figure with what it was divided by."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.access.acts import Act
from console.access.callers import address_of, who, within
from console.access.declared import needs
from console.desk import Desk, desk_of
from console.figures import main_figures, service_figures, times
from ledger import views
from rules.statistics import Ratio, together

router = APIRouter(include_in_schema=False)

KEEP_RUNNING: Final = 300
KEEP_OVER: Final = 3_600
"""For how many seconds a counted month is shown: one that lasts, and one that is over (late rows still come in)."""

FIRST: Final = dt.date(2000, 1, 1)


@router.get("/month")
@needs(Act.VIEW_REPORTS)
def this_month(request: Request) -> Response:
    """Lead to the month that it is."""
    today = _today(desk_of(request))
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/month/{today:%Y-%m}{query}", 303)


@router.get("/month/{month}")
@needs(Act.VIEW_REPORTS)
def month(request: Request) -> Response:
    """Answer with a month's picture, or, while it is being counted for the first time, with a page that says so."""
    desk = desk_of(request)
    first_on = _named(request.path_params["month"], _today(desk))
    seen, now = within(request, desk.access), desk.now()
    is_over = first_on < _today(desk).replace(day=1)
    found = desk.prepared.get(
        (first_on, seen), now, KEEP_OVER if is_over else KEEP_RUNNING,
        partial(views.month, desk.ledger, first_on, desk.zone, now, seen),
    )  # fmt: skip
    if found is None:
        return desk.render(request, "month_waiting.html", first_on=first_on)
    if any(done.to for line in found.consequences for done in line.decisions):  # it names persons
        desk.ledger.note_act(
            now, who=who(request).account, act=Act.READ_PERSONAL_DATA.value, target=f"{first_on:%Y-%m}",
            detail=f"GET {request.url.path}", address=address_of(request),
        )  # fmt: skip
    language, total = desk.asked(request), together(found.units.values())
    return desk.render(
        request, "month.html", first_on=first_on, before=_before(first_on),
        after=_after(first_on) if is_over else None, month=found, total=total, figures=main_figures(total, language),
        served=service_figures(found, total, language),
        units=sorted(found.units.items(), key=lambda each: (-each[1].accepted, each[0])), times=times(total, language),
        consequence_rate=found.consequence_rate, follows=Act.VIEW_CARD in who(request).acts,
        ratio=lambda share: Ratio(share.count, share.of),
    )  # fmt: skip


def _named(text: str, today: dt.date) -> dt.date:
    """Return the first day of the month that an address names; 404 for what is none or has not begun."""
    try:
        first_on = dt.datetime.strptime(text, "%Y-%m").replace(tzinfo=dt.UTC).date()
    except ValueError:
        raise HTTPException(404) from None
    if not FIRST <= first_on <= today or f"{first_on:%Y-%m}" != text:
        raise HTTPException(404)
    return first_on


def _today(desk: Desk) -> dt.date:
    return dt.datetime.fromtimestamp(desk.now(), ZoneInfo(desk.zone)).date()


def _before(first_on: dt.date) -> dt.date:
    return (first_on - dt.timedelta(days=1)).replace(day=1)


def _after(first_on: dt.date) -> dt.date:
    return (first_on + dt.timedelta(days=31)).replace(day=1)
