"""What a scenario is: how it breaks the law, and the lawful cases that look like it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from samples.county.scenarios.desk import Desk
from samples.county.scenarios.dossier import Dossier

Made: TypeAlias = Callable[[Desk], list[Dossier]]
"""Makes up one instance: one dossier as a rule, several where cases break the law together."""

LOOK_ALIKES = 20


class Scenario(NamedTuple):
    """One of the scenarios of annex A4; ``alike`` are the lawful variants, which take turns."""

    name: str
    zh: str
    codes: tuple[str, ...]
    violate: tuple[Made, ...]
    alike: tuple[Made, ...]


def plant(scenario: Scenario, desk: Desk, instances: int) -> list[Dossier]:
    """Return the violations of a scenario and its look-alikes, each marked with its part in it."""
    planted: list[Dossier] = []
    first = desk.rng.randrange(len(scenario.violate))
    for number in range(instances):
        made = scenario.violate[(first + number) % len(scenario.violate)]
        planted += _marked(made(desk), scenario, "violation", made)
    innocents: list[Dossier] = []
    for number in range(LOOK_ALIKES * instances):
        if len(innocents) >= LOOK_ALIKES * instances:
            break
        made = scenario.alike[number % len(scenario.alike)]
        innocents += _marked(made(desk), scenario, "look-alike", made)
    return planted + innocents


def _marked(made: list[Dossier], scenario: Scenario, role: str, by: Made) -> list[Dossier]:
    for dossier in made:
        guilty = role == "violation" and any(owed.code in scenario.codes for owed in dossier.owed)
        dossier.scenario, dossier.variant = scenario.name, by.__name__.strip("_")
        dossier.role = "violation" if guilty else "look-alike"
    return made
