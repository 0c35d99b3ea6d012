"""A unit: its lights, its open cards, what is late, what will be late next, and how it follows its cards."""

from __future__ import annotations

from typing import Final

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from console.access.acts import Act
from console.access.callers import who, within
from console.access.declared import needs
from console.access.roles import Target
from console.caselists import CaseList, cases_of
from console.desk import desk_of
from console.followers import names
from ledger import views
from rules.judgement import Light

router = APIRouter(include_in_schema=False)

LISTED: Final = 20
DAYS: Final = 365


def unit_of_address(request: Request) -> Target:
    """Find the unit that the address names."""
    unit = request.path_params["unit"]
    return Target(unit, desk_of(request).access.regions().get(unit, ""), unit)


@router.get("/units/{unit:path}")
@needs(Act.VIEW_UNIT, target=unit_of_address)
def unit(request: Request) -> Response:
    """Answer with the page of a unit; one of which nothing is known is an empty one."""
    desk, name, person = desk_of(request), request.path_params["unit"], who(request)
    now, seen = desk.now(), within(request, desk.access)
    only = msgspec.structs.replace(seen, units=frozenset({name}))
    (lights,) = views.units(desk.ledger, only) or (_nothing(name),)
    lists = {late: CaseList(late, unit=name) for late in (True, False)}
    return desk.render(
        request, "unit.html", whose=name, lights=lights, lists=lists, acts=person.acts, names=names(desk),
        cards=views.queue(desk.ledger, views.Wanted(unit=name), now, seen, LISTED),
        late=cases_of(desk, lists[True], seen, LISTED), soon=cases_of(desk, lists[False], seen, LISTED),
        figures=views.followed(desk.ledger, now - DAYS * 86_400, unit=name, within=seen), days_n=DAYS,
        sees_cases=Act.VIEW_CASE in person.acts,
    )  # fmt: skip


def _nothing(name: str) -> views.UnitLights:
    return views.UnitLights(unit=name, lamp=Light.GREEN, running={}, suspended=0, open_cards={})
