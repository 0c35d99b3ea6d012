"""The calendar: a year at a glance, why each day counts, how far it is published, and how a year is corrected."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.access.acts import Act
from console.access.callers import who
from console.access.declared import needs
from console.desk import desk_of
from console.drafting import Drafting, Text, Word, answer, normal, propose, show, worded
from console.yearpicture import months, specials, tally, year_text
from rules.calendars import Calendar
from rules.civildays import FIRST_ON, LAST_ON
from rules.problems import UserError

router = APIRouter(include_in_schema=False)


@router.get("/calendar")
@needs(Act.VIEW_CALENDAR)
def calendar(
    request: Request, name: Annotated[str, Query(max_length=200)] = "", year: Annotated[int, Query(ge=0, le=9999)] = 0
) -> Response:
    """Answer with a year of a calendar; the running year of the calendar in use where none is asked for."""
    desk = desk_of(request)
    book = desk.workshop.calendars()
    chosen = _calendar(request, name or desk.workshop.calendar())
    wanted = year or chosen.on(desk.now()).year
    if not FIRST_ON.year <= wanted <= LAST_ON.year:
        raise HTTPException(404)
    language = desk.asked(request)
    return desk.render(
        request, "calendar.html", calendar=chosen, in_use=desk.workshop.calendar(), year=wanted,
        months=months(chosen, wanted, language), specials=specials(chosen, wanted, language),
        tally=tally(chosen, wanted), others=[book.get(each) for each in book.names()], today=chosen.on(desk.now()),
        hours=chosen.hours_text(chosen.workday(chosen.on(desk.now()), 1)), may_edit=Act.EDIT_CALENDAR in who(request).acts,
        earlier=wanted - 1 >= FIRST_ON.year, later=wanted + 1 <= LAST_ON.year,
    )  # fmt: skip


@router.get("/calendar/{name}/{year}/edit")
@needs(Act.EDIT_CALENDAR)
def edit(request: Request) -> Response:
    """Answer with the desk, the file of a year upon it."""
    chosen, year = _calendar(request, request.path_params["name"]), _year(request)
    return show(request, _draft(request, year_text(chosen, year)))


@router.post("/calendar/{name}/{year}/edit")
@needs(Act.EDIT_CALENDAR, looks=True)
def ask(request: Request, text: Text = "", reason: Word = "") -> Response:
    """Answer with the desk and which days the text would change."""
    return answer(request, _draft(request, normal(text), reason), "hold")


@router.post("/calendar/{name}/{year}/propose")
@needs(Act.PROPOSE_LAW)
def lay_before(request: Request, text: Text = "", reason: Word = "") -> Response:
    """Lay the corrected year before a second person."""
    return propose(request, _draft(request, normal(text), reason))


def _draft(request: Request, text: str, reason: str = "") -> Drafting:
    name, year = _calendar(request, request.path_params["name"]).name, _year(request)
    return Drafting(
        title=f"{worded(request, 'calendar')} {name} {year}", back=f"/calendar?name={name}&year={year}",
        here=f"/calendar/{name}/{year}", text=text, how=worded(request, "year_how"), reason=reason,
    )  # fmt: skip


def _calendar(request: Request, name: str) -> Calendar:
    try:
        return desk_of(request).workshop.calendars().get(name)
    except UserError:
        raise HTTPException(404) from None


def _year(request: Request) -> int:
    written = request.path_params["year"]
    if not (written.isascii() and written.isdecimal() and FIRST_ON.year <= int(written[:5]) <= LAST_ON.year):
        raise HTTPException(404)
    return int(written)
