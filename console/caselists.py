"""Lists of cases by when they are due, as an address asks for them: late or due next, of a unit or of a person."""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import urlencode

from console.desk import Desk
from ledger import views

SOON: Final = 30 * 86_400
"""How far ahead "due next" looks, in seconds."""


class CaseList(NamedTuple):
    """Which cases: ``late`` or those due within ``seconds`` from now, of a unit and a person ("" for any)."""

    late: bool
    unit: str = ""
    person: str = ""
    seconds: int = SOON

    def address(self, path: str, lang: str = "") -> str:
        """Return the address under which this list is exported."""
        asked = {"list": "late" if self.late else "next", "unit": self.unit, "person": self.person, "lang": lang}
        return f"{path}?{urlencode({name: value for name, value in asked.items() if value})}"


def cases_of(desk: Desk, wanted: CaseList, seen: views.Within, limit: int) -> tuple[views.CaseLine, ...]:
    """Return the cases of a list, of the units that may be seen."""
    now = desk.now()
    if wanted.late:
        return views.late(desk.ledger, now, wanted.unit, limit, person=wanted.person, within=seen)
    return views.due(desk.ledger, now, now + wanted.seconds, wanted.unit, limit, person=wanted.person, within=seen)
