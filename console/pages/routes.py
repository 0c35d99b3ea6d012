"""Routes: who is told for each unit and rank now, and a dry run of a card at any time."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from alerts.routes import EVERY_UNIT, Recipient
from alerts.routing import Routing
from console.access.acts import Act
from console.access.callers import who, within
from console.access.declared import needs
from console.access.guard import Refused
from console.access.roles import Target, allowed
from console.desk import Desk, desk_of
from console.drafting import worded
from console.dryrun import Answer, Question, who_is_told
from ledger import views
from rules.facts import Instant
from rules.policy import Colour, Rank

router = APIRouter(include_in_schema=False)

Word = Annotated[str, Query(max_length=200)]


class Row(NamedTuple):
    """A unit, and for each rank who is told now."""

    unit: str
    ranks: dict[Rank, tuple[Recipient, ...]]


@router.get("/routes")
@needs(Act.VIEW_ROUTES)
def routes(request: Request, unit: Word = "", colour: Word = "yellow", tell: Word = "R2", at: Word = "") -> Response:
    """Answer with the routes as they are now, and with who would be told of a card where a unit is named."""
    desk = desk_of(request)
    now = desk.now()
    routing = desk.workshop.routing(now)
    when = _instant(at, desk.zone)
    answer: Answer | None = None
    if routing is not None and unit and (when is not None or not at):
        verdict = allowed(who(request), Act.VIEW_ROUTES, Target(unit, desk.access.regions().get(unit, "")))
        if not verdict:
            raise Refused(verdict)
        answer = _answer(desk, request, routing, (unit, colour, tell), now if when is None else when)
    return desk.render(
        request, "routes.html", owner=routing.owner if routing is not None else (),
        rows=_rows(request, routing, now) if routing is not None else [], ranks=list(Rank), answer=answer,
        asked={"unit": unit, "colour": colour, "tell": tell, "at": at or _written(now, desk.zone)},
        wrong=worded(request, "wrong_time") if at and when is None else "", every=EVERY_UNIT,
        colours=list(Colour), names=routing.names if routing is not None else {},
    )  # fmt: skip


def _answer(desk: Desk, request: Request, routing: Routing, asked: tuple[str, str, str], at: Instant) -> Answer | None:
    unit, colour, tell = asked
    if colour not in set(Colour) or tell not in set(Rank):
        return None
    then = desk.workshop.routing(at) or routing
    question = Question(unit, Colour(colour), Rank(tell), at)
    return who_is_told(question, then, desk.workshop.timing(), desk.zone, desk.asked(request))


def _rows(request: Request, routing: Routing, now: Instant) -> list[Row]:
    """Return every unit of the caller's scope that the settings, the directory or the ledger know."""
    desk = desk_of(request)
    scope = within(request, desk.access)
    seen = {each.unit for each in views.units(desk.ledger, scope) if each.unit}
    units = sorted(unit for unit in {*routing.names, *seen} if scope.holds(unit))
    return [Row(unit, {rank: routing.recipients(unit, rank, now) for rank in Rank}) for unit in [EVERY_UNIT, *units]]


def _instant(written: str, zone: str) -> Instant | None:
    try:
        local = dt.datetime.fromisoformat(written)
    except ValueError:
        return None
    if not 1900 <= local.year <= 2100:
        return None
    return int((local if local.tzinfo is not None else local.replace(tzinfo=ZoneInfo(zone))).timestamp())


def _written(at: Instant, zone: str) -> str:
    return dt.datetime.fromtimestamp(at, ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")
