"""The lamps of units for programs."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request

from console.access.acts import Act
from console.access.callers import within
from console.access.declared import needs
from console.api.shapes import LightShape
from console.desk import desk_of
from ledger import views
from rules.judgement import Light
from rules.policy import Colour

router = APIRouter(prefix="/api/v1/units", tags=["units"])


class UnitShape(BaseModel):
    """单位 · A unit: its lamp, its running cases by light, its open cards by colour."""

    unit: str
    zh: str
    en: str
    lamp: LightShape
    running: dict[Light, int]
    suspended: int
    open_cards: dict[Colour, int]


class UnitList(BaseModel):
    """各单位的灯 · The units that the caller may see, the worst lamp first."""

    units: list[UnitShape]


@router.get("", summary="单位灯 · lights by unit")
@needs(Act.VIEW_BOARD)
def units(request: Request) -> UnitList:
    """Return every unit in the caller's scope that has an open case or card."""
    desk = desk_of(request)
    found = views.units(desk.ledger, within(request, desk.access))
    titles = {each.unit: desk.titles.get(("unit", each.unit), {}) for each in found}
    shown = [
        UnitShape(
            unit=each.unit, zh=titles[each.unit].get("zh", each.unit), en=titles[each.unit].get("en", each.unit),
            lamp=each.lamp, running=dict(each.running), suspended=each.suspended, open_cards=dict(each.open_cards),
        )
        for each in found
    ]  # fmt: skip
    return UnitList(units=shown)
