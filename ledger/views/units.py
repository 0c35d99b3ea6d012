"""The lamp of each unit and the counts beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from sqlalchemy import text

from ledger.ledger import Ledger
from ledger.rows import is_subject
from ledger.views.within import ALL, Within
from rules.facts import CaseId
from rules.judgement import Light
from rules.policy import Colour

LAMP_OF_CARD: Final[Mapping[Colour, Light]] = {
    Colour.REMINDER: Light.YELLOW,
    Colour.YELLOW: Light.YELLOW,
    Colour.RED: Light.RED,
}


class UnitLights(Struct, frozen=True, kw_only=True):
    """A unit: its lamp, how many running cases have which light, how many are suspended, its open cards by colour.

    The lamp looks at running cases and open cards only (issued, their condition not ended), so it can turn green again.
    """

    unit: str
    lamp: Light
    running: Mapping[Light, int]
    suspended: int
    open_cards: Mapping[Colour, int]


_LIGHTS: Final = (
    "select unit, state, light, sum(cases) as cases from light_counts where {within}"
    " and kind not in ('card', 'feed') and state <> 'finished' group by unit, state, light having sum(cases) > 0"
)
_CARDS: Final = (
    "select unit, colour, count(*) as cards from cards where state = 'issued' and ended_at is null and {within}"
    " group by unit, colour"
)
_UNIT_OF: Final = text("select unit from cases where case_id = :case_id")


def units(ledger: Ledger, within: Within = ALL) -> tuple[UnitLights, ...]:
    """Return every unit that may be seen and has an open case or an open card, the worst lamp first."""
    condition = within.sql("unit", sqlite=ledger.store.is_sqlite)
    lights, cards = (text(query.replace("{within}", condition)) for query in (_LIGHTS, _CARDS))
    running: dict[str, dict[Light, int]] = {}
    suspended: dict[str, int] = {}
    open_cards: dict[str, dict[Colour, int]] = {}
    with ledger.store.reading() as connection:
        for row in connection.execute(lights, within.values()):
            if row.state == "suspended":
                suspended[row.unit] = suspended.get(row.unit, 0) + int(row.cases)
            else:
                running.setdefault(row.unit, {})[Light(row.light)] = int(row.cases)
        for row in connection.execute(cards, within.values()):
            open_cards.setdefault(row.unit, {})[Colour(row.colour)] = int(row.cards)
    found = (
        _unit(unit, running.get(unit, {}), suspended.get(unit, 0), open_cards.get(unit, {}))
        for unit in {*running, *suspended, *open_cards}
    )
    return tuple(sorted(found, key=lambda each: (-each.lamp.gravity, each.unit)))


def unit_of(ledger: Ledger, case_id: CaseId) -> str:
    """Return the unit that a case stands with, "" if it has none or is not known."""
    if is_subject(case_id):
        return case_id.case_no
    with ledger.store.reading() as connection:
        return connection.execute(_UNIT_OF, {"case_id": str(case_id)}).scalar() or ""


def _unit(unit: str, running: dict[Light, int], suspended: int, open_cards: dict[Colour, int]) -> UnitLights:
    shining = [*running, *(LAMP_OF_CARD[colour] for colour in open_cards)]
    lamp = max(shining, key=lambda light: light.gravity, default=Light.GREEN)
    return UnitLights(unit=unit, lamp=lamp, running=running, suspended=suspended, open_cards=open_cards)
