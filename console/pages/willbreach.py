"""What will breach: the running cases of the units that the caller may see, the least time left first."""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from console.access.acts import Act
from console.access.callers import who, within
from console.access.declared import needs
from console.caselists import SOON, CaseList, cases_of
from console.desk import desk_of
from console.timeleft import in_words
from ledger import views
from rules.facts import Instant

router = APIRouter(include_in_schema=False)

MOST: Final = 100
DAYS: Final = ("1", "3", "7", "30")
URGENT: Final = 86_400
"""With less time than this, or with no working day after today, a case is shown as a yellow triangle, in seconds."""


class Asked(NamedTuple):
    """What the address asks for: within how many days, of which unit, and whether what is late already."""

    days: str
    unit: str
    list: str
    lang: str

    def address(self, path: str = "/will-breach", **changes: str) -> str:
        """Return the address of the same list with changes; what is empty is left out."""
        query = urlencode({name: value for name, value in {**self._asdict(), **changes}.items() if value})
        return f"{path}?{query}" if query else path


class Left(NamedTuple):
    """What is left of a case's time, in working days and in office hours, and whether that is next to nothing."""

    days: str
    hours: str
    urgent: bool


@router.get("/will-breach")
@needs(Act.VIEW_WILL_BREACH)
def will_breach(request: Request) -> Response:
    """Answer with the most urgent cases."""
    desk, asked = desk_of(request), _asked(request)
    language, seen, now = desk.asked(request), within(request, desk.access), desk.now()
    found = cases_of(desk, CaseList(asked.list == "late", asked.unit, seconds=seconds_of(asked.days)), seen, MOST + 1)

    def left(due_at: Instant) -> Left:
        found = desk.remaining(now, due_at) if desk.remaining is not None else None
        no_day_more = found is not None and not found.workdays
        return Left(*in_words(found, language), due_at - now < URGENT or no_day_more)

    units = tuple(each.unit for each in views.units(desk.ledger, seen) if each.unit)
    return desk.render(
        request, "willbreach.html", asked=asked, lines=found[:MOST], more=len(found) > MOST, most=MOST, left=left,
        days=DAYS, units=sorted(units), exports=Act.EXPORT in who(request).acts,
    )  # fmt: skip


def seconds_of(days: str) -> int:
    """Return how far ahead the list looks that an address asks for by ``days``, in seconds."""
    return int(days) * 86_400 if days in DAYS else SOON


def _asked(request: Request) -> Asked:
    said = request.query_params
    days, chosen, lang = said.get("days", ""), said.get("list", ""), said.get("lang", "")
    return Asked(
        days if days in DAYS else "", said.get("unit", "")[:200], "late" if chosen == "late" else "",
        lang if lang in {"zh", "en"} else "",
    )  # fmt: skip
