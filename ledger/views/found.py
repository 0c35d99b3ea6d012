"""Looks for a piece of text in the numbers and names of everything that may be seen, and says where it found too much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection, text

from alerts.model import Card
from ledger.ledger import Ledger
from ledger.rows import card_of
from ledger.views.within import ALL, Within
from rules.facts import CaseId
from rules.judgement import CaseState, Light


class FoundCase(Struct, frozen=True):
    """A case whose number holds the text; ``light`` None: not judged yet."""

    case_id: CaseId
    unit: str
    state: CaseState | None
    light: Light | None


class Found(Struct, frozen=True, kw_only=True):
    """What was found, each list at most ``limit`` long; ``more`` names the lists that were cut off.

    ``items`` and ``people`` come with how many cards or cases they have.
    """

    cases: tuple[FoundCase, ...] = ()
    cards: tuple[Card, ...] = ()
    units: tuple[str, ...] = ()
    items: tuple[tuple[str, int], ...] = ()
    people: tuple[tuple[str, int], ...] = ()
    more: frozenset[str] = frozenset()


_CASES: Final = """
select k.case_id, k.unit, k.state, k.light from cases k
where k.case_id in (select n.case_id from cases n where n.case_no like :like escape '!')
and k.kind not in ('card', 'feed') and {within} order by k.case_no, k.case_id limit :limit
"""
_CARDS: Final = """
select card_json from cards where (card_id like :start escape '!' or case_id like :like escape '!')
and {within} order by issued_at desc, card_id limit :limit
"""
_UNITS: Final = (
    "select distinct unit from light_counts where unit <> '' and (unit like :like escape '!' or unit in {named})"
    " and {within} order by unit limit :limit"
)
_ITEMS: Final = (
    "select item, count(*) as n from cards where item <> '' and item like :like escape '!' and {within}"
    " group by item order by item limit :limit"
)
_PEOPLE: Final = (
    "select person, count(*) as n from cases where person <> '' and person like :like escape '!' and {within}"
    " group by person order by person limit :limit"
)


def find(
    ledger: Ledger, wanted: str, within: Within = ALL, limit: int = 50, *, named: Sequence[str] = (),
    people: bool = False,
) -> Found:  # fmt: skip
    """Look for ``wanted`` in the numbers of cases and cards, in units, items and, if asked, the persons in charge.

    ``named`` are units whose titles hold the text.
    """
    plain = wanted.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    values = {"like": f"%{plain}%", "start": f"{plain.lower()}%", "limit": limit + 1, **within.values()}
    more: set[str] = set()

    def ask(connection: Connection, name: str, query: str, **others: object) -> Sequence[Any]:
        condition = within.sql("k.unit" if name == "cases" else "unit", sqlite=ledger.store.is_sqlite)
        built = query.replace("{within}", condition)
        used = {key: value for key, value in {**values, **others}.items() if f":{key}" in built}
        rows = connection.execute(text(built), used).all()
        if len(rows) > limit:
            more.add(name)
        return rows[:limit]

    with ledger.store.reading() as connection:
        cases = ask(connection, "cases", _CASES)
        cards = ask(connection, "cards", _CARDS)
        each = {f"unit_{number}": unit for number, unit in enumerate(named[:limit])}
        listed = "(" + (", ".join(f":{key}" for key in each) or "''") + ")"
        units = ask(connection, "units", _UNITS.replace("{named}", listed), **each)
        items = ask(connection, "items", _ITEMS)
        persons = ask(connection, "people", _PEOPLE) if people else ()
    return Found(
        cases=tuple(map(_case, cases)), cards=tuple(card_of(row.card_json) for row in cards),
        units=tuple(row.unit for row in units), items=tuple((row.item, int(row.n)) for row in items),
        people=tuple((row.person, int(row.n)) for row in persons), more=frozenset(more),
    )  # fmt: skip


def _case(row: Any) -> FoundCase:
    return FoundCase(
        CaseId.parse(row.case_id), row.unit, CaseState(row.state) if row.state is not None else None,
        Light(row.light) if row.light is not None else None,
    )  # fmt: skip
