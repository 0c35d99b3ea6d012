"""Ranks that nobody holds (岗位空缺): what goes to them is told to the supervision owner instead, until somebody holds them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from alerts.directory import Held
from alerts.routing import without_recipient
from console.desk import Desk
from console.words import word
from rules.policy import Rank
from rules.problems import Language


class Vacancy(NamedTuple):
    """A unit, its name, and each rank that a rule may tell and nobody holds now, with the directory's reasons."""

    unit: str
    name: str
    ranks: tuple[tuple[Rank, str], ...]


def vacancies(desk: Desk, units: Iterable[str], language: Language, *, why: bool = False) -> list[Vacancy]:
    """Return the vacancies of these units, in the order of their codes; none where nobody lends the routes.

    The reasons name people, and take time: they are given only where ``why`` asks for them.
    """
    now = desk.now()
    routing = desk.workshop.routing(now)
    if routing is None:
        return []
    found: dict[str, list[tuple[Rank, str]]] = {}
    for unit, rank in without_recipient(routing, {unit for unit in units if unit}, desk.policies, now):
        held = routing.asked(unit, rank, now) if why else None
        found.setdefault(unit, []).append((rank, _reasons(held, language) if held is not None else ""))
    names = routing.names
    return [
        Vacancy(unit, names.get(unit, {}).get(language) or names.get(unit, {}).get("zh", unit), tuple(ranks))
        for unit, ranks in found.items()
    ]


def _reasons(held: Held, language: Language) -> str:
    """Return why nobody is reached: nobody is there, or whoever is there has no address."""
    said = [each.zh if language == "zh" else each.en for each in held.why]
    return ("；" if language == "zh" else "; ").join([*said, *([word("no_why", language)] if held.people else [])])
