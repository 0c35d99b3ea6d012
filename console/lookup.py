"""What a search finds: in the ledger, in the catalogue of items and in the directory, within the units of who asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from starlette.requests import Request

from alerts.directory import NOBODY, Directory
from alerts.model import Card
from console.access.acts import Act
from console.access.callers import who, within
from console.desk import Desk, desk_of
from ledger import views
from ledger.views.found import FoundCase
from ledger.views.within import Within
from rules.problems import Language


class Named(NamedTuple):
    """A unit, an item or a person: code or account, the name ("" if none is known), and how many cards or cases there are.

    ``listed`` says that the catalogue, or the directory, knows it.
    """

    code: str
    name: str = ""
    tally: int = 0
    listed: bool = False


class Lookup(NamedTuple):
    """What was found, each list up to the limit; ``more`` names the lists that were cut off."""

    cases: tuple[FoundCase, ...] = ()
    cards: tuple[Card, ...] = ()
    units: tuple[Named, ...] = ()
    items: tuple[Named, ...] = ()
    people: tuple[Named, ...] = ()
    more: frozenset[str] = frozenset()

    @property
    def anything(self) -> bool:
        """Say whether there is anything at all."""
        return bool(self.cases or self.cards or self.units or self.items or self.people)


def looked_up(request: Request, wanted: str, limit: int) -> Lookup:
    """Return everything that holds a piece of text in its number or name, units and items also without any case."""
    desk, acts, seen = desk_of(request), who(request).acts, within(request, desk_of(request).access)
    directory, language = _directory(desk), desk.asked(request)
    units = {
        code for code, names in _units(desk, directory).items() if _holds(wanted, code, *names) and seen.holds(code)
    }
    sees_people = Act.VIEW_OFFICER in acts
    found = views.find(desk.ledger, wanted, seen, limit, named=sorted(units)[:limit], people=sees_people)
    items = _items(desk, wanted, found.items, catalogue=Act.VIEW_ITEMS in acts)
    people = _people(directory, wanted, found.people, seen) if sees_people else []
    shown = {"units": [*_titled(desk, {*units, *found.units}, directory, language)], "items": items, "people": people}
    cut = {name: tuple(each[:limit]) for name, each in shown.items()}
    more = found.more | {name for name, each in shown.items() if len(each) > limit}
    return Lookup(found.cases, found.cards, cut["units"], cut["items"], cut["people"], more)


def _holds(wanted: str, *texts: str) -> bool:
    return any(wanted.casefold() in text.casefold() for text in texts)


def _directory(desk: Desk) -> Directory:
    """Return the directory in force, the one that the routes hold in memory if there is one."""
    routing = desk.workshop.routing(desk.now())
    if routing is not None and isinstance(routing.directory, Directory):
        return routing.directory
    return desk.ledger.directory() or NOBODY


def _units(desk: Desk, directory: Directory) -> dict[str, set[str]]:
    """Return every unit that settings or directory name, with its names."""
    found: dict[str, set[str]] = {unit.code: {unit.zh, unit.en} for unit in directory.units}
    for (kind, code), titles in dict(desk.titles).items():
        if kind == "unit":
            found.setdefault(code, set()).update(titles.values())
    return found


def _titled(desk: Desk, units: Iterable[str], directory: Directory, language: Language) -> list[Named]:
    names = directory.names
    return [
        Named(code, desk.titles.get(("unit", code), {}).get(language) or names.get(code, {}).get(language) or
              names.get(code, {}).get("zh", ""))
        for code in sorted(units)
    ]  # fmt: skip


def _items(desk: Desk, wanted: str, carded: Iterable[tuple[str, int]], *, catalogue: bool) -> list[Named]:
    """Return the items that were carded, and those of the catalogue; of an item's versions the latest one's name."""
    entries = desk.workshop.items().entries if catalogue else ()
    known = {each.item.code: each.item.name for each in sorted(entries, key=lambda each: each.item.from_on)}
    counts = dict(carded)
    codes = {code for code, name in known.items() if _holds(wanted, code, name)} | set(counts)
    return [Named(code, known.get(code, ""), counts.get(code, 0), code in known) for code in sorted(codes)]


def _people(directory: Directory, wanted: str, handling: Iterable[tuple[str, int]], seen: Within) -> list[Named]:
    """Return who handles cases, and those of the directory who hold or stand in for a post of a unit that may be seen."""
    counts: Mapping[str, int] = dict(handling)
    posted = {each.account for each in (*directory.holders_of, *directory.deputies) if seen.holds(each.unit)}
    known = {
        each.account: each.name
        for each in directory.people
        if (each.account in posted or seen.units is None or each.account in counts)
    }
    codes = {account for account, name in known.items() if _holds(wanted, account, name)} | set(counts)
    return [Named(code, known.get(code, ""), counts.get(code, 0), code in known) for code in sorted(codes)]
